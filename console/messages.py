"""The composer's door: sending, and what comes back of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import FormMultiDict

from base.db import Tx
from base.errors import Conflict, InvalidField, Unavailable
from base.words import N_
from channels.contract import Channel
from console import views
from console.desk import Desk, card_view, entry_views
from console.desk.composers import local_moment, with_writing
from console.drafts import writing_of
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from console.words import PLACES
from inbox import drafts, reading
from inbox.access import access_conversation
from inbox.holding import undo_seconds_for
from inbox.product import Product
from inbox.repeating import AlreadyGone
from inbox.sending import Draft, RefusedSend, Sent, connected, send

AnyRequest = Request[Any, Any, Any]
_OUT_OF_DATE = N_("the page is out of date; reload it")


@post("/c/{conversation_id:uuid}/messages", status_code=200, include_in_schema=False)
async def send_message(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """One press of Send. Whatever the answer, the text is either on its way or back in the composer."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    form = await request.form()
    seen = revision_in(form.get("seen_revision"))
    tried = Tried(conversation_id, writing_of(form), seen)
    try:
        async with product.work() as tx:
            row = await access_conversation(tx, session.reader, conversation_id)
            draft = await _draft(tx, desk, row, form, tried)
            result = await send(tx, session.reader, row.debtor_id, replace(draft, seen_revision=seen), connected(product.settings))
            if isinstance(result, Sent):
                await drafts.keep(tx, session.reader, row, tried.left)
    except AlreadyGone as wrong:
        return await _refused(product, desk, tried, 422, _problem(desk, wrong), spent=True)
    except InvalidField as wrong:
        return await _refused(product, desk, tried, 422, _problem(desk, wrong))
    except Conflict as conflict:
        return await _refused(product, desk, tried, 409, desk.told(conflict))
    if isinstance(result, RefusedSend):
        objection = result.verdict.objection
        if objection is None:
            raise Unavailable("The gate refused without a reason.")
        return await _refused(product, desk, tried, 409, desk.explain(objection.sentence, objection.variables), objection.rule)
    return await _sent(product, desk, tried, result)


@dataclass(frozen=True, slots=True)
class Tried:
    """One press of Send: what was written where, and what had been seen of the conversation."""

    conversation: UUID
    writing: drafts.Writing
    seen: int

    @property
    def left(self) -> drafts.Writing:
        """What stays in the composer afterwards: a note that was begun, and words that stood behind a template, which goes alone."""
        here = self.writing
        if not here.template_id:
            return drafts.Writing(channel=here.channel, aside=here.aside)
        return drafts.Writing(text=here.text, channel=here.channel, attachments=here.attachments, aside=here.aside)


async def _draft(tx: Tx, desk: Desk, row: Any, form: FormMultiDict, tried: Tried) -> Draft:  # noqa: ANN401 - a row
    """What the composer's form asks for, with the seconds in which it may be taken back; a moment is told by the client's clock."""
    writing = tried.writing
    if writing.mode == drafts.NOTE:
        raise InvalidField("mode", _OUT_OF_DATE)
    channel = channel_in(writing.channel)
    later = local_moment(writing.not_before, row.zone) if writing.not_before else None
    template = uuid_in(writing.template_id, "template") if writing.template_id else None
    hold = 0 if later else await undo_seconds_for(tx, desk.reader, row.debtor_id, channel, template)
    return Draft(
        channel=channel,
        text=writing.text,
        client_token=uuid_in(form.get("client_token"), "client_token"),
        address_id=uuid_in(writing.to, "address") if writing.to else None,
        template_id=template,
        debt_ref=writing.debt_ref if template else None,
        variables=writing.variables if template else {},
        attachments=() if template else tuple(uuid_in(one, "attachment") for one in writing.attachments),
        hold_seconds=hold,
        not_before=later,
    )


async def _sent(product: Product, desk: Desk, tried: Tried, sent: Sent) -> Response[str]:
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, desk.reader, tried.conversation)
        card = await card_view(desk, tx, row)
        entries = [entry for entry in await reading.newest(tx, row.id) if entry.id == sent.message_id]
        waits = views.HeldView(str(sent.message_id), sent.due_at) if tx.now < sent.due_at and entries else None
        composer = card.composer if tried.left.empty else await with_writing(desk, tx, row, card.composer, tried.left, tx.now)
    hold = entries[0].hold if entries else None
    held, planned = (waits if hold == one else None for one in ("undo", "schedule"))
    composer = replace(composer, held=held, planned=planned, wanted=tried.writing.channel, seen_revision=min(tried.seen, row.revision))
    return html(desk.render("parts/send_result.html", composer=composer, entries=entry_views(desk, entries), refused=False))


def _problem(desk: Desk, wrong: InvalidField) -> str:
    """What is wrong, with the field's name where it is one place of many."""
    place = wrong.field.removeprefix("variables.")
    if place == wrong.field:
        return desk.told(wrong)
    return f"{desk.say(PLACES[place]) if place in PLACES else place}: {desk.told(wrong)}"


async def _refused(
    product: Product, desk: Desk, tried: Tried, status: int, problem: str, rule: str | None = None, *, spent: bool = False
) -> Response[str]:
    """The reason, and what the writer had not seen yet; the words are kept as a draft. The page goes on with the same token, for an answer before
    this one may have been lost, unless it is `spent` on other words."""
    async with product.work() as tx:
        row = await access_conversation(tx, desk.reader, tried.conversation)
        await drafts.keep(tx, desk.reader, row, tried.writing)
        card = await card_view(desk, tx, row)
        entries = await reading.changed(tx, row.id, tried.seen) if status == 409 else []
    again = replace(card.composer, problem=problem, problem_rule=rule)
    answer = html(desk.render("parts/send_result.html", composer=again, entries=entry_views(desk, entries), refused=True), status)
    answer.headers["x-seen"] = str(row.revision)
    if spent:
        answer.headers["x-spent"] = "1"
    return answer


def channel_in(text: object) -> Channel:
    """A channel by its name. Raises `InvalidField`."""
    try:
        return Channel(str(text))
    except ValueError as error:
        raise InvalidField("channel", N_("choose a channel that is open")) from error


def uuid_in(text: object, name: str) -> UUID:
    """An id of a form's field. Raises `InvalidField`."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise InvalidField(name, _OUT_OF_DATE) from error


def revision_in(text: object) -> int:
    """A revision of a form's field. Raises `InvalidField`."""
    try:
        return max(0, int(str(text)[:18]))
    except ValueError as error:
        raise InvalidField("revision", _OUT_OF_DATE) from error
