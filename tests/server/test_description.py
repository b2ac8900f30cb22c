"""The description of the API: every address with what it takes and who may, and nothing that runs."""

import re

import pytest
import requests
from running_server import Running

from grader.server.messages.people import EnrolledPerson
from grader.server.rules.permissions import who_may
from tests.server.test_access import API


@pytest.fixture
def page(server: Running) -> str:
    response = requests.get(f"{server.url}/docs", timeout=20)
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    return response.text


def row(page: str, address: str) -> str:
    """Return the table's row of an address."""
    return page.split(f"<code>{address}</code></th>")[1].split("</tr>")[0]


@pytest.mark.parametrize("asks", API)
def test_every_address_is_there_with_who_may(page: str, asks: str) -> None:
    who = {"nothing": "anybody", "sign in": "whoever has a key"}
    expected = who[asks] if asks in who else " or ".join(who_may(asks))
    for address in API[asks]:
        method, path = address.split()
        assert row(page, f"{method} /api/v1{path}").rstrip().endswith(f"<td>{expected}</td>"), address


def test_nothing_of_another_host_and_no_script_is_on_it(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"(src|href)=.?(https?:)?//", page)


def test_a_body_and_its_fields_are_described(page: str) -> None:
    assert 'Takes <a href="#object-RosterRequest">' in row(page, "POST /api/v1/roster")
    assert "Takes application/octet-stream" in row(page, "PUT /api/v1/assignments/{assignment}")
    fields = page.split('<h3 id="object-EnrolledPerson">')[1].split("</table>")[0]
    assert re.findall(r"<code>(\w+)</code>", fields) == list(EnrolledPerson.model_fields)
    links = set(re.findall(r'href="#object-(\w+)"', page))
    assert links == set(re.findall(r'id="object-(\w+)"', page))


def test_the_ready_made_pages_are_gone(server: Running) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect"):
        assert requests.get(server.url + path, timeout=20).status_code == 404
