"""Notes between colleagues: one entry per press, seen by whoever sees its portfolio; an @ tells the colleague it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from base import audit
from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id
from base.signs import is_blank, typed
from base.words import N_
from compliance.optouts import plain
from inbox.access import Reader, require_writer
from inbox.notices import notify
from inbox.timeline import NewEntry, Thread, append, lock_thread

MOST_CHARACTERS = 4000
MOST_OFFERED = 8
_BY_ID = re.compile(r"@\[([0-9a-fA-F-]{36})\]")
# Who may see a conversation, `a` being the agent: the rule of `inbox.access.MAY_SEE`, from the other side.
SEES = (
    "(a.role in ('admin', 'reviewer') or cast(:wanted as uuid[]) = '{}' or exists (select from team_member t join serving v on v.org_id = t.org_id"
    " and v.team_id = t.team_id where t.org_id = a.org_id and t.agent_id = a.id and v.creditor_id = any(cast(:wanted as uuid[]))))"
)


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was written, and whom it names."""

    id: UUID
    mentioned: tuple[UUID, ...] = ()


async def write_note(tx: Tx, reader: Reader, debtor: UUID, text: str, client_token: UUID) -> Note:
    """Write one note; the same token again is the same note. The caller has proved that `reader` may see the debtor.

    Raises `Forbidden` for who only reads, `InvalidField` for a text that cannot be kept.
    """
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    note = uuid5(client_token, str(reader.agent_id))
    known = await tx.row(
        "select text, conversation_id from entry where org_id = :org and id = :id and agent_id = :agent", id=note, agent=reader.agent_id
    )
    if known is not None:
        if known.conversation_id != thread.conversation_id:
            raise InvalidField("client_token", N_("the page is out of date; reload it"))
        return Note(note)
    written = await append_note(tx, reader, thread, text, note)
    await write_mentions(tx, reader, thread, written.id, written.mentioned)
    return written


async def append_note(tx: Tx, reader: Reader, thread: Thread, text: str, note: UUID | None = None) -> Note:
    """Append a note to a locked conversation; `write_mentions` tells those whom it names. Raises `InvalidField`."""
    text = typed(text, "text").strip()
    if is_blank(text):
        raise InvalidField("text", N_("write something first"))
    if len(text) > MOST_CHARACTERS:
        raise InvalidField("text", N_("is longer than %(most)s characters; shorten it"), most=MOST_CHARACTERS)
    visible = reader.seen_of(thread.portfolios)
    # Nobody but its tester sees a test to a phone of our own.
    text, mentioned = resolve(text, [] if thread.state == "own" else await colleagues(tx, visible))
    portfolio = visible[0] if len(visible) == 1 else None
    detail = {"mentions": [str(agent) for agent in mentioned]} if mentioned else {}
    entry = NewEntry(kind="note", id=note or new_id(), text=text, agent_id=reader.agent_id, portfolio=portfolio, detail=detail)
    await append(tx, thread, entry)
    await audit.record(tx, f"agent:{reader.agent_id}", "note.written", thread.debtor_id, entry=entry.id, mentioned=len(mentioned))
    return Note(entry.id, mentioned)


async def write_mentions(tx: Tx, reader: Reader, thread: Thread, entry: UUID, mentioned: Iterable[UUID]) -> None:
    """One notice for each colleague whom a note names; nobody is told of their own."""
    for agent in sorted(mentioned):
        if agent != reader.agent_id:
            await notify(tx, agent, "mention", thread.conversation_id, entry=entry, by=reader.agent_id)


async def colleagues(tx: Tx, portfolios: Sequence[UUID]) -> Sequence[Any]:
    """Who may be mentioned in a conversation of these portfolios: active agents who may see it, by name."""
    return await tx.rows(
        f"select a.id, a.name, a.role from agent a where a.org_id = :org and a.active and {SEES} order by a.name, a.id",
        wanted=list(portfolios),
    )


def offered(found: Sequence[Any], query: str) -> list[Any]:
    """Those of some colleagues of whose name a word begins with what was typed after the @, whatever its case and accents."""
    wanted = plain(query)
    return [one for one in found if f" {plain(one.name)}".find(f" {wanted}") >= 0][:MOST_OFFERED]


def resolve(text: str, found: Sequence[Any]) -> tuple[str, tuple[UUID, ...]]:
    """A note as people read it, with names for ids, and whom it mentions: by id, by full name, or by a first name that only one has."""
    names = {one.id: str(one.name) for one in found}
    mentioned: dict[UUID, None] = {}

    def name(match: re.Match[str]) -> str:
        try:
            agent = UUID(match[1])
        except ValueError:
            return match[0]
        if agent not in names:
            return match[0]
        mentioned[agent] = None
        return f"@{names[agent]}"

    text = _BY_ID.sub(name, text)
    for called in re.findall(r"(?<!\w)@([^@\n]{1,80})", text):
        agent = _named(plain(called), names)
        if agent is not None:
            mentioned[agent] = None
    return text, tuple(mentioned)


def _named(said: str, names: dict[UUID, str]) -> UUID | None:
    """Whose name some words begin with: the longest full name, else a first name that is one person's alone."""
    full = [(len(plain(name)), agent) for agent, name in names.items() if f"{said} ".startswith(f"{plain(name)} ")]
    if full:
        return max(full)[1]
    first = [agent for agent, name in names.items() if said.split(" ")[0] == plain(name).split(" ")[0]]
    return first[0] if len(first) == 1 else None
