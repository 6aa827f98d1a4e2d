"""The doors of what one agent is told: their notices, that they were seen, and what they did today."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from console.desk import Desk, me_view
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox import notices
from inbox.product import Product
from inbox.today import done_today

AnyRequest = Request[Any, Any, Any]


@get("/me/notices", include_in_schema=False)
async def my_notices(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The notices as they are now, to be put in the place of those that the page has."""
    desk = _desk(request, renderer, session)
    async with product.db.transaction() as tx:
        me = await me_view(desk, tx)
    return html(desk.render("parts/notices.html", me=me))


@post("/me/notices/seen", status_code=204, include_in_schema=False)
async def see_notices(product: Product, session: Session) -> None:
    """The agent has looked at their notices."""
    async with product.work() as tx:
        await notices.see(tx, session.reader)


@get("/me/today", include_in_schema=False)
async def my_day(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """What the agent did today: the words under an empty list."""
    desk = _desk(request, renderer, session)
    async with product.db.transaction() as tx:
        today = await done_today(tx, session.reader)
    return html(desk.render("parts/today.html", today=today))


def _desk(request: AnyRequest, renderer: Renderer, session: Session) -> Desk:
    request.state.language = session.reader.language
    return Desk(renderer, session.reader)
