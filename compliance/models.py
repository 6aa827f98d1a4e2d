"""Tables of the gate: verdicts kept for ever, opt-outs, kill switches and the contacts that were made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from base.models import Owned, moment, words


class StoredVerdict(Owned, table=True):
    """What the gate answered, when, at which moment of a message's life, and from which facts."""

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_debtor", "org_id", "debtor_id", "at"), Index("ix_verdict_message", "org_id", "message_id"))
    debtor_id: UUID
    message_id: UUID
    stage: str = words()
    at: datetime = moment()
    allowed: bool
    rule: str | None = words(None)
    text: str | None = words(None)
    pack: str = words()
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class OptOut(Owned, table=True):
    """That an address must not be written to: since when, why, by which words; `revoked_at` when the client opted in again.

    With the source ``doubt`` they may have asked for it in the words of `entry_id`; it is revoked by an agent who says that they did not."""

    __tablename__ = "opt_out"
    __table_args__ = (
        Index("uq_opt_out_live", "org_id", "address_id", "source", unique=True, postgresql_where="revoked_at is null"),
        Index("ix_opt_out_address", "org_id", "address_id"),
    )
    address_id: UUID
    source: str = words()
    wording: str | None = words(None)
    entry_id: UUID | None = Field(default=None, nullable=True)
    at: datetime = moment()
    revoked_at: datetime | None = moment(null=True)


class KillSwitch(Owned, table=True):
    """Stops all sends of one channel (or of all, with ``*``) until it is lifted."""

    __tablename__ = "kill_switch"
    __table_args__ = (Index("uq_kill_switch_live", "org_id", "channel", unique=True, postgresql_where="lifted_at is null"),)
    channel: str = words()
    reason: str = words()
    at: datetime = moment()
    lifted_at: datetime | None = moment(null=True)


class ContactAct(Owned, table=True):
    """One contact, in either direction, as the law will count it."""

    __tablename__ = "contact_act"
    __table_args__ = (
        Index("ix_contact_act_debtor", "org_id", "debtor_id", "at"),
        Index("uq_contact_act_entry", "org_id", "entry_id", unique=True),
        Index("ix_contact_act_address", "org_id", "address_id", "at", postgresql_where="direction = 'in'"),
    )
    debtor_id: UUID
    entry_id: UUID
    address_id: UUID | None = Field(default=None, nullable=True)
    channel: str = words()
    direction: str = words()
    purpose: str | None = words(None)
    at: datetime = moment()
    released_at: datetime | None = moment(null=True)
