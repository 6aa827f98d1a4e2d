"""Creditors and the teams that serve their portfolios."""

from __future__ import annotations

from uuid import UUID

from base.audit import canonical
from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id
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
