"""The door of prepared texts: those that fit the client, the channel and what is being looked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from base.db import Tx
from base.errors import NotFound
from base.words import N_
from console import views
from console.desk import Desk
from console.desk.composers import offer_view, why_closed
from console.desk.keymap import key_views
from console.keys import own_keys
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from console.words import CHANNELS
from inbox import templates
from inbox.access import access_conversation
from inbox.elsewhere import elsewhere
from inbox.filling import OF_DEBT
from inbox.product import Product
from staff.preferences import read_preferences

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
        closed = await why_closed(desk, tx, row, offers, _to(request))
        others = await _elsewhere(desk, tx, row, channel, query)
    found = tuple(offer_view(desk, offer, closed=closed) for offer in offers)
    return html(desk.render("parts/composer_picker.html", offers=found, others=others, query=query, conversation_id=str(conversation_id)))


async def _elsewhere(desk: Desk, tx: Tx, row: Any, channel: str, query: str) -> tuple[views.ElsewhereView, ...]:  # noqa: ANN401 - a row
    """What was meant and cannot be had on this channel: it would be missed, and something else taken for it."""
    found = [one for one in await elsewhere(tx, desk.reader, row, channel, query) if one.channel in desk.renderer.connected]
    if not found:
        return ()
    own = own_keys((await read_preferences(tx, desk.reader.agent_id)).keys)
    key = next((one.key for one in key_views(desk, own) if one.action == "channel"), "").upper()
    way = N_("Only on %(channel)s: change the channel with %(key)s.") if key else N_("Only on %(channel)s: change the channel first.")
    return tuple(views.ElsewhereView(str(one.id), one.name, desk.say(way, channel=_name(desk, one.channel), key=key)) for one in found)


def _name(desk: Desk, channel: str) -> str:
    return desk.say(CHANNELS[channel].label)


@get("/c/{conversation_id:uuid}/templates/{template_id:uuid}", include_in_schema=False)
async def template_card(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, template_id: UUID
) -> Response[str]:
    """One template's card, filled with the account that was chosen; what was typed where nothing is known stays."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    debt = str(request.query_params.get("debt_ref") or "")[:100] or None
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        offer = await templates.offer_of(tx, session.reader, row, template_id, debt)
        if offer is None:
            raise NotFound
        closed = await why_closed(desk, tx, row, [offer], _to(request))
    typed = {place: value[:1000] for place in offer.missing if (value := str(request.query_params.get(f"var_{place}") or ""))}
    # The sums of another account are no values of this one.
    kept = {place: value for place, value in typed.items() if place not in OF_DEBT}
    return html(desk.render("parts/composer_card.html", offer=offer_view(desk, offer, kept, closed), conversation_id=str(conversation_id)))


def _to(request: AnyRequest) -> str | None:
    """The address that the composer would write to, where one was picked."""
    return str(request.query_params.get("to") or "")[:40] or None
