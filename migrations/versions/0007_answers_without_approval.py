"""Prepared texts that need no approval: lists and buttons which answer a client on WhatsApp, and the word that opens a list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KINDS = "'template', 'canned'"
_APPROVALS = "'unsubmitted', 'received', 'pending', 'approved', 'rejected', 'paused', 'disabled'"


def upgrade() -> None:
    op.add_column("template", sa.Column("menu", sa.Text(), nullable=True))
    _check("kind", f"{_KINDS}, 'session'")
    _check("approval", f"{_APPROVALS}, 'unneeded'")


def _check(name: str, values: str) -> None:
    op.drop_constraint(op.f(f"ck_template_{name}"), "template", type_="check")
    op.create_check_constraint(op.f(f"ck_template_{name}"), "template", f"{name} in ({values})")


def downgrade() -> None:
    op.execute("delete from template where kind = 'session'")
    _check("approval", _APPROVALS)
    _check("kind", _KINDS)
    op.drop_column("template", "menu")
