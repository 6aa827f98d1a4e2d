"""The composer's door, and the header's: sending, claiming, releasing, closing, reopening, reading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, post

from base.db import Tx
from base.errors import Conflict, InvalidField, Unavailable
from base.ids import new_id
from base.words import N_
from channels.contract import Channel
from console import views
from console.desk import Desk, card_view, entry_views
from console.pages import debtor_of, html
from console.rendering import Renderer
from console.session import Session
from inbox import ownership, reading
from inbox.access import Reader, access_conversation
from inbox.product import Product
from inbox.sending import Draft, RefusedSend, Sent, send

AnyRequest = Request[Any, Any, Any]


@post("/c/{conversation_id:uuid}/messages", status_code=200, include_in_schema=False)
async def send_message(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """One press of Send. Whatever the answer, the text is either on its way or back in the composer."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    form = await request.form()
    text = str(form.get("text", ""))
    token, seen = _uuid(form.get("client_token")), _revision(form.get("seen_revision"))
    composer = views.ComposerView(str(conversation_id), str(token), seen, (), None, text=text)
    try:
        async with product.work() as tx:
            debtor = await debtor_of(tx, session, conversation_id)
            draft = Draft(channel=_channel(form.get("channel")), text=text, client_token=token, seen_revision=seen)
            result = await send(tx, session.reader, debtor, draft)
    except InvalidField as wrong:
        return await _compose_again(product, desk, composer, 422, desk.say(wrong.problem))
    except Conflict as conflict:
        name = str(conflict) or desk.say(N_("A colleague"))
        problem = desk.say(N_("%(name)s has answered meanwhile. Read it, then send again if it still fits."), name=name)
        return await _compose_again(product, desk, composer, 409, problem)
    if isinstance(result, RefusedSend):
        return await _refused(product, desk, composer, result)
    return await _sent(product, desk, conversation_id, result)


async def _sent(product: Product, desk: Desk, conversation: UUID, sent: Sent) -> Response[str]:
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, desk.reader, conversation)
        card = await card_view(desk, tx, row)
        entries = [entry for entry in await reading.newest(tx, conversation) if entry.id == sent.message_id]
    part = desk.renderer.render("parts/send_result.html", desk.reader.language, composer=card.composer, entries=entry_views(desk, entries))
    return html(part)


async def _refused(product: Product, desk: Desk, composer: views.ComposerView, refused: RefusedSend) -> Response[str]:
    objection = refused.verdict.objection
    if objection is None:
        raise Unavailable("The gate refused without a reason.")
    problem = desk.explain(objection.sentence, objection.variables)
    return await _compose_again(product, desk, composer, 422, problem, objection.rule)


async def _compose_again(
    product: Product, desk: Desk, composer: views.ComposerView, status: int, problem: str, rule: str | None = None
) -> Response[str]:
    """The composer with the text kept, the reason beside it, a new token, and what the writer had not seen yet."""
    conversation = UUID(composer.conversation_id)
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, desk.reader, conversation)
        card = await card_view(desk, tx, row)
        entries = await reading.changed(tx, conversation, composer.seen_revision) if status == 409 else []
    again = views.ComposerView(
        conversation_id=composer.conversation_id,
        client_token=str(new_id()),
        seen_revision=card.revision,
        channels=card.composer.channels,
        to_masked=card.composer.to_masked,
        text=composer.text,
        problem=problem,
        problem_rule=rule,
    )
    part = desk.renderer.render("parts/send_result.html", desk.reader.language, composer=again, entries=entry_views(desk, entries))
    return html(part, status)


Act = Callable[[Tx, Reader, UUID], Awaitable[None]]
_ACTS: dict[str, Act] = {"claim": ownership.claim, "release": ownership.release, "close": ownership.close, "reopen": ownership.reopen}


@post(
    [
        "/c/{conversation_id:uuid}/claim",
        "/c/{conversation_id:uuid}/release",
        "/c/{conversation_id:uuid}/close",
        "/c/{conversation_id:uuid}/reopen",
    ],
    status_code=200,
    include_in_schema=False,
)
async def act(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Take, release, close or reopen a conversation; the answer is the header as it is now."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    problem = ""
    try:
        async with product.work() as tx:
            debtor = await debtor_of(tx, session, conversation_id)
            await _ACTS[request.url.path.rpartition("/")[2]](tx, session.reader, debtor)
    except Conflict as conflict:
        problem = desk.say(str(conflict))
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        card = await card_view(desk, tx, row)
    answer = html(renderer.render("parts/header.html", desk.reader.language, conversation=card), 409 if problem else 200)
    if problem:
        answer.headers["x-problem"] = quote(problem)
    return answer


@post("/c/{conversation_id:uuid}/read", status_code=204, include_in_schema=False)
async def read(request: AnyRequest, product: Product, session: Session, conversation_id: UUID) -> None:
    """The reader has seen the end of the timeline at a revision."""
    form = await request.form()
    async with product.work() as tx:
        debtor = await debtor_of(tx, session, conversation_id)
        await ownership.record_read(tx, session.reader, debtor, _revision(form.get("revision")))


def _channel(text: object) -> Channel:
    try:
        return Channel(str(text))
    except ValueError as error:
        raise InvalidField("channel", N_("choose a channel that is open")) from error


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise InvalidField("client_token", N_("the page is out of date; reload it")) from error


def _revision(text: object) -> int:
    try:
        return max(0, int(str(text)[:18]))
    except ValueError as error:
        raise InvalidField("revision", N_("the page is out of date; reload it")) from error
