"""What a class's results come to, and how it is drawn: histograms, shares over time, failures, charts."""

import re
import statistics
from collections import Counter
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.server.messages.gradebook import GradedPerson
from grader.server.rules.figures import commonest, histogram, median, share_over_time, thinned
from grader.server.web.pages.charts import columns, curve, meter, spark
from grader.server.web.pages.gradebook import Chosen, arranged

SINCE = datetime(2026, 10, 1, tzinfo=timezone.utc)
scores = st.lists(st.floats(0, 100).map(lambda score: round(score, 2)), max_size=60)
held = settings(derandomize=True, deadline=None, database=None)


@held
@given(scores)
def test_every_score_is_in_the_step_that_names_it(found: list[float]) -> None:
    steps = histogram(found)
    assert [label for label, _ in steps] == [f"{low}-{low + 10}" for low in range(0, 100, 10)]
    for low, (_, count) in zip(range(0, 100, 10), steps, strict=True):
        assert count == sum(low <= score < low + 10 or (low == 90 and score == 100) for score in found)


@held
@given(scores)
def test_the_median_is_the_statisticians(found: list[float]) -> None:
    assert median(found) == (statistics.median(found) if found else None)


@held
@given(st.lists(st.integers(-5, 60), max_size=40), st.integers(0, 20))
def test_a_share_grows_from_nothing_to_all_that_came(days: list[int], more: int) -> None:
    of, until = len(days) + more, SINCE + timedelta(days=50)
    points = share_over_time([SINCE + timedelta(days=day) for day in days], of, SINCE, until)
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, pytest.approx(len(days) / of if of else 0))
    for before, after in pairwise(points):
        assert before[0] <= after[0] <= 1
        assert before[1] <= after[1] <= 1
    fewer = thinned(points, 10)
    assert len(fewer) <= 11
    assert fewer[-1] == points[-1]
    assert set(fewer) <= set(points)


people_seen = st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.sampled_from(["raised", "wrong shape"]))


@held
@given(st.lists(people_seen, max_size=40), st.integers(1, 8))
def test_a_failure_counts_each_person_once_and_the_commonest_come_first(
    seen: list[tuple[int, str, str]], most: int
) -> None:
    found = commonest(seen, most)
    counts = Counter((question, kind) for _, question, kind in set(seen))
    assert len(found) == min(most, len(counts))
    assert [one.people for one in found] == sorted(counts.values(), reverse=True)[:most]
    assert all(counts[one.question, one.kind] == one.people for one in found)


def _person(name: str, section: str, score: float | None) -> GradedPerson:
    return GradedPerson(
        name=name,
        email=f"{name}@example.org",
        section=section,
        scores={} if score is None else {"hw0": score},
        average=score or 0.0,
        reached=False,
        days_late={},
        slip_days={},
        slip_days_left=0,
        dropped=[],
        extensions={},
    )


rows = st.lists(
    st.builds(
        _person, st.text("aAbB", min_size=1, max_size=3), st.sampled_from("AB"), st.none() | st.floats(0, 100)
    ),
    max_size=20,
)


@held
@given(rows, st.sampled_from(["name", "section", "hw0", "average", "nonsense"]), st.booleans())
def test_sorting_keeps_everybody_and_puts_those_without_a_score_last(
    people: list[GradedPerson], column: str, down: bool
) -> None:
    order = "descending" if down else "ascending"
    found = arranged(people, Chosen(sort=column, order=order))
    assert Counter(map(id, found)) == Counter(map(id, people))
    if column == "name":
        names = [one.name.casefold() for one in found]
        assert names == sorted(names, reverse=down)
    if column == "section":
        assert [one.section for one in found] == sorted([one.section for one in people], reverse=down)
    if column == "hw0":
        with_score = [one.scores["hw0"] for one in found if one.scores]
        assert with_score == sorted(with_score, reverse=down)
        assert [bool(one.scores) for one in found] == sorted(
            [bool(one.scores) for one in found], reverse=True
        )


def _svg(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


def _kinds(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in svg.iter() if one.get("class") == name]


def test_a_column_chart_draws_each_count_to_scale_and_says_it_in_words() -> None:
    svg = _svg(columns([("0", 2), ("10", 0), ("<20>", 4)], 'Scores: "x" <y>'))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == 'Scores: "x" <y>'
    heights = [float(bar.get("height") or 0) for bar in _kinds(svg, "bar")]
    assert heights == [heights[2] / 2, 0, max(heights)]
    assert [one.text for one in svg.iter("text")] == ["2", "0", "10", "4", "<20>"]


def test_a_curve_ends_where_its_last_point_is() -> None:
    svg = _svg(curve([(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)], ("1 Oct", "1 Nov"), "said", goal=0.5))
    [line] = _kinds(svg, "curve")
    points = [tuple(map(float, point.split(","))) for point in (line.get("points") or "").split()]
    [goal] = _kinds(svg, "goal")
    assert float(goal.get("x1") or 0) == points[1][0] == (points[0][0] + points[2][0]) / 2
    levels = {one.text: float(one.get("y") or 0) for one in svg.iter("text")}
    assert levels["100%"] - levels["25%"] == pytest.approx(points[2][1] - points[1][1], abs=0.2)


@pytest.mark.parametrize(
    ("fraction", "kind", "width"), [(-1, "bar", 0), (0.25, "bar", 50), (1, "full", 200), (7, "full", 200)]
)
def test_a_meter_is_filled_so_far(fraction: float, kind: str, width: int) -> None:
    svg = _svg(meter(fraction, goal=0.8))
    [bar] = _kinds(svg, kind)
    assert float(bar.get("width") or -1) == width
    assert [one.get("x1") for one in _kinds(svg, "goal")] == ["160"]
    assert svg.get("aria-hidden") == "true"


def test_a_small_curve_stays_in_its_cell() -> None:
    drawn = spark([(0.0, 0.0), (1.0, 1.0)], "half")
    assert re.search(r'points="2\.0,22\.0 98\.0,2\.0"', drawn)
    assert _svg(drawn).get("aria-label") == "half"
