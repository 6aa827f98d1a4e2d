"""The doors of what waits: taking a message back, sending it at once, putting it off; and the moments at which one may be sent later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post

from base.db import Tx
from base.errors import Conflict, Forbidden, NotFound
from base.words import N_
from console import views
from console.desk import Desk, card_view, entry_views
from console.desk.composers import local_moment, with_writing
from console.desk.panels import DEFAULT_ZONE
from console.drafts import seen_in, writing_of
from console.pages import html
from console.rendering import Renderer, zone_of
from console.session import Session
from inbox import drafts, holding, reading
from inbox.access import access_conversation, access_message
from inbox.product import Product
from inbox.rewriting import rewrite
from inbox.sending import FURTHEST
from inbox.templates import offer_of

AnyRequest = Request[Any, Any, Any]
_MORNING, _AFTERNOON = 9, 15
_SATURDAY = 5


@post("/c/{conversation_id:uuid}/messages/{message_id:uuid}/take-back", status_code=200, include_in_schema=False)
async def take_back(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, message_id: UUID
) -> Response[str]:
    """Take a message back before it leaves; its words return into the composer, above what stands there, unless it is only to be cancelled.

    A note that is being written stays in the field: the words wait beside it. One that is to be changed keeps its moment.
    """
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    form = await request.form()
    try:
        async with product.work() as tx:
            row = await _of(tx, session, conversation_id, message_id)
            back = await holding.take_back(tx, session.reader, message_id)
            here = writing_of(form) if "text" in form else await _kept(tx, session, row)
            writing = (
                here if form.get("cancel") else _together(back, here, _moment(back, tx.now) if form.get("change") else here.not_before)
            )
            await drafts.keep(tx, session.reader, row, writing)
    except (Conflict, Forbidden) as error:
        return _refused(desk, error)
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        card = await card_view(desk, tx, row)
        composer = await with_writing(desk, tx, row, card.composer, writing, tx.now)
        entries = [entry for entry in await reading.changed(tx, conversation_id, row.revision - 1) if entry.id == message_id]
    again = replace(composer, focus=True, seen_revision=seen_in(form, row.revision))
    return html(desk.render("parts/refilled.html", composer=again, entries=entry_views(desk, entries)))


async def _kept(tx: Tx, session: Session, row: Any) -> drafts.Writing:  # noqa: ANN401 - a row of access_conversation
    kept = await drafts.kept(tx, session.reader, row)
    return kept.writing if kept else drafts.Writing()


def _moment(back: holding.TakenBack, now: datetime) -> str:
    """When it was to leave, while that is still to come."""
    return back.planned_for.isoformat() if back.planned_for and back.planned_for > now else ""


def _together(back: holding.TakenBack, here: drafts.Writing, moment: str) -> drafts.Writing:
    """What was taken back, and what was being written meanwhile: neither is lost."""
    mine = here.turned(drafts.MESSAGE)
    words = "" if back.template_id else back.text
    both = replace(
        mine,
        text="\n\n".join(part for part in (words, mine.text.strip()) if part),
        channel=back.channel.value,
        template_id=str(back.template_id) if back.template_id else mine.template_id,
        variables=dict(back.variables) if back.template_id else mine.variables,
        attachments=list(dict.fromkeys([*(str(one) for one in back.attachments), *mine.attachments])),
        to=str(back.address_id) if back.address_id else None,
        not_before=moment,
    )
    return both.turned(drafts.NOTE) if here.is_note else both


@post("/c/{conversation_id:uuid}/messages/{message_id:uuid}/again", status_code=200, include_in_schema=False)
async def write_again(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, message_id: UUID
) -> Response[str]:
    """Put a message that did not arrive into the composer once more, whole, above what stands there. Nothing is sent."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    form = await request.form()
    try:
        async with product.work() as tx:
            row = await _of(tx, session, conversation_id, message_id)
            here = writing_of(form) if "text" in form else await _kept(tx, session, row)
            back = await rewrite(tx, session.reader, row, message_id, here.attachments)
            gone = back.template_id is not None and await offer_of(tx, session.reader, row, back.template_id) is None
            writing = _together(replace(back, template_id=None) if gone else back, here, here.not_before).turned(drafts.MESSAGE)
            await drafts.keep(tx, session.reader, row, writing)
            card = await card_view(desk, tx, row)
            composer = await with_writing(desk, tx, row, card.composer, writing, tx.now)
    except (Conflict, Forbidden) as error:
        return _refused(desk, error)
    again = replace(composer, focus=True, seen_revision=seen_in(form, row.revision))
    return html(desk.render("parts/refilled.html", composer=again, entries=()))


@post("/c/{conversation_id:uuid}/messages/{message_id:uuid}/send-now", status_code=200, include_in_schema=False)
async def send_now(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, message_id: UUID
) -> Response[str]:
    """Let a waiting message leave at once."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    try:
        async with product.work() as tx:
            await _of(tx, session, conversation_id, message_id)
            await holding.send_now(tx, session.reader, message_id)
    except (Conflict, Forbidden) as error:
        return _refused(desk, error)
    return await _entry(product, desk, conversation_id, message_id)


@post("/c/{conversation_id:uuid}/messages/{message_id:uuid}/reschedule", status_code=200, include_in_schema=False)
async def reschedule(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, message_id: UUID
) -> Response[str]:
    """Let a waiting message leave at another moment, told by the client's clock."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    asked = str((await request.form()).get("not_before") or "")
    try:
        async with product.work() as tx:
            row = await _of(tx, session, conversation_id, message_id)
            await holding.reschedule(tx, session.reader, message_id, local_moment(asked[:40], row.zone))
    except (Conflict, Forbidden) as error:
        return _refused(desk, error)
    return await _entry(product, desk, conversation_id, message_id)


async def _of(tx: Tx, session: Session, conversation: UUID, message: UUID) -> Any:  # noqa: ANN401 - a row of access_conversation
    """The conversation, when the message is one of its own. Raises `NotFound`."""
    row = await access_conversation(tx, session.reader, conversation)
    if (await access_message(tx, session.reader, message)).conversation_id != row.id:
        raise NotFound
    return row


def _refused(desk: Desk, error: Conflict | Forbidden) -> Response[str]:
    """Too late, or not theirs: said in a toast; what is being written stays as it is."""
    answer = html("", 409 if isinstance(error, Conflict) else 403)
    answer.headers["x-problem"] = quote(desk.told(error) if isinstance(error, Conflict) else desk.say(str(error)))
    return answer


async def _entry(product: Product, desk: Desk, conversation: UUID, message: UUID) -> Response[str]:
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, desk.reader, conversation)
        entries = [entry for entry in await reading.changed(tx, row.id, row.revision - 1) if entry.id == message]
    return html(desk.render("frames/conversation.html", conversation_id=str(row.id), entries=entry_views(desk, entries), conversation=None))


@get("/c/{conversation_id:uuid}/schedule", include_in_schema=False)
async def schedule_part(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID
) -> Response[str]:
    """Moments at which a message may be sent later, on the client's clock; those after a window has closed say so."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    channel = str(request.query_params.get("channel") or "")
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        reaches = await reading.addresses_of(tx, row)
        ways = await reading.ways(tx, desk.reader, row, [channel] if channel in desk.renderer.connected else [], reaches)
        schedule = _schedule(desk, row, tx.now, ways[0].open_until if ways else None)
    return html(desk.render("parts/composer_schedule.html", schedule=schedule))


def _schedule(desk: Desk, row: Any, now: datetime, open_until: datetime | None) -> views.ScheduleView:  # noqa: ANN401 - a row
    zone = row.zone or DEFAULT_ZONE
    here = now.astimezone(zone_of(zone))
    moments = tuple(
        views.Moment(at.strftime("%Y-%m-%dT%H:%M"), at, desk.say(label), _closed(desk, at, open_until, zone))
        for label, at in _moments(here)
    )
    clock = desk.say(N_("Their clock: %(time)s"), time=here.strftime("%H:%M"))
    return views.ScheduleView(
        conversation_id=str(row.id),
        zone=zone,
        place=row.city,
        moments=moments,
        earliest=(here + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M"),
        latest=(here + FURTHEST).strftime("%Y-%m-%dT%H:%M"),
        texts={"zone": f"{row.city} · {clock}" if row.city else clock},
    )


def _moments(here: datetime) -> list[tuple[str, datetime]]:
    """Times of a working day at which people like to be written to."""
    morning = here.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    afternoon = here.replace(hour=_AFTERNOON, minute=0, second=0, microsecond=0)
    found = [(N_("This afternoon"), afternoon)] if here < afternoon - timedelta(minutes=30) and here.weekday() <= _SATURDAY else []
    days = [morning + timedelta(days=ahead) for ahead in range(1, 8)]
    working = [day for day in days if day.weekday() < _SATURDAY]
    is_tomorrow = working[0].date() == days[0].date()
    tomorrow = N_("Tomorrow morning") if is_tomorrow else N_("Next working day")
    later = N_("Tomorrow afternoon") if is_tomorrow else N_("Next working day, in the afternoon")
    monday = next(day for day in days if day.weekday() == 0)
    found += [(tomorrow, working[0]), (later, working[0].replace(hour=_AFTERNOON))]
    if monday.date() != working[0].date():
        found.append((N_("Monday morning"), monday))
    return found


def _closed(desk: Desk, at: datetime, open_until: datetime | None, zone: str) -> str | None:
    if open_until is None or at <= open_until:
        return None
    until = open_until.astimezone(zone_of(zone))
    return desk.say(N_("The window for free text closes at %(time)s: only a template then."), time=until.strftime("%H:%M"))
