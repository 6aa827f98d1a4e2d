"""A promise or a payment that was noted by mistake is taken back by whoever noted it: it stays, and says so."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATES = {"promise": "'pending', 'kept', 'broken', 'cancelled'", "payment": "'declared', 'confirmed', 'rejected'"}
_NEAREST = {"promise": "cancelled", "payment": "rejected"}


def upgrade() -> None:
    for table, states in _STATES.items():
        op.drop_constraint(op.f(f"ck_{table}_state"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, f"state in ({states}, 'taken_back')")


def downgrade() -> None:
    for table, states in _STATES.items():
        op.execute(f"update {table} set state = '{_NEAREST[table]}' where state = 'taken_back'")
        op.drop_constraint(op.f(f"ck_{table}_state"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, f"state in ({states})")
