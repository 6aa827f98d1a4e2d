"""Tables of the desk: files, drafts, notices, prepared texts, merges of people, and our own numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from base.models import Owned, moment, words


class Attachment(Owned, table=True):
    """A file of a message: announced by a carrier (`source_url`) or uploaded by an agent. Its bytes stand in `Blob`, sealed with the person's key.

    `state` is ``pending`` (to be fetched), ``kept`` or ``failed`` (`error` says why, as an English msgid). `entry_id` is empty while an upload
    waits in a draft. `size` is in bytes, `sha256` is of the plain bytes.
    """

    __table_args__ = (
        Index("ix_attachment_entry", "org_id", "entry_id", "position"),
        Index("ix_attachment_pending", "org_id", "retry_at", postgresql_where="state = 'pending'"),
        CheckConstraint("state in ('pending', 'kept', 'failed')", name="state"),
    )
    entry_id: UUID | None = Field(default=None, nullable=True)
    person_id: UUID
    agent_id: UUID | None = Field(default=None, nullable=True)
    position: int = Field(default=0, sa_type=SmallInteger)
    direction: str = words()
    state: str = words()
    content_type: str = words()
    name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    adapter: str | None = words(None)
    source_url: str | None = words(None)
    size: int | None = Field(default=None, sa_type=Integer, nullable=True)
    sha256: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    error: str | None = words(None)
    attempts: int = Field(default=0, sa_type=Integer)
    retry_at: datetime | None = moment(null=True)
    created_at: datetime = moment()


class Blob(Owned, table=True):
    """The bytes of an attachment (same id), apart from its row so that lists never read them."""

    sealed: bytes = Field(sa_type=LargeBinary)


class Draft(SQLModel, table=True):
    """What an agent is writing in one conversation, sealed with the client's key: text, channel, mode, template and files as JSON."""

    org_id: UUID = Field(primary_key=True)
    agent_id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(primary_key=True)
    debtor_id: UUID
    sealed: bytes = Field(sa_type=LargeBinary)
    revision: int = Field(sa_type=BigInteger)
    updated_at: datetime = moment()


class Notice(Owned, table=True):
    """Something that happened and that one agent should know: ``mention``, ``assigned``, ``woke`` (from a snooze), ``failed`` or
    ``unconfirmed`` (their message).

    `seen_at` takes it off the badge, `done_at` off the list of mentions.
    """

    __table_args__ = (
        Index("ix_notice_unseen", "org_id", "agent_id", "id", postgresql_where="seen_at is null"),
        Index("ix_notice_open", "org_id", "agent_id", "kind", "conversation_id", postgresql_where="done_at is null"),
        CheckConstraint("kind in ('mention', 'assigned', 'woke', 'failed', 'taken', 'unconfirmed')", name="kind"),
    )
    agent_id: UUID
    kind: str = words()
    conversation_id: UUID
    entry_id: UUID | None = Field(default=None, nullable=True)
    by_id: UUID | None = Field(default=None, nullable=True)
    at: datetime = moment()
    seen_at: datetime | None = moment(null=True)
    done_at: datetime | None = moment(null=True)


class Template(Owned, table=True):
    """One version of a prepared text. Its words never change: a change is a new `version`, and the newest `active` one is offered.

    `kind` is ``template`` (registered with the carrier, may open a WhatsApp conversation), ``session`` (a list or buttons that answer a client on
    WhatsApp, made at the carrier and reviewed by nobody) or ``canned`` (an agent's shortcut, sent as free text).
    `body` has named places such as ``{{client_name}}``; `variables` lists them in the order of the carrier's numbers. `buttons` are
    ``[{"type": "reply" | "list", "id", "title", "description"}]``, the last only in lists, which `menu` opens. `approval` follows the carrier:
    unsubmitted, received, pending, approved, rejected, paused, disabled; a session's is unneeded once the carrier has it. `legal` texts were
    approved word for word and are not warned about.
    """

    __table_args__ = (
        UniqueConstraint("org_id", "channel", "name", "language", "version"),
        CheckConstraint("kind in ('template', 'canned', 'session')", name="kind"),
        CheckConstraint(
            "approval in ('unsubmitted', 'received', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'unneeded')", name="approval"
        ),
    )
    kind: str = words()
    channel: str | None = words(None)
    name: str = words()
    language: str = words()
    version: int = Field(sa_type=Integer)
    category: str | None = words(None)
    body: str = words()
    variables: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    buttons: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    menu: str | None = words(None)
    media_url: str | None = words(None)
    legal: bool = False
    creditor_id: UUID | None = Field(default=None, nullable=True)
    content_id: str | None = words(None)
    approval: str = words()
    approval_reason: str | None = words(None)
    approval_at: datetime | None = moment(null=True)
    active: bool = True
    created_by: UUID | None = Field(default=None, nullable=True)
    created_at: datetime = moment()


class Merge(Owned, table=True):
    """That two people turned out to be one; `moved` names what went along (ids of links, debts and acts), so that it can go back."""

    __table_args__ = (
        Index("ix_merge_kept", "org_id", "kept_id"),
        Index("uq_merge_live", "org_id", "merged_id", unique=True, postgresql_where="undone_at is null"),
    )
    kept_id: UUID
    merged_id: UUID
    agent_id: UUID
    at: datetime = moment()
    moved: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    undone_at: datetime | None = moment(null=True)
    undone_by: UUID | None = Field(default=None, nullable=True)


class Sender(Owned, table=True):
    """A number of ours that clients see, recorded on the screens; without one, the settings' sender is used."""

    __table_args__ = (UniqueConstraint("org_id", "channel", "address"),)
    channel: str = words()
    address: str = words()
    label: str = words()
    creditor_id: UUID | None = Field(default=None, nullable=True)
    active: bool = True
    tested_at: datetime | None = moment(null=True)
    created_at: datetime = moment()
