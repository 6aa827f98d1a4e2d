"""Identifying: an unknown sender is somebody we know, or becomes somebody we know. A person says so, never a match alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField
from base.words import N_
from debts.people import name_person
from inbox.access import Reader, access_debtor, require_writer
from inbox.merging import merge
from inbox.moves import require_hold
from inbox.timeline import NewEntry, append, lock_thread


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What an agent knows of somebody new. `country` is ISO 3166, `language` ISO 639, `ref` the creditor's own reference."""

    name: str
    country: str | None = None
    language: str | None = None
    ref: str | None = None
    creditor_id: UUID | None = None


async def identify_as(tx: Tx, reader: Reader, provisional: UUID, debtor: UUID) -> UUID:
    """The unknown sender is this client: one timeline, attended by the reader where nobody attends it; returns the merge's id.

    The address is *claimed* to be the client's until it is proven. Raises `NotFound`, and `Conflict` for a sender who is known already.
    """
    stranger = await access_debtor(tx, reader, provisional)
    if stranger.kind != "provisional" or stranger.debtor_id != provisional:
        raise Conflict(N_("Somebody identified this client meanwhile. Look again."))
    return await merge(tx, reader, debtor, provisional, take=True)


async def make_known(tx: Tx, reader: Reader, provisional: UUID, person: NewPerson) -> None:
    """The unknown sender becomes a client of their own, open and attended by the reader where nobody attends it.

    Raises `InvalidField` for a name that is none, a reference that somebody else has, or a portfolio that is not the reader's, `Conflict` where
    a colleague attends them.
    """
    require_writer(reader)
    stranger = await access_debtor(tx, reader, provisional)
    await check_portfolio(tx, reader, person.creditor_id)
    thread = await lock_thread(tx, stranger.debtor_id)
    await require_hold(tx, reader, thread.assigned_agent_id)
    if await tx.value("select kind from debtor where org_id = :org and id = :id", id=thread.debtor_id) != "provisional":
        raise Conflict(N_("Somebody identified this client meanwhile. Look again."))
    await name_person(
        tx, thread.debtor_id, thread.person, name=person.name, country=person.country, language=person.language, ref=person.ref
    )
    await tx.run(
        "update conversation set state = case state when 'triage' then 'open' else state end,"
        " assigned_agent_id = coalesce(assigned_agent_id, :agent), portfolios = cast(:portfolios as uuid[]) where org_id = :org and id = :id",
        id=thread.conversation_id,
        agent=reader.agent_id,
        portfolios=[] if person.creditor_id is None else [person.creditor_id],
    )
    await append(tx, thread, NewEntry(kind="event", agent_id=reader.agent_id, detail={"event": "identified"}))
    await audit.record(tx, f"agent:{reader.agent_id}", "client.identified", thread.debtor_id, conversation=thread.conversation_id)


async def check_portfolio(tx: Tx, reader: Reader, creditor: UUID | None) -> None:
    """Raise `InvalidField` for a portfolio that does not exist or that the reader does not serve."""
    if creditor is not None and creditor not in {row.id for row in await portfolios_for(tx, reader)}:
        raise InvalidField("creditor", N_("Choose one of your portfolios."))


async def portfolios_for(tx: Tx, reader: Reader) -> list[Any]:
    """The portfolios that the reader may put somebody into: `id` and `name`, by name."""
    rows = await tx.rows(
        "select id, name from creditor where org_id = :org and (:sees_all or id = any(cast(:portfolios as uuid[]))) order by name",
        **reader.rights,
    )
    return list(rows)
