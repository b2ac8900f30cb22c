"""The public page of a certificate: whether it holds, and what it says."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from grader.credentials import GIVE_A_NAME, UNNAMED
from grader.server.messages.certificates import Checked
from grader.server.web.rendering import Visitor, render
from grader.server.web.services import Here

router = APIRouter()


@router.get("/certificates/{certificate_id}", response_model=Checked, responses={404: {"model": Checked}})
def check(
    certificate_id: str,
    request: Request,
    here: Here,
    visitor: Visitor,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Say whether a certificate is valid, revoked or unknown: as a page to a browser, else as JSON."""
    checked = here.certificates.check(certificate_id)
    status = 404 if checked.status == "unknown" else 200
    if "text/html" not in accept:
        return JSONResponse(checked.model_dump(mode="json"), status)
    return render(
        request,
        here,
        "certificate.html",
        visitor,
        status,
        checked=checked,
        unnamed=UNNAMED,
        give_a_name=GIVE_A_NAME,
        base=(here.certificates.public_url or str(request.base_url)).rstrip("/"),
    )
