"""The door of presence: an agent's page says that somebody looks, writes or left; colleagues' screens are poked when that is news."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from console.desk import Desk
from console.live_presence import VIEWING_SECONDS, WRITING_SECONDS, presence_topic, read_presence
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox.access import access_conversation, require_writer
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
_SECONDS = {"viewing": VIEWING_SECONDS, "writing": WRITING_SECONDS}
_LONGEST_TAB = 12


@post("/c/{conversation_id:uuid}/here", status_code=204, include_in_schema=False)
async def report_presence(request: AnyRequest, product: Product, session: Session, conversation_id: UUID) -> None:
    """Somebody looks at a conversation, writes in it, or left it. Whoever only reads is shown to nobody, and their page reports nothing."""
    form = await request.form()
    doing, tab = str(form.get("doing", "")), re.sub(r"\W", "", str(form.get("tab", "")), flags=re.ASCII)[:_LONGEST_TAB]
    async with product.db.transaction() as tx:
        await access_conversation(tx, session.reader, conversation_id)
        require_writer(session.reader)
        now = tx.now.timestamp()
    place, who = presence_topic(conversation_id), session.reader.agent_id
    seconds = _SECONDS.get(doing)
    if seconds is None:
        news = await product.presence.leave(place, who, tab)
    else:
        news = await product.presence.report(place, who, tab, doing, now, seconds)
    if news:
        await product.bus.poke([place])


@get("/c/{conversation_id:uuid}/presence", include_in_schema=False)
async def presence_part(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """Colleagues at a conversation, to be put in the place of an older picture."""
    request.state.language = session.reader.language
    place = presence_topic(conversation_id)
    async with product.db.transaction() as tx:
        await access_conversation(tx, session.reader, conversation_id)
        now = tx.now.timestamp()
    told = await product.presence.who(place, now)
    async with product.db.transaction() as tx:
        view = await read_presence(product, tx, conversation_id, told)
    return html(Desk(renderer, session.reader).render("parts/presence.html", presence=view))
