"""Tables of the conversation: its entries, messages and their delivery, and everything carriers ever told us."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from base.models import Owned, moment, words


class Conversation(Owned, table=True):
    """All between us and one debtor. `revision` grows with every change, `position` with every new entry, both under the debtor's lock.

    `card_revision` is the last revision at which more than entries changed: owner, state, addresses, debts, open channels. `waiting_since` is
    the client's first word that nobody has answered. A `merged` conversation lives on in that of the person it was merged into.
    """

    __table_args__ = (
        UniqueConstraint("org_id", "debtor_id"),
        ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"]),
        Index("ix_conversation_list", "org_id", "state", "last_at", "id"),
        Index("ix_conversation_newest", "org_id", "last_at", "id"),
        Index("ix_conversation_mine", "org_id", "assigned_agent_id", "last_at", "id", postgresql_where="assigned_agent_id is not null"),
        Index("ix_conversation_snoozed", "org_id", "snoozed_until", postgresql_where="snoozed_until is not null"),
        Index("ix_conversation_waiting", "org_id", "waiting_since", "id", postgresql_where="waiting_since is not null"),
        CheckConstraint("state in ('open', 'triage', 'closed', 'merged', 'own')", name="state"),
    )
    debtor_id: UUID
    state: str = words()
    revision: int = Field(sa_type=BigInteger)
    card_revision: int = Field(sa_type=BigInteger)
    position: int = Field(sa_type=BigInteger)
    portfolios: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    creditor_id: UUID | None = Field(default=None, nullable=True)
    assigned_agent_id: UUID | None = Field(default=None, nullable=True)
    team_id: UUID | None = Field(default=None, nullable=True)
    snoozed_until: datetime | None = moment(null=True)
    waiting_since: datetime | None = moment(null=True)
    disposition: str | None = words(None)
    last_entry_id: UUID | None = Field(default=None, nullable=True)
    last_at: datetime = moment()
    last_inbound_position: int = Field(sa_type=BigInteger)
    read_position: int = Field(sa_type=BigInteger)
    created_at: datetime = moment()


class Entry(Owned, table=True):
    """One line of the timeline. `position` is never rewritten; a change raises `revision`. Screens show entries by `received_at`, then position."""

    __table_args__ = (
        UniqueConstraint("org_id", "conversation_id", "position"),
        Index("ix_entry_revision", "org_id", "conversation_id", "revision"),
        Index("ix_entry_agent", "org_id", "agent_id", "id", postgresql_where="agent_id is not null"),
        Index("ix_entry_received", "org_id", "conversation_id", "received_at", "position"),
        ForeignKeyConstraint(["org_id", "conversation_id"], ["conversation.org_id", "conversation.id"]),
        CheckConstraint("kind in ('message', 'call', 'note', 'event', 'promise', 'payment')", name="kind"),
    )
    conversation_id: UUID
    position: int = Field(sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)
    first_revision: int = Field(sa_type=BigInteger)
    kind: str = words()
    channel: str | None = words(None)
    direction: str | None = words(None)
    creditor_id: UUID | None = Field(default=None, nullable=True)
    agent_id: UUID | None = Field(default=None, nullable=True)
    text: str | None = words(None)
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    carrier_at: datetime | None = moment(null=True)
    received_at: datetime = moment()


class Message(Owned, table=True):
    """The delivery side of a message entry (same id). For outbound ones this row *is* the outbox.

    `hold` says why a queued one waits for its `due_at`: ``undo`` (its writer may still take it back) or ``schedule``. `ruling` is what a person
    found out about an unconfirmed one: ``arrived`` or ``not_arrived``; a later receipt overrules it.
    """

    __table_args__ = (
        Index("ix_message_due", "org_id", "due_at", postgresql_where="state = 'queued' and direction = 'out'"),
        Index("ix_message_unconfirmed", "org_id", "attempt_at", postgresql_where="state = 'unconfirmed'"),
        Index("ix_message_address", "org_id", "address_id", "direction", "debtor_id", "id"),
        Index("ix_message_debtor", "org_id", "debtor_id", "channel", "id"),
        Index("ix_message_carrier", "org_id", "adapter", "carrier_id"),
        Index("uq_message_client_token", "org_id", "agent_id", "client_token", unique=True, postgresql_where="client_token is not null"),
        ForeignKeyConstraint(["org_id", "id"], ["entry.org_id", "entry.id"]),
        CheckConstraint(
            "state in ('received', 'queued', 'cancelled', 'withheld', 'unconfirmed', 'sent', 'failed', 'delivered', 'read')", name="state"
        ),
    )
    debtor_id: UUID
    conversation_id: UUID
    direction: str = words()
    channel: str = words()
    state: str = words()
    rank: int = Field(sa_type=SmallInteger)
    address_id: UUID | None = Field(default=None, nullable=True)
    purpose: str | None = words(None)
    adapter: str | None = words(None)
    carrier_id: str | None = words(None)
    agent_id: UUID | None = Field(default=None, nullable=True)
    client_token: UUID | None = Field(default=None, nullable=True)
    verdict_id: UUID | None = Field(default=None, nullable=True)
    template_id: UUID | None = Field(default=None, nullable=True)
    segments: int | None = Field(default=None, sa_type=Integer, nullable=True)
    hold: str | None = words(None)
    ruling: str | None = words(None)
    ruled_by: UUID | None = Field(default=None, nullable=True)
    ruled_at: datetime | None = moment(null=True)
    due_at: datetime | None = moment(null=True)
    expires_at: datetime | None = moment(null=True)
    retry_at: datetime | None = moment(null=True)
    lease_until: datetime | None = moment(null=True)
    token: int = Field(default=0, sa_type=BigInteger)
    attempts: int = Field(default=0, sa_type=Integer)
    attempt_at: datetime | None = moment(null=True)
    error_code: str | None = words(None)
    error_reason: str | None = words(None)
    state_at: datetime = moment()


class CarrierEvent(Owned, table=True):
    """Something a carrier told us, unique for ever: a second telling changes nothing."""

    __tablename__ = "carrier_event"
    __table_args__ = (Index("uq_carrier_event", "org_id", "adapter", "account", "kind", "external_id", "state", unique=True),)
    adapter: str = words()
    account: str = words()
    kind: str = words()
    external_id: str = words()
    state: str = words()
    entry_id: UUID | None = Field(default=None, nullable=True)
    body_hash: bytes = Field(sa_type=LargeBinary)
    at: datetime = moment()


class RawEvent(Owned, table=True):
    """The original bytes of a carrier's request, sealed with the key of the person (or of the organisation, in quarantine)."""

    __tablename__ = "raw_event"
    __table_args__ = (Index("ix_raw_event_entry", "org_id", "entry_id"),)
    entry_id: UUID | None = Field(default=None, nullable=True)
    person_id: UUID
    sealed: bytes = Field(sa_type=LargeBinary)
    body_hash: bytes = Field(sa_type=LargeBinary)
    flag: str | None = words(None)
    retention: str = words()
    at: datetime = moment()


class Quarantined(Owned, table=True):
    """A genuine request that could not be read, or that speaks of nothing we know. Kept where people see it."""

    __tablename__ = "quarantine"
    __table_args__ = (
        Index("ix_quarantine_open", "org_id", "at", postgresql_where="resolved_at is null"),
        Index("uq_quarantine_body", "org_id", "door", "body_hash", unique=True),
    )
    door: str = words()
    reason: str = words()
    raw_id: UUID
    body_hash: bytes = Field(sa_type=LargeBinary)
    at: datetime = moment()
    resolved_at: datetime | None = moment(null=True)


class CarrierWalk(SQLModel, table=True):
    """How far the reconciler has walked a carrier's own message list."""

    __tablename__ = "carrier_walk"
    org_id: UUID = Field(primary_key=True)
    adapter: str = Field(primary_key=True, sa_type=Text)
    until: datetime = moment()


class Viewing(SQLModel, table=True):
    """That an agent looked at a debtor within a quarter of an hour; the row is what makes the ledger's entry one per viewing."""

    org_id: UUID = Field(primary_key=True)
    agent_id: UUID = Field(primary_key=True)
    debtor_id: UUID = Field(primary_key=True)
    slot: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))
