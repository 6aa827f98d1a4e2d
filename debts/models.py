"""Tables of the people we write to and what they owe: creditors, debtors, addresses and debts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from base.models import Owned, moment, words


class Creditor(Owned, table=True):
    """Whom the money is owed to; each has one portfolio, named like it. `whatsapp` is whether it may be used; unset, only a first party may."""

    __table_args__ = (
        UniqueConstraint("org_id", "name"),
        CheckConstraint("type in ('bank', 'store', 'telecom', 'utility', 'other')", name="type"),
    )
    name: str = words()
    tax_id: str | None = words(None)
    type: str = words()
    first_party: bool
    country: str | None = words(None)
    payment_destinations: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    whatsapp: bool | None = Field(default=None, nullable=True)
    created_at: datetime = moment()


class Serving(SQLModel, table=True):
    """Which team serves which creditor's portfolio."""

    __table_args__ = (Index("ix_serving_team", "org_id", "team_id"),)
    org_id: UUID = Field(primary_key=True)
    creditor_id: UUID = Field(primary_key=True)
    team_id: UUID = Field(primary_key=True)


class Debtor(Owned, table=True):
    """A person. `provisional` ones are known only by the address they wrote from. `name_starts` are blind indexes (see `debts.names`)."""

    __table_args__ = (
        Index("uq_debtor_ref", "org_id", "ref", unique=True, postgresql_where="ref is not null"),
        Index("ix_debtor_national_id", "org_id", "national_id_index"),
        Index("ix_debtor_name_starts", "name_starts", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_debtor_unindexed", "org_id", "id", postgresql_where="name_sealed is not null and name_starts is null"),
        CheckConstraint("kind in ('known', 'provisional')", name="kind"),
    )
    kind: str = words()
    ref: str | None = words(None)
    name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    name_starts: list[bytes] | None = Field(default=None, sa_column=Column(ARRAY(LargeBinary), nullable=True))
    national_id_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    national_id_index: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    birth_date_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    country: str | None = words(None)
    region: str | None = words(None)
    city: str | None = words(None)
    language: str | None = words(None)
    zone: str | None = words(None)
    merged_into: UUID | None = Field(default=None, nullable=True)
    created_at: datetime = moment()


class NameWord(SQLModel, table=True):
    """One word of a person's name as a blind index, so that people are found by name while names stay sealed."""

    __tablename__ = "name_word"
    __table_args__ = (Index("ix_name_word_debtor", "org_id", "debtor_id"),)
    org_id: UUID = Field(primary_key=True)
    word: bytes = Field(primary_key=True, sa_type=LargeBinary)
    debtor_id: UUID = Field(primary_key=True)


class Address(Owned, table=True):
    """A place on a channel, unique in the organisation. What is known of it as a machine; who it belongs to stands in `AddressLink`."""

    __table_args__ = (
        UniqueConstraint("org_id", "channel", "match_index"),
        Index("ix_address_match", "org_id", "match_index"),
        CheckConstraint("deliverability in ('unproven', 'good', 'soft_bounce', 'hard_bounce', 'invalid')", name="deliverability"),
    )
    channel: str = words()
    match_index: bytes = Field(sa_type=LargeBinary)
    deliverability: str = words()
    deliverability_at: datetime | None = moment(null=True)
    created_at: datetime = moment()


class AddressLink(Owned, table=True):
    """That an address belongs to a person: in which role, since when, by which authorisation; the dialable form is sealed with that person's key,
    and `number_ends` are blind indexes of how it ends (see `debts.addresses`)."""

    __tablename__ = "address_link"
    __table_args__ = (
        UniqueConstraint("org_id", "address_id", "debtor_id"),
        Index("ix_address_link_debtor", "org_id", "debtor_id"),
        Index("ix_address_link_number_ends", "number_ends", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_address_link_unindexed", "org_id", "id", postgresql_where="number_ends is null"),
        ForeignKeyConstraint(["org_id", "address_id"], ["address.org_id", "address.id"]),
        ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"]),
        CheckConstraint("status in ('claimed', 'confirmed', 'wrong_party')", name="status"),
    )
    address_id: UUID
    debtor_id: UUID
    dialable_sealed: bytes = Field(sa_type=LargeBinary)
    number_ends: list[bytes] | None = Field(default=None, sa_column=Column(ARRAY(LargeBinary), nullable=True))
    profile_name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    source: str | None = words(None)
    preferred_at: datetime | None = moment(null=True)
    status: str = words()
    since: datetime | None = moment(null=True)
    consent: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    created_at: datetime = moment()


class Debt(Owned, table=True):
    """What a person owes to one creditor."""

    __table_args__ = (
        UniqueConstraint("org_id", "creditor_id", "ref"),
        Index("ix_debt_debtor", "org_id", "debtor_id"),
        Index("ix_debt_payment_reference", "org_id", "payment_reference"),
        ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"]),
        ForeignKeyConstraint(["org_id", "creditor_id"], ["creditor.org_id", "creditor.id"]),
    )
    debtor_id: UUID
    creditor_id: UUID
    ref: str = words()
    product_last4: str | None = words(None)
    total_due: Decimal | None = Field(default=None, sa_type=Numeric(20, 4), nullable=True)
    minimum_due: Decimal | None = Field(default=None, sa_type=Numeric(20, 4), nullable=True)
    currency: str | None = words(None)
    due_on: date | None = Field(default=None, sa_type=Date, nullable=True)
    days_past_due: int | None = Field(default=None, sa_type=Integer, nullable=True)
    payment_reference: str | None = words(None)
    legal_state: str | None = words(None)
    updated_at: datetime = moment()


class AddressKin(SQLModel, table=True):
    """That a carrier named two addresses as one user's (a phone and a business-scoped id). A hint for people, never proof of who somebody is."""

    __tablename__ = "address_kin"
    __table_args__ = (Index("ix_address_kin_kin", "org_id", "kin_id"),)
    org_id: UUID = Field(primary_key=True)
    address_id: UUID = Field(primary_key=True)
    kin_id: UUID = Field(primary_key=True)
    at: datetime = moment()


class Party(Owned, table=True):
    """What somebody is to a debt beside the debtor: co-debtor, guarantor, reference or third."""

    __table_args__ = (
        UniqueConstraint("org_id", "debt_id", "debtor_id"),
        Index("ix_party_debtor", "org_id", "debtor_id"),
        ForeignKeyConstraint(["org_id", "debt_id"], ["debt.org_id", "debt.id"]),
        ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"]),
        CheckConstraint("role in ('co_debtor', 'guarantor', 'reference', 'third')", name="role"),
    )
    debt_id: UUID
    debtor_id: UUID
    role: str = words()
    created_at: datetime = moment()


class Promise(Owned, table=True):
    """That a client said they would pay: how much, by which day (their calendar). Declared, not proven; what came of it is its `state`:
    ``taken_back`` where it should not have been noted."""

    __table_args__ = (
        Index("ix_promise_debtor", "org_id", "debtor_id", "due_on"),
        Index("ix_promise_entry", "org_id", "entry_id"),
        Index("ix_promise_due", "org_id", "due_on", postgresql_where="state = 'pending'"),
        CheckConstraint("state in ('pending', 'kept', 'broken', 'cancelled', 'taken_back')", name="state"),
    )
    debtor_id: UUID
    debt_id: UUID | None = Field(default=None, nullable=True)
    creditor_id: UUID | None = Field(default=None, nullable=True)
    amount: Decimal = Field(sa_type=Numeric(20, 4))
    currency: str = words()
    due_on: date = Field(sa_type=Date)
    state: str = words()
    channel: str | None = words(None)
    entry_id: UUID | None = Field(default=None, nullable=True)
    agent_id: UUID | None = Field(default=None, nullable=True)
    made_at: datetime = moment()
    state_at: datetime = moment()


class Payment(Owned, table=True):
    """Money that a client says was paid (``declared``) or that the creditor's file shows (``confirmed``); ``taken_back`` where it should not
    have been noted."""

    __table_args__ = (
        Index("ix_payment_debtor", "org_id", "debtor_id", "paid_on"),
        Index("ix_payment_entry", "org_id", "entry_id"),
        CheckConstraint("state in ('declared', 'confirmed', 'rejected', 'taken_back')", name="state"),
    )
    debtor_id: UUID
    debt_id: UUID | None = Field(default=None, nullable=True)
    creditor_id: UUID | None = Field(default=None, nullable=True)
    amount: Decimal = Field(sa_type=Numeric(20, 4))
    currency: str = words()
    paid_on: date = Field(sa_type=Date)
    state: str = words()
    entry_id: UUID | None = Field(default=None, nullable=True)
    agent_id: UUID | None = Field(default=None, nullable=True)
    recorded_at: datetime = moment()
