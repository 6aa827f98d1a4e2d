"""Indexes for the API's pages of conversations: the newest of any state, and an agent's own of any state; without them both were sorted whole."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MINE = ["org_id", "assigned_agent_id", "last_at", "id"]


def upgrade() -> None:
    op.create_index("ix_conversation_newest", "conversation", ["org_id", "last_at", "id"])
    op.drop_index("ix_conversation_mine", table_name="conversation")
    op.create_index("ix_conversation_mine", "conversation", _MINE, postgresql_where="assigned_agent_id is not null")


def downgrade() -> None:
    op.drop_index("ix_conversation_mine", table_name="conversation")
    op.create_index("ix_conversation_mine", "conversation", _MINE, postgresql_where="state <> 'closed'")
    op.drop_index("ix_conversation_newest", table_name="conversation")
