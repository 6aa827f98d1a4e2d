"""Debtors over the API: recorded by reference, found without personal data in any address of a request, and their timelines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from base.db import Tx
from base.errors import InvalidField
from channels.phones import match_key
from console.api.creditors import require_role
from console.api.entries import entry_json
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.shapes import DebtorIn, SearchIn
from console.cursors import read_cursor, write_cursor
from console.desk import Desk
from console.rendering import Renderer
from debts.people import open_name
from identity.masking import mask_address
from inbox import reading
from inbox.access import MAY_SEE, Reader, access_debtor
from inbox.clients import record_client
from inbox.product import Product
from staff.models import Role

_MOST = 200


@post("/api/v1/debtors", status_code=200)
async def record_debtor_card(request: AnyRequest, data: DebtorIn, product: Product, caller: Reader) -> Response[bytes]:
    """Insert or update a client by reference. Absent fields stay as they are; an unknown creditor is created."""
    require_role(caller, Role.ADMIN, Role.SUPERVISOR)
    card = data.card()

    async def effect(tx: Tx) -> Outcome:
        debtor, new = await record_client(tx, f"agent:{caller.agent_id}", card)
        return Outcome(201 if new else 200, {"id": str(debtor)}, await _debtor_json(tx, caller, debtor))

    async def replay(tx: Tx, stored: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return await _debtor_json(tx, caller, UUID(stored["id"]))

    return await once(product, caller, request, effect, replay)


@post("/api/v1/debtors/search", status_code=200)
async def search_debtors(request: AnyRequest, data: SearchIn, product: Product, caller: Reader) -> Response[bytes]:
    """Clients with exactly this phone (any way of writing it), email or reference."""
    if sum(value is not None for value in (data.phone, data.email, data.ref)) != 1:
        raise InvalidField("phone", "give exactly one of phone, email and ref")

    async def found(tx: Tx) -> dict[str, Any]:
        return {"items": [await _debtor_json(tx, caller, debtor) for debtor in await _search(tx, caller, data)]}

    async def effect(tx: Tx) -> Outcome:
        return Outcome(200, {}, await found(tx))

    async def replay(tx: Tx, _stored: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return await found(tx)

    return await once(product, caller, request, effect, replay)


@get("/api/v1/debtors/{debtor_id:uuid}")
async def read_debtor(product: Product, caller: Reader, debtor_id: UUID) -> dict[str, Any]:
    """One client, as far as the caller's role and portfolios allow."""
    async with product.work() as tx:
        return await _debtor_json(tx, caller, debtor_id)


@get("/api/v1/debtors/{debtor_id:uuid}/timeline")
async def read_timeline(
    product: Product, renderer: Renderer, caller: Reader, debtor_id: UUID, since: int = 0, limit: int = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Entries that are new or changed after revision `since`, by position. `next` is the cursor of the following page, or null."""
    limit = page_size(limit)
    after = int(read_cursor(cursor, 1)[0]) if cursor else 0
    async with product.work() as tx:
        row = await access_debtor(tx, caller, debtor_id)
        await reading.record_viewing(tx, caller, debtor_id)
        rows = await reading.page(tx, row.id, since=since, after=after, limit=limit + 1)
    desk = Desk(renderer, caller)
    following = write_cursor(str(rows[limit - 1].position)) if len(rows) > limit else None
    return {"entries": [entry_json(desk, one) for one in rows[:limit]], "next": following, "revision": row.revision}


def page_size(limit: int) -> int:
    """A page of 1 to 200 rows. Raises `InvalidField`."""
    if not 1 <= limit <= _MOST:
        raise InvalidField("limit", f"must be a number from 1 to {_MOST}")
    return limit


async def _search(tx: Tx, caller: Reader, data: SearchIn) -> list[UUID]:
    if data.ref is not None:
        condition, values = "d.ref = :ref", {"ref": data.ref}
    else:
        field, wanted = ("phone", match_key(data.phone)) if data.phone is not None else ("email", (data.email or "").strip().casefold())
        condition = "d.id in (select l.debtor_id from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id"
        condition += " where a.org_id = :org and a.match_index = :match)"
        values = {"match": tx.index(field, wanted)}  # type: ignore[dict-item]
    rows = await tx.rows(
        "select d.id from debtor d join conversation c on c.org_id = d.org_id and c.debtor_id = d.id"
        f" where d.org_id = :org and {condition} and {MAY_SEE} order by d.id limit 50",
        **values,
        **caller.rights,
    )
    return [row.id for row in rows]


async def _debtor_json(tx: Tx, caller: Reader, debtor: UUID) -> dict[str, Any]:
    """The client's data. Whole addresses are for admins, who loaded them; everybody else gets them masked."""
    row = await access_debtor(tx, caller, debtor)
    await reading.record_viewing(tx, caller, debtor)
    whole = caller.role is Role.ADMIN
    return {
        "id": str(debtor),
        "ref": row.ref,
        "name": open_name(tx, row),
        "provisional": row.kind == "provisional",
        "country": row.country,
        "region": row.region,
        "city": row.city,
        "language": row.language,
        "timezone": row.zone,
        "conversation_id": str(row.id),
        "revision": row.revision,
        "addresses": [
            {
                "id": str(one.address_id),
                "channel": one.channel,
                "value": one.dialable if whole else mask_address(one.channel, one.dialable),
                "status": one.status,
            }
            for one in await reading.addresses_of(tx, row)
        ],
        "debts": [_debt_json(one) for one in await reading.debts_of(tx, caller, debtor)],
    }


def _debt_json(debt: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "id": str(debt.id),
        "ref": debt.ref,
        "creditor": debt.creditor,
        "product_last4": debt.product_last4,
        "total_due": None if debt.total_due is None else str(debt.total_due),
        "minimum_due": None if debt.minimum_due is None else str(debt.minimum_due),
        "currency": debt.currency,
        "due_on": None if debt.due_on is None else debt.due_on.isoformat(),
        "days_past_due": debt.days_past_due,
        "payment_reference": debt.payment_reference,
        "legal_state": debt.legal_state,
    }
