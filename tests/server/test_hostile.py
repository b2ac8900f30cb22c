"""Bodies made to break the server: each is refused with a sentence, and nothing of it is stored."""

import contextlib
import io
import json
import pickle
import socket
import struct
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import requests
from sqlalchemy import text

from grader.grading.wire import bytes_array, pack


def blob(header: object, data: bytes = b"") -> bytes:
    """Return a safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def described(description: object, **entries: object) -> dict[str, object]:
    return {"__metadata__": {"description": json.dumps(description)}, **entries}


def array(start: int, stop: int, shape: list[object], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


VALUE = {"double/array": {"inputs": "x", "tree": {"array": 0}}}
BROKEN = {
    "nothing": b"",
    "text": b"not a blob at all",
    "header longer than the body": struct.pack("<Q", 2**62) + b"{}",
    "truncated": blob(described({"values": VALUE}, **{"double/array/0": array(0, 24, [6])}), b"\0" * 10),
    "no description": blob({}),
    "description is a list": blob(described([])),
    "header is a list": blob([]),
    "deep header": blob(b"[" * 100_000),
    "deep description": blob({"__metadata__": {"description": "[" * 100_000}}),
    "offsets past the end": blob(
        described({"values": VALUE}, **{"double/array/0": array(0, 4000, [1000])}), b"\0"
    ),
    "offsets that overlap": blob(
        described({"values": {}}, **{"a": array(0, 4, [1]), "b": array(0, 4, [1])}), b"\0" * 4
    ),
    "a gap": blob(described({"values": {}}, a=array(4, 8, [1])), b"\0" * 8),
    "negative offsets": blob(described({"values": {}}, a=array(-4, 0, [1])), b"\0" * 4),
    "negative shape": blob(described({"values": {}}, a=array(0, 4, [-1])), b"\0" * 4),
    "shape that is text": blob(described({"values": {}}, a=array(0, 4, ["1"])), b"\0" * 4),
    "a huge claim": blob(described({"values": VALUE}, **{"double/array/0": array(0, 4, [2**62])}), b"\0" * 4),
    "an object dtype": blob(described({"values": {}}, a=array(0, 8, [1], "O")), b"\0" * 8),
    "no values": blob(described({})),
    "values that are a list": blob(described({"values": []})),
    "a value that is a number": blob(described({"values": {"double/array": 1}})),
    "a value without inputs": blob(described({"values": {"double/array": {"tree": {"none": None}}}})),
    "a value without tree": blob(described({"values": {"double/array": {"inputs": "x"}}})),
    "an array that is not there": blob(described({"values": VALUE})),
    "a foreign case": blob(described({"values": {"double/other": {"inputs": "x", "raised": "E"}}})),
    "another assignment's case": blob(described({"values": {"softmax/x": {"inputs": "x", "raised": "E"}}})),
    "an array of no value": pack({"values": {}}, {"extra": np.zeros(3)}),
    "an array beyond the tree's": pack({"values": {}}, {"double/array/0": np.zeros(3)}),
}
TREES = [
    None, [], {}, {"array": -1}, {"array": 1}, {"array": True}, {"array": "0"}, {"array": 0, "none": None},
    {"number": "1"}, {"number": True}, {"number": 2**60}, {"unheard": 1}, {"dict": []}, {"list": {}},
    {"list": [{"list": [7]}]}, {"omitted": {}}, {"omitted": {"dtype": "object", "shape": [1]}},
    {"omitted": {"dtype": "int8", "shape": [-1]}}, {"omitted": {"dtype": "int8", "shape": [1] * 33}},
]  # fmt: skip


@pytest.fixture(scope="module")
def someone(server):
    return server.student()


@pytest.fixture(scope="module")
def attempt(someone):
    return someone.drawn()


def refused(response, status=422):
    assert response.status_code == status, response.text
    content = response.json()
    assert set(content) == {"error"}
    assert content["error"].endswith((".", "`"))
    assert len(content["error"]) <= 600
    assert "Traceback" not in content["error"]
    return content["error"]


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_refused_with_a_sentence(someone, attempt, body):
    refused(someone.answer(attempt, body))


@pytest.mark.parametrize("tree", TREES, ids=map(str, TREES))
def test_a_tree_that_nothing_could_have_made_is_refused_and_named(someone, attempt, tree):
    values = {"double/array": {"inputs": "x", "tree": tree}}
    assert "double/array" in refused(someone.answer(attempt, pack({"values": values}, {})))


def test_json_with_nan_is_refused_as_a_value(someone, attempt):
    text = '{"values": {"double/tree": {"inputs": "x", "tree": {"number": NaN}}}}'
    refused(someone.answer(attempt, blob({"__metadata__": {"description": text}})))


def test_an_integer_of_any_length_is_refused(someone, attempt):
    text = '{"values": {"double/tree": {"inputs": "x", "tree": {"number": ' + "9" * 100_000 + "}}}}"
    refused(someone.answer(attempt, blob({"__metadata__": {"description": text}})))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../up.py", "tiny/../../up.py", "tiny/other.py", "", "tiny\\work.py", "C:/x"]
)
def test_a_source_outside_the_assignments_files_is_refused_and_named(someone, attempt, path):
    error = refused(someone.answer(attempt, pack({"values": {}}, {f"source:{path}": bytes_array(b"x")})))
    assert f"found the source files {path}." in error
    assert "tiny/work.py, tiny/more.py" in error


@pytest.mark.parametrize("source", [np.zeros(1024**2 + 1, np.uint8), np.zeros(3), np.zeros((2, 2), np.uint8)])
def test_a_source_that_is_no_file_or_too_large_is_refused(someone, attempt, source):
    assert "1048576" in refused(
        someone.answer(attempt, pack({"values": {}}, {"source:tiny/work.py": source}))
    )


def test_many_foreign_names_are_counted_and_not_all_repeated(someone, attempt):
    values = {f"{'x' * 500}{at}": {"inputs": "", "raised": "E"} for at in range(100)}
    assert "and 95 more" in refused(someone.answer(attempt, pack({"values": values}, {})))


def test_after_all_of_these_the_attempt_is_still_open_and_unmarked(server, someone, attempt, kit):
    assert server.query(f"select answered_at, body from attempts where id = '{attempt['id']}'") == [
        (None, None)
    ]
    assert someone.scored(attempt)["score"] == 100.0


def test_an_array_larger_than_expected_is_judged_by_its_header_alone(student, kit):
    attempt = student.drawn("double")
    description, arrays = kit.solve(attempt)
    arrays["double/array/0"] = np.zeros(300_000, np.float32)
    reply = student.scored(attempt, pack(description, arrays))
    assert reply["verdicts"][0]["verdict"] == "wrong shape"


def test_a_body_over_the_limit_is_refused(student):
    attempt = student.drawn()
    error = refused(student.answer(attempt, b"\0" * (attempt["limit_bytes"] + 1)), 413)
    assert f"Expected at most {attempt['limit_bytes']}" in error


def raw(server, head: str, body: bytes = b"", shut: bool = False) -> str:
    """Send bytes as they are and return what comes back."""
    with socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        if shut:
            connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read().decode()


def head_of(student, attempt, *lines: str) -> str:
    fixed = ["Host: x", f"Authorization: Bearer {student.key}", "Idempotency-Key: k", "Connection: close"]
    return "\n".join([f"POST /api/v1/attempts/{attempt['id']}/answers HTTP/1.1", *fixed, *lines])


def test_a_body_that_announces_a_terabyte_is_refused_before_a_byte_of_it_is_sent(server, student):
    reply = raw(server, head_of(student, student.drawn(), f"Content-Length: {10**12}"))
    assert reply.startswith("HTTP/1.1 413 ")
    assert "The body has 1000000000000 bytes" in reply


def test_a_body_without_a_length_is_refused(server, student):
    reply = raw(server, head_of(student, student.drawn(), "Transfer-Encoding: chunked"), b"1\r\nx\r\n")
    assert reply.startswith("HTTP/1.1 411 ")
    assert "Content-Length" in reply


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 5000])
def test_a_length_that_is_no_number_is_refused(server, student, length):
    reply = raw(server, head_of(student, student.drawn(), f"Content-Length: {length}"))
    assert reply.split()[1] in ("400", "411", "413", "431")


def test_a_body_shorter_than_announced_stores_nothing(server, student, kit):
    attempt = student.drawn()
    body = kit.right(attempt)
    raw(server, head_of(student, attempt, f"Content-Length: {len(body)}"), body[:-1], shut=True)
    assert student.get("/me")["assignments"][0]["attempts"] == 0
    assert student.answer(attempt, body).status_code == 200


def test_bytes_after_the_announced_end_are_not_part_of_the_body(server, student, kit):
    attempt = student.drawn()
    body = kit.right(attempt)
    reply = raw(server, head_of(student, attempt, f"Content-Length: {len(body)}"), body + b"\0" * 100)
    assert reply.startswith("HTTP/1.1 200 ")


def test_a_large_json_body_is_refused_before_it_is_read_even_from_a_stranger(server):
    lines = ("POST /api/v1/attempts HTTP/1.1", "Host: x", "Connection: close")
    reply = raw(server, "\n".join((*lines, f"Content-Length: {10**9}")))
    assert reply.startswith("HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "JSON"),
        (b"[]", "body"),
        (b"{}", "body assignment: Field required"),
        (b"[" * 100_000, ""),
        (b'{"assignment": 1, "questions": [], "cases_digest": ""}', "body assignment: Input should be"),
        (b'{"assignment": "tiny0", "questions": "double", "cases_digest": ""}', "body questions"),
        (b'{"assignment": "tiny0", "questions": [], "cases_digest": "", "seeds": 1}', "body seeds: Extra"),
        (b'{"assignment": "a\\u0000b", "questions": [], "cases_digest": ""}', "no assignment"),
        (b'{"assignment": "tiny0", "questions": [], "cases_digest": "\\u0000"}', "no published version"),
        (b"\xff\xfe", ""),
    ],
)
def test_a_malformed_request_is_answered_with_a_sentence(student, body, said):
    response = student.request("POST", "/attempts", data=body, headers={"Content-Type": "application/json"})
    assert 400 <= response.status_code < 500
    assert said in response.json()["error"]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 101}])
def test_an_answer_needs_an_idempotency_key_of_at_most_100_characters(student, kit, headers):
    attempt = student.drawn()
    response = student.request(
        "POST", f"/attempts/{attempt['id']}/answers", data=kit.right(attempt), headers=headers
    )
    assert "header idempotency-key" in refused(response).lower()


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_json_a_million_deep_is_refused_wherever_json_is_read(server, student, opening):
    deep, attempt = opening * 1_000_000, student.drawn()
    described_so = {"__metadata__": {"description": deep.decode()}}
    for body in (blob(deep), blob(described_so)):
        refused(student.answer(attempt, body), 422 if len(body) <= attempt["limit_bytes"] else 413)
    for path in ("/attempts", "/roster", "/keys"):
        content = {"data": deep, "headers": {"Content-Type": "application/json"}}
        for person in (student, server.instructor):
            assert 400 <= person.request("POST", path, **content).status_code < 500


@pytest.mark.parametrize(
    "line", ["X-Long: " + "a" * 1_000_000, "Cookie: " + "a=b; " * 100_000, "\n".join(["X: y"] * 50_000)]
)
def test_headers_of_any_size_end_the_connection_and_the_server_goes_on(server, student, line):
    with contextlib.suppress(ConnectionError):  # it may hang up before everything was sent
        reply = raw(server, f"GET /api/v1/me HTTP/1.1\nHost: x\nConnection: close\n{line}")
        assert reply.split()[1] in ("400", "401", "431")
    assert student.get("/me")["course"]["id"] == "tiny"


def _bomb(member: str) -> bytes:
    """Return a zip of a few KB that unpacks to 100 MB: an npz is one, too."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, b"\0" * 10**8)
    return packed.getvalue()


@pytest.mark.parametrize("member", ["array.npy", "release.tar"])
def test_a_zip_or_npz_bomb_is_no_blob_and_is_never_unpacked(server, student, member):
    bomb = _bomb(member)
    refused(student.answer(student.drawn(), bomb))
    refused(server.instructor.publish(bomb))


def test_a_pickle_in_an_array_is_refused_by_its_dtype(student):
    pickled = pickle.dumps(np.array([print], dtype=object))
    entry = array(0, len(pickled), [1], "O")
    body = blob(described({"values": VALUE}, **{"double/array/0": entry}), pickled)
    refused(student.answer(student.drawn(), body))


CLIMBING = ["../../course.db", "..%2f..%2fcourse.db", "%2e%2e/%2e%2e/course.db", "/etc/passwd", "tiny0%00.gz"]


@pytest.mark.parametrize("path", CLIMBING)
def test_no_address_climbs_out_of_what_is_published(server, student, path):
    for place in (f"/assignments/{path}/release", f"/assignments/{path}", f"/attempts/{path}/answers"):
        head = f"GET /api/v1{place} HTTP/1.1\nHost: x\nAuthorization: Bearer {student.key}\nConnection: close"
        reply = raw(server, head)
        assert reply.split()[1] in ("400", "404", "405")
        assert "SQLite format" not in reply
        assert "root:" not in reply


SQL = ["'; DROP TABLE people; --", '" OR 1=1 --', "1; SELECT pg_sleep(10)", "%' OR '1'='1", "\\'; --"]


@pytest.mark.parametrize("text", SQL)
def test_sql_in_any_field_is_text(server, student, text):
    before = server.query("select count(*) from people where role = 'student'")
    student.draw(text, assignment=text, digest=text)
    student.draw(text)
    for key in (text, f"ndl_{text}"):
        assert server.instructor.__class__(server.url, key).request("GET", "/me").status_code in (401, 429)
    attempt = student.drawn()
    for at in (text, attempt["id"] + text):
        headers = {"Idempotency-Key": "k"}
        student.request("POST", f"/attempts/{quote(at, safe='')}/answers", data=b"x", headers=headers)
    person = {"name": text, "email": f"sql{SQL.index(text)}@example.org", "section": text[:60]}
    added = server.instructor.post("/roster", {"people": [person]})
    assert added.status_code == 200, added.text
    assert added.json()["people"][0]["name"] == text
    assert student.scored(attempt)["score"] == 100.0
    assert server.query("select count(*) from people where role = 'student'") == [(before[0][0] + 1,)]


@pytest.mark.parametrize(
    "key", ["", "ndl_", "ndl_" + "a" * 40, "ndl_" + "a" * 39 + "\u00e9", "Bearer", "null", "a" * 10_000]
)
def test_a_forged_key_opens_nothing(server, key):
    for method, path in (("GET", "/me"), ("GET", "/gradebook"), ("POST", "/roster"), ("POST", "/attempts")):
        head = f"{method} /api/v1{path} HTTP/1.1\nHost: x\nAuthorization: Bearer {key}\nContent-Length: 0"
        assert raw(server, f"{head}\nConnection: close").split()[1] in ("400", "401", "422", "429")


def test_a_nul_in_an_address_or_a_body_is_refused_on_postgresql_too(
    start: Callable[..., Any], kit: SimpleNamespace, empty_postgres: str
) -> None:
    server = start(database_url=empty_postgres)
    server.instructor.publish(kit.publication())
    someone = server.student().email
    nul = "a\x00b"
    for path, body in {
        "/extensions": {"email": someone, "assignment": nul, "days": 2},
        "/extensions/remove": {"email": someone, "assignment": nul},
        "/roster/key": {"email": f"{nul}@example.org"},
        "/attempts": {"assignment": nul, "questions": [nul], "cases_digest": nul},
        "/join": {"name": nul, "email": someone, "code": nul},
        "/keys/revoke": {"id": nul},
        "/project/groups": {"name": nul},
        "/catch-up/tiny0": {"questions": [nul]},
    }.items():
        response = server.instructor.post(path, body)
        assert 400 <= response.status_code < 500, (path, response.text)
    browser = requests.Session()
    browser.post(server.url + server.instructor.post("/links", {}).json()["path"], timeout=60)
    assert browser.get(server.url + "/me", timeout=60).status_code == 200
    for path in (
        "/people/a%00b@example.org",
        "/assignments/a%00",
        "/gradebook?section=%00&missing=%00",
        "/leaderboard?figure=%00",
        "/certificates/a%00",
        "/sign-in/a%00",
    ):
        response = browser.get(server.url + path, timeout=60)
        assert response.status_code in (200, 404, 410, 422), (path, response.text)


def test_what_the_database_takes_for_no_value_is_the_requests_fault(
    start: Callable[..., Any], log: Any, empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(database_url=empty_postgres)
    reports = server.app.state.services.reports

    def asked_of_the_database(*_: object) -> None:
        with server.app.state.services.database.read() as session:
            session.execute(text("select cast(:said as text)"), {"said": "a\x00"})

    monkeypatch.setattr(reports, "gradebook", asked_of_the_database)
    response = server.instructor.request("GET", "/gradebook")
    assert response.status_code == 422
    assert "Expected printable text. Nothing was stored" in response.json()["error"]
    assert log.line_with("not storable")
