"""A test message to a phone of our own stands in a conversation that is no client's: `own`, which no list of clients takes in."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATES = "'open', 'triage', 'closed', 'merged'"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_conversation_state"), "conversation", type_="check")
    op.create_check_constraint(op.f("ck_conversation_state"), "conversation", f"state in ({_STATES}, 'own')")
    op.execute(
        "update conversation c set state = 'own', disposition = null from debtor d where d.org_id = c.org_id and d.id = c.debtor_id"
        " and starts_with(d.ref, 'own-number:') and c.state in ('open', 'closed')"
    )


def downgrade() -> None:
    op.execute("update conversation set state = 'open' where state = 'own'")
    op.drop_constraint(op.f("ck_conversation_state"), "conversation", type_="check")
    op.create_check_constraint(op.f("ck_conversation_state"), "conversation", f"state in ({_STATES})")
