"""What Prometheus reads: requests by route, status and time, and how many attempts there are."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from sqlalchemy import case, func, select

from grader.server.store.database import Database
from grader.server.store.tables.attempts import AlertRow, AttemptRow

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the client library's name for the folder where several processes count


class Metrics:
    """Counts of this process, or of all that share a folder."""

    def __init__(self, database: Database):
        self._database = database
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "needle_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "needle_request_seconds", "Time to answer.", ["route"], registry=self._registry, buckets=_SECONDS
        )
        self._open = Gauge(
            "needle_requests_open",
            "Requests being answered.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )

    def began(self) -> None:
        self._open.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        self._open.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, waiting: int) -> bytes:
        """Return everything in Prometheus's format; `waiting` is how many requests wait for a thread."""
        return self._counted() + generate_latest(self._of_now(waiting))

    def _counted(self) -> bytes:
        if SHARED not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        multiprocess.MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)

    def _of_now(self, waiting: int) -> CollectorRegistry:
        """Return what is looked up when it is asked for, so that it is right however many processes count."""
        registry = CollectorRegistry()
        attempts = Gauge("needle_attempts", "Attempts.", ["state"], registry=registry)
        state = case(
            (AttemptRow.answered_at.is_not(None), "answered"),
            (AttemptRow.closed_at.is_not(None), "closed"),
            else_="open",
        )
        with self._database.read() as session:
            for name, count in session.execute(select(state, func.count()).group_by(state)):
                attempts.labels(name).set(count)
            unresolved = session.scalar(select(func.count(AlertRow.id)).where(AlertRow.resolved_at.is_(None)))
        Gauge("needle_alerts_open", "Alerts to the instructor.", registry=registry).set(unresolved or 0)
        Gauge("needle_waiting", "Requests that wait for a thread.", registry=registry).set(waiting)
        return registry
