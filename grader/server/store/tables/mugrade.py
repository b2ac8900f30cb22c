"""What came over the mugrade protocol: an existing course's values, and its students' tries."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.server.store.tables.base import Base


class MugradeCaseRow(Base):
    """The published value of one test case of a problem."""

    __tablename__ = "mugrade_cases"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    problem: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[Any] = mapped_column(JSON)


class MugradeTryRow(Base):
    """A submission: opened by one request, then its values one by one."""

    __tablename__ = "mugrade_tries"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    attempt_number: Mapped[int] = mapped_column(ForeignKey("attempts.number"), index=True)
    problem: Mapped[str] = mapped_column(String(60))
    verdicts: Mapped[dict[str, Any]]  # by the case's position
