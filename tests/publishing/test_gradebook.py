"""The instructor's table of scores."""

from rich.console import Console

from grader.publishing.gradebook import show_gradebook

BOOK = {
    "assignments": [{"id": "hw0"}, {"id": "hw1"}],
    "people": [{"name": "[b]Half", "email": "half@example.org", "scores": {"hw0": 35.0}, "average": 17.5}],
}


def shown(alerts: list[dict[str, object]]) -> str:
    console = Console(width=100, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        show_gradebook(BOOK, alerts, console)
    return captured.get()


def test_a_person_has_a_row_with_each_score_and_0_where_nothing_was_handed_in() -> None:
    [row] = [line for line in shown([]).splitlines() if "half@example.org" in line]
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        "[b]Half",
        "half@example.org",
        "35.00",
        "0.00",
        "17.50",
    ]


def test_open_alerts_stand_below_and_resolved_ones_do_not() -> None:
    text = shown(
        [{"text": "seeds are out", "resolved_at": None}, {"text": "over", "resolved_at": "2026-01-01"}]
    )
    assert text.rstrip().endswith("seeds are out")
    assert "over" not in text


def test_days_late_have_a_column_where_anybody_is_late() -> None:
    person = BOOK["people"][0] | {"days_late": {"hw0": 2}, "slip_days": {"hw0": 1}}  # type: ignore[operator]
    console = Console(width=120)
    with console.capture() as captured:
        show_gradebook(BOOK | {"people": [person]}, [], console)
    assert "hw0: 2 (1 by slip days)" in captured.get()
    assert "days late" not in shown([])
