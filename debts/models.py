"""Tables of the people we write to and what they owe: creditors, debtors, addresses and debts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from base.models import Owned, moment, words


class Creditor(Owned, table=True):
    """Whom the money is owed to; each has one portfolio, named like it."""

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
    created_at: datetime = moment()


class Serving(SQLModel, table=True):
    """Which team serves which creditor's portfolio."""

    __table_args__ = (Index("ix_serving_team", "org_id", "team_id"),)
    org_id: UUID = Field(primary_key=True)
    creditor_id: UUID = Field(primary_key=True)
    team_id: UUID = Field(primary_key=True)


class Debtor(Owned, table=True):
    """A person. `provisional` ones are known only by the address they wrote from."""

    __table_args__ = (
        Index("uq_debtor_ref", "org_id", "ref", unique=True, postgresql_where="ref is not null"),
        Index("ix_debtor_national_id", "org_id", "national_id_index"),
        CheckConstraint("kind in ('known', 'provisional')", name="kind"),
    )
    kind: str = words()
    ref: str | None = words(None)
    name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    national_id_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    national_id_index: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    birth_date_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    country: str | None = words(None)
    region: str | None = words(None)
    city: str | None = words(None)
    language: str | None = words(None)
    zone: str | None = words(None)
    created_at: datetime = moment()


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
    """That an address belongs to a person: in which role, since when, by which authorisation; the dialable form is sealed with that person's key."""

    __tablename__ = "address_link"
    __table_args__ = (
        UniqueConstraint("org_id", "address_id", "debtor_id"),
        Index("ix_address_link_debtor", "org_id", "debtor_id"),
        ForeignKeyConstraint(["org_id", "address_id"], ["address.org_id", "address.id"]),
        ForeignKeyConstraint(["org_id", "debtor_id"], ["debtor.org_id", "debtor.id"]),
        CheckConstraint("status in ('claimed', 'confirmed', 'wrong_party')", name="status"),
    )
    address_id: UUID
    debtor_id: UUID
    dialable_sealed: bytes = Field(sa_type=LargeBinary)
    status: str = words()
    since: datetime | None = moment(null=True)
    consent: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    created_at: datetime = moment()


class Debt(Owned, table=True):
    """What a person owes to one creditor."""

    __table_args__ = (
        UniqueConstraint("org_id", "creditor_id", "ref"),
        Index("ix_debt_debtor", "org_id", "debtor_id"),
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
