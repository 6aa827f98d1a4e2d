"""The ruling's door: a person says what became of a message on which the carrier never answered."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, post

from base.errors import Conflict, InvalidField, NotFound
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from inbox.access import access_message
from inbox.product import Product
from inbox.rulings import rule_arrival

AnyRequest = Request[Any, Any, Any]
_ANSWERS = {"yes": True, "no": False}


@post("/c/{conversation_id:uuid}/messages/{message_id:uuid}/ruling", status_code=204, include_in_schema=False)
async def rule_on_message(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, message_id: UUID
) -> Response[None]:
    """Whether an unconfirmed message arrived. The line itself comes to every screen as a live change."""
    request.state.language = session.reader.language
    answer = str((await request.form()).get("arrived", ""))
    if answer not in _ANSWERS:
        raise InvalidField("arrived", N_("say whether it arrived"))
    try:
        async with product.work() as tx:
            row = await access_message(tx, session.reader, message_id)
            if row.conversation_id != conversation_id:
                raise NotFound
            await rule_arrival(tx, session.reader, message_id, _ANSWERS[answer])
    except Conflict as conflict:
        problem = Desk(renderer, session.reader).told(conflict)
        return Response(None, status_code=409, headers={"x-problem": quote(problem)})
    return Response(None, status_code=204)
