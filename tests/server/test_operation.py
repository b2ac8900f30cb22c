"""What keeps a server running: health, metrics, logs, several processes, an orderly end, bad days."""

import json
import logging
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import event

from grader.server.operation.logs import JsonLines
from grader.server.store.database import open_database
from grader.server.web import guard


def get(server: Any, path: str, **headers: str) -> requests.Response:
    return requests.get(server.url + path, headers=headers, timeout=20)


def test_a_live_process_says_so_without_asking_the_database(server: Any) -> None:
    assert get(server, "/healthz").json() == {"status": "ok"}


def test_a_server_is_ready_when_its_tables_are_there_and_files_can_be_kept(start: Callable[..., Any]) -> None:
    server = start()
    assert get(server, "/readyz").json() == {"status": "ready"}
    with server.app.state.services.database.write() as session:
        session.connection().exec_driver_sql("update alembic_version set version_num = '0001'")
    refused = get(server, "/readyz")
    assert refused.status_code == 503
    assert "The tables are at 0001. Expected " in refused.json()["error"]


def test_a_server_whose_files_can_not_be_kept_is_not_ready(start: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where a folder should be")
    refused = get(start(files=str(tmp_path / "taken")), "/readyz")
    assert refused.status_code == 503
    assert "could not keep or find a file" in refused.json()["error"]


def test_metrics_count_requests_by_template_and_attempts_by_state(
    start: Callable[..., Any], kit: Any
) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()
    for _ in range(2):
        student.scored(student.drawn())
    student.drawn()
    assert get(server, "/nothing/here").status_code == 404
    text = get(server, "/metrics").text
    answers = 'method="POST",route="/api/v1/attempts/{attempt_id}/answers",status="200"'
    assert f"needle_requests_total{{{answers}}} 2.0" in text
    assert 'needle_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert 'needle_attempts{state="answered"} 2.0' in text
    assert 'needle_attempts{state="open"} 1.0' in text
    assert 'needle_request_seconds_bucket{le="10.0",route="/api/v1/attempts"} 3.0' in text
    for private in (student.key, student.email, "ndl_", "@"):
        assert private not in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_metrics_are_not_given_through_a_proxy_without_their_token(
    start: Callable[..., Any], header: str
) -> None:
    server = start(metrics_token="a long token")
    forwarded = {header: "127.0.0.1"}
    assert get(server, "/metrics", **forwarded).status_code == 403
    assert get(server, "/metrics", Authorization="Bearer another", **forwarded).status_code == 403
    assert get(server, "/metrics", Authorization="Bearer a long token", **forwarded).status_code == 200


def test_every_answer_carries_the_number_under_which_it_is_logged(server: Any, log: Any) -> None:
    for path in ("/healthz", "/nothing", "/api/v1/me"):
        answer = get(server, path)
        assert path in log.line_with(answer.headers["X-Request-Id"])


def test_a_json_line_names_the_request_and_the_person_and_no_key(
    server: Any, student: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "grader.server"):
        student.request("GET", f"/assignments/{student.key}/release")
        answer = student.request("GET", "/me")
        number = answer.headers["X-Request-Id"]
        end = time.monotonic() + 10  # a request is logged after its reply was sent
        while not any(getattr(one, "request", "") == number for one in caplog.records):
            assert time.monotonic() < end
            time.sleep(0.01)
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    [line] = [one for one in lines if one.get("request") == number]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/me", 200)
    [[person]] = server.query(f"select id from people where email = '{student.email}'")
    assert line["person"] == person
    assert student.key not in json.dumps(lines)
    assert "/api/v1/assignments/ndl_.../release" in [one.get("path") for one in lines]


def test_a_locked_database_is_a_503_and_the_attempt_stays_open(start: Callable[..., Any], kit: Any) -> None:
    server = start(busy_timeout=0.2)
    server.instructor.publish(kit.publication())
    student = server.student()
    attempt = student.drawn()
    other = sqlite3.connect(server.data / "course.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    refused = student.answer(attempt, kit.right(attempt))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert "nothing was stored" in refused.json()["error"]
    assert student.draw().status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert student.scored(attempt)["score"] == 100.0


def test_a_database_without_room_is_named_and_nothing_is_half_written(
    start: Callable[..., Any], kit: Any
) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    engine = server.app.state.services.database.engine
    engine.dispose()

    def no_room(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes what there is already

    event.listen(engine, "connect", no_room)
    refused = server.instructor.publish(kit.publication(range(1000, 1500), top_up=True))
    assert (refused.status_code, "disk is full" in refused.json()["error"]) == (503, True)
    assert server.query("select count(*) from expected where seed >= 1000") == [(0,)]
    event.remove(engine, "connect", no_room)
    engine.dispose()
    assert server.instructor.publish(kit.publication(range(1000, 1500), top_up=True)).status_code == 200
    assert server.query("pragma integrity_check") == [("ok",)]


def test_a_clock_that_jumps_back_and_forth_loses_no_attempt(start: Callable[..., Any], kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()
    attempt = student.drawn()
    server.clock.move(days=-400)
    assert student.scored(attempt)["score"] == 100.0
    server.clock.move(days=800)
    assert student.scored(attempt)["score"] == 100.0  # stored: the same reply, however late
    another = student.drawn()
    server.clock.move(hours=3)
    refused = student.answer(another, kit.right(another))
    assert (refused.status_code, "expired" in refused.json()["error"]) == (410, True)
    server.clock.move(days=-400)
    assert student.scored(student.drawn())["score"] == 100.0
    assert student.get("/me")["assignments"][0]["score"] == 100.0


def test_a_slow_sender_is_let_go(server: Any, student: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_SILENCE", 0.2)
    attempt = student.drawn()
    lines = [f"POST /api/v1/attempts/{attempt['id']}/answers HTTP/1.1", "Host: x", "Idempotency-Key: k"]
    lines += [f"Authorization: Bearer {student.key}", "Content-Length: 1000", "", "one byte"]
    with socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        reply = connection.recv(10_000).decode()
    assert reply.startswith("HTTP/1.1 408 ")
    assert server.query(f"select answered_at from attempts where id = '{attempt['id']}'") == [(None,)]


def test_several_processes_serve_one_course_and_one_that_dies_is_replaced(process: Any, kit: Any) -> None:
    server = process(workers=2)
    instructor = kit.Person(server.url, server.key_file.read_text().strip())
    assert instructor.publish(kit.publication(range(50))).status_code == 200
    first = server.children()
    assert len(first) == 2
    for _ in range(6):
        assert instructor.scored(instructor.drawn())["score"] == 100.0
    server.kill(first[0])
    end = time.monotonic() + 30
    while not (len(now := server.children()) == 2 and first[0] not in now):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert instructor.scored(instructor.drawn())["score"] == 100.0
    text = requests.get(f"{server.url}/metrics", timeout=20).text
    assert 'needle_attempts{state="answered"} 7.0' in text
    server.end(signal.SIGTERM)
    assert server.children() == []


def test_servers_that_start_at_once_on_an_empty_postgresql_make_its_tables_once(
    empty_postgres: str, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_database(empty_postgres, tmp_path), range(4)))
    for database in opened:
        database.check()
        database.engine.dispose()


def test_several_processes_on_postgresql_count_each_attempt_once(
    process: Any, kit: Any, empty_postgres: str
) -> None:
    server = process(workers=2, database=empty_postgres)
    instructor = kit.Person(server.url, server.key_file.read_text().strip())
    assert instructor.publish(kit.publication(range(50))).status_code == 200
    attempt = instructor.drawn()
    body = kit.right(attempt)
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: instructor.answer(attempt, body), range(12)))
    assert {(one.status_code, one.content) for one in replies} == {(200, replies[0].content)}
    with ThreadPoolExecutor(6) as pool:
        drawn = list(pool.map(lambda _: instructor.drawn(), range(12)))
    assert len({one["seeds"]["double"]["array"] for one in drawn}) == 12
    assert instructor.get("/me")["assignments"][0]["attempts"] == 1


def test_sigterm_lets_a_request_in_flight_end(process: Any, kit: Any) -> None:
    server = process()
    instructor = kit.Person(server.url, server.key_file.read_text().strip())
    assert instructor.publish(kit.publication(range(10))).status_code == 200
    attempt = instructor.drawn()
    body = kit.right(attempt)
    sent = threading.Event()

    def slowly() -> Any:
        yield body[:100]
        time.sleep(1)  # for the server to take the request up: one that it has not begun may be cut off
        sent.set()
        time.sleep(1)
        yield body[100:]

    class Sized:
        """A body of a known length that takes its time."""

        def __iter__(self) -> Any:
            return slowly()

        def __len__(self) -> int:
            return len(body)

    replies: list[requests.Response] = []
    sender = threading.Thread(target=lambda: replies.append(instructor.answer(attempt, Sized())))
    sender.start()
    assert sent.wait(20)
    server.end(signal.SIGTERM)
    sender.join(30)
    assert replies[0].status_code == 200, replies[0].text
