"""How often someone may ask: counted by person where a key is good, by address where none is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from running_server import Person, Running
from tiny_course import POLICY

from grader.server.access.limits import Buckets, Limits
from grader.server.refusals import Refused

PER_MINUTE = 60  # of which 2 may be failures


class Now:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_holds_a_minutes_tokens_and_fills_evenly() -> None:
    now = Now()
    buckets = Buckets(now)
    assert [buckets.take("a", 6) for _ in range(7)] == [0, 0, 0, 0, 0, 0, pytest.approx(10)]
    assert buckets.take("b", 6) == 0
    now.at += 9.9
    assert buckets.take("a", 6) == pytest.approx(0.1)
    now.at += 0.2
    assert [buckets.take("a", 6), buckets.take("a", 6) > 0] == [0, True]
    now.at += 3600
    assert sum(buckets.take("a", 6) == 0 for _ in range(20)) == 6


@settings(derandomize=True, deadline=None, database=None)
@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 20))
def test_no_minute_takes_more_than_twice_what_it_may(pauses: list[float], per_minute: int) -> None:
    now = Now()
    buckets = Buckets(now)
    taken = []
    for pause in pauses:
        now.at += pause
        if buckets.take("a", per_minute) == 0:
            taken.append(now.at)
    for begin in taken:
        assert sum(begin <= at < begin + 60 for at in taken) <= 2 * per_minute


def test_who_waits_as_long_as_was_said_is_let_in() -> None:
    now = Now()
    limits = Limits(lambda: 30, now)
    for _ in range(30):
        limits.take_of_person(1)
    with pytest.raises(Refused) as refused:
        limits.take_of_person(1)
    assert refused.value.status == 429
    limits.take_of_person(2)
    now.at += float(refused.value.headers["Retry-After"])
    limits.take_of_person(1)


def test_no_more_buckets_are_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.server.access.limits._MOST", 10)
    buckets = Buckets(Now())
    for number in range(100):
        buckets.take("kept", 100)
        buckets.take(str(number), 100)
    assert len(buckets) == 10
    assert buckets.wait("kept", 100) > 0  # it was not forgotten, since it was used all the time


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("nowhere", "10.0.0.1", False),
    ],
)
def test_the_half_of_an_address_that_its_owner_chooses_makes_no_other(
    one: str, other: str, same: bool
) -> None:
    limits = Limits(lambda: 1, Now())
    limits.take_of_address(one)
    if same:
        with pytest.raises(Refused):
            limits.take_of_address(other)
    else:
        limits.take_of_address(other)


@pytest.fixture
def strict(start: Callable[..., Running]) -> Running:
    """A server that allows little, and where no time passes."""
    server = start()
    state = server.app.state
    state.services = replace(state.services, limits=Limits(lambda: PER_MINUTE, Now()))
    return server


def get(server: Running, path: str, address: str = "10.1.1.1", **headers: str) -> requests.Response:
    # uvicorn believes a proxy on this machine, as `grader serve --behind-proxy` does
    headers |= {"X-Forwarded-For": address}
    return requests.get(server.url + path, headers=headers, timeout=20)


def statuses(server: Running, count: int, path: str, **more: str) -> list[int]:
    return [get(server, path, **more).status_code for _ in range(count)]


def bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.key}"}


def test_a_person_who_asks_too_often_waits_and_nobody_else_does(strict: Running) -> None:
    eager, other = strict.student(), strict.student()
    found = [get(strict, "/api/v1/me", **bearer(eager)) for _ in range(61)]
    late = found[-1]
    assert found[0].status_code == 200
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) >= 1
    assert "You ask more often than this course allows" in late.json()["error"]
    assert get(strict, "/api/v1/me", **bearer(other)).status_code == 200


def test_a_class_behind_one_address_is_counted_by_person(strict: Running) -> None:
    people = [{"name": "S", "email": f"s{number}@x"} for number in range(70)]
    enrolled = strict.instructor.post("/roster", {"people": people}).json()["people"]
    for one in enrolled:
        reply = get(strict, "/api/v1/me", Authorization=f"Bearer {one['key']}")
        assert reply.status_code == 200


def test_a_good_key_works_whatever_others_of_its_address_try(strict: Running) -> None:
    student = strict.student()
    wrong = statuses(strict, 4, "/api/v1/me", Authorization="Bearer ndl_" + "A" * 40)
    assert wrong == [401, 401, 429, 429]
    nobody = statuses(strict, 61, "/")
    assert nobody[-1] == 429
    assert get(strict, "/api/v1/me", **bearer(student)).status_code == 200
    assert get(strict, "/", address="10.1.1.2").status_code == 200
    here = strict.app.state.services
    token = here.sessions.open(here.sessions.make_link(here.people.sign_in(student.key)))
    assert get(strict, "/me", Cookie=f"needle_session={token}").status_code == 200
    assert get(strict, "/me", Cookie="needle_session=forged").status_code == 429


def test_a_made_up_key_opens_no_door_that_needs_none(strict: Running) -> None:
    found = statuses(strict, 61, "/", Authorization="Bearer ndl_" + "A" * 40)
    assert (found[0], found[-1]) == (200, 429)


def test_wrong_codes_are_few_and_right_ones_many(strict: Running) -> None:
    code = strict.instructor.post("/invites", {"cap": 50}).json()["code"]

    def join(code: str, number: int) -> int:
        content = {"name": "N", "email": f"n{number}@x", "code": code}
        headers = {"X-Forwarded-For": "10.2.2.2"}
        url = f"{strict.url}/api/v1/join"
        return requests.post(url, json=content, headers=headers, timeout=20).status_code

    assert [join(code, number) for number in range(20)] == [201] * 20
    assert [join("wrong", number) for number in range(3)] == [403, 403, 429]
    assert join(code, 99) == 429


def test_a_server_that_is_asked_too_much_says_still_that_it_is_alive(strict: Running) -> None:
    assert statuses(strict, 61, "/")[-1] == 429
    assert set(statuses(strict, 61, "/healthz")) == {200}


def test_a_refusal_says_when_to_come_back_on_the_wire_too(strict: Running) -> None:
    found: list[Any] = [get(strict, "/style.css") for _ in range(61)]
    assert found[-1].status_code == 429
    assert int(found[-1].headers["retry-after"]) >= 1


def test_the_policy_in_force_says_how_often(start: Callable[..., Running]) -> None:
    server = start(policy=POLICY.model_copy(update={"requests_per_minute": 1}))
    assert statuses(server, 2, "/") == [200, 429]
