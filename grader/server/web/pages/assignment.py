"""An assignment's page: how the class does, which questions are solved, and what goes wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from grader.course.assignment import Question
from grader.server.access.sessions import SignedInSession
from grader.server.grades.figures import AssignmentFigures, QuestionFigures
from grader.server.rules.figures import histogram, median
from grader.server.web.pages.charts import columns, curve, meter, spark
from grader.server.web.rendering import render, viewer_with
from grader.server.web.services import Here
from grader.server.web.wording import percent

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Rate:
    question: Question
    solved: int
    tried: int
    share: float
    spark: Markup


@router.get("/assignments/{assignment}")
def assignment_page(
    assignment: str,
    request: Request,
    here: Here,
    visitor: Annotated[SignedInSession, viewer_with("read_all")],
) -> HTMLResponse:
    figures = here.figures.assignment(assignment)
    people = here.reports.gradebook().people
    scores = [one.scores[assignment] for one in people if assignment in one.scores]
    return render(
        request,
        here,
        "assignment.html",
        visitor,
        figures=figures,
        started=len(scores),
        complete=sum(score >= 100 for score in scores),
        median=median(scores),
        histogram=_histogram(scores),
        curve=_curve(figures),
        rates=[_rate(one, figures.students) for one in figures.questions],
        titles={one.question.id: one.question.title for one in figures.questions},
        meter=meter,
    )


def _histogram(scores: list[float]) -> Markup:
    bars = histogram(scores)
    said = ", ".join(f"{label} points: {count}" for label, count in bars if count) or "no scores yet"
    return columns([(label.split("-")[0], count) for label, count in bars], f"Scores: {said}.")


def _curve(figures: AssignmentFigures) -> Markup:
    since, until, due = figures.since, figures.until, figures.due
    goal = None
    if due is not None and since < due <= until:
        goal = (due - since) / (until - since)
    share = figures.curve[-1][1]
    said = f"{percent(share)} of all questions solved by {_day(until)}, none on {_day(since)}."
    return curve(figures.curve, (_day(since), _day(until)), said, goal)


def _rate(one: QuestionFigures, students: int) -> Rate:
    share = one.solved / students if students else 0.0
    drawn = spark(one.curve, f"solved by {percent(share)} in the end")
    return Rate(one.question, one.solved, one.tried, share, drawn)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b}"
