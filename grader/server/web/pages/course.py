"""The course's first page, for anybody: what is out, and how to start."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from grader.server.web.rendering import Visitor, render
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/")
def course_page(request: Request, here: Here, visitor: Visitor) -> HTMLResponse:
    url = str(request.base_url).rstrip("/")
    return render(request, here, "course.html", visitor, assignments=here.reports.assignments(), url=url)
