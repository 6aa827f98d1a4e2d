"""The desk's pages: queue, timeline, composer and panel, whole or in parts."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import Parameter

from base.db import Tx
from base.errors import NotFound
from console import views
from console.answers import is_partial
from console.desk import Desk, conversation_view, entry_views, queue_name, queue_view
from console.rendering import Renderer
from console.session import Session
from inbox import reading
from inbox.access import access_conversation
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
Position = Annotated[int, Parameter(ge=0, le=2**62)]


@get("/", include_in_schema=False)
async def desk_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The first screen: a list, and nothing open yet."""
    desk = _desk(request, renderer, session)
    async with product.db.transaction() as tx:
        queue = await queue_view(desk, tx, queue_name(request.query_params.get("view")))
    return html(renderer.render("desk.html", desk.reader.language, desk=views.DeskView(desk.signed_in(session), queue)))


@get("/queue", include_in_schema=False)
async def queue_part(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """One list, to be put in the place of another."""
    desk = _desk(request, renderer, session)
    async with product.db.transaction() as tx:
        queue = await queue_view(desk, tx, queue_name(request.query_params.get("view")))
    return html(renderer.render("parts/queue.html", desk.reader.language, queue=queue))


@get("/c/{conversation_id:uuid}", include_in_schema=False)
async def conversation_page(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """One conversation, opened; looking at it is written into the ledger."""
    desk = _desk(request, renderer, session)
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        conversation = await conversation_view(desk, tx, row)
        if is_partial(request):
            return html(renderer.render("parts/opened.html", desk.reader.language, conversation=conversation))
        queue = await queue_view(desk, tx, queue_name(request.query_params.get("view")), conversation_id)
    page = views.DeskView(desk.signed_in(session), queue, conversation)
    return html(renderer.render("desk.html", desk.reader.language, desk=page))


@get("/c/{conversation_id:uuid}/entries", include_in_schema=False)
async def older_entries(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, before: Position
) -> Response[str]:
    """The entries before a position, to be put above the others."""
    desk = _desk(request, renderer, session)
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        rows = await reading.newest(tx, conversation_id, before=before)
    older = rows[0].position if rows and rows[0].position > 1 else None
    part = renderer.render(
        "parts/older.html", desk.reader.language, conversation_id=str(conversation_id), entries=entry_views(desk, rows), older_before=older
    )
    return html(part)


async def debtor_of(tx: Tx, session: Session, conversation: UUID) -> UUID:
    """The debtor of a conversation that the reader may see. Raises `NotFound`."""
    row = await access_conversation(tx, session.reader, conversation)
    debtor: UUID | None = row.debtor_id
    if debtor is None:
        raise NotFound
    return debtor


def html(text: str, status: int = 200) -> Response[str]:
    """HTML that no cache keeps: it holds personal data, and parts share their address with pages."""
    return Response(text, status_code=status, media_type="text/html", headers={"vary": "HX-Request, HX-Request-Type"})


def _desk(request: AnyRequest, renderer: Renderer, session: Session) -> Desk:
    request.state.language = session.reader.language
    return Desk(renderer, session.reader)
