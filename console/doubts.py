"""The door of a doubt: an agent says that a client's words were no request for no more messages. That they were is said at `no-more`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, post

from base.errors import Conflict
from console.desk import Desk
from console.messages import uuid_in
from console.pages import debtor_of
from console.rendering import Renderer
from console.session import Session
from inbox.opting import note_not_asked
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]


@post("/c/{conversation_id:uuid}/not-asked", status_code=204, include_in_schema=False)
async def not_asked(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[None]:
    """They did not ask for it, at one address, in one entry. What may be sent again comes to every screen as a live change."""
    request.state.language = session.reader.language
    form = await request.form()
    address, entry = uuid_in(form.get("address"), "address"), uuid_in(form.get("entry"), "entry")
    try:
        async with product.work() as tx:
            debtor = await debtor_of(tx, session, conversation_id)
            await note_not_asked(tx, session.reader, debtor, address, entry)
    except Conflict as conflict:
        problem = Desk(renderer, session.reader).told(conflict)
        return Response(None, status_code=409, headers={"x-problem": quote(problem)})
    return Response(None, status_code=204)
