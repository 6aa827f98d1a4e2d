"""The desk: snoozes, dispositions, notices, drafts, templates, files, parties, promises, payments, merges, senders and invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_kin",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("kin_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "address_id", "kin_id", name=op.f("pk_address_kin")),
    )
    op.create_index("ix_address_kin_kin", "address_kin", ["org_id", "kin_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("adapter", sa.Text(), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('pending', 'kept', 'failed')", name=op.f("ck_attachment_state")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_entry", "attachment", ["org_id", "entry_id", "position"], unique=False)
    op.create_index("ix_attachment_pending", "attachment", ["org_id", "retry_at"], unique=False, postgresql_where="state = 'pending'")
    op.create_table(
        "blob",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_blob")),
    )
    op.create_table(
        "draft",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "agent_id", "conversation_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "invitation",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("org_id", "token_hash", name=op.f("uq_invitation_org_id_token_hash")),
    )
    op.create_index("ix_invitation_agent", "invitation", ["org_id", "agent_id"], unique=False)
    op.create_table(
        "merge",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_kept", "merge", ["org_id", "kept_id"], unique=False)
    op.create_index("uq_merge_live", "merge", ["org_id", "merged_id"], unique=True, postgresql_where="undone_at is null")
    op.create_table(
        "name_word",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.LargeBinary(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "word", "debtor_id", name=op.f("pk_name_word")),
    )
    op.create_index("ix_name_word_debtor", "name_word", ["org_id", "debtor_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('mention', 'assigned', 'woke', 'failed')", name=op.f("ck_notice_kind")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_notice")),
    )
    op.create_index(
        "ix_notice_open", "notice", ["org_id", "agent_id", "kind", "conversation_id"], unique=False, postgresql_where="done_at is null"
    )
    op.create_index("ix_notice_unseen", "notice", ["org_id", "agent_id", "id"], unique=False, postgresql_where="seen_at is null")
    op.create_table(
        "payment",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("debt_id", sa.Uuid(), nullable=True),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('declared', 'confirmed', 'rejected')", name=op.f("ck_payment_state")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_debtor", "payment", ["org_id", "debtor_id", "paid_on"], unique=False)
    op.create_index("ix_payment_entry", "payment", ["org_id", "entry_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("debt_id", sa.Uuid(), nullable=True),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('pending', 'kept', 'broken', 'cancelled')", name=op.f("ck_promise_state")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_promise")),
    )
    op.create_index("ix_promise_debtor", "promise", ["org_id", "debtor_id", "due_on"], unique=False)
    op.create_index("ix_promise_due", "promise", ["org_id", "due_on"], unique=False, postgresql_where="state = 'pending'")
    op.create_index("ix_promise_entry", "promise", ["org_id", "entry_id"], unique=False)
    op.create_table(
        "sender",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_sender")),
        sa.UniqueConstraint("org_id", "channel", "address", name=op.f("uq_sender_org_id_channel_address")),
    )
    op.create_table(
        "template",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("buttons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("legal", sa.Boolean(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("approval_reason", sa.Text(), nullable=True),
        sa.Column("approval_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "approval in ('unsubmitted', 'received', 'pending', 'approved', 'rejected', 'paused', 'disabled')",
            name=op.f("ck_template_approval"),
        ),
        sa.CheckConstraint("kind in ('template', 'canned')", name=op.f("ck_template_kind")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_template")),
        sa.UniqueConstraint(
            "org_id", "channel", "name", "language", "version", name=op.f("uq_template_org_id_channel_name_language_version")
        ),
    )
    op.create_table(
        "party",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debt_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('co_debtor', 'guarantor', 'reference', 'third')", name=op.f("ck_party_role")),
        sa.ForeignKeyConstraint(["org_id", "debt_id"], ["debt.org_id", "debt.id"], name=op.f("fk_party_org_id_debt_id")),
        sa.ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"], name=op.f("fk_party_org_id_debtor_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_party")),
        sa.UniqueConstraint("org_id", "debt_id", "debtor_id", name=op.f("uq_party_org_id_debt_id_debtor_id")),
    )
    op.create_index("ix_party_debtor", "party", ["org_id", "debtor_id"], unique=False)
    op.add_column("address_link", sa.Column("profile_name_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("address_link", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("address_link", sa.Column("preferred_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("agent", sa.Column("preferences", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False))
    op.add_column("contact_act", sa.Column("address_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_contact_act_address", "contact_act", ["org_id", "address_id", "at"], unique=False, postgresql_where="direction = 'in'"
    )
    op.add_column("conversation", sa.Column("team_id", sa.Uuid(), nullable=True))
    op.add_column("conversation", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversation", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversation", sa.Column("disposition", sa.Text(), nullable=True))
    op.create_index(
        "ix_conversation_snoozed", "conversation", ["org_id", "snoozed_until"], unique=False, postgresql_where="snoozed_until is not null"
    )
    op.create_index(
        "ix_conversation_waiting",
        "conversation",
        ["org_id", "waiting_since", "id"],
        unique=False,
        postgresql_where="waiting_since is not null",
    )
    op.add_column("creditor", sa.Column("whatsapp", sa.Boolean(), nullable=True))
    op.add_column("debtor", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index("ix_entry_agent", "entry", ["org_id", "agent_id", "id"], unique=False, postgresql_where="agent_id is not null")
    op.create_index("ix_entry_received", "entry", ["org_id", "conversation_id", "received_at", "position"], unique=False)
    op.add_column("message", sa.Column("template_id", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("hold", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("ruling", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("ruled_by", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True))

    _check("conversation", "state", ("open", "triage", "closed", "merged"))
    _check("entry", "kind", ("message", "call", "note", "event", "promise", "payment"))
    op.execute("update contact_act c set address_id = m.address_id from message m where m.org_id = c.org_id and m.id = c.entry_id")
    op.execute("update conversation set waiting_since = last_at where state <> 'closed' and last_inbound_position > read_position")


def _check(table: str, name: str, values: tuple[str, ...]) -> None:
    """The values that a column may have; the new rule is checked for old rows as well."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{name} in ({listed})")


def downgrade() -> None:
    _check("conversation", "state", ("open", "triage", "closed"))
    _check("entry", "kind", ("message", "call", "note", "event"))
    op.drop_column("message", "ruled_at")
    op.drop_column("message", "ruled_by")
    op.drop_column("message", "ruling")
    op.drop_column("message", "hold")
    op.drop_column("message", "template_id")
    op.drop_index("ix_entry_agent", table_name="entry", postgresql_where="agent_id is not null")
    op.drop_index("ix_entry_received", table_name="entry")
    op.drop_column("debtor", "merged_into")
    op.drop_column("creditor", "whatsapp")
    op.drop_index("ix_conversation_waiting", table_name="conversation", postgresql_where="waiting_since is not null")
    op.drop_index("ix_conversation_snoozed", table_name="conversation", postgresql_where="snoozed_until is not null")
    op.drop_column("conversation", "disposition")
    op.drop_column("conversation", "waiting_since")
    op.drop_column("conversation", "snoozed_until")
    op.drop_column("conversation", "team_id")
    op.drop_index("ix_contact_act_address", table_name="contact_act", postgresql_where="direction = 'in'")
    op.drop_column("contact_act", "address_id")
    op.drop_column("agent", "preferences")
    op.drop_column("address_link", "preferred_at")
    op.drop_column("address_link", "source")
    op.drop_column("address_link", "profile_name_sealed")
    op.drop_index("ix_party_debtor", table_name="party")
    op.drop_table("party")
    op.drop_table("template")
    op.drop_table("sender")
    op.drop_index("ix_promise_entry", table_name="promise")
    op.drop_index("ix_promise_due", table_name="promise", postgresql_where="state = 'pending'")
    op.drop_index("ix_promise_debtor", table_name="promise")
    op.drop_table("promise")
    op.drop_index("ix_payment_entry", table_name="payment")
    op.drop_index("ix_payment_debtor", table_name="payment")
    op.drop_table("payment")
    op.drop_index("ix_notice_unseen", table_name="notice", postgresql_where="seen_at is null")
    op.drop_index("ix_notice_open", table_name="notice", postgresql_where="done_at is null")
    op.drop_table("notice")
    op.drop_index("ix_name_word_debtor", table_name="name_word")
    op.drop_table("name_word")
    op.drop_index("uq_merge_live", table_name="merge", postgresql_where="undone_at is null")
    op.drop_index("ix_merge_kept", table_name="merge")
    op.drop_table("merge")
    op.drop_index("ix_invitation_agent", table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("draft")
    op.drop_table("blob")
    op.drop_index("ix_attachment_pending", table_name="attachment", postgresql_where="state = 'pending'")
    op.drop_index("ix_attachment_entry", table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("ix_address_kin_kin", table_name="address_kin")
    op.drop_table("address_kin")
