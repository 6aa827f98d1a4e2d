"""The doors of people: who wrote, and who turned out to be one. What comes back to the screen is what changed behind the dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.signs import is_line, typed
from base.words import N_
from console.desk import Desk, card_view, conversation_view, entry_views
from console.desk.people import found_view, identify_view
from console.pages import debtor_of, html
from console.rendering import Renderer
from console.session import Session
from inbox import identifying, matching, merging, reading
from inbox.access import Reader, access_conversation, require_writer
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
DONE: Final = {"hx-trigger": "people:done"}


@get("/c/{conversation_id:uuid}/identify", include_in_schema=False)
async def identify_part(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """The dialog that asks who an unknown sender is."""
    desk = desk_of(request, renderer, session)
    async with product.work() as tx:
        row = await _stranger(tx, session.reader, conversation_id)
        view = await identify_view(desk, tx, row)
    return html(desk.render("parts/people/identify.html", identify=view))


async def _stranger(tx: Tx, reader: Reader, conversation: UUID) -> Any:  # noqa: ANN401 - a row of access_conversation
    require_writer(reader)
    row = await access_conversation(tx, reader, conversation)
    if row.kind != "provisional":
        raise Conflict(N_("Somebody identified this client meanwhile. Look again."))
    return row


@post("/c/{conversation_id:uuid}/people/search", status_code=200, include_in_schema=False)
async def search_people(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """Clients whom a text names; posted, because what people type here must not stand in any address."""
    desk = desk_of(request, renderer, session)
    require_writer(session.reader)
    text = str((await request.form()).get("q") or "")
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        found = await matching.search_clients(tx, session.reader, text, 8, known_only=True)
    act, label = ("identify", N_("It is this client")) if row.kind == "provisional" else ("merge", N_("Join"))
    others = [one for one in found if one.debtor_id != row.debtor_id]
    return html(desk.render("parts/people/found.html", found=found_view(desk, f"/c/{conversation_id}/{act}", label, text, others)))


@post("/c/{conversation_id:uuid}/identify", status_code=200, include_in_schema=False)
async def identify(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """The sender is a client we know: the answer is that client's conversation, opened."""
    desk = desk_of(request, renderer, session)
    known = id_of((await request.form()).get("debtor"))
    async with product.work() as tx:
        row = await _stranger(tx, session.reader, conversation_id)
        await identifying.identify_as(tx, session.reader, row.debtor_id, known)
    return await _opened(product, desk, conversation_id)


@post("/c/{conversation_id:uuid}/identify/new", status_code=200, include_in_schema=False)
async def identify_new(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """The sender is somebody new; the answer is their conversation, or the form with what is wrong in it."""
    desk = desk_of(request, renderer, session)
    values = {name: str(value).strip() for name, value in (await request.form()).items() if name != "_csrf"}
    try:
        async with product.work() as tx:
            row = await _stranger(tx, session.reader, conversation_id)
            await identifying.make_known(tx, session.reader, row.debtor_id, _new_person(values))
    except InvalidField as wrong:
        async with product.work() as tx:
            row = await _stranger(tx, session.reader, conversation_id)
            view = await identify_view(desk, tx, row, values, {wrong.field: desk.told(wrong)})
        return html(desk.render("parts/people/new_client.html", identify=view), 422)
    return await _opened(product, desk, conversation_id)


def _new_person(values: Mapping[str, str]) -> identifying.NewPerson:
    name, ref = (typed(values.get(field, ""), field) for field in ("name", "ref"))
    if len(name) > 200 or len(ref) > 100 or not is_line(name + ref):
        raise InvalidField("name", N_("Write the client's name."))
    creditor = values.get("creditor")
    return identifying.NewPerson(
        name=name,
        country=values.get("country", "").upper()[:2] or None,
        language=values.get("language", "").lower()[:2] or None,
        ref=ref or None,
        creditor_id=id_of(creditor) if creditor else None,
    )


async def _opened(product: Product, desk: Desk, conversation: UUID) -> Response[str]:
    """The conversation in which this one lives on, in the place of the one that is open."""
    async with product.work() as tx:
        shown = await merging.living(tx, desk.reader, conversation)
        row = await access_conversation(tx, desk.reader, shown)
        await reading.record_viewing(tx, desk.reader, row.debtor_id)
        view = await conversation_view(desk, tx, row)
    answer = html(desk.render("parts/opened.html", conversation=view))
    answer.headers.update(DONE | {"hx-retarget": "#main", "hx-reswap": "innerHTML", "hx-push-url": f"/c/{shown}"})
    return answer


@post("/c/{conversation_id:uuid}/merge", status_code=200, include_in_schema=False)
async def join(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Another client turns out to be this one."""
    desk = desk_of(request, renderer, session)
    other = id_of((await request.form()).get("debtor"))
    async with product.work() as tx:
        debtor = await debtor_of(tx, session, conversation_id)
        await merging.merge(tx, session.reader, debtor, other)
    return await _opened(product, desk, conversation_id)


@post("/c/{conversation_id:uuid}/merges/{merge_id:uuid}/undo", status_code=200, include_in_schema=False)
async def part(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, merge_id: UUID
) -> Response[str]:
    """They were two after all."""
    desk = desk_of(request, renderer, session)
    async with product.work() as tx:
        debtor = await debtor_of(tx, session, conversation_id)
        if merge_id not in {one.id for one in await merging.merges_of(tx, debtor)}:
            raise NotFound
        await merging.undo(tx, session.reader, merge_id)
    return await _opened(product, desk, conversation_id)


async def behind_it(desk: Desk, tx: Tx, row: Any, since: int) -> str:  # noqa: ANN401 - a row of access_conversation
    """What changed in a conversation since a revision, as a live frame says it."""
    if row.revision <= since:
        return ""
    entries = await reading.changed(tx, row.id, since)
    card = await card_view(desk, tx, row)
    return desk.render("frames/conversation.html", conversation_id=str(row.id), entries=entry_views(desk, entries), conversation=card)


def desk_of(request: AnyRequest, renderer: Renderer, session: Session) -> Desk:
    """The reader's desk, and their language for whatever goes wrong."""
    request.state.language = session.reader.language
    return Desk(renderer, session.reader)


def id_of(text: object) -> UUID:
    """An id that a form names. Raises `NotFound`."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotFound from error
