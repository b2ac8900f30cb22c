"""The pages as HTML: who sees what, nothing that a person wrote taken for markup, errors as pages."""

import re
from typing import Any

import pytest
import requests

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Browser:
    """Someone signed in to the pages, or nobody."""

    def __init__(self, server: Any, person: Any = None):
        self.url = server.url
        self._session = requests.Session()
        self._session.headers.update(BROWSER)
        if person is not None:
            services = server.app.state.services
            token = services.sessions.open(services.sessions.make_link(services.people.sign_in(person.key)))
            self._session.cookies.set("needle_session", token)

    def get(self, path: str) -> requests.Response:
        return self._session.get(self.url + path, timeout=30, allow_redirects=False)

    def read(self, path: str) -> str:
        """Return a page that is there."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.text

    def send(self, path: str, page: str | None = None, **fields: str) -> requests.Response:
        """Fill in a form that stands on a page and send it."""
        found = re.search(r'name="csrf" value="([^"]*)"', self.read(page or path))
        assert found, "the page has no form"
        return self._session.post(
            self.url + path, data={"csrf": found[1]} | fields, timeout=30, allow_redirects=False
        )


def test_a_visitor_sees_the_open_assignments_and_how_to_start(server: Any) -> None:
    response = Browser(server).get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>make login URL={server.url}</code>" in response.text
    assert 'href="/api/v1/assignments/tiny0/release"' in response.text
    assert "assignments/later/release" not in response.text
    assert "A &lt;small&gt; course" in response.text
    assert "Tiny &lt;b&gt;" in response.text


def test_a_page_of_an_empty_course_says_so(start: Any) -> None:
    assert "Nothing is published yet." in Browser(start()).read("/")


def test_a_page_may_run_no_script_and_is_not_kept(server: Any) -> None:
    response = Browser(server).get("/")
    assert response.headers["cache-control"] == "no-store"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in response.text


def test_the_stylesheet_is_kept_under_an_address_that_changes_with_it(server: Any) -> None:
    found = re.search(
        r'<link rel="stylesheet" href="(/style\.css\?v=[0-9a-f]{12})">', Browser(server).read("/")
    )
    assert found
    response = Browser(server).get(found[1])
    assert response.headers["content-type"].startswith("text/css")
    assert "immutable" in response.headers["cache-control"]
    assert "prefers-color-scheme: dark" in response.text


@pytest.mark.parametrize("path", ["/nothing/here", "/%3Cscript%3E"])
def test_an_error_is_a_page_for_a_browser_and_json_for_a_program(server: Any, path: str) -> None:
    page = Browser(server).get(path)
    assert page.status_code == 404
    assert "<h1>There is nothing here</h1>" in page.text
    assert "<script>" not in page.text
    assert requests.get(server.url + path, timeout=20).json()["error"].startswith("There is nothing")
    assert "error" in Browser(server).get("/api/v1/nothing").json()
