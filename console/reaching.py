"""The doors of how a client is reached and of who stands beside them: addresses and parties of debts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from console.desk import Desk
from console.desk.people import people_view
from console.pages import html
from console.people import behind_it, desk_of, id_of
from console.rendering import Renderer
from console.session import Session
from inbox import parties, reaching
from inbox.access import Reader, access_conversation
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, Any]


@get("/c/{conversation_id:uuid}/people", include_in_schema=False)
async def people_part(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """The dialog of a client's addresses and of the people around them."""
    desk = desk_of(request, renderer, session)
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        view = await people_view(desk, tx, row)
    return html(desk.render("parts/people/people.html", people=view))


Act = Callable[[Tx, Reader, UUID, Form], Awaitable[object]]
AddressAct = Callable[[Tx, Reader, UUID, UUID], Awaitable[object]]


async def _add_address(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> object:
    return await reaching.add_address(tx, reader, debtor, str(form.get("channel") or ""), str(form.get("value") or ""))


async def _add_party(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> object:
    debt, role, name = id_of(form.get("debt")), str(form.get("role") or ""), str(form.get("name") or "").strip()
    someone = id_of(form.get("person")) if form.get("person") else None
    return await parties.add_party(tx, reader, debtor, debt, role, person=someone, name=name[:200])


@post(["/c/{conversation_id:uuid}/addresses", "/c/{conversation_id:uuid}/parties"], status_code=200, include_in_schema=False)
async def add(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """A new address of a client, or somebody beside one of their debts."""
    act: Act = _add_address if request.url.path.endswith("/addresses") else _add_party
    return await _do(request, product, desk_of(request, renderer, session), conversation_id, act)


_ADDRESS_ACTS: Final[Mapping[str, AddressAct]] = {
    "confirm": reaching.confirm_address,
    "prefer": reaching.prefer_address,
    "wrong": reaching.wrong_person,
    "right": reaching.right_person,
}


@post("/c/{conversation_id:uuid}/addresses/{address_id:uuid}/{name:str}", status_code=200, include_in_schema=False)
async def about_address(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, address_id: UUID, name: str
) -> Response[str]:
    """What the client says of one address."""
    if name not in _ADDRESS_ACTS:
        raise NotFound

    async def act(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> object:
        return await _ADDRESS_ACTS[name](tx, reader, debtor, address_id)

    return await _do(request, product, desk_of(request, renderer, session), conversation_id, act)


@post("/c/{conversation_id:uuid}/parties/{party_id:uuid}", status_code=200, include_in_schema=False)
async def change_party(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, party_id: UUID
) -> Response[str]:
    """Another role for somebody beside a debt, or none."""

    async def act(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> object:
        await parties.change_party(tx, reader, debtor, party_id, str(form.get("role") or "") or None)
        return None

    return await _do(request, product, desk_of(request, renderer, session), conversation_id, act)


async def _do(request: AnyRequest, product: Product, desk: Desk, conversation: UUID, act: Act) -> Response[str]:
    """Do one thing; the answer is the dialog as it is now, with what is wrong in it, and what changed behind it."""
    form, problem = await request.form(), None
    async with product.work() as tx:
        since = (await access_conversation(tx, desk.reader, conversation)).revision
    try:
        async with product.work() as tx:
            row = await access_conversation(tx, desk.reader, conversation)
            await act(tx, desk.reader, row.debtor_id, form)
    except (InvalidField, Conflict) as wrong:
        problem = desk.told(wrong)
    values = {name: str(value) for name, value in form.items() if problem and name != "_csrf"}
    async with product.work() as tx:
        row = await access_conversation(tx, desk.reader, conversation)
        body = desk.render("parts/people/people.html", people=await people_view(desk, tx, row, problem, values))
        behind = await behind_it(desk, tx, row, since)
    return html(body + behind, 422 if problem else 200)
