"""Files of messages: announced by a carrier or uploaded by an agent, sealed with the person's key, opened only through their entry's rights."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.ids import new_id
from base.words import N_
from channels.contract import Channel, Media
from inbox import filetypes
from inbox.access import MAY_SEE, Reader, require_writer
from inbox.states import revise
from inbox.timeline import conversation_topic, lock_thread

MOST_FILES = 10
_LONGEST_NAME = 120
_MEGABYTE = 1024 * 1024
# What a carrier takes on a channel, with its limit in bytes. Texts carry no files in the countries that are served.
_TAKEN: dict[Channel, dict[str, int]] = {
    Channel.WHATSAPP: {
        "image/jpeg": 5 * _MEGABYTE,
        "image/png": 5 * _MEGABYTE,
        "application/pdf": filetypes.MOST_BYTES,
        "audio/ogg": filetypes.MOST_BYTES,
        "audio/mpeg": filetypes.MOST_BYTES,
        "audio/mp4": filetypes.MOST_BYTES,
        "audio/amr": filetypes.MOST_BYTES,
        "video/mp4": filetypes.MOST_BYTES,
        "video/3gpp": filetypes.MOST_BYTES,
    }
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that was looked at and may be kept: what it really is, and its bytes as they will be stored."""

    name: str
    content_type: str
    content: bytes


async def announce(tx: Tx, entry: UUID, person: UUID, media: Sequence[Media], adapter: str) -> None:
    """Write down that a carrier keeps files of an inbound entry; the worker fetches them. One statement; nothing for no media."""
    if not media:
        return
    await tx.run(
        "insert into attachment (org_id, id, entry_id, person_id, position, direction, state, content_type, adapter, source_url, attempts, created_at)"
        " select :org, x.id, :entry, :person, x.number - 1, 'in', 'pending', x.type, :adapter, x.url, 0, :now"
        " from unnest(cast(:ids as uuid[]), cast(:types as text[]), cast(:urls as text[])) with ordinality x (id, type, url, number)",
        entry=entry,
        person=person,
        adapter=adapter,
        ids=[new_id() for _ in media],
        types=[one.content_type[:100] or filetypes.UNKNOWN for one in media],
        urls=[one.url for one in media],
    )


async def access_attachment(tx: Tx, reader: Reader, attachment: UUID) -> Any:  # noqa: ANN401 - a row
    """An attachment with its person's key, and the client whose timeline shows it. Raises `NotFound`.

    One of an entry is seen by whoever sees the entry; one that waits in a draft by nobody but its agent.
    """
    row = await tx.row(
        "select x.id, x.entry_id, x.person_id, x.agent_id, x.direction, x.state, x.content_type, x.name_sealed, x.size, k.key_name, k.wrapped,"
        " coalesce(c.debtor_id, x.person_id) as debtor_id, c.id as conversation_id from attachment x"
        " join person_key k on k.org_id = x.org_id and k.person_id = x.person_id"
        " left join entry e on e.org_id = x.org_id and e.id = x.entry_id"
        " left join conversation c on c.org_id = e.org_id and c.id = e.conversation_id"
        " where x.org_id = :org and x.id = :id and case when x.entry_id is null then x.agent_id = :agent"
        f" else {MAY_SEE} and (:sees_all or e.creditor_id is null or e.creditor_id = any(cast(:portfolios as uuid[]))) end",
        id=attachment,
        agent=reader.agent_id,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    return row


async def outbound(tx: Tx, attachment: UUID) -> Any:  # noqa: ANN401 - a row
    """A kept file of a message of ours, for a carrier that was given its signed link. Raises `NotFound`."""
    row = await tx.row(
        "select x.id, x.person_id, x.content_type, k.key_name, k.wrapped from attachment x"
        " join person_key k on k.org_id = x.org_id and k.person_id = x.person_id"
        " where x.org_id = :org and x.id = :id and x.direction = 'out' and x.state = 'kept' and x.entry_id is not null",
        id=attachment,
    )
    if row is None:
        raise NotFound
    return row


async def content_of(tx: Tx, row: Any) -> bytes:  # noqa: ANN401 - a row with id, person_id, key_name, wrapped
    """The plain bytes of a kept attachment. Raises `NotFound` where there are none (yet)."""
    sealed = await tx.value("select sealed from blob where org_id = :org and id = :id", id=row.id)
    if sealed is None:
        raise NotFound
    return tx.person(row.person_id, row.key_name, row.wrapped).open_bytes("blob", row.id, "sealed", bytes(sealed))


def name_of(tx: Tx, row: Any) -> str:  # noqa: ANN401 - a row of access_attachment
    """The file's own name, or one made of its type."""
    if row.name_sealed is None:
        return f"{row.content_type.partition('/')[0]}-{str(row.id)[-6:]}.{filetypes.ending_of(row.content_type)}"
    return tx.person(row.person_id, row.key_name, row.wrapped).open("attachment", row.id, "name", bytes(row.name_sealed))


async def look_at(channel: Channel, name: str, content: bytes, declared: str) -> Ready:
    """What an agent wants to send, as the channel will take it. Outside of transactions: pictures are made anew. Raises `InvalidField`."""
    taken = _TAKEN.get(channel)
    if not taken:
        raise InvalidField("file", N_("This channel carries no files. Write to the client on WhatsApp to send one."))
    if not content or len(content) > filetypes.MOST_BYTES:
        raise InvalidField("file", N_("The file is empty.") if not content else N_("The file is larger than 16 MB."))
    kind = filetypes.type_of(content, declared)
    if kind in filetypes.PICTURES:
        try:
            content, kind = await asyncio.to_thread(filetypes.made_anew, content)
        except filetypes.BadPicture as error:
            raise InvalidField("file", str(error)) from error
    if kind not in taken:
        raise InvalidField("file", N_("This kind of file cannot be sent. Photos, PDF, voice notes and MP4 videos can."))
    if len(content) > taken[kind]:
        raise InvalidField("file", N_("The file is larger than WhatsApp takes."))
    return Ready(tidy_name(name, kind), kind, content)


def tidy_name(name: str, kind: str) -> str:
    """A file's name without folders or control characters, ending as its type does."""
    plain = "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable()).strip()
    stem = plain.rpartition(".")[0] or plain or "file"
    return f"{stem[:_LONGEST_NAME]}.{filetypes.ending_of(kind)}"


async def keep_upload(tx: Tx, reader: Reader, row: Any, ready: Ready, beside: Collection[str]) -> UUID:  # noqa: ANN401 - a row
    """Keep an agent's file until they send it. `row` is of access_conversation, `beside` are the ids that stand in the composer already.

    Raises `InvalidField` beyond `MOST_FILES` of them. Files that were left behind are let go when there would be too many.
    """
    require_writer(reader)
    waiting = await tx.rows(
        "select id from attachment where org_id = :org and person_id = :person and agent_id = :agent and entry_id is null",
        person=row.debtor_id,
        agent=reader.agent_id,
    )
    left = [one.id for one in waiting if str(one.id) not in beside]
    position = len(waiting) - len(left)
    if position >= MOST_FILES:
        raise InvalidField("file", N_("A message carries at most ten files."))
    if len(waiting) >= MOST_FILES:
        for one in left:
            await _let_go(tx, reader, row.debtor_id, one)
    attachment = new_id()
    person = tx.person(row.debtor_id, row.key_name, row.wrapped)
    await tx.run(
        "with x as (insert into attachment (org_id, id, person_id, agent_id, position, direction, state, content_type, name_sealed, size, sha256,"
        " attempts, created_at) values (:org, :id, :person, :agent, :position, 'out', 'kept', :type, :name, :size, :hash, 0, :now))"
        " insert into blob (org_id, id, sealed) values (:org, :id, :sealed)",
        id=attachment,
        person=row.debtor_id,
        agent=reader.agent_id,
        position=position,
        type=ready.content_type,
        name=person.seal("attachment", attachment, "name", ready.name),
        size=len(ready.content),
        hash=hashlib.sha256(ready.content).digest(),
        sealed=person.seal_bytes("blob", attachment, "sealed", ready.content),
    )
    await audit.record(tx, f"agent:{reader.agent_id}", "attachment.uploaded", row.debtor_id, attachment=attachment, size=len(ready.content))
    return attachment


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that waits in a draft. `size` is in bytes."""

    id: UUID
    name: str
    content_type: str
    size: int


async def waiting_files(tx: Tx, reader: Reader, person: UUID, wanted: Sequence[UUID]) -> list[WaitingFile]:
    """Those of the wanted files that this agent uploaded for this person and has not sent."""
    rows = await tx.rows(
        "select x.id, x.person_id, x.content_type, x.name_sealed, x.size, k.key_name, k.wrapped from attachment x"
        " join person_key k on k.org_id = x.org_id and k.person_id = x.person_id where x.org_id = :org and x.id = any(:wanted)"
        " and x.person_id = :person and x.agent_id = :agent and x.entry_id is null and x.state = 'kept' order by x.position, x.id",
        wanted=list(wanted),
        person=person,
        agent=reader.agent_id,
    )
    return [WaitingFile(row.id, name_of(tx, row), row.content_type, row.size) for row in rows]


async def remove_upload(tx: Tx, reader: Reader, debtor: UUID, attachment: UUID) -> None:
    """Let go of a file that was not sent. Raises `NotFound` for another agent's or another client's, and for one that was sent."""
    row = await access_attachment(tx, reader, attachment)
    if row.entry_id is not None or row.debtor_id != debtor:
        raise NotFound
    await _let_go(tx, reader, row.debtor_id, attachment)


async def _let_go(tx: Tx, reader: Reader, person: UUID, attachment: UUID) -> None:
    await tx.run("delete from blob where org_id = :org and id = :id", id=attachment)
    await tx.run("delete from attachment where org_id = :org and id = :id and entry_id is null", id=attachment)
    await audit.record(tx, f"agent:{reader.agent_id}", "attachment.removed", person, attachment=attachment)


async def fetch_again(tx: Tx, reader: Reader, debtor: UUID, attachment: UUID) -> UUID:
    """Ask the carrier once more for a client's file that could not be fetched; returns the conversation. Raises `Conflict` where it does not fail."""
    require_writer(reader)
    row = await access_attachment(tx, reader, attachment)
    if row.entry_id is None or row.debtor_id != debtor:
        raise NotFound
    thread = await lock_thread(tx, row.debtor_id)
    again = await tx.run(
        "update attachment set state = 'pending', attempts = 0, retry_at = null, error = null where org_id = :org and id = :id and state = 'failed'",
        id=attachment,
    )
    if not again:
        raise Conflict(N_("This file is being fetched already."))
    await revise(tx, row.entry_id)
    tx.changed(conversation_topic(thread.conversation_id))
    await audit.record(tx, f"agent:{reader.agent_id}", "attachment.asked_again", row.debtor_id, attachment=attachment)
    return thread.conversation_id
