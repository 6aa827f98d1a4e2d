"""Addressing: what a message needs beside its words - address and portfolio - is the client's own, or it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.signs import clean
from base.words import N_
from channels.contract import Channel
from channels.phones import match_key
from inbox.access import Reader
from inbox.timeline import Thread

# Which address of a channel (`a`, linked by `l`) is used: of those that are not closed for good the one that the client chose, else where they
# last wrote from.
HEARD = (
    " left join lateral (select m.id from message m where m.org_id = l.org_id and m.address_id = l.address_id and m.direction = 'in'"
    " and m.debtor_id = l.debtor_id order by m.id desc limit 1) heard on true"
)
BEST_FIRST = (
    "l.status = 'wrong_party', a.deliverability in ('invalid', 'hard_bounce') or exists (select from opt_out z where z.org_id = a.org_id"
    " and z.address_id = a.id and z.source <> 'doubt' and z.revoked_at is null), l.preferred_at desc nulls last, heard.id desc nulls last, l.created_at, l.id"
)


async def address_for(tx: Tx, thread: Thread, channel: Channel, *, to: str | None = None, chosen: UUID | None = None) -> UUID:
    """The address to write to: the `chosen` one, the one that is dialled as `to`, else the best of the channel. Raises `InvalidField`."""
    if chosen is not None:
        return await _chosen_address(tx, thread, channel, chosen)
    if to is not None:
        return await _named_address(tx, thread, channel, to)
    found = await best_address(tx, thread.debtor_id, channel.value)
    if found is None:
        raise InvalidField("channel", N_("the client has no address on this channel"))
    address: UUID = found.address_id
    return address


async def _chosen_address(tx: Tx, thread: Thread, channel: Channel, chosen: UUID) -> UUID:
    found = await tx.value(
        "select a.id from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id and l.debtor_id = :debtor"
        " where a.org_id = :org and a.channel = :channel and a.id = :chosen",
        debtor=thread.debtor_id,
        channel=channel.value,
        chosen=chosen,
    )
    if found is None:
        raise InvalidField("address", N_("this is not an address of this client"))
    return chosen


async def _named_address(tx: Tx, thread: Thread, channel: Channel, to: str) -> UUID:
    found: UUID | None = await tx.value(
        "select a.id from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id and l.debtor_id = :debtor"
        " where a.org_id = :org and a.channel = :channel and a.match_index = :match",
        debtor=thread.debtor_id,
        channel=channel.value,
        match=tx.index("phone", match_key(to)),
    )
    if found is None:
        raise InvalidField("to", N_("this is not an address of this client"))
    return found


async def best_address(tx: Tx, debtor: UUID, channel: str) -> Any:  # noqa: ANN401 - a row or None
    """The address to use on a channel, with its link."""
    return await tx.row(
        "select l.address_id, l.id as link_id, l.dialable_sealed, l.status, a.deliverability from address_link l"
        f" join address a on a.org_id = l.org_id and a.id = l.address_id and a.channel = :channel{HEARD}"
        f" where l.org_id = :org and l.debtor_id = :debtor order by {BEST_FIRST} limit 1",
        debtor=debtor,
        channel=channel,
    )


async def portfolio_of(tx: Tx, reader: Reader, thread: Thread, debt_ref: str | None) -> UUID | None:
    """Whose portfolio a message is written for: that of the debt it names, else the only one that its writer serves."""
    if debt_ref is None:
        return only_portfolio(reader, thread.portfolios)
    found: UUID | None = await tx.value(
        "select creditor_id from debt where org_id = :org and debtor_id = :debtor and ref = :ref and (:sees_all or creditor_id = any(:portfolios))",
        debtor=thread.debtor_id,
        ref=clean(debt_ref),
        **reader.rights,
    )
    if found is None:
        raise InvalidField("debt_ref", N_("this is not a debt of this client"))
    return found


def only_portfolio(reader: Reader, portfolios: Sequence[UUID]) -> UUID | None:
    """The one portfolio of a client's that a reader serves; None where there are several, or none."""
    visible = [portfolio for portfolio in portfolios if reader.sees_portfolio(portfolio)]
    return visible[0] if len(visible) == 1 else None
