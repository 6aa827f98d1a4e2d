"""The door of prepared texts: those that fit the client, the channel and what is being looked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from console.desk import Desk
from console.desk.composers import offer_view
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox import templates
from inbox.access import access_conversation
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]


@get("/c/{conversation_id:uuid}/templates", include_in_schema=False)
async def template_picker(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """Templates and canned replies as a list to choose from, filled with the client's data."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    query, channel = str(request.query_params.get("q") or "")[:80], str(request.query_params.get("channel") or "")[:20]
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        offers = await templates.offered(tx, session.reader, row, channel, query)
    found = tuple(offer_view(desk, offer) for offer in offers)
    return html(desk.render("parts/composer_picker.html", offers=found, query=query))
