"""The stylesheet of all pages, at an address that changes with it."""

from fastapi import APIRouter, Response

from grader.server.web.rendering import STYLE

router = APIRouter(include_in_schema=False)


@router.get("/style.css")
def style() -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(STYLE, media_type="text/css", headers=headers)
