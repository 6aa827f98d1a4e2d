"""Handing a conversation over: to an agent or a team that serves one of its portfolios, with a note, and a notice for the receiver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.words import N_
from inbox.access import Reader
from inbox.moves import Standing, move, require_client, require_hold, require_open, stand
from inbox.notes import SEES, append_note, write_mentions
from inbox.notices import notify, tell_former

_NOBODY = N_("choose somebody who serves this client's portfolio")


async def receivers(tx: Tx, portfolios: Sequence[UUID], but: UUID | None = None) -> Sequence[Any]:
    """The agents who may be given a conversation of these portfolios, by name, with how many they attend now."""
    return await tx.rows(
        "select a.id, a.name, a.role, (select count(*) from (select from conversation c where c.org_id = a.org_id and c.assigned_agent_id = a.id"
        " and c.state in ('open', 'triage') and c.snoozed_until is null limit 100) held) as load from agent a where a.org_id = :org and a.active"
        f" and a.role <> 'reviewer' and (cast(:but as uuid) is null or a.id <> :but) and {SEES} order by a.name, a.id",
        wanted=list(portfolios),
        but=but,
    )


async def teams(tx: Tx, portfolios: Sequence[UUID]) -> Sequence[Any]:
    """The teams that may be given a conversation of these portfolios, by name."""
    return await tx.rows(
        "select g.id, g.name from team g where g.org_id = :org and (cast(:wanted as uuid[]) = '{}' or exists (select from serving v"
        " where v.org_id = g.org_id and v.team_id = g.id and v.creditor_id = any(cast(:wanted as uuid[])))) order by g.name",
        wanted=list(portfolios),
    )


async def transfer(tx: Tx, reader: Reader, debtor: UUID, kind: str, receiver: UUID, note: str = "") -> UUID | None:
    """Hand a conversation to an agent (`kind` ``agent``) or to a team's queue (``team``), with a note for them where one is given.

    Returns the event's id, None where it is theirs already. Raises `Conflict` where a colleague attends it or it is closed, `InvalidField`
    for a receiver who may not see it.
    """
    standing = await stand(tx, reader, debtor)
    if receiver == standing.values["assigned_agent_id" if kind == "agent" else "team_id"]:
        return None
    require_client(standing.thread)
    await require_hold(tx, reader, standing.owner)
    require_open(standing)
    name = await _name(tx, reader, standing, kind, receiver)
    if note.strip():
        entry = await append_note(tx, reader, standing.thread, note)
        await write_mentions(tx, reader, standing.thread, entry.id, entry.mentioned)
    if kind == "team":
        waiting = standing.values["waiting_since"] or tx.now
        to_team = {"assigned_agent_id": None, "team_id": receiver, "snoozed_until": None, "waiting_since": waiting}
        told = {"team": name, "notices": await tell_former(tx, standing, reader.agent_id)}
        return await move(tx, reader, standing, "transferred_to_team", to_team, told, {"team": receiver})
    notices = await tell_former(tx, standing, reader.agent_id, receiver)
    if receiver != reader.agent_id:
        notices.append(str(await notify(tx, receiver, "assigned", standing.thread.conversation_id, by=reader.agent_id)))
    changes = {"assigned_agent_id": receiver, "team_id": None, "snoozed_until": None}
    detail = {"to": name, "notices": notices}
    return await move(tx, reader, standing, "transferred", changes, detail, {"to": receiver})


async def _name(tx: Tx, reader: Reader, standing: Standing, kind: str, receiver: UUID) -> str:
    """The receiver's name. Raises `InvalidField` for who may not have this conversation."""
    portfolios = reader.seen_of(standing.thread.portfolios)
    found = await (receivers if kind == "agent" else teams)(tx, portfolios) if kind in ("agent", "team") else []
    for row in found:
        if row.id == receiver:
            return str(row.name)
    raise InvalidField("to", _NOBODY)
