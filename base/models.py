"""Tables that every room stands on: the organisation, keys, the clock's shift, heartbeats, idempotency and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from base.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata() -> MetaData:
    """The description of all tables whose modules were imported."""
    return SQLModel.metadata


def moment(*, null: bool = False) -> Any:  # noqa: ANN401 - SQLModel's Field is typed Any
    """A UTC timestamp column."""
    return Field(sa_type=DateTime(timezone=True), nullable=null, default=None if null else ...)


def words(default: str | None = ...) -> Any:  # type: ignore[assignment]  # noqa: ANN401
    """A text column without a length."""
    return Field(default=default, sa_type=Text, nullable=default is None)


class Organisation(SQLModel, table=True):
    """The one organisation of this installation. Its id leads every key."""

    id: UUID = Field(primary_key=True)
    name: str = words()
    created_at: datetime = moment()


class Owned(SQLModel):
    """A row that belongs to an organisation: the key is (org_id, id)."""

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True, default_factory=new_id)


class PersonKey(SQLModel, table=True):
    """The wrapped key of one person; destroying it is erasing the person."""

    __tablename__ = "person_key"
    org_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    key_name: str | None = words(None)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    created_at: datetime = moment()
    destroyed_at: datetime | None = moment(null=True)


class ClockShift(SQLModel, table=True):
    """How far the product's clock was moved, in microseconds; `version` grows with every move."""

    __tablename__ = "clock_shift"
    org_id: UUID = Field(primary_key=True)
    microseconds: int = Field(sa_type=BigInteger, default=0)
    version: int = Field(sa_type=Integer, default=0)


class Beat(SQLModel, table=True):
    """One running process: when the database last heard from it, and which clock shift it goes by."""

    org_id: UUID = Field(primary_key=True)
    process: UUID = Field(primary_key=True)
    kind: str = words()
    at: datetime = moment()
    clock_version: int = Field(sa_type=Integer, default=0)


class Idempotency(SQLModel, table=True):
    """What the first request with an Idempotency-Key made, kept for ever: its status and ids, no personal data."""

    org_id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True, sa_type=Text)
    request_hash: bytes = Field(sa_type=LargeBinary)
    status: int | None = Field(default=None, sa_type=Integer, nullable=True)
    stored: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    created_at: datetime = moment()


class AuditPending(Owned, table=True):
    """A fact written in the transaction of the change it tells of, waiting for its place in the ledger."""

    __tablename__ = "audit_pending"
    at: datetime = moment()
    actor: str = words()
    action: str = words()
    subject: UUID | None = Field(default=None, nullable=True)
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class AuditEntry(SQLModel, table=True):
    """One leaf of the ledger: its canonical JSON, and RFC 6962's hash of it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("uq_audit_entry_org_id_id", "org_id", "id", unique=True),
        Index("ix_audit_entry_subject", "org_id", "subject", "seq"),
    )
    org_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    id: UUID
    subject: UUID | None = Field(default=None, nullable=True)
    body: str = words()
    leaf: bytes = Field(sa_type=LargeBinary)


class AuditHead(SQLModel, table=True):
    """The tree's right edge, so that sealing costs no more as the ledger grows."""

    __tablename__ = "audit_head"
    org_id: UUID = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    edge: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))


class AuditCheckpoint(SQLModel, table=True):
    """A signed statement of the tree's size and root, to be pinned outside."""

    __tablename__ = "audit_checkpoint"
    org_id: UUID = Field(primary_key=True)
    size: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = moment()
    note: str = words()
