"""Sections, sign-in, invites, scoped keys, and the record of what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("section", sa.String(length=60), server_default="", nullable=False))
        batch.add_column(sa.Column("pseudonym", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("left_at", sa.DateTime(), nullable=True))
        batch.create_unique_constraint("uq_people_pseudonym", ["pseudonym"])
    with op.batch_alter_table("keys") as batch:
        batch.add_column(sa.Column("label", sa.String(length=60), server_default="", nullable=False))
        batch.add_column(sa.Column("scopes", sa.JSON(), nullable=True))
    op.create_table(
        "links",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["key_digest"], ["keys.digest"], name="fk_links_key_digest_keys"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_links_person_id_people"),
        sa.PrimaryKeyConstraint("digest", name="pk_links"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["key_digest"], ["keys.digest"], name="fk_sessions_key_digest_keys"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id_people"),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_table(
        "invites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("section", sa.String(length=60), server_default="", nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("digest", name="uq_invites_digest"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("assignment", sa.String(length=60), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name="fk_audit_actor_id_people"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_audit_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_person_id", "audit", ["person_id"])


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_table("invites")
    op.drop_table("sessions")
    op.drop_table("links")
    with op.batch_alter_table("keys") as batch:
        batch.drop_column("scopes")
        batch.drop_column("label")

    with op.batch_alter_table("people") as batch:
        batch.drop_constraint("uq_people_pseudonym", type_="unique")
        batch.drop_column("left_at")
        batch.drop_column("pseudonym")
        batch.drop_column("section")
