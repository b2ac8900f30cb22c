"""The pages as HTML: who sees what, nothing that a person wrote taken for markup, errors as pages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
import seeded_class
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from grader.server.access.people import give_key
from grader.server.store.tables.attempts import SpeedRow
from grader.server.store.tables.course import VersionRow
from grader.server.store.tables.people import PersonRow
from grader.server.store.tables.project import GroupRow, ReviewRow
from grader.server.web.rendering import STYLE
from grader.server.web.wording import coded, duration

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


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, kit: Any) -> Iterator[Any]:
    """A server with a class of twelve in full swing."""
    running = kit.Running(tmp_path_factory.mktemp("class"), policy=seeded_class.policy())
    running.clock.shift = seeded_class.NOW - running.clock()
    with running.app.state.services.database.write() as session:
        seeded_class.fill(session, 12)
        seeded_class.alert(session)
    yield running
    running.stop()


def _student(course: Any, number: int) -> Browser:
    return Browser(course, _person(course, f"student{number:03}@example.org"))


def _person(course: Any, email: str) -> Any:
    with course.app.state.services.database.write() as session:
        row = session.scalar(select(PersonRow).where(PersonRow.email == email))
        key = give_key(session, row.id, course.clock())
    return type(course.instructor)(course.url, key, email)


@pytest.fixture(scope="module")
def instructor(course: Any) -> Browser:
    return Browser(course, course.instructor)


@pytest.fixture(scope="module")
def student(course: Any) -> Browser:
    return _student(course, 1)


STUDENTS = ("/me", "/leaderboard", "/project")
INSTRUCTORS = ("/gradebook", "/assignments/hw1", "/people/student002@example.org", "/publish", "/roster")


@pytest.mark.parametrize("path", [*STUDENTS, *INSTRUCTORS])
def test_a_page_needs_somebody_who_is_signed_in(course: Any, path: str) -> None:
    response = Browser(course).get(path)
    assert response.status_code == 401
    assert "<h1>Sign in first</h1>" in response.text
    assert "grader open" in response.text


@pytest.mark.parametrize("path", INSTRUCTORS)
def test_a_student_does_not_see_the_others(student: Browser, instructor: Browser, path: str) -> None:
    response = student.get(path)
    assert response.status_code == 403
    assert "Student 002" not in response.text
    assert "Student 002" in instructor.read(path) or path in ("/assignments/hw1", "/publish")


class _Outline(HTMLParser):
    """What somebody without a mouse or without eyes needs of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.tables = self.captions = self.headings = self.unscoped = self.labels = 0
        self.charts: list[str | None] = []
        self.identifiers: list[str] = []
        self._labels = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.headings += tag == "h1"
        self.unscoped += tag == "th" and "scope" not in given
        self._labels += tag == "label"
        if given.get("id"):
            self.identifiers.append(given["id"] or "")
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden" and "hidden" not in given:
            assert self._labels, f"{tag} {given.get('name')} has no label"
        if tag == "svg" and "aria-hidden" not in given:
            self.charts.append(given.get("aria-label"))
        assert "style" not in given, "no style may stand in a page"
        assert not any(name.startswith("on") for name in given), "no script may stand in a page"

    def handle_endtag(self, tag: str) -> None:
        self._labels -= tag == "label"


@pytest.mark.parametrize("path", [*STUDENTS, *INSTRUCTORS, "/", "/docs", "/project/2", "/nothing"])
def test_a_page_has_one_heading_captioned_tables_labelled_fields_and_described_charts(
    instructor: Browser, path: str
) -> None:
    found = _Outline(instructor.get(path).text)
    assert found.headings == 1
    assert found.tables == found.captions
    assert found.unscoped == 0
    assert all(found.charts)
    assert len(found.identifiers) == len(set(found.identifiers))


def test_a_student_sees_what_is_due_and_how_far_they_are(student: Browser) -> None:
    page = student.read("/me")
    assert "7 days left" in page  # hw3
    assert "Fri 27 Nov 2026, 23:59 CET" in page
    assert "of 6 late days left" in page
    assert "an average of at least 80" in page
    assert "the final project: accepted" in page
    assert page.count("<article") == 5
    assert "Newest first" in page or "newest first" in page


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


def test_an_unknown_person_assignment_or_hand_in_is_said_to_be_none(instructor: Browser) -> None:
    for path in ("/people/nobody@example.org", "/assignments/hw9", "/project/999", "/project/99999999999"):
        response = instructor.get(path)
        assert response.status_code == 404, path
        assert "<h1>There is nothing here</h1>" in response.text


def test_a_reviewer_fills_the_rubric_in_and_the_group_reads_it(course: Any, instructor: Browser) -> None:
    page = instructor.read("/project/2")
    names = re.findall(r'name="(points:[a-z_]+)"', page)
    wanted = dict.fromkeys(names, "7") | {
        "comment:question": "<b>why</b>",
        "comment": "Good",
        "accepted": "yes",
    }
    sent = instructor.send("/project/2", **wanted)
    assert (sent.status_code, sent.headers["location"]) == (303, "/project/2#review")
    members = _student(course, 4).read("/project/2")
    assert "&lt;b&gt;why&lt;/b&gt;" in members
    assert f"<b>{7 * len(names)}</b>" in members
    assert "Save the review" not in members
    assert _student(course, 7).get("/project/2").status_code == 404
    assert "Your project is accepted" in _student(course, 4).read("/project")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points:question": "many"}, "Expected points as a number"),
        ({"points:question": "nan"}, "Expected points as a number"),
        ({"points:question": "1000"}, "question"),
        ({"accepted": "perhaps"}, "Expected yes or no"),
        ({"comment": "x" * 10_001}, "at most 10,000 characters"),
    ],
)
def test_a_rubric_that_is_not_filled_in_right_is_refused_on_a_page(
    course: Any, instructor: Browser, change: dict[str, str], said: str
) -> None:
    names = re.findall(r'name="(points:[a-z_]+)"', instructor.read("/project/3"))
    sent = instructor.send("/project/3", **(dict.fromkeys(names, "1") | {"accepted": "no"} | change))
    assert sent.status_code == 422
    assert said in sent.text
    assert "<h1>That did not work</h1>" in sent.text
    assert course.query("SELECT count(*) FROM reviews WHERE hand_in_id = 3")[0][0] == 0


def test_a_form_without_the_sessions_value_does_nothing(course: Any, instructor: Browser) -> None:
    people = course.query("SELECT count(*) FROM people")
    for path, fields in (
        ("/roster", {"file": "name,email\nEve,eve@example.org", "really": "yes"}),
        ("/people/student001@example.org/extensions", {"assignment": "hw4", "until": "2027-01-01T10:00"}),
        ("/leaderboard", {"pseudonym": "Forged"}),
        ("/project/3", {"accepted": "yes"}),
    ):
        response = instructor.send(path, page="/me", **fields, csrf="0" * 64)
        assert response.status_code == 403, path
        assert "nothing was done" in response.text
    assert course.query("SELECT count(*) FROM people") == people
    assert course.query("SELECT count(*) FROM extensions") == [(0,)]


def test_somebody_takes_a_name_on_the_leaderboard_and_leaves_it(course: Any) -> None:
    browser = _student(course, 4)
    assert (
        browser.send("/leaderboard", page="/me", pseudonym="<i>Quick</i>").headers["location"]
        == "/leaderboard"
    )
    page = browser.read("/leaderboard")
    assert "&lt;i&gt;Quick&lt;/i&gt;" in page
    assert "Student 004" not in page.split("</header>")[1]
    assert browser.send("/leaderboard", page="/me", pseudonym="x").status_code == 422
    browser.send("/leaderboard", page="/me", pseudonym="x", leave="yes")
    assert "Quick" not in browser.read("/leaderboard")


def test_a_roster_is_shown_first_and_then_done_with_its_keys(course: Any, instructor: Browser) -> None:
    table = "name,email,section\nNew <One>,new1@example.org,A\nStudent 012,student012@example.org,C\n"
    shown = instructor.send("/roster", file=table)
    assert shown.status_code == 200
    assert "Nothing has been changed yet." in shown.text
    assert "New &lt;One&gt;" in shown.text
    assert "<del>A</del> <ins>C</ins>" in shown.text
    assert "new1@example.org" not in instructor.read("/roster")
    done = instructor.send("/roster", file=table, really="yes")
    [key] = re.findall(r"ndl_[A-Za-z0-9_-]{40}", done.text)
    assert Browser(course, type(course.instructor)(course.url, key)).read("/me").count("New &lt;One&gt;") >= 1
    assert "new1@example.org" in instructor.read("/roster?section=A")


def test_a_mistake_in_a_rosters_file_is_named_with_its_line(instructor: Browser) -> None:
    sent = instructor.send("/roster", file="name,email\nA,a@example.org\n,b@example.org\n")
    assert sent.status_code == 422
    assert "line 3: name is" in sent.text
    assert "brings no file" in instructor.send("/roster", file="").text


def test_an_instructor_gives_an_extension_and_takes_it_away(course: Any, instructor: Browser) -> None:
    address = "/people/student005@example.org"
    due = (seeded_class.NOW + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    given = instructor.send(
        f"{address}/extensions", page=address, assignment="hw3", until=due, reason="<u>ill</u>"
    )
    assert given.status_code == 303, given.text
    page = instructor.read(address)
    assert "&lt;u&gt;ill&lt;/u&gt;" in page
    assert "own due date" in _student(course, 5).read("/me")
    instructor.send(f"{address}/extensions", page=address, assignment="hw3", remove="yes")
    assert "own due date" not in _student(course, 5).read("/me")
    wrong = instructor.send(f"{address}/extensions", page=address, assignment="hw3", until="soon")
    assert wrong.status_code == 422


def test_what_people_wrote_is_never_taken_for_markup(course: Any, instructor: Browser) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    with course.app.state.services.database.write() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.email == "student001@example.org")
            .values(name=evil, section=evil, pseudonym=evil)
        )
        session.execute(update(GroupRow).where(GroupRow.id == 1).values(name=evil))
        session.execute(update(ReviewRow).where(ReviewRow.hand_in_id == 1).values(comments={"": evil}))
        session.execute(update(SpeedRow).values(machine=evil))
    browser = _student(course, 1)
    for path in (*INSTRUCTORS, "/people/student001@example.org", "/project", "/project/1", "/leaderboard"):
        _require_harmless(instructor.read(path), path)
    for path in (*STUDENTS, "/project/1"):
        _require_harmless(browser.read(path), path)
    for path in ("/gradebook?section=", "/gradebook?missing=", "/gradebook?sort=", "/roster?section="):
        _require_harmless(instructor.get(path + requests.utils.quote(evil)).text, path)
    _require_harmless(instructor.get("/people/" + requests.utils.quote(evil)).text, "a person")
    _require_harmless(
        instructor.send("/project/3", **{"accepted": "no", "points:question": evil}).text, "a form"
    )


def _require_harmless(page: str, path: str) -> None:
    assert "<script" not in page, path
    assert "<img" not in page, path


def test_a_failure_of_the_server_is_a_page_too(start: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    running = start()
    browser = Browser(running, running.instructor)

    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("it is gone"))

    monkeypatch.setattr(running.app.state.services.reports, "gradebook", fail)
    response = browser.get("/gradebook")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert "<h1>The server could not do this</h1>" in response.text
    assert "nothing was stored" in response.text


def _contrast(one: str, other: str) -> float:
    """Return the ratio of two colours' luminances. Source: WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_aa_asks_for(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.decode(), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", blocks[scheme == "dark"]))
    on_grounds = [(text, ground) for text in ("ink", "quiet", "accent", "good", "warn", "bad")
                  for ground in ("paper", "sheet", "soft")]  # fmt: skip
    on_own = [("on-accent", "accent"), ("accent", "tint"), ("ink", "tint"), ("quiet", "tint")]
    on_own += [(name, f"{name}-soft") for name in ("good", "warn", "bad")] + [("sheet", "bad")]
    for text, ground in [*on_grounds, *on_own]:
        ratio = _contrast(colours[text], colours[ground])
        assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Run `a <b>` now.", "Run <code>a &lt;b&gt;</code> now."),
        ("a ` alone <", "a ` alone &lt;"),
        ("`x` and ` y", "<code>x</code> and ` y"),
    ],
)
def test_a_command_in_a_sentence_is_set_as_code(text: str, page: str) -> None:
    assert coded(text) == page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (30, "less than a minute"), (3599, "59 min"), (3600, "1 h 0 min"), (90_000, "1 day 1 h"),
     (864_000, "10 days"), (-5, "less than a minute")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_its_largest_units(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
