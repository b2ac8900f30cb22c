"""Forms that pages send: only from our own pages, only with the session's csrf value, only small.

A page's form holds `<input type="hidden" name="csrf" value="{{ csrf }}">`; `render` gives it to every
template. The route that takes it says who may send it, and gets the session and the fields:

    @router.post("/project/review")
    def review(form: Annotated[SubmittedForm, posted("review")], here: Here) -> RedirectResponse:
        here.reviews.save(form.person, form.fields["comment"], form.lists["criterion"])
        return see("/project/review")

A form that brings a file (`enctype="multipart/form-data"`) may have a megabyte; its text is a field.

`Posted` is the same for whoever is signed in. A route whose form comes from somebody who is not signed in,
such as a one-time link's, has `dependencies=[Depends(require_own_page)]`.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from python_multipart import create_form_parser
from python_multipart.exceptions import FormParserError

from grader.server.access.people import Person
from grader.server.access.sessions import SignedInSession
from grader.server.refusals import Refused
from grader.server.rules.permissions import Permission
from grader.server.web.bodies import read_body
from grader.server.web.rendering import Viewer, require_permission

FORM_LIMIT = 64 * 1024  # bytes
UPLOAD_LIMIT = 1024**2  # bytes of a form that brings a file
_MOST_FIELDS = 1000
_KIND = "application/x-www-form-urlencoded"
_WITH_FILES = "multipart/form-data"


@dataclass(frozen=True)
class SubmittedForm:
    """What someone who is signed in filled in: the last value of each name, and all of them in order."""

    session: SignedInSession
    fields: dict[str, str]
    lists: dict[str, list[str]]

    @property
    def person(self) -> Person:
        return self.session.person


def require_own_page(request: Request) -> None:
    """Raises: Refused for a form that another site's page sent, as far as the browser tells."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    # our pages send no referrer, and so their own origin as "null"
    foreign = origin != "null" and origin.partition("://")[2] != request.headers.get("host", "")
    if site not in ("same-origin", "none") if site is not None else foreign:
        raise Refused(403, "This form came from another site's page, and nothing was done. Use ours.")


async def _submitted(request: Request, session: Viewer) -> SubmittedForm:
    require_own_page(request)
    kind = request.headers.get("content-type", "")
    limit = UPLOAD_LIMIT if _named(kind) == _WITH_FILES else FORM_LIMIT
    lists = parse_form(kind, await read_body(request, limit))
    sent = lists.pop("csrf", [""])[-1]
    if not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        said = "This form is from an older session or from another page, and nothing was done."
        raise Refused(403, f"{said} Open the page again, and send it from there.")
    return SubmittedForm(session, {name: values[-1] for name, values in lists.items()}, lists)


Posted = Annotated[SubmittedForm, Depends(_submitted)]


def posted(permission: Permission) -> Any:
    """Return what takes a form, and refuses one of somebody who may not do this."""

    def allowed(form: Posted) -> SubmittedForm:
        require_permission(form.session, permission)
        return form

    return Depends(allowed)


def parse_form(kind: str, body: bytes) -> dict[str, list[str]]:
    """Return a form's values by name, in order. Raises: Refused for a body that is none."""
    if _named(kind) == _WITH_FILES:
        return _parse_with_files(kind, body)
    if _named(kind) != _KIND:
        raise Refused(415, f"The body is {kind[:80]!r}. Expected a form, {_KIND}.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:  # UnicodeDecodeError is one
        raise Refused(
            422, f"This form can't be read. Expected text and at most {_MOST_FIELDS} fields."
        ) from None
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    return lists


def _parse_with_files(kind: str, body: bytes) -> dict[str, list[str]]:
    """Return a form's values by name; a file's is its text, and what it is called is left out."""
    lists: dict[str, list[str]] = {}

    def take(name: bytes | None, value: bytes) -> None:
        lists.setdefault((name or b"").decode(), []).append(value.decode("utf-8-sig"))

    def take_file(file: Any) -> None:
        file.file_object.seek(0)
        take(file.field_name, file.file_object.read())

    try:
        parser = create_form_parser(
            {"Content-Type": kind.encode("latin-1")},
            lambda field: take(field.field_name, field.value or b""),
            take_file,
            config={"MAX_MEMORY_FILE_SIZE": UPLOAD_LIMIT},
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, UnicodeDecodeError):
        raise Refused(422, "This form can't be read. Expected its fields and files as UTF-8 text.") from None
    return lists


def _named(kind: str) -> str:
    return kind.split(";")[0].strip().lower()


def see(path: str) -> RedirectResponse:
    """Send the browser on to a page with a GET, so that reloading it sends nothing twice."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})
