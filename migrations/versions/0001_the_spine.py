"""The spine"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "address",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("match_index", sa.LargeBinary(), nullable=False),
        sa.Column("deliverability", sa.Text(), nullable=False),
        sa.Column("deliverability_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deliverability in ('unproven', 'good', 'soft_bounce', 'hard_bounce', 'invalid')", name=op.f("ck_address_deliverability")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_address")),
        sa.UniqueConstraint("org_id", "channel", "match_index", name=op.f("uq_address_org_id_channel_match_index")),
    )
    op.create_index("ix_address_match", "address", ["org_id", "match_index"], unique=False)
    op.create_table(
        "agent",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('agent', 'supervisor', 'reviewer', 'admin')", name=op.f("ck_agent_role")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_agent")),
        sa.UniqueConstraint("org_id", "email", name=op.f("uq_agent_org_id_email")),
    )
    op.create_table(
        "agent_session",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id_hash", name=op.f("pk_agent_session")),
    )
    op.create_index("ix_agent_session_agent", "agent_session", ["org_id", "agent_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("org_id", "token_hash", name=op.f("uq_api_token_org_id_token_hash")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["org_id", "subject", "seq"], unique=False)
    op.create_index("uq_audit_entry_org_id_id", "audit_entry", ["org_id", "id"], unique=True)
    op.create_table(
        "audit_head",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("edge", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_pending",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "beat",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("process", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "process", name=op.f("pk_beat")),
    )
    op.create_table(
        "carrier_event",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_carrier_event")),
    )
    op.create_index("uq_carrier_event", "carrier_event", ["org_id", "adapter", "account", "kind", "external_id", "state"], unique=True)
    op.create_table(
        "carrier_walk",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "adapter", name=op.f("pk_carrier_walk")),
    )
    op.create_table(
        "clock_shift",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("microseconds", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_clock_shift")),
    )
    op.create_table(
        "contact_act",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_contact_act")),
    )
    op.create_index("ix_contact_act_debtor", "contact_act", ["org_id", "debtor_id", "at"], unique=False)
    op.create_index("uq_contact_act_entry", "contact_act", ["org_id", "entry_id"], unique=True)
    op.create_table(
        "creditor",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("payment_destinations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("type in ('bank', 'store', 'telecom', 'utility', 'other')", name=op.f("ck_creditor_type")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_creditor")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_creditor_org_id_name")),
    )
    op.create_table(
        "debtor",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("national_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("national_id_index", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('known', 'provisional')", name=op.f("ck_debtor_kind")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_debtor")),
    )
    op.create_index("ix_debtor_national_id", "debtor", ["org_id", "national_id_index"], unique=False)
    op.create_index("uq_debtor_ref", "debtor", ["org_id", "ref"], unique=True, postgresql_where="ref is not null")
    op.create_table(
        "idempotency",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("stored", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "owner_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "kill_switch",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_kill_switch")),
    )
    op.create_index("uq_kill_switch_live", "kill_switch", ["org_id", "channel"], unique=True, postgresql_where="lifted_at is null")
    op.create_table(
        "opt_out",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_opt_out")),
    )
    op.create_index("ix_opt_out_address", "opt_out", ["org_id", "address_id"], unique=False)
    op.create_index("uq_opt_out_live", "opt_out", ["org_id", "address_id", "source"], unique=True, postgresql_where="revoked_at is null")
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "person_key",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key_name", sa.Text(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "person_id", name=op.f("pk_person_key")),
    )
    op.create_table(
        "quarantine",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw_id", sa.Uuid(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_quarantine")),
    )
    op.create_index("ix_quarantine_open", "quarantine", ["org_id", "at"], unique=False, postgresql_where="resolved_at is null")
    op.create_index("uq_quarantine_body", "quarantine", ["org_id", "door", "body_hash"], unique=True)
    op.create_table(
        "raw_event",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_raw_event")),
    )
    op.create_index("ix_raw_event_entry", "raw_event", ["org_id", "entry_id"], unique=False)
    op.create_table(
        "serving",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "creditor_id", "team_id", name=op.f("pk_serving")),
    )
    op.create_index("ix_serving_team", "serving", ["org_id", "team_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_team")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_team_org_id_name")),
    )
    op.create_table(
        "team_member",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "team_id", "agent_id", name=op.f("pk_team_member")),
    )
    op.create_table(
        "throttle",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "verdict",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_verdict")),
    )
    op.create_index("ix_verdict_debtor", "verdict", ["org_id", "debtor_id", "at"], unique=False)
    op.create_index("ix_verdict_message", "verdict", ["org_id", "message_id"], unique=False)
    op.create_table(
        "viewing",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "agent_id", "debtor_id", "slot", name=op.f("pk_viewing")),
    )
    op.create_table(
        "address_link",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("dialable_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('claimed', 'confirmed', 'wrong_party')", name=op.f("ck_address_link_status")),
        sa.ForeignKeyConstraint(["org_id", "address_id"], ["address.org_id", "address.id"], name=op.f("fk_address_link_org_id_address_id")),
        sa.ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"], name=op.f("fk_address_link_org_id_debtor_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_address_link")),
        sa.UniqueConstraint("org_id", "address_id", "debtor_id", name=op.f("uq_address_link_org_id_address_id_debtor_id")),
    )
    op.create_index("ix_address_link_debtor", "address_link", ["org_id", "debtor_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("card_revision", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("portfolios", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_agent_id", sa.Uuid(), nullable=True),
        sa.Column("last_entry_id", sa.Uuid(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_inbound_position", sa.BigInteger(), nullable=False),
        sa.Column("read_position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'triage', 'closed')", name=op.f("ck_conversation_state")),
        sa.ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"], name=op.f("fk_conversation_org_id_debtor_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("org_id", "debtor_id", name=op.f("uq_conversation_org_id_debtor_id")),
    )
    op.create_index("ix_conversation_list", "conversation", ["org_id", "state", "last_at", "id"], unique=False)
    op.create_index(
        "ix_conversation_mine",
        "conversation",
        ["org_id", "assigned_agent_id", "last_at", "id"],
        unique=False,
        postgresql_where="state <> 'closed'",
    )
    op.create_table(
        "debt",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("product_last4", sa.Text(), nullable=True),
        sa.Column("total_due", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("minimum_due", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_past_due", sa.Integer(), nullable=True),
        sa.Column("payment_reference", sa.Text(), nullable=True),
        sa.Column("legal_state", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id", "creditor_id"], ["creditor.org_id", "creditor.id"], name=op.f("fk_debt_org_id_creditor_id")),
        sa.ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"], name=op.f("fk_debt_org_id_debtor_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_debt")),
        sa.UniqueConstraint("org_id", "creditor_id", "ref", name=op.f("uq_debt_org_id_creditor_id_ref")),
    )
    op.create_index("ix_debt_debtor", "debt", ["org_id", "debtor_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("first_revision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("carrier_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('message', 'call', 'note', 'event')", name=op.f("ck_entry_kind")),
        sa.ForeignKeyConstraint(
            ["org_id", "conversation_id"], ["conversation.org_id", "conversation.id"], name=op.f("fk_entry_org_id_conversation_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_entry")),
        sa.UniqueConstraint("org_id", "conversation_id", "position", name=op.f("uq_entry_org_id_conversation_id_position")),
    )
    op.create_index("ix_entry_revision", "entry", ["org_id", "conversation_id", "revision"], unique=False)
    op.create_table(
        "message",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("adapter", sa.Text(), nullable=True),
        sa.Column("carrier_id", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("client_token", sa.Uuid(), nullable=True),
        sa.Column("verdict_id", sa.Uuid(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_reason", sa.Text(), nullable=True),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('received', 'queued', 'cancelled', 'withheld', 'unconfirmed', 'sent', 'failed', 'delivered', 'read')",
            name=op.f("ck_message_state"),
        ),
        sa.ForeignKeyConstraint(["org_id", "id"], ["entry.org_id", "entry.id"], name=op.f("fk_message_org_id_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_address", "message", ["org_id", "address_id", "direction", "debtor_id", "id"], unique=False)
    op.create_index("ix_message_carrier", "message", ["org_id", "adapter", "carrier_id"], unique=False)
    op.create_index("ix_message_debtor", "message", ["org_id", "debtor_id", "channel", "id"], unique=False)
    op.create_index(
        "ix_message_due", "message", ["org_id", "due_at"], unique=False, postgresql_where="state = 'queued' and direction = 'out'"
    )
    op.create_index("ix_message_unconfirmed", "message", ["org_id", "attempt_at"], unique=False, postgresql_where="state = 'unconfirmed'")
    op.create_index(
        "uq_message_client_token",
        "message",
        ["org_id", "agent_id", "client_token"],
        unique=True,
        postgresql_where="client_token is not null",
    )


def downgrade() -> None:

    op.drop_index("uq_message_client_token", table_name="message", postgresql_where="client_token is not null")
    op.drop_index("ix_message_unconfirmed", table_name="message", postgresql_where="state = 'unconfirmed'")
    op.drop_index("ix_message_due", table_name="message", postgresql_where="state = 'queued' and direction = 'out'")
    op.drop_index("ix_message_debtor", table_name="message")
    op.drop_index("ix_message_carrier", table_name="message")
    op.drop_index("ix_message_address", table_name="message")
    op.drop_table("message")
    op.drop_index("ix_entry_revision", table_name="entry")
    op.drop_table("entry")
    op.drop_index("ix_debt_debtor", table_name="debt")
    op.drop_table("debt")
    op.drop_index("ix_conversation_mine", table_name="conversation", postgresql_where="state <> 'closed'")
    op.drop_index("ix_conversation_list", table_name="conversation")
    op.drop_table("conversation")
    op.drop_index("ix_address_link_debtor", table_name="address_link")
    op.drop_table("address_link")
    op.drop_table("viewing")
    op.drop_index("ix_verdict_message", table_name="verdict")
    op.drop_index("ix_verdict_debtor", table_name="verdict")
    op.drop_table("verdict")
    op.drop_table("throttle")
    op.drop_table("team_member")
    op.drop_table("team")
    op.drop_index("ix_serving_team", table_name="serving")
    op.drop_table("serving")
    op.drop_index("ix_raw_event_entry", table_name="raw_event")
    op.drop_table("raw_event")
    op.drop_index("uq_quarantine_body", table_name="quarantine")
    op.drop_index("ix_quarantine_open", table_name="quarantine", postgresql_where="resolved_at is null")
    op.drop_table("quarantine")
    op.drop_table("person_key")
    op.drop_table("organisation")
    op.drop_index("uq_opt_out_live", table_name="opt_out", postgresql_where="revoked_at is null")
    op.drop_index("ix_opt_out_address", table_name="opt_out")
    op.drop_table("opt_out")
    op.drop_index("uq_kill_switch_live", table_name="kill_switch", postgresql_where="lifted_at is null")
    op.drop_table("kill_switch")
    op.drop_table("idempotency")
    op.drop_index("uq_debtor_ref", table_name="debtor", postgresql_where="ref is not null")
    op.drop_index("ix_debtor_national_id", table_name="debtor")
    op.drop_table("debtor")
    op.drop_table("creditor")
    op.drop_index("uq_contact_act_entry", table_name="contact_act")
    op.drop_index("ix_contact_act_debtor", table_name="contact_act")
    op.drop_table("contact_act")
    op.drop_table("clock_shift")
    op.drop_table("carrier_walk")
    op.drop_index("uq_carrier_event", table_name="carrier_event")
    op.drop_table("carrier_event")
    op.drop_table("beat")
    op.drop_table("audit_pending")
    op.drop_table("audit_head")
    op.drop_index("uq_audit_entry_org_id_id", table_name="audit_entry")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("audit_checkpoint")
    op.drop_table("api_token")
    op.drop_index("ix_agent_session_agent", table_name="agent_session")
    op.drop_table("agent_session")
    op.drop_table("agent")
    op.drop_index("ix_address_match", table_name="address")
    op.drop_table("address")
