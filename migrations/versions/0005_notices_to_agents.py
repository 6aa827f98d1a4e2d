"""Notices tell an agent that somebody took over a client of theirs, and of a message of which nobody could find out whether it arrived."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KINDS = "'mention', 'assigned', 'woke', 'failed'"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_notice_kind"), "notice", type_="check")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", f"kind in ({_KINDS}, 'taken', 'unconfirmed')")


def downgrade() -> None:
    op.execute("delete from notice where kind in ('taken', 'unconfirmed')")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", type_="check")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", f"kind in ({_KINDS})")
