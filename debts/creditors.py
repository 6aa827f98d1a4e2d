"""Creditors and the teams that serve their portfolios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.db import Tx
from base.errors import InvalidField, NotFound
from base.ids import new_id
from base.words import N_
from debts.cards import CreditorCard


async def record_creditor(tx: Tx, card: CreditorCard) -> UUID:
    """Insert or update a creditor by name, and let its team serve it. Raises `InvalidField` for a team that does not exist."""
    creditor: UUID = await tx.value(
        "insert into creditor (org_id, id, name, tax_id, type, first_party, country, payment_destinations, created_at)"
        " values (:org, :id, :name, :tax_id, coalesce(cast(:type as text), 'other'), coalesce(cast(:first_party as boolean), false), :country,"
        " coalesce(cast(:destinations as jsonb), '[]'), :now)"
        " on conflict (org_id, name) do update set tax_id = coalesce(excluded.tax_id, creditor.tax_id),"
        " type = coalesce(cast(:type as text), creditor.type), first_party = coalesce(cast(:first_party as boolean), creditor.first_party),"
        " country = coalesce(excluded.country, creditor.country),"
        " payment_destinations = coalesce(cast(:destinations as jsonb), creditor.payment_destinations) returning id",
        id=new_id(),
        name=card.name,
        tax_id=card.tax_id,
        type=card.type,
        first_party=card.first_party,
        country=card.country,
        destinations=None if card.payment_destinations is None else canonical(card.payment_destinations),
    )
    if card.team is not None:
        await _serve(tx, creditor, card.team)
    return creditor


async def _serve(tx: Tx, creditor: UUID, team: str) -> None:
    found = await tx.value("select id from team where org_id = :org and name = :name", name=team)
    if found is None:
        raise InvalidField("team", f"there is no team named {team!r}; create it first or leave the field out")
    await tx.run(
        "insert into serving (org_id, creditor_id, team_id) values (:org, :creditor, :team) on conflict do nothing",
        creditor=creditor,
        team=found,
    )


async def creditor_id_by_name(tx: Tx, name: str) -> UUID:
    """The creditor of that name; an unknown one is created, and only admins and reviewers see its portfolio until a team serves it."""
    found: UUID | None = await tx.value("select id from creditor where org_id = :org and name = :name", name=name)
    return found or await record_creditor(tx, CreditorCard(name=name))


async def change_creditor(tx: Tx, creditor: UUID, card: CreditorCard) -> None:
    """Everything about one creditor as a person filled it in, its name too. Raises `InvalidField` for another one's name, or `NotFound`."""
    other = await tx.value(
        "select id from creditor where org_id = :org and lower(name) = lower(:name) and id <> :creditor", name=card.name, creditor=creditor
    )
    if other is not None:
        raise InvalidField("name", N_("Another creditor has this name already."))
    changed = await tx.run(
        "update creditor set name = :name, tax_id = :tax_id, type = :type, first_party = :first_party, country = :country,"
        " payment_destinations = cast(:destinations as jsonb) where org_id = :org and id = :creditor",
        creditor=creditor,
        name=card.name,
        tax_id=card.tax_id,
        type=card.type or "other",
        first_party=bool(card.first_party),
        country=card.country,
        destinations=canonical(card.payment_destinations or []),
    )
    if not changed:
        raise NotFound


async def allow_whatsapp(tx: Tx, creditor: UUID, *, allowed: bool) -> bool:
    """Let WhatsApp be used for a third party, or no longer; a first party needs no word of ours. Returns whether it may be used now."""
    found: bool = await tx.value(
        "update creditor set whatsapp = cast(:allowed as boolean) where org_id = :org and id = :creditor returning coalesce(whatsapp, first_party)",
        creditor=creditor,
        allowed=True if allowed else None,
    )
    return found


async def list_creditors(tx: Tx) -> Sequence[Any]:
    """All creditors by name, with the ids of the `teams` that serve them."""
    return await tx.rows(
        "select c.id, c.name, c.tax_id, c.type, c.first_party, c.country, c.payment_destinations, c.whatsapp,"
        " array(select v.team_id from serving v where v.org_id = c.org_id and v.creditor_id = c.id order by 1) as teams"
        " from creditor c where c.org_id = :org order by lower(c.name), c.id"
    )


async def serve_creditors(tx: Tx, team: UUID, creditors: Sequence[UUID]) -> None:
    """A team serves exactly these portfolios. Who sees a client follows from it at once."""
    await tx.run(
        "delete from serving where org_id = :org and team_id = :team and creditor_id <> all(cast(:creditors as uuid[]))",
        team=team,
        creditors=list(creditors),
    )
    await tx.run(
        "insert into serving (org_id, creditor_id, team_id) select :org, id, :team from creditor where org_id = :org and id = any(:creditors)"
        " on conflict do nothing",
        team=team,
        creditors=list(creditors),
    )
