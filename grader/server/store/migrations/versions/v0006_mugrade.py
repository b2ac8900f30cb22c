"""What comes over the mugrade protocol."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("versions") as batch:
        batch.add_column(sa.Column("protocol", sa.String(length=20), server_default="native", nullable=False))
    op.create_table(
        "mugrade_cases",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_mugrade_cases_version_id_versions"),
        sa.PrimaryKeyConstraint("version_id", "problem", "position", name="pk_mugrade_cases"),
    )
    op.create_table(
        "mugrade_tries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_number"], ["attempts.number"], name="fk_mugrade_tries_attempt_number_attempts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mugrade_tries"),
    )
    op.create_index("ix_mugrade_tries_attempt_number", "mugrade_tries", ["attempt_number"])


def downgrade() -> None:
    op.drop_table("mugrade_tries")
    op.drop_table("mugrade_cases")
    with op.batch_alter_table("versions") as batch:
        batch.drop_column("protocol")
