"""Prepared texts that were meant and cannot be had here: they belong to another channel of the client's. Whoever looks for one is told where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from base.db import Tx
from inbox.access import Reader
from inbox.templates import READY, is_named, plain

_AT_MOST = 5


async def elsewhere(tx: Tx, reader: Reader, row: Any, channel: str, query: str) -> Sequence[Any]:  # noqa: ANN401 - a row of access_conversation
    """The texts of the name that is searched for which belong to another channel of the client's: `id`, `name` and `channel`, each once."""
    words = plain(query).split()
    if not words:
        return []
    found = await tx.rows(
        "select distinct on (t.channel, t.name) t.id, t.name, t.channel from template t where t.org_id = :org and t.active and t.channel <> :channel"
        " and (t.creditor_id is null or t.creditor_id = any(cast(:portfolios as uuid[])))"
        f" and {READY} and exists (select from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id and a.channel = t.channel"
        " where l.org_id = :org and l.debtor_id = :debtor and l.status <> 'wrong_party') order by t.channel, t.name",
        channel=channel,
        debtor=row.debtor_id,
        portfolios=[one for one in row.portfolios if reader.sees_portfolio(one)],
    )
    return [one for one in found if is_named(one, words)][:_AT_MOST]
