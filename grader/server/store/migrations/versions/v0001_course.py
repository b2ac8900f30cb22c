"""People, keys, published versions, attempts and what they earned."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
    )
    op.create_table(
        "keys",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
        sa.PrimaryKeyConstraint("digest", name="pk_keys"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_keys_person_id_people"),
    )
    op.create_index("ix_keys_person_id", "keys", ["person_id"])
    _create_publications()
    _create_attempts()
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("raised_at", sa.DateTime, nullable=False),
        sa.Column("resolved_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_alerts_case_id_cases"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_alerts_person_id_people"),
    )


def _create_publications() -> None:
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("assignment", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("cases_digest", sa.String(64), nullable=False),
        sa.Column("definition", sa.JSON, nullable=False),
        sa.Column("reference", sa.JSON, nullable=False),
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("published_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.UniqueConstraint("assignment", "number", name="uq_versions_assignment_number"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("question", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("version_id", "question", "name", name="uq_cases_version_id_question_name"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_cases_version_id_versions"),
    )
    op.create_table(
        "expected",
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("blob", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seed", name="pk_expected"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_expected_case_id_cases"),
    )


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("assignment", sa.String(60), nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("limit_bytes", sa.BigInteger, nullable=False),
        sa.Column("drawn_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("closed_at", sa.DateTime),
        sa.Column("free", sa.Boolean, nullable=False),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("idempotency_key", sa.String(100)),
        sa.Column("body", sa.String(64)),
        sa.Column("response", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_attempts"),
        sa.UniqueConstraint("id", name="uq_attempts_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_attempts_person_id_people"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_attempts_version_id_versions"),
    )
    op.create_index("ix_attempts_person_id_drawn_at", "attempts", ["person_id", "drawn_at"])
    is_open = sa.text("answered_at IS NULL AND closed_at IS NULL")
    op.create_index(
        "uq_attempts_open",
        "attempts",
        ["person_id", "assignment"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "draws",
        sa.Column("attempt_number", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("case_name", sa.String(330), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("attempt_number", "case_id", name="pk_draws"),
        sa.UniqueConstraint("person_id", "case_name", "seed", name="uq_draws_person_id_case_name_seed"),
        sa.ForeignKeyConstraint(
            ["attempt_number"], ["attempts.number"], name="fk_draws_attempt_number_attempts"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_draws_case_id_cases"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_draws_person_id_people"),
    )
    op.create_table(
        "results",
        sa.Column("attempt_number", sa.Integer, nullable=False),
        sa.Column("question", sa.String(60), nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("attempt_number", "question", name="pk_results"),
        sa.ForeignKeyConstraint(
            ["attempt_number"], ["attempts.number"], name="fk_results_attempt_number_attempts"
        ),
    )


def downgrade() -> None:
    for table in (
        "alerts",
        "results",
        "draws",
        "attempts",
        "expected",
        "cases",
        "versions",
        "keys",
        "people",
    ):
        op.drop_table(table)
