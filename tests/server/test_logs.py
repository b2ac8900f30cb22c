"""A mistake of ours: the caller gets a number, the log the traceback, and nobody gets keys or answers."""

import requests
from sqlalchemy.exc import OperationalError


def test_a_crash_is_answered_with_its_number_and_logged_with_its_traceback(server, student, log, monkeypatch):
    def crash(person):
        raise RuntimeError(f"broken for {student.key}")

    monkeypatch.setattr(server.app.state.services.reports, "me", crash)
    response = student.request("GET", "/me")
    assert response.status_code == 500
    error = response.json()["error"]
    assert "Traceback" not in error
    assert "broken" not in error
    request_id = error.rstrip(".").split()[-1]
    assert f"request {request_id} failed" in log.getvalue()
    assert "RuntimeError: broken for ndl_..." in log.getvalue()
    assert student.key not in log.getvalue()


def test_a_database_that_does_not_answer_is_a_503_that_clients_retry(server, student, log, monkeypatch):
    def busy(person):
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr(server.app.state.services.reports, "me", busy)
    response = student.request("GET", "/me")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "nothing was stored" in response.json()["error"]
    assert "database is locked" in log.getvalue()


def test_the_parameters_of_a_failed_statement_are_not_logged(server, student, log, monkeypatch):
    def crash(person):
        with server.app.state.services.database.engine.connect() as connection:
            connection.exec_driver_sql("select * from no_such where x = ?", ("-".join(("an", "answer")),))

    monkeypatch.setattr(server.app.state.services.reports, "me", crash)
    assert student.request("GET", "/me").status_code == 503
    assert "no such table" in log.getvalue()
    assert "an-answer" not in log.getvalue()


def test_a_request_is_logged_without_its_query_or_a_way_to_forge_lines(server, log):
    requests.get(f"{server.url}/a%0aINFO%20forged?name=private", timeout=20)
    assert "[404]" in log.line_with("forged")
    assert "private" not in log.getvalue()
