"""The gradebook's page: sorted, filtered, downloaded; and an assignment's, which counts the same."""

import re
from typing import Any

from browsing import Browser
from sqlalchemy import update

from grader.server.store.tables.course import VersionRow


def test_the_gradebook_is_sorted_by_its_headings(instructor: Browser) -> None:
    def column(page: str, at: int) -> list[float]:
        body = re.sub("</?(span|b)[^>]*>", "", page.split("<tbody>")[1].split("</tbody>")[0])
        rows = [re.findall(r'<td class="number[^"]*">(.*?)</td>', row) for row in body.split("</tr>")[:-1]]
        return [float(found[0]) for row in rows if (found := re.findall(r"\d+\.\d\d", row[at]))]

    page = instructor.read("/gradebook")
    assert 'aria-sort="ascending"><a href="/gradebook?order=descending">Student' in page
    for name, at in (("hw1", 1), ("average", 5)):
        link = re.search(rf'href="(/gradebook\?sort={name}[^"]*)"', page.replace("&amp;", "&"))
        assert link
        down = instructor.read(link[1])
        assert column(down, at) == sorted(column(down, at), reverse=True)
        again = re.search(rf'href="(/gradebook\?sort={name}[^"]*)"', down.replace("&amp;", "&"))
        assert again
        up = instructor.read(again[1])
        assert column(up, at) == sorted(column(up, at)) == sorted(column(down, at))


def test_the_gradebook_is_sorted_only_up_or_down(instructor: Browser) -> None:
    assert instructor.get("/gradebook?order=sideways").status_code == 422


def test_the_gradebook_marks_what_came_over_another_protocol(course: Any, instructor: Browser) -> None:
    versions = update(VersionRow).where(VersionRow.assignment == "hw2")
    with course.app.state.services.database.write() as session:
        session.execute(versions.values(protocol="mugrade"))
    assert ">hw2 (mugrade)</a>" in instructor.read("/gradebook")
    with course.app.state.services.database.write() as session:
        session.execute(versions.values(protocol="native"))


def test_the_gradebook_shows_a_section_and_who_has_not_started(course: Any, instructor: Browser) -> None:
    section = instructor.read("/gradebook?section=A")
    assert "Student 003" in section
    assert "Student 001" not in section
    started = {person["name"] for person in _book(course)["people"] if "hw4" in person["scores"]}
    everybody = {person["name"] for person in _book(course)["people"]}
    page = instructor.read("/gradebook?missing=hw4")
    assert {name for name in everybody if name in page} == everybody - started != set()


def _book(course: Any) -> Any:
    return course.instructor.get("/gradebook")


def test_the_gradebook_is_downloaded_with_a_session(instructor: Browser, student: Browser) -> None:
    response = instructor.get("/gradebook.csv?format=canvas")
    assert response.headers["content-type"].startswith("text/csv")
    assert "Points Possible" in response.text
    assert student.get("/gradebook.csv").status_code == 403


def test_an_assignments_page_counts_what_the_database_holds(course: Any, instructor: Browser) -> None:
    page = instructor.read("/assignments/hw1")
    scores = [person["scores"]["hw1"] for person in _book(course)["people"] if "hw1" in person["scores"]]
    assert f'{len(scores)} of 12</span><span class="quiet">have started' in page
    counts = [
        (f"{low}-{low + 10}", sum(low <= score < low + 10 for score in scores)) for low in range(0, 90, 10)
    ]
    counts.append(("90-100", sum(score >= 90 for score in scores)))
    said = ", ".join(f"{step} points: {count}" for step, count in counts if count)
    assert f'aria-label="Scores: {said}."' in page
    listed = re.findall(
        r'<tr><th scope="row">([^<]+)</th><td>([^<]+)</td><td class="number">(\d+)</td>', page
    )
    titles = {one["title"]: one["id"] for one in course.instructor.get("/assignments")[1]["questions"]}
    for title, verdict, people in listed:
        seen = course.query(
            "SELECT count(DISTINCT person_id) FROM attempts, json_each(response, '$.verdicts') AS one"
            f" WHERE assignment = 'hw1' AND one.value ->> 'question' = '{titles[title]}'"
            f" AND one.value ->> 'verdict' = '{verdict}'"
        )
        assert seen == [(int(people),)]
    assert len(listed) == 12
