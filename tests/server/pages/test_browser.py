"""The pages in a browser: by mouse and by keyboard, on a phone and at a desk, light and dark."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import class_in_full_swing, key_of
from running_server import Running
from shared_course import ROOT

SCREENSHOTS = ROOT / "build" / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PAGES = {
    "course": ("nobody", "/"),
    "error": ("nobody", "/nothing/here"),
    "me": ("student", "/me"),
    "project": ("student", "/project"),
    "reviewed": ("student", "/project/1"),
    "leaderboard": ("student", "/leaderboard"),
    "gradebook": ("instructor", "/gradebook"),
    "assignment": ("instructor", "/assignments/hw1"),
    "person": ("instructor", "/people/student001@example.org"),
    "hand_ins": ("instructor", "/project"),
    "rubric": ("instructor", "/project/2"),
    "published": ("instructor", "/publish"),
    "roster": ("instructor", "/roster"),
    "certificate": ("nobody", "/certificates/{certificate}"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with class_in_full_swing(tmp_path_factory.mktemp("class"), 40) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is missing: pip install playwright"
    )
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed: on Debian, apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def keys(course: Any) -> dict[str, str]:
    """Return the keys of an instructor and of a student."""
    return {"student": key_of(course, "student001@example.org"), "instructor": course.instructor.key}


@pytest.fixture(scope="module")
def certificate(course: Any, keys: dict[str, str]) -> str:
    """Return the id of the student's certificate."""
    services = course.app.state.services
    return str(services.certificates.issue(services.people.sign_in(keys["student"]), course.url).id)


Opened = Callable[..., Any]


@pytest.fixture
def opened(chromium: Any, course: Any, keys: dict[str, str]) -> Opened:
    """Return what opens a page of somebody's browser, and fails on any error that its console shows."""

    @contextmanager
    def one(who: str, size: str = "desktop", scheme: str = "light") -> Iterator[Any]:
        width, height = SIZES[size]
        context = chromium.new_context(
            base_url=course.url, viewport={"width": width, "height": height}, color_scheme=scheme
        )
        errors: list[str] = []
        page = context.new_page()
        page.on(
            "console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("requestfailed", lambda request: errors.append(request.url))
        if who != "nobody":
            page.goto(_link(course, keys[who]))
            page.get_by_role("button", name="Sign in as").click()
            page.wait_for_url("**/me")
        yield page
        context.close()
        # Chromium itself notes a page of the status 404 as a resource that failed
        assert [said for said in errors if "404" not in said] == []

    return one


def _link(course: Any, key: str) -> str:
    services = course.app.state.services
    return f"{course.url}/sign-in/{services.sessions.make_link(services.people.sign_in(key))}"


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
@pytest.mark.parametrize("who", ["nobody", "student", "instructor"])
def test_every_page_fits_its_window(
    opened: Opened, certificate: str, who: str, size: str, scheme: str
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(who, size, scheme) as page:
        for name, (_, path) in PAGES.items():
            if PAGES[name][0] != who:
                continue
            page.goto(path.format(certificate=certificate))
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            page.screenshot(path=SCREENSHOTS / f"{name}_{size}_{scheme}.png", full_page=True)
            assert wide <= 0, f"{path} is {wide} pixels too wide for a {size}"


def test_somebody_signs_in_by_the_link_once_and_out_again(
    course: Any, opened: Opened, keys: dict[str, str]
) -> None:
    with opened("nobody") as page:
        link = _link(course, keys["student"])
        page.goto(link)
        page.screenshot(path=SCREENSHOTS / "sign_in_desktop_light.png", full_page=True)
        page.get_by_role("button", name="Sign in as").click()
        page.wait_for_url("**/me")
        assert page.get_by_role("heading", level=1).inner_text() == "Student 001"
        [cookie] = page.context.cookies()
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Lax"
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{course.url}/")
        assert page.context.cookies() == []
        assert page.get_by_role("link", name="Sign in").is_visible()


def test_the_keyboard_reaches_the_content_first_and_then_everything_in_order(
    opened: Opened, certificate: str
) -> None:
    def focused() -> str:
        return str(
            page.evaluate("(document.activeElement.innerText || document.activeElement.name || '').trim()")
        )

    with opened("student") as page:
        page.goto("/me")
        page.keyboard.press("Tab")
        assert focused() == "Skip to the content"
        assert page.get_by_text("Skip to the content").bounding_box()["x"] >= 0
        order = []
        for _ in range(6):
            page.keyboard.press("Tab")
            order.append(focused())
        assert order[0] == "Build a deep-learning library"
        assert order[1:5] == ["My course", "Project", "Leaderboard", "Sign out"]
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", "what has the focus can't be seen"
        page.goto("/me")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert focused() == "Your certificate"
        page.keyboard.press("Tab")
        assert focused() == "Questions of hw0"


def test_a_student_opens_the_questions_of_an_assignment(opened: Opened) -> None:
    with opened("student", "phone") as page:
        page.goto("/me")
        summary = page.get_by_text("Questions of hw0", exact=True)
        row = page.get_by_role("row", name="Softmax loss").first
        before = row.is_visible()
        summary.click()
        assert row.is_visible() is not before


def test_an_instructor_sorts_and_filters_the_gradebook_and_goes_to_a_person(opened: Opened) -> None:
    with opened("instructor") as page:
        page.goto("/me")
        page.get_by_role("link", name="Gradebook").click()
        page.get_by_role("link", name="Average").click()
        assert page.get_by_role("columnheader", name="Average").get_attribute("aria-sort") == "descending"
        averages = [float(text.split()[0].rstrip("✓")) for text in _column(page, -1)]
        assert averages == sorted(averages, reverse=True)
        page.get_by_label("Section").select_option("B")
        page.get_by_role("button", name="Show").click()
        assert set(_column(page, 0)) == {"B"}
        assert page.get_by_role("columnheader", name="Average").get_attribute("aria-sort") == "descending"
        name = page.locator("tbody th a").first.inner_text()
        page.locator("tbody th a").first.click()
        assert page.get_by_role("heading", level=1).inner_text() == name


def _column(page: Any, at: int) -> list[str]:
    rows = page.evaluate(
        """[...document.querySelectorAll("tbody tr")].map(
            row => [...row.querySelectorAll("td")].map(cell => cell.innerText))"""
    )
    return [cells[at] for cells in rows]


def test_a_reviewer_fills_in_the_rubric(opened: Opened) -> None:
    with opened("instructor") as page:
        page.goto("/project")
        page.get_by_role("link", name="Group 3").first.click()
        for field in page.get_by_role("spinbutton").all():
            field.fill("8")
        page.get_by_label("Comment").last.fill("Well asked.\nWell answered.")
        page.get_by_label("Accepted", exact=True).check()
        page.get_by_role("button", name="Save the review").click()
        page.wait_for_url("**/project/*#review")
        assert page.get_by_role("article").get_by_text("Well asked.").is_visible()
        page.screenshot(path=SCREENSHOTS / "saved_review_desktop_light.png", full_page=True)


def test_a_rosters_file_is_chosen_looked_at_and_brought_in(opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,email,section\nNew One,new-one@example.org,C\n", encoding="utf-8")
    with opened("instructor", "phone") as page:
        page.goto("/roster")
        page.get_by_text("Bring in a list of people").click()
        page.get_by_label("File", exact=True).set_input_files(file)
        page.get_by_role("button", name="Show what it would change").click()
        assert page.get_by_text("Nothing has been changed yet.").is_visible()
        page.screenshot(path=SCREENSHOTS / "roster_change_phone_light.png", full_page=True)
        page.get_by_role("button", name="Do it").click()
        assert "new-one@example.org,ndl_" in page.get_by_label("Keys of the new people").input_value()
        page.screenshot(path=SCREENSHOTS / "roster_keys_phone_light.png", full_page=True)
