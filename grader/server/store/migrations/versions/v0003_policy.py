"""The policy in force, extensions, and what people who catch up are given."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["applied_by"], ["people.id"], name="fk_policies_applied_by_people"),
        sa.PrimaryKeyConstraint("number", name="pk_policies"),
    )
    op.create_table(
        "extensions",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(length=60), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["granted_by"], ["people.id"], name="fk_extensions_granted_by_people"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_extensions_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", "assignment", name="pk_extensions"),
    )
    with op.batch_alter_table("versions") as batch:
        batch.add_column(sa.Column("edition", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "solutions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_solutions_version_id_versions"),
        sa.PrimaryKeyConstraint("version_id", "question", name="pk_solutions"),
    )
    op.create_table(
        "catch_ups",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(length=60), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_catch_ups_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", "assignment", "question", name="pk_catch_ups"),
    )


def downgrade() -> None:
    op.drop_table("catch_ups")
    op.drop_table("solutions")
    with op.batch_alter_table("versions") as batch:
        batch.drop_column("edition")
    op.drop_table("extensions")
    op.drop_table("policies")
