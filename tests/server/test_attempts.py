"""Drawing: fresh seeds, one open attempt, an hourly limit, dates, and cases of the current version."""

from datetime import datetime, timedelta, timezone

SECONDS = 1.0


def test_a_draw_has_a_seed_for_every_case_and_its_terms(server, student, kit):
    response = student.draw()
    attempt = response.json()
    assert response.status_code == 201
    assert (attempt["days_late"], attempt["left_out"]) == (0, {})
    assert {q: set(c) for q, c in attempt["seeds"].items()} == {q: set(c) for q, c in kit.cases.items()}
    assert (attempt["assignment"], attempt["version"]) == ("tiny0", 1)
    expires = datetime.fromisoformat(attempt["expires_at"].replace("Z", "+00:00"))
    assert timedelta(minutes=119) < expires - server.clock() <= timedelta(minutes=120)
    assert expires.utcoffset() == timezone.utc.utcoffset(None)
    assert 2 * 1024**2 < attempt["limit_bytes"] < 3 * 1024**2


def test_a_draw_of_named_questions_has_only_those(student):
    assert set(student.drawn("classify")["seeds"]) == {"classify"}


def test_an_unknown_question_is_refused_and_the_known_ones_are_named(student):
    response = student.draw("double", "treble")
    assert response.status_code == 422
    assert response.json()["error"] == "tiny0 has no question 'treble'. It has double, classify."


def test_an_unknown_assignment_is_refused_and_the_known_ones_are_named(student):
    response = student.draw(assignment="hw9")
    assert response.status_code == 404
    assert response.json()["error"] == (
        "This course has no assignment 'hw9'. It has tiny0, later, over, unpublished."
    )


def test_an_unpublished_assignment_is_refused(student):
    response = student.draw(assignment="unpublished")
    assert (response.status_code, "not published yet" in response.json()["error"]) == (404, True)


def test_a_student_waits_for_the_release_date_and_an_instructor_does_not(server, student):
    response = student.draw(assignment="later")
    assert response.status_code == 403
    assert response.json()["error"] == "later is released on 2990-01-01 00:00 CET. Come back then."
    assert server.instructor.draw(assignment="later").status_code == 201


def test_an_assignment_past_its_cut_off_takes_no_attempt(student):
    response = student.draw(assignment="over")
    assert response.status_code == 403
    assert "over was due on 2001-02-01 00:00 CET and takes no more attempts." in response.json()["error"]


def test_cases_of_no_published_version_are_refused_with_what_to_do(student):
    response = student.draw(digest="b" * 64)
    assert response.status_code == 409
    assert response.json()["error"] == (
        "your tiny0 cases are of no published version, the course is at 1: run `make update`"
    )


def test_cases_of_an_older_version_are_refused_with_both_versions(start, kit):
    server = start()
    for digest in ("a" * 64, "b" * 64, "c" * 64):
        server.instructor.publish(kit.publication(range(5), digest=digest))
    response = server.student().draw(digest="b" * 64)
    assert response.status_code == 409
    assert response.json()["error"] == (
        "your tiny0 cases are from version 2, the course is at 3: run `make update`"
    )


def test_a_new_draw_closes_the_older_attempt_and_says_so(student, kit):
    older, newer = student.drawn(), student.drawn("double")
    refused = student.answer(older, kit.right(older))
    assert refused.status_code == 409
    assert "closed when you drew a newer one" in refused.json()["error"]
    assert student.answer(newer, kit.right(newer)).status_code == 200


def test_a_refused_draw_leaves_the_open_attempt_open(student, kit):
    attempt = student.drawn()
    assert student.draw(digest="b" * 64).status_code == 409
    assert student.answer(attempt, kit.right(attempt)).status_code == 200


def test_no_seed_comes_twice_for_a_person_until_the_pool_ends_and_the_instructor_is_told(start, kit):
    server = start(policy=kit.policy.model_copy(update={"attempts_per_hour": 1000}))
    server.instructor.publish(kit.publication(range(12)))
    student = server.student()
    drawn = [student.drawn("double")["seeds"]["double"] for _ in range(12)]
    for case in ("array", "tree"):
        assert sorted(seeds[case] for seeds in drawn) == list(range(12))
    before = student.get("/me")
    for _ in range(2):
        response = student.draw("double")
        assert response.status_code == 409
        assert "You have had every seed of tiny0/double/array" in response.json()["error"]
        assert "Your instructor has been alerted" in response.json()["error"]
    [alert] = server.instructor.get("/alerts")["alerts"]
    assert (alert["assignment"], alert["question"], alert["case"]) == ("tiny0", "double", "array")
    assert (alert["person"], alert["resolved_at"]) == (student.email, None)
    assert "grader publish tiny0 --top-up" in alert["text"]
    assert student.get("/me") == before
    assert student.draw("classify").status_code == 201
    assert server.student().draw("double").status_code == 201


def test_a_top_up_ends_the_alert_and_the_next_draw_takes_its_seeds(start, kit):
    server = start()
    server.instructor.publish(kit.publication(range(1)))
    student = server.student()
    student.drawn()
    assert student.draw().status_code == 409
    server.instructor.publish(kit.publication(range(1, 3), top_up=True))
    [alert] = server.instructor.get("/alerts")["alerts"]
    assert alert["resolved_at"] is not None
    assert {seed for cases in student.drawn()["seeds"].values() for seed in cases.values()} <= {1, 2}


def test_a_new_version_repeats_no_seed_that_a_person_has_had(start, kit):
    server = start()
    student = server.student()
    server.instructor.publish(kit.publication(range(2)))
    first = student.drawn("double")["seeds"]["double"]["array"]
    server.instructor.publish(kit.publication(range(2), digest="b" * 64))
    second = student.draw("double", digest="b" * 64).json()
    assert second["version"] == 2
    assert {first, second["seeds"]["double"]["array"]} == {0, 1}


def test_the_draw_after_the_hourly_limit_is_refused_and_says_when(start, kit):
    server = start(policy=kit.policy.model_copy(update={"attempts_per_hour": 3}))
    server.instructor.publish(kit.publication())
    student, other = server.student(), server.student()
    open_one = [student.drawn() for _ in range(3)][-1]
    server.clock.move(minutes=20)
    response = student.draw()
    assert response.status_code == 429
    assert "3 attempts in an hour" in response.json()["error"]
    assert "Try again in 40 min" in response.json()["error"]
    wait = int(response.headers["Retry-After"])
    assert 2300 < wait <= 2400
    assert other.draw().status_code == 201
    assert student.answer(open_one, kit.right(open_one)).status_code == 200
    server.clock.move(seconds=wait + SECONDS)
    assert student.draw().status_code == 201


def test_seeds_of_63_bits_travel_unchanged(start, kit):
    server = start()
    server.instructor.publish(kit.publication(range(2**63 - 3, 2**63 - 1)))
    attempt = server.student().drawn()
    assert all(2**63 - 3 <= seed < 2**63 for cases in attempt["seeds"].values() for seed in cases.values())
