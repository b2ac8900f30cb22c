"""Answering: verdicts, points, one answer for an attempt, retries, expiry, two at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from grader.grading.cases import run_case
from grader.grading.wire import Blob, pack


def verdict_of(reply, name):
    [one] = [v for v in reply["verdicts"] if f"{v['question']}/{v['case']}" == name]
    return one["verdict"], one["detail"]


def expected(kit, attempt, name):
    question, case = name.split("/")
    return run_case(kit.cases[question][case], attempt["seeds"][question][case])


def test_the_right_values_earn_every_point(student):
    attempt = student.drawn()
    reply = student.scored(attempt)
    assert {v["verdict"] for v in reply["verdicts"]} == {"equal"}
    assert reply["questions"][0] == {
        "id": "double", "title": "Double & more", "group": "Numbers", "points": 40.0, "passed": 2, "total": 2,
        "earned": 40.0, "best_earned": 40.0,
    }  # fmt: skip
    assert (reply["attempt"], reply["assignment"], reply["version"]) == (attempt["id"], "tiny0", 1)
    assert (reply["score"], reply["average"], reply["threshold"]) == (100.0, 75.0, 0.8)
    assert reply["course"] == {"id": "tiny", "title": "A <small> course"}


def test_an_empty_answer_scores_zero_and_every_case_is_missing(student):
    reply = student.scored(student.drawn(), pack({"values": {}}, {}))
    assert {v["verdict"] for v in reply["verdicts"]} == {"missing"}
    assert reply["score"] == 0.0


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda x: x, "equal"),
        (lambda x: x.astype("float64"), "wrong dtype"),
        (lambda x: x.T, "wrong shape"),
        (lambda x: x[:0], "wrong shape"),
        (lambda x: x * np.float32("nan"), "not finite"),
        (lambda x: x + np.float32("inf"), "not finite"),
        (lambda x: x + np.float32(0.002), "values differ by a little"),
        (lambda x: -x, "values differ by a lot"),
        (lambda x: [x], "wrong dtype"),
        (lambda x: None, "missing"),
        (lambda x: float("nan"), "not finite"),
        (lambda x: "text", "wrong dtype"),
    ],
)
def test_each_kind_of_wrong_value_gets_its_verdict(student, kit, change, verdict):
    attempt = student.drawn()
    value = expected(kit, attempt, "double/array").arrays[0]
    reply = student.scored(attempt, kit.with_value(attempt, "double/array", change(value)))
    assert verdict_of(reply, "double/array")[0] == verdict
    assert reply["questions"][0]["passed"] == (2 if verdict == "equal" else 1)


def test_a_case_that_raised_shows_the_type_and_nothing_else(student, kit):
    attempt = student.drawn()
    description, arrays = kit.solve(attempt)
    description["values"]["double/array"] = {"raised": "Type Error<script>" + "x" * 100, "inputs": "other"}
    del arrays["double/array/0"]
    reply = student.scored(attempt, pack(description, arrays))
    verdict, detail = verdict_of(reply, "double/array")
    assert verdict == "raised"
    assert detail == ("TypeErrorscript" + "x" * 100)[:60]


def test_what_a_case_was_computed_on_is_told_and_decides_nothing(student, kit):
    attempt = student.drawn()
    description, arrays = kit.solve(attempt)
    description["values"]["double/array"]["devices"] = ["cuda_sim", "<b>", 3]
    reply = student.scored(attempt, pack(description, arrays))
    said = {f"{one['question']}/{one['case']}": one["devices"] for one in reply["verdicts"]}
    assert said.pop("double/array") == ["cuda_sim", "b"]
    assert set(map(tuple, said.values())) == {()}
    assert {one["verdict"] for one in reply["verdicts"]} == {"equal"}


@pytest.mark.parametrize(("wrong", "passes"), [(0, True), (5, True), (6, False)])
def test_a_figure_is_computed_from_kept_labels_and_held_against_its_bound(student, kit, wrong, passes):
    attempt = student.drawn("classify")
    predictions = expected(kit, attempt, "classify/figure").arrays[0].copy()
    predictions[:wrong] += 1
    reply = student.scored(attempt, kit.with_value(attempt, "classify/figure", predictions))
    assert (verdict_of(reply, "classify/figure")[0] == "equal") is passes


def test_the_best_of_a_questions_attempts_counts(student, kit):
    good = student.drawn("double")
    student.scored(good)
    worse = student.drawn("double", "classify")
    reply = student.scored(worse, kit.with_value(worse, "double/array", None))
    double, classify = reply["questions"]
    assert (double["earned"], double["best_earned"]) == (20.0, 40.0)
    assert (classify["earned"], reply["score"]) == (60.0, 100.0)


def test_the_last_of_a_questions_attempts_counts_where_the_policy_says_so(start, kit):
    server = start(policy=kit.policy.model_copy(update={"counts": "last"}))
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    worse = student.drawn("double")
    reply = student.scored(worse, kit.with_value(worse, "double/array", None))
    assert (reply["questions"][0]["best_earned"], reply["score"]) == (20.0, 20.0)


def unjudged(kit, attempt, *names):
    description, arrays = kit.solve(attempt)
    for name in names:
        description["values"][name]["inputs"] = "0" * 64
    description["client"]["numpy"] = "1.2.3<b>"
    return pack(description, arrays)


def test_other_draws_can_not_be_judged_and_cost_nothing(start, kit):
    server = start(policy=kit.policy.model_copy(update={"attempts_per_hour": 2, "counts": "last"}))
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    for _ in range(4):
        attempt = student.drawn("double")
        reply = student.scored(attempt, unjudged(kit, attempt, "double/array", "double/tree"))
        verdict, detail = verdict_of(reply, "double/array")
        assert verdict == "could not be judged"
        assert detail == (
            f"another NumPy draws other numbers; the reference used {np.__version__} and you have 1.2.3b. "
            "Install that version and submit again: this cost nothing"
        )
        assert (reply["score"], reply["questions"][0]["best_earned"]) == (40.0, 40.0)
    attempt = student.drawn("double")
    reply = student.scored(attempt, unjudged(kit, attempt, "double/array"))
    assert (reply["questions"][0]["earned"], reply["questions"][0]["best_earned"]) == (20.0, 40.0)


def test_refusing_to_be_judged_earns_nothing(student, kit):
    attempt = student.drawn("double")
    description, arrays = kit.solve(attempt)
    description["values"]["double/array"]["inputs"] = "0" * 64
    reply = student.scored(attempt, pack(description, arrays))
    question = reply["questions"][0]
    assert (question["passed"], question["total"], question["earned"]) == (1, 2, 20.0)


def test_the_same_key_and_body_get_the_stored_reply_also_after_expiry(student, server, kit):
    attempt = student.drawn()
    body = kit.right(attempt)
    first = student.answer(attempt, body, key="once")
    student.drawn("double")
    server.clock.move(hours=3)
    again = student.answer(attempt, body, key="once")
    assert (again.status_code, again.content) == (200, first.content)
    assert student.get("/me")["assignments"][0]["attempts"] == 1


def test_another_body_or_key_on_an_answered_attempt_is_refused(student, kit):
    attempt = student.drawn()
    wrong = pack({"values": {}}, {})
    student.answer(attempt, wrong, key="once")
    for body, key in ((kit.right(attempt), "once"), (wrong, "twice"), (kit.right(attempt), "twice")):
        response = student.answer(attempt, body, key)
        assert response.status_code == 409
        assert "takes one only" in response.json()["error"]
    assert student.get("/me")["assignments"][0]["score"] == 0.0


def test_an_expired_attempt_takes_no_answer(student, server, kit):
    attempt = student.drawn()
    server.clock.move(hours=2, seconds=1)
    response = student.answer(attempt, kit.right(attempt))
    assert response.status_code == 410
    assert "expired 2 h after it was drawn" in response.json()["error"]


def test_an_attempt_drawn_before_the_due_time_counts_when_it_is_answered_after(start, kit):
    server = start()
    entries = [entry.model_copy() for entry in kit.policy.assignments]
    entries[0] = entries[0].model_copy(update={"due": server.clock().replace(microsecond=0)})
    server.stop()
    server = start(policy=kit.policy.model_copy(update={"assignments": entries}))
    server.clock.move(minutes=-5)
    server.instructor.publish(kit.publication())
    student = server.student()
    attempt = student.drawn()
    server.clock.move(minutes=65)
    assert student.draw().status_code == 403
    assert student.scored(attempt)["score"] == 100.0


def test_an_attempt_is_judged_against_the_version_that_it_was_drawn_from(start, kit):
    server = start()
    server.instructor.publish(kit.publication(range(10)))
    student = server.student()
    attempt = student.drawn()
    server.instructor.publish(kit.publication(range(20, 30), digest="b" * 64))
    reply = student.scored(attempt)
    assert (reply["version"], reply["score"]) == (1, 100.0)


def test_another_persons_attempt_is_as_unknown_as_none(server, student, kit):
    attempt = student.drawn()
    others = [server.student(), server.instructor]
    answers = [other.answer(attempt, kit.right(attempt)) for other in others]
    answers += [student.answer({"id": name}, b"") for name in ("0" * 36, "%00", attempt["id"].upper())]
    assert {response.status_code for response in answers} == {404}
    assert len({response.text for response in answers}) == 1
    assert student.answer(attempt, kit.right(attempt)).status_code == 200


@pytest.mark.parametrize("same", [True, False])
def test_of_answers_at_once_one_wins(student, server, kit, same):
    attempt = student.drawn()
    bodies = [kit.right(attempt), pack({"values": {}}, {})]
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(student.answer, attempt, bodies[0 if same else at % 2], "k") for at in range(8)]
        replies = [one.result() for one in sent]
    accepted = {response.content for response in replies if response.status_code == 200}
    assert len(accepted) == 1
    assert {response.status_code for response in replies} <= ({200} if same else {200, 409})
    assert student.get("/me")["assignments"][0]["attempts"] == 1
    query = (
        f"select count(*) from results join attempts on number = attempt_number where id = '{attempt['id']}'"
    )
    assert server.query(query) == [(2,)]


def test_of_draws_at_once_one_stays_open_and_no_seed_repeats(server, student, kit):
    with ThreadPoolExecutor(6) as pool:
        drawn = [one.result() for one in [pool.submit(student.drawn) for _ in range(6)]]
    for question, cases in kit.cases.items():
        for case in cases:
            assert len({attempt["seeds"][question][case] for attempt in drawn}) == 6
    statuses = [student.answer(attempt, kit.right(attempt)).status_code for attempt in drawn]
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]


def test_wrong_values_at_any_distance_get_one_and_the_same_reply(student, kit):
    """Bisecting needs a reply that depends on the distance; beyond 100 tolerances there is one reply."""
    replies = []
    for distance in (1.0, 7.0, -3e6, 1e30):
        attempt = student.drawn("double")
        value = expected(kit, attempt, "double/array").arrays[0].copy()
        value[1, 1] += np.float32(distance)
        reply = student.scored(attempt, kit.with_value(attempt, "double/array", value))
        replies.append({key: content for key, content in reply.items() if key != "attempt"})
    assert replies[0]["verdicts"][0] == {
        "question": "double", "case": "array", "verdict": "values differ by a lot", "detail": "",
        "devices": [],
    }  # fmt: skip
    assert all(reply == replies[0] for reply in replies)


def test_two_answers_that_differ_in_one_element_can_not_both_be_asked(student, kit):
    attempt = student.drawn("double")
    value = expected(kit, attempt, "double/array").arrays[0].copy()
    value[0, 0] += 1
    assert student.answer(attempt, kit.with_value(attempt, "double/array", value), "one").status_code == 200
    value[0, 0] += 1
    assert student.answer(attempt, kit.with_value(attempt, "double/array", value), "two").status_code == 409
    again = student.drawn("double")
    assert again["seeds"]["double"]["array"] != attempt["seeds"]["double"]["array"]


def test_the_body_with_its_sources_is_kept_for_running_it_again(student, server, kit):
    attempt = student.drawn()
    student.scored(attempt)
    [(name,)] = server.query(f"select body from attempts where id = '{attempt['id']}'")
    kept = Blob((server.data / "files" / name[:2] / name[2:]).read_bytes())
    assert kept["source:tiny/work.py"].tobytes() == b"def double(x): ..."


def test_a_value_too_large_to_send_is_wrong_by_its_claims(student, kit):
    attempt = student.drawn("double")
    description, arrays = kit.solve(attempt)
    description["values"]["double/array"]["tree"] = {"omitted": {"dtype": "float32", "shape": [10**6, 10**6]}}
    del arrays["double/array/0"]
    reply = student.scored(attempt, pack(description, arrays))
    assert verdict_of(reply, "double/array") == ("wrong shape", "found (1000000, 1000000), expected (3, 2)")
