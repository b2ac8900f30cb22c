"""The page of a certificate, which anybody may read."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from certified_course import graduate
from running_server import Running

from grader.credentials import decode, encode


def test_the_page_shows_a_valid_certificate_and_escapes_what_it_holds(
    open_course: Callable[..., Running],
) -> None:
    server = open_course()
    issued = graduate(server, "<script>alert(1)</script>").post("/certificate", {}).json()
    page = requests.get(issued["url"], headers={"Accept": "text/html,*/*"}, timeout=20)
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script" not in page.text
    assert "<strong>Valid.</strong>" in page.text
    assert "100.00 of 100" in page.text
    assert requests.get(issued["url"], timeout=20).json()["credential"] == issued["credential"]


@pytest.mark.parametrize("name", ["nothing", "0" * 36, "%27%20or%201=1", "a" * 4000, "%00"])
def test_an_unknown_certificate_is_said_to_be_unknown(server: Any, name: str) -> None:
    response = requests.get(f"{server.url}/certificates/{name}", timeout=20)
    assert (response.status_code, response.json()["status"]) == (404, "unknown")
    page = requests.get(f"{server.url}/certificates/{name}", headers={"Accept": "text/html"}, timeout=20)
    assert (page.status_code, "No such certificate" in page.text) == (404, True)


def test_a_certificate_changed_in_the_database_is_not_valid(open_course: Callable[..., Running]) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    header, claims, signature = issued["credential"].split(".")
    forged = json.loads(decode(claims)) | {"name": "Another"}
    text = ".".join((header, encode(json.dumps(forged).encode()), signature))
    with server.app.state.services.database.engine.begin() as connection:
        connection.exec_driver_sql("update certificates set credential = ?", (text,))
    assert requests.get(issued["url"], timeout=20).json()["status"] == "unknown"


def test_a_clock_that_is_set_back_invalidates_nothing(open_course: Callable[..., Running]) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    server.clock.move(days=-30)
    assert requests.get(issued["url"], timeout=20).json()["status"] == "valid"
