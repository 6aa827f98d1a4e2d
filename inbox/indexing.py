"""Indexing: whoever was recorded before clients were found by parts of their names and numbers is made findable by them, some at a time.

It goes on for as long as rows come without them, as from a release before this one that still runs.
"""

from __future__ import annotations

from typing import Any

from base.crypto import Unreadable
from base.db import Tx
from base.log import log
from debts.addresses import number_ends
from debts.names import index_starts
from inbox.product import Product

BATCH = 200


async def index_due(product: Product) -> int:
    """Index everybody who is not yet, each batch in a unit of its own; returns how many names and numbers. Two workers at once do each once."""
    total = 0
    for index in (_names, _numbers):
        while done := await _batch(product, index):
            total += done
    if total:
        log.info("indexing.done", rows=total)
    return total


async def _batch(product: Product, index: Any) -> int:  # noqa: ANN401 - one of the two below
    async with product.db.transaction() as tx:
        done: int = await index(tx)
        return done


async def _names(tx: Tx) -> int:
    rows = await tx.rows(
        "select d.id, d.name_sealed as sealed, d.id as debtor_id, k.key_name, k.wrapped from debtor d"
        " join person_key k on k.org_id = d.org_id and k.person_id = d.id"
        " where d.org_id = :org and d.name_sealed is not null and d.name_starts is null order by d.id limit :batch for no key update of d skip locked",
        batch=BATCH,
    )
    found = [{"id": row.id, "parts": index_starts(tx, _open(tx, row, "debtor", "name"))} for row in rows]
    await tx.run_many("update debtor set name_starts = cast(:parts as bytea[]) where org_id = :org and id = :id", found)
    return len(found)


async def _numbers(tx: Tx) -> int:
    rows = await tx.rows(
        "select l.id, l.dialable_sealed as sealed, l.debtor_id, a.channel, k.key_name, k.wrapped from address_link l"
        " join address a on a.org_id = l.org_id and a.id = l.address_id join person_key k on k.org_id = l.org_id and k.person_id = l.debtor_id"
        " where l.org_id = :org and l.number_ends is null order by l.id limit :batch for no key update of l skip locked",
        batch=BATCH,
    )
    found = [{"id": row.id, "parts": number_ends(tx, row.channel, _open(tx, row, "address_link", "dialable"))} for row in rows]
    await tx.run_many("update address_link set number_ends = cast(:parts as bytea[]) where org_id = :org and id = :id", found)
    return len(found)


def _open(tx: Tx, row: Any, table: str, field: str) -> str:  # noqa: ANN401 - a row
    """What is sealed; nothing where the person was erased: there is nothing left to be found by."""
    try:
        return tx.person(row.debtor_id, row.key_name, row.wrapped).open(table, row.id, field, bytes(row.sealed))
    except Unreadable:
        return ""
