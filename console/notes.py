"""The doors of notes: writing one, and the colleagues whom an @ may name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from base.errors import InvalidField
from base.words import N_
from console.desk import Desk, card_view, entry_views
from console.desk.composers import with_writing
from console.drafts import seen_in, writing_of
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox import drafts, notes, reading
from inbox.access import access_conversation
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]


@post("/c/{conversation_id:uuid}/notes", status_code=200, include_in_schema=False)
async def write_note(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Write a note for colleagues. The answer is as that of sending: the note and an empty composer, or the text again with the reason.

    What was begun for the client waits, and the composer stays with notes: a second press must not send it.
    """
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    form = await request.form()
    writing, problem, note = replace(writing_of(form), mode=drafts.NOTE), "", None
    left = replace(writing, text="")
    try:
        async with product.work() as tx:
            row = await access_conversation(tx, session.reader, conversation_id)
            note = await notes.write_note(tx, session.reader, row.debtor_id, str(form.get("text") or ""), _token(form.get("client_token")))
            await drafts.keep(tx, session.reader, row, left)
    except InvalidField as wrong:
        problem, left = desk.told(wrong), writing
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        card = await card_view(desk, tx, row)
        entries = [entry for entry in await reading.newest(tx, conversation_id) if note is not None and entry.id == note.id]
        composer = card.composer if left.empty else await with_writing(desk, tx, row, card.composer, left, tx.now)
    again = replace(composer, problem=problem or None, seen_revision=seen_in(form, row.revision))
    result = desk.render("parts/send_result.html", composer=again, entries=entry_views(desk, entries), refused=bool(problem))
    return html(result, 422 if problem else 200)


@get("/mentions", include_in_schema=False)
async def mentions(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """Colleagues whose name begins with `q`, of those who may see conversation `c`; without `c`, of the reader's own portfolios."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    asked = request.query_params
    async with product.db.transaction() as tx:
        portfolios = list(session.reader.portfolios)
        if asked.get("c"):
            portfolios = session.reader.seen_of((await access_conversation(tx, session.reader, _conversation(asked["c"]))).portfolios)
        query = str(asked.get("q") or "")
        found = notes.offered(await notes.colleagues(tx, portfolios), query)
    options = [one for one in found if one.id != session.reader.agent_id]
    return html(desk.render("parts/acts/mentions.html", options=options, query=query))


def _token(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise InvalidField("client_token", N_("the page is out of date; reload it")) from error


def _conversation(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidField("c", N_("the page is out of date; reload it")) from error
