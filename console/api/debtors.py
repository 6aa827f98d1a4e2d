"""Debtors over the API: recorded by reference, found without personal data in any address of a request, and their timelines."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from base.db import Tx
from base.errors import InvalidField
from channels.phones import match_key
from console.api.creditors import require_role
from console.api.entries import tell_entry
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.resources import Address, Debt, Debtor, Debtors, Timeline, answers
from console.api.shapes import MOST_NUMBER, DebtorIn, SearchIn, number
from console.cursors import read_cursor, write_cursor
from console.desk import Desk
from console.rendering import Renderer
from debts.names import BY_NAME, by_name, words_of
from debts.people import open_name
from identity.masking import mask_address
from inbox import reading
from inbox.access import MAY_SEE, Reader, access_debtor
from inbox.clients import record_client
from inbox.product import Product
from staff.models import Role

_MOST = 200
Revision = Annotated[int, Parameter(ge=0, le=MOST_NUMBER)]


@post("/api/v1/debtors", status_code=200, responses=answers(403, 404, 409, 422, ok=Debtor, created=Debtor))
async def record_debtor_card(request: AnyRequest, data: DebtorIn, product: Product, caller: Reader) -> Response[bytes]:
    """Insert or update a client by reference. Absent fields stay as they are; an unknown creditor is created."""
    require_role(caller, Role.ADMIN, Role.SUPERVISOR)
    card = data.card()

    async def effect(tx: Tx) -> Outcome:
        await _refuse_strangers(tx, caller, card.ref)
        debtor, new = await record_client(tx, f"agent:{caller.agent_id}", card)
        return Outcome(201 if new else 200, {"id": str(debtor)}, await _tell_debtor(tx, caller, debtor))

    async def replay(tx: Tx, stored: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return await _tell_debtor(tx, caller, UUID(stored["id"]))

    return await once(product, caller, request, effect, replay)


async def _refuse_strangers(tx: Tx, caller: Reader, ref: str) -> None:
    """A debt in a portfolio of one's own must not open a client of other portfolios. Raises `NotFound`."""
    known: UUID | None = await tx.value("select id from debtor where org_id = :org and ref = :ref", ref=ref)
    if known is not None:
        await access_debtor(tx, caller, known)


@post("/api/v1/debtors/search", status_code=200, responses=answers(422, ok=Debtors))
async def search_debtors(request: AnyRequest, data: SearchIn, product: Product, caller: Reader) -> Response[bytes]:
    """Clients with exactly this phone (any way of writing it), email or reference, or with all of these words in their name."""
    if sum(value is not None for value in (data.phone, data.email, data.ref, data.name)) != 1:
        raise InvalidField("phone", "give exactly one of phone, email, ref and name")

    async def found(tx: Tx) -> Debtors:
        return Debtors(items=[await _tell_debtor(tx, caller, debtor) for debtor in await _search(tx, caller, data)])

    async def effect(tx: Tx) -> Outcome:
        return Outcome(200, {}, await found(tx))

    async def replay(tx: Tx, _stored: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return await found(tx)

    return await once(product, caller, request, effect, replay)


@get("/api/v1/debtors/{debtor_id:uuid}", responses=answers(404))
async def read_debtor(product: Product, caller: Reader, debtor_id: UUID) -> Debtor:
    """One client, as far as the caller's role and portfolios allow."""
    async with product.work() as tx:
        return await _tell_debtor(tx, caller, debtor_id)


@get("/api/v1/debtors/{debtor_id:uuid}/timeline", responses=answers(404, 422))
async def read_timeline(
    product: Product,
    renderer: Renderer,
    caller: Reader,
    debtor_id: UUID,
    since: Revision = 0,
    limit: int = 50,
    cursor: str | None = None,
) -> Timeline:
    """Entries that are new or changed after revision `since`, by position. A `cursor` goes on with the question that it came from."""
    limit = page_size(limit)
    after = 0
    if cursor:
        since, after = (number(part, "cursor") for part in read_cursor(cursor, 2))
    async with product.work() as tx:
        row = await access_debtor(tx, caller, debtor_id)
        await reading.record_viewing(tx, caller, debtor_id)
        rows = await reading.page(tx, row.id, since=since, after=after, limit=limit + 1)
    desk = Desk(renderer, caller)
    following = write_cursor(str(since), str(rows[limit - 1].position)) if len(rows) > limit else None
    return Timeline(entries=[tell_entry(desk, one) for one in rows[:limit]], next=following, revision=row.revision)


def page_size(limit: int) -> int:
    """A page of 1 to 200 rows. Raises `InvalidField`."""
    if not 1 <= limit <= _MOST:
        raise InvalidField("limit", f"must be a number from 1 to {_MOST}")
    return limit


async def _search(tx: Tx, caller: Reader, data: SearchIn) -> list[UUID]:
    values: dict[str, Any]
    if data.ref is not None:
        condition, values = "d.ref = :ref", {"ref": data.ref}
    elif data.name is not None:
        condition, values = f"d.id in ({BY_NAME})", by_name(tx, words_of(data.name))
    else:
        field, wanted = ("phone", match_key(data.phone)) if data.phone is not None else ("email", (data.email or "").strip().casefold())
        condition = "d.id in (select l.debtor_id from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id"
        condition += " where a.org_id = :org and a.match_index = :match)"
        values = {"match": tx.index(field, wanted)}
    rows = await tx.rows(
        "select distinct c.debtor_id as id from debtor d join conversation c on c.org_id = d.org_id and c.debtor_id = coalesce(d.merged_into, d.id)"
        f" where d.org_id = :org and {condition} and {MAY_SEE} order by c.debtor_id limit 50",
        **values,
        **caller.rights,
    )
    return [row.id for row in rows]


async def _tell_debtor(tx: Tx, caller: Reader, debtor: UUID) -> Debtor:
    """The client's data. Whole addresses are for admins, who loaded them; everybody else gets them masked."""
    row = await access_debtor(tx, caller, debtor)
    await reading.record_viewing(tx, caller, debtor)
    return Debtor(
        id=str(debtor),
        ref=row.ref,
        name=open_name(tx, row),
        provisional=row.kind == "provisional",
        country=row.country,
        region=row.region,
        city=row.city,
        language=row.language,
        timezone=row.zone,
        conversation_id=str(row.id),
        revision=row.revision,
        addresses=[_tell_address(caller, one) for one in await reading.addresses_of(tx, row)],
        debts=[_tell_debt(one) for one in await reading.debts_of(tx, caller, debtor)],
    )


def _tell_address(caller: Reader, reach: reading.Reach) -> Address:
    value = reach.dialable if caller.role is Role.ADMIN else mask_address(reach.channel, reach.dialable)
    return Address(id=str(reach.address_id), channel=reach.channel, value=value, status=reach.status)


def _tell_debt(debt: Any) -> Debt:  # noqa: ANN401 - a row
    return Debt(
        id=str(debt.id),
        ref=debt.ref,
        creditor=debt.creditor,
        product_last4=debt.product_last4,
        total_due=None if debt.total_due is None else str(debt.total_due),
        minimum_due=None if debt.minimum_due is None else str(debt.minimum_due),
        currency=debt.currency,
        due_on=None if debt.due_on is None else debt.due_on.isoformat(),
        days_past_due=debt.days_past_due,
        payment_reference=debt.payment_reference,
        legal_state=debt.legal_state,
    )
