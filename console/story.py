"""Timelines in parts: what came before and after, a day, one kind of entry, and what a message carries beyond its words."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from base.db import Tx
from base.errors import InvalidField, NotFound
from base.words import N_
from channels.contract import Channel
from channels.segments import count
from console import views
from console.desk import Desk, entry_views, story_view
from console.pages import html
from console.rendering import Renderer, zone_of
from console.session import Session
from inbox import reading, windows
from inbox.access import access_conversation, access_message
from inbox.filling import places_of
from inbox.lines import Cursor, microseconds
from inbox.product import Product
from inbox.windows import Window

AnyRequest = Request[Any, Any, Any]
_PLACE = re.compile(r"(\d{1,17})\.(\d{1,17})", re.ASCII)
_FIRST = 1


@get("/c/{conversation_id:uuid}/entries", include_in_schema=False)
async def story_part(
    request: AnyRequest,
    product: Product,
    renderer: Renderer,
    session: Session,
    conversation_id: UUID,
    before: str | None = None,
    after: str | None = None,
    around: str | None = None,
    on: date | None = None,
    beside: UUID | None = None,
    show: views.Show = "all",
) -> Response[str]:
    """The neighbours `before` or `after` a place (epoch microseconds and position), or a part to be put on the page whole: `around` a place, from the
    reader's day `on`, else the end."""
    desk = _desk(request, renderer, session)
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        if before is not None:
            window = await windows.earlier(tx, session.reader, row.id, _cursor(before), show)
            return _neighbours(desk, row, window, "older", beside, more=window.older)
        if after is not None:
            window = await windows.later(tx, session.reader, row.id, _cursor(after), show)
            return _neighbours(desk, row, window, "newer", beside, more=window.newer)
        place = _cursor(around) if around is not None else _start_of(on, session.reader.zone) if on else None
        story = await _part(desk, tx, row, place, show)
    return html(desk.render("parts/story.html", story=story))


async def _part(desk: Desk, tx: Tx, row: Any, place: Cursor | None, show: views.Show) -> views.StoryView:  # noqa: ANN401 - a row
    """The end of a story, or the part around a place with the first entry from there on as its anchor."""
    if place is None:
        window = await windows.latest(tx, desk.reader, row.id, show)
        return story_view(desk, row, window, show=show, today=desk.day(tx))
    window = await windows.around(tx, desk.reader, row.id, place, show)
    there = [line for line in window.lines if (microseconds(line.received_at), line.position) >= (place.at, place.position)]
    anchor = str((there or window.lines[-1:])[0].id) if window.lines else None
    return story_view(desk, row, window, show=show, anchor=anchor, today=desk.day(tx))


def _neighbours(desk: Desk, row: Any, window: Window, side: str, beside: UUID | None, *, more: bool) -> Response[str]:  # noqa: ANN401 - a row
    told = {"conversation_id": str(row.id), "revision": row.revision, "side": side, "beside": str(beside or ""), "more": more}
    return html(desk.render("parts/neighbours.html", entries=entry_views(desk, window.lines), **told))


@get("/c/{conversation_id:uuid}/entries/{message_id:uuid}/more", include_in_schema=False)
async def more_part(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, message_id: UUID
) -> Response[str]:
    """What is seldom needed of one message: the exact times, the carrier's number and words, how it was encoded."""
    desk = _desk(request, renderer, session)
    accounts = list({adapter.account for adapter in product.adapters.values()})
    async with product.work() as tx:
        conversation = await access_conversation(tx, session.reader, conversation_id)
        row = await access_message(tx, session.reader, message_id)
        if row.conversation_id != conversation.id:
            raise NotFound
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        steps = await windows.told_of(tx, row.adapter, accounts, row.carrier_id)
    encoding = count(row.text or "").encoding if row.channel == Channel.SMS else None
    more = views.MoreView(
        at=row.received_at,
        zone=desk.reader.zone,
        client_zone=conversation.zone,
        carrier_at=row.carrier_at,
        carrier_id=row.carrier_id,
        encoding=encoding,
        segments=row.segments,
        steps=tuple(views.StepView(step.state, step.at) for step in steps),
        rule=row.error_code if row.state == "withheld" else None,
        error_code=row.error_code if row.state == "failed" else None,
        template=row.template_body,
        template_version=row.template_version,
        values=_values(row),
    )
    return html(desk.render("parts/entries/more.html", more=more))


def _values(row: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - a row of access_message
    """What each place of the message's template was filled with."""
    given = (row.detail.get("template") or {}).get("variables") or {}
    return tuple((place, str(given[place])) for place in places_of(row.template_body or "") if place in given)


def _cursor(place: str) -> Cursor:
    """A place as the page writes it. Raises `InvalidField`."""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise InvalidField("place", N_("the page is out of date; reload it"))
    return Cursor(int(found[1]), int(found[2]))


def _start_of(day: date, zone: str) -> Cursor:
    """The first moment of a day on the reader's calendar. Raises `InvalidField` for days beyond the database's and the zone's reckoning."""
    try:
        return Cursor(max(0, microseconds(datetime.combine(day, time.min, tzinfo=zone_of(zone)))), _FIRST)
    except OverflowError as error:
        raise InvalidField("on", N_("choose a day of this conversation")) from error


def _desk(request: AnyRequest, renderer: Renderer, session: Session) -> Desk:
    request.state.language = session.reader.language
    return Desk(renderer, session.reader)
