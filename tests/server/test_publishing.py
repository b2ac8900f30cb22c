"""Publishing: versions, top-ups, corrected releases, and what a publication is refused for."""

import numpy as np
import pytest
import requests

from grader.grading.wire import bytes_array
from grader.server.rules.drawing import chance_of_shared_seed

OTHER = "b" * 64


def release_of(server, name="tiny0"):
    return requests.get(f"{server.url}/api/v1/assignments/{name}/release", timeout=20)


@pytest.fixture
def published(start, kit):
    server = start()
    assert server.instructor.publish(kit.publication(range(5))).status_code == 200
    return server


def state(server):
    tables = ("versions", "cases", "expected", "attempts")
    return [server.query(f"select * from {table}") for table in tables]


def test_the_first_publication_is_version_1_and_says_the_chance_of_a_shared_seed(start, kit):
    server = start()
    for _ in range(4):
        server.student()
    reply = server.instructor.publish(kit.publication(range(10))).json()
    assert (reply["assignment"], reply["version"], reply["created"]) == ("tiny0", 1, True)
    assert reply["seeds"] == {q: dict.fromkeys(cases, 10) for q, cases in kit.cases.items()}
    assert reply["collision"] == {
        "people": 4,
        "pool": 10,
        "any_two": pytest.approx(1 - 0.9 * 0.8 * 0.7),
        "given_two": pytest.approx(0.1),
    }


def test_another_digest_is_a_new_version_and_the_old_ones_attempts_keep_theirs(published, kit):
    student = published.student()
    student.scored(student.drawn())
    reply = published.instructor.publish(kit.publication(range(5, 9), digest=OTHER)).json()
    assert (reply["version"], reply["created"], reply["seeds"]["double"]["array"]) == (2, True, 4)
    assert student.get("/me")["assignments"][0]["score"] == 100.0
    assert student.draw(digest=OTHER).json()["version"] == 2
    assert published.query("select number from versions order by id") == [(1,), (2,)]


def test_a_digest_published_before_the_current_one_is_a_new_version(published, kit):
    published.instructor.publish(kit.publication(range(5, 9), digest=OTHER))
    assert published.instructor.publish(kit.publication(range(20, 25))).json()["version"] == 3
    assert published.student().drawn()["version"] == 3


def test_the_same_digest_replaces_the_release_and_nothing_else_and_says_so(published, kit):
    before = state(published)[1:]
    corrected = kit.publication(range(50, 60), release=bytes_array(b"corrected"))
    reply = published.instructor.publish(corrected).json()
    assert (reply["version"], reply["created"], reply["seeds"]["double"]["array"]) == (1, False, 5)
    assert "The release was replaced; the cases are the same" in reply["text"]
    assert reply["text"].endswith("More seeds: --top-up.")
    assert state(published)[1:] == before
    assert release_of(published).content == b"corrected"


def test_a_top_up_adds_seeds_and_sending_it_again_adds_none(published, kit):
    body = kit.publication(range(3, 8), top_up=True, release=None)
    replies = [published.instructor.publish(body).json() for _ in range(2)]
    assert [one["seeds"]["classify"]["whole"] for one in replies] == [8, 8]
    assert [one["created"] for one in replies] == [False, False]
    assert [one["text"] for one in replies] == [
        "12 seeds were added to version 1.",
        "0 seeds were added to version 1.",
    ]
    assert release_of(published).content.startswith(b"archive of tiny0")


def test_a_top_up_of_other_cases_or_of_nothing_is_refused(published, start, kit):
    refused = published.instructor.publish(kit.publication(digest=OTHER, top_up=True))
    assert refused.status_code == 409
    assert "not those of version 1 of tiny0" in refused.json()["error"]
    refused = published.instructor.publish(kit.publication(name="later", top_up=True), "later")
    assert refused.status_code == 409
    assert refused.json()["error"].startswith("later is not published yet.")


def test_the_release_is_an_archive_that_needs_no_key(published):
    response = release_of(published)
    assert response.headers["content-type"] == "application/gzip"
    assert response.content == f"archive of tiny0 {'a' * 64}".encode()
    assert 'filename="tiny0.tar.gz"' in response.headers["content-disposition"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("later", "later is released on 2990-01-01 00:00 CET. Come back then."),
        ("unpublished", "unpublished is not published yet."),
        ("..%2f..%2fcourse.db", "There is nothing at this address."),
        ("hw9", "This course has no assignment 'hw9'."),
    ],
)
def test_a_release_that_is_not_out_is_refused_with_a_sentence(server, name, said):
    response = release_of(server, name)
    assert response.status_code == 404
    assert said in response.json()["error"]


def test_an_assignment_outside_the_course_is_refused(published, kit):
    assert published.instructor.publish(kit.publication(name="hw9"), "hw9").status_code == 404


def changed(kit, **fields):
    return kit.definition | fields


def every_case(kit, by_seed):
    return {
        "expected": {f"{question}/{case}": by_seed for question in kit.cases for case in kit.cases[question]}
    }


def rules(kit, **fields):
    cases = {q: {name: case.rules() for name, case in named.items()} for q, named in kit.cases.items()}
    cases["double"]["array"] |= fields
    return cases


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda kit: {"definition": None}, "definition"),
        (lambda kit: {"definition": changed(kit, id="tiny1")}, "definition: id: found 'tiny1'"),
        (lambda kit: {"definition": changed(kit, extra=1)}, "definition: extra"),
        (lambda kit: {"definition": changed(kit, adds=["../up.py"])}, "definition: adds[0]"),
        (lambda kit: {"definition": changed(kit, questions=kit.definition["questions"][:1])}, "add up to 40"),
        (lambda kit: {"cases_digest": "a"}, "cases_digest"),
        (lambda kit: {"cases": {}}, "cases: expected an object with each question"),
        (lambda kit: {"cases": rules(kit) | {"double": {}}}, "double has no case"),
        (lambda kit: {"cases": rules(kit, rtol=-1)}, "double/array: expected rtol and atol"),
        (lambda kit: {"cases": rules(kit, rtol=True)}, "double/array: expected rtol and atol"),
        (lambda kit: {"cases": rules(kit, figure="speed", at_most=1.0)}, "the figure 'speed'"),
        (lambda kit: {"cases": rules(kit, figure=["x"])}, "the figure ['x']"),
        (lambda kit: {"cases": rules(kit, figure="error_rate")}, "together with at_most"),
        (lambda kit: {"cases": rules(kit, extra=1)}, "expected the rules"),
        (lambda kit: {"expected": {}}, "other cases than under cases"),
        (lambda kit: every_case(kit, {}), "has no seed"),
        (lambda kit: every_case(kit, {"-1": {}}), "seed '-1'"),
        (lambda kit: every_case(kit, {str(2**63): 1}), "2**63"),
        (lambda kit: every_case(kit, {"1": {"inputs": ""}}), "/1"),
        (lambda kit: {"reference": {"python": "3"}}, "reference.numpy"),
        (lambda kit: {"reference": {"numpy": 2}}, "reference"),
        (lambda kit: {"top_up": 1}, "top_up"),
        (lambda kit: {"release": None}, "found no release"),
        (lambda kit: {"release": np.zeros(3)}, "the archive's bytes"),
        (lambda kit: {"arrays": {"double/array/7/9": np.zeros(3)}}, "'double/array/7/9'"),
    ],
)  # fmt: skip
def test_a_bad_publication_is_refused_and_changes_nothing(server, kit, change, said):
    before = state(server)
    response = server.instructor.publish(
        kit.publication(range(5), digest=OTHER, **{"cases_digest": OTHER} | change(kit))
    )
    assert response.status_code == 422
    assert said in response.json()["error"]
    assert state(server) == before


def test_labels_of_a_figure_are_one_array(server, kit):
    tree = {"inputs": "x", "tree": {"number": 1}}
    names = [f"{q}/{c}" for q in reversed(kit.cases) for c in kit.cases[q]]
    body = kit.publication(range(0), expected={name: {"1": tree} for name in names}, digest=OTHER)
    response = server.instructor.publish(body)
    assert response.status_code == 422
    assert "classify/figure/1: expected the labels of a figure as one array" in response.json()["error"]


def test_the_chance_of_a_shared_seed_needs_two_people():
    assert chance_of_shared_seed(512, 1) == 0.0
    assert chance_of_shared_seed(2, 3) == 1.0
