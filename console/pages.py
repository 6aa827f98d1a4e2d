"""The desk's pages: queue, timeline, composer and panel, whole or in parts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from base.db import Tx
from base.errors import NotFound
from console import views
from console.answers import is_partial
from console.desk import Desk, conversation_view, me_view, queue_key, queue_view
from console.desk.shell import shell_view
from console.rendering import Renderer
from console.session import Session
from inbox import reading
from inbox.access import access_conversation, kept_of
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]


@get("/", include_in_schema=False)
async def desk_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The first screen: a list, and nothing open yet."""
    desk = _desk(request, renderer, session)
    async with product.db.transaction() as tx:
        queue = await queue_view(desk, tx, queue_key(request.query_params.get("view"), session.reader))
        me = await me_view(desk, tx)
        shell = await shell_view(desk, tx, session)
    return html(desk.render("desk.html", desk=views.DeskView(desk.signed_in(session), queue, me=me, shell=shell)))


@get("/queue", include_in_schema=False)
async def queue_part(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """One list, to be put in the place of another."""
    desk = _desk(request, renderer, session)
    async with product.db.transaction() as tx:
        queue = await queue_view(desk, tx, queue_key(request.query_params.get("view"), session.reader))
    return html(desk.render("parts/queue.html", queue=queue))


@get("/c/{conversation_id:uuid}", include_in_schema=False)
async def conversation_page(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """One conversation, opened; looking at it is written into the ledger."""
    desk = _desk(request, renderer, session)
    async with product.work() as tx:
        row = await _living(tx, session, conversation_id)
        if row.id != conversation_id and not is_partial(request):
            return Response("", status_code=303, headers={"location": f"/c/{row.id}"})
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        conversation = await conversation_view(desk, tx, row)
        if is_partial(request):
            answer = html(desk.render("parts/opened.html", conversation=conversation))
            answer.headers.update({} if row.id == conversation_id else {"hx-replace-url": f"/c/{row.id}"})
            return answer
        queue = await queue_view(desk, tx, queue_key(request.query_params.get("view"), session.reader), conversation_id)
        me = await me_view(desk, tx)
        shell = await shell_view(desk, tx, session)
    page = views.DeskView(desk.signed_in(session), queue, conversation, me, shell=shell)
    return html(desk.render("desk.html", desk=page))


async def _living(tx: Tx, session: Session, conversation: UUID) -> Any:  # noqa: ANN401 - a row of access_conversation
    """A conversation, or the one that it lives on in since its client was merged. Raises `NotFound`."""
    try:
        return await access_conversation(tx, session.reader, conversation)
    except NotFound:
        kept = await kept_of(tx, session.reader, conversation)
        if kept is None:
            raise
        return await access_conversation(tx, session.reader, kept)


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
