"""What programs can ask of this server: the content of /openapi.json as a page, without a script."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from grader.server.rules.permissions import Permission, who_may
from grader.server.web.rendering import Visitor, render
from grader.server.web.services import PERMISSION, Here

router = APIRouter(include_in_schema=False)
_SCHEMAS = "#/components/schemas/"
_JSON = "application/json"
Schema = Mapping[str, Any]


class Part(NamedTuple):
    """A word of how a field's type is written; a link where it names an object of the page."""

    text: str
    link: str = ""


class Field(NamedTuple):
    name: str
    kind: list[Part]
    required: bool


class Operation(NamedTuple):
    """An address with a method."""

    method: str
    path: str
    text: str
    who: str
    fields: list[Field]  # of the address
    takes: list[Part]
    answers: list[Part]


@router.get("/docs")
def description_page(request: Request, here: Here, visitor: Visitor) -> HTMLResponse:
    said = request.app.openapi()
    subjects: dict[str, list[Operation]] = {}
    for path, methods in said["paths"].items():
        for method, one in methods.items():
            subject = (one.get("tags") or ["pages"])[0]
            subjects.setdefault(subject, []).append(_operation(method.upper(), path, one))
    objects = _linked(subjects, said["components"]["schemas"])
    return render(request, here, "description.html", visitor, subjects=subjects, objects=objects, short=short)


def _operation(method: str, path: str, one: Schema) -> Operation:
    fields = [
        Field(p["name"], _kind(p["schema"]), p.get("required", False)) for p in one.get("parameters", ())
    ]
    replies = (reply for status, reply in one["responses"].items() if status.startswith("2"))
    answers = _content(next(replies, {}))
    takes = _content(one.get("requestBody", {}))
    text = one.get("description") or one["summary"]
    return Operation(method, path, text, _who(one), fields, takes, answers)


def _who(one: Schema) -> str:
    """Return who may ask: the roles of a permission, or whoever has a key, or anybody."""
    asked = [scope for scheme in one.get("security", ()) for scopes in scheme.values() for scope in scopes]
    asked += [one[PERMISSION]] if PERMISSION in one else []
    if asked:
        return " or ".join(who_may(cast(Permission, asked[0])))
    return "whoever has a key" if one.get("security") else "anybody"


def _content(said: Schema) -> list[Part]:
    """Return what a body holds; nothing where there is none."""
    content = said.get("content", {})
    if not content:
        return []
    schema = content[_JSON].get("schema") if _JSON in content else None
    return _kind(schema) if schema else [Part(" or ".join(content))]


def _fields(schema: Schema) -> Iterator[Field]:
    for name, one in schema.get("properties", {}).items():
        yield Field(name, _kind(one), name in schema.get("required", ()))


def _linked(subjects: Mapping[str, list[Operation]], schemas: Mapping[str, Schema]) -> dict[str, list[Field]]:
    """Return the objects that the addresses take and answer, and those inside of them, with their fields."""
    found: dict[str, list[Field]] = {}
    parts = [part for some in subjects.values() for one in some for part in (*one.takes, *one.answers)]
    while parts:
        name = parts.pop().link
        if name and name not in found:
            found[name] = list(_fields(schemas[name]))
            parts += [part for field in found[name] for part in field.kind]
    return dict(sorted(found.items(), key=lambda one: short(one[0])))


def short(name: str) -> str:
    """Return an object's name without its module, which stands before it where two share a name."""
    return name.rsplit("__", 1)[-1]


def _kind(schema: Schema) -> list[Part]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return [Part(short(name), name)]
    for some in ("anyOf", "oneOf"):
        if some in schema:
            kinds = [_kind(one) for one in schema[some]]
            return [part for at, kind in enumerate(kinds) for part in ([Part(" or ")] * (at > 0) + kind)]
    if "const" in schema or "enum" in schema:
        return [Part(" or ".join(map(repr, schema.get("enum", [schema.get("const")]))))]
    kind = schema.get("type", "anything")
    if kind == "array":
        return [Part("list of "), *_kind(schema.get("items", {}))]
    values = schema.get("additionalProperties")
    if kind == "object" and isinstance(values, Mapping):
        return [Part("object of "), *_kind(values)]
    return [Part(schema.get("format") or kind)]
