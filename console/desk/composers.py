"""Builds the composer for one reader: every channel open, or closed with its reason; the kept draft; prepared texts and moments to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id
from base.words import N_
from compliance.wording import Warning as Phrase
from console import views
from console.desk.panels import DEFAULT_ZONE
from console.desk.people import debt_label
from console.desk.teller import Desk
from console.rendering import zone_of
from console.words import CHANNELS, PLACES
from identity.masking import mask_address
from inbox import drafts, reading
from inbox.attachments import waiting_files
from inbox.filling import OF_DEBT
from inbox.moves import NOT_YOURS, may_act
from inbox.templates import CANNED, SESSION, Offer, closed_to_answers, offer_of

TEMPLATE_OPENS = ("wa_window",)
_IN_REVIEW = N_("The carrier has not approved it yet.")
_PREPARING = N_("The carrier does not have it yet.")
_BLOCKED = {
    "rejected": N_("The carrier rejected it."),
    "paused": N_("The carrier has paused it."),
    "disabled": N_("The carrier has disabled it."),
}


def channels_of(desk: Desk, reaches: Sequence[reading.Reach]) -> list[str]:
    """Every channel that can send here, and those on which the client has an address."""
    return list(dict.fromkeys([*desk.renderer.connected, *(one.channel for one in reaches)]))


def composer_view(
    desk: Desk,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    ways: Sequence[reading.Way],
    reaches: Sequence[reading.Reach],
) -> views.ComposerView:
    """An empty composer with the channels as they are now."""
    return views.ComposerView(
        conversation_id=str(row.id),
        client_token=str(new_id()),
        seen_revision=row.revision,
        revision=row.revision,
        channels=tuple(_choice(desk, row, way, reaches) for way in ways),
        wanted=_last_channel(reaches),
        writes=desk.reader.writes,
        zone=row.zone or DEFAULT_ZONE,
        language=row.language,
    )


def _last_channel(reaches: Sequence[reading.Reach]) -> str | None:
    """Where the client last wrote from: an answer goes the way the question came."""
    heard = [(one.heard, one.channel) for one in reaches if one.heard]
    return max(heard)[1] if heard else None


async def with_draft(desk: Desk, tx: Tx, row: Any, composer: views.ComposerView) -> views.ComposerView:  # noqa: ANN401 - a row
    """The composer with what the reader had begun to write there, on whichever device."""
    if not desk.reader.writes or (kept := await drafts.kept(tx, desk.reader, row)) is None:
        return composer
    return await with_writing(desk, tx, row, composer, kept.writing, kept.at)


async def with_writing(
    desk: Desk,
    tx: Tx,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    composer: views.ComposerView,
    writing: drafts.Writing,
    at: datetime | None = None,
) -> views.ComposerView:
    """The composer with these words, template and files in it; what is gone since is left out."""
    offer = await offer_of(tx, desk.reader, row, _uuid(writing.template_id), writing.debt_ref) if writing.template_id else None
    closed = await why_closed(desk, tx, row, [offer] if offer else [], writing.to)
    ids = [found for one in writing.attachments if (found := _uuid(one)) is not None]
    files = await waiting_files(tx, desk.reader, row.debtor_id, ids) if ids else ()
    return replace(
        composer,
        text=writing.text,
        mode="note" if writing.mode == drafts.NOTE else "message",
        wanted=writing.channel or composer.wanted,
        template=offer_view(desk, offer, writing.variables, closed) if offer else None,
        files=tuple(views.FileView(str(file.id), file.name, file.content_type, file.size) for file in files),
        to=writing.to,
        draft_at=at,
        draft_by=writing.tab if at else "",
        aside=writing.aside,
        later=_moment_of(writing.not_before, row.zone),
    )


def local_moment(text: str, zone: str | None) -> datetime:
    """A moment written as ``2026-11-23T09:00`` on the clock of a zone. Raises `InvalidField`."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidField("not_before", N_("choose a day and a time")) from error
    return at if at.tzinfo else at.replace(tzinfo=zone_of(zone or DEFAULT_ZONE))


def _moment_of(asked: str, zone: str | None) -> datetime | None:
    """The moment that was chosen, so that a later press does not send at once what was to go later; none where it cannot be read."""
    try:
        return local_moment(asked, zone)
    except InvalidField:
        return None


async def why_closed(desk: Desk, tx: Tx, row: Any, offers: Sequence[Offer], to: str | None = None) -> str:  # noqa: ANN401 - a row
    """Why the lists and buttons among these texts may not be sent to a client now, in words; empty where they may, or where there are none."""
    if not any(offer.kind == SESSION for offer in offers):
        return ""
    objection = await closed_to_answers(tx, desk.reader, row, _uuid(to))
    return desk.explain(objection.sentence, objection.variables) if objection else ""


def offer_view(desk: Desk, offer: Offer, given: dict[str, str] | None = None, closed: str = "") -> views.OfferView:
    """One prepared text: what `given` says stands before what is known, but not before what the account says. `closed` is of `why_closed`."""
    given = given or {}
    pieces, places = [], {}
    for piece in offer.pieces:
        if piece.place is None:
            pieces.append(views.Piece(piece.text))
            continue
        known = "" if piece.kind == "missing" else piece.text
        fixed = bool(known) and piece.place in OF_DEBT
        value = known if fixed else given.get(piece.place) or known
        label = desk.say(PLACES[piece.place]) if piece.place in PLACES else piece.place.replace("_", " ")
        pieces.append(views.Piece(value or label, piece.place, missing=not value))
        places[piece.place] = views.PlaceView(piece.place, label, value, fixed)
    return views.OfferView(
        id=str(offer.id),
        name=offer.name,
        kind=offer.kind,  # type: ignore[arg-type]
        channel=None,
        language=offer.language,
        category=(offer.category or "").upper() or None,
        approval=shown_approval(offer),
        pieces=tuple(pieces),
        buttons=tuple(views.ChoiceView(button["title"], button.get("description", "")) for button in offer.buttons),
        menu=offer.menu or "",
        places=tuple(places.values()) if offer.kind != CANNED else (),
        media_url=offer.media_url,
        debts=tuple(views.DebtChoice(one.ref, debt_label(one), one.ref == offer.debt_ref) for one in offer.debts),
        blocked=_blocked(desk, offer, closed),
    )


def shown_approval(text: Any) -> str:  # noqa: ANN401 - an offer, or a row of template
    """What the carrier says of a text, as a word of `console.words.APPROVALS`: what nobody reviews is being prepared until it is there."""
    return "preparing" if text.kind == SESSION and text.approval == "unsubmitted" else str(text.approval)


def _blocked(desk: Desk, offer: Offer, closed: str) -> str | None:
    """Why a text cannot be sent now; None where it can."""
    if not offer.usable:
        waits = _PREPARING if offer.kind == SESSION else _IN_REVIEW
        return desk.say(_BLOCKED.get(offer.approval, waits))
    return closed or None if offer.kind == SESSION else None


def warning_views(desk: Desk, text: str, found: Sequence[Phrase]) -> tuple[views.WarningView, ...]:
    """Hints on wording, each phrase once, five at the most."""
    each = {text[one.start : one.end].casefold(): one for one in found}
    return tuple(views.WarningView(text[one.start : one.end], desk.say(one.why), one.instead) for one in list(each.values())[:5])


def _choice(desk: Desk, row: Any, way: reading.Way, reaches: Sequence[reading.Reach]) -> views.ChannelChoice:  # noqa: ANN401 - a row
    label = desk.say(CHANNELS[way.channel].label)
    if not desk.reader.writes:
        return views.ChannelChoice(way.channel, label, open=False, reason=desk.say(N_("Your role reads and does not write.")))
    if way.channel not in desk.renderer.connected:
        return views.ChannelChoice(
            way.channel, label, open=False, reason=desk.say(N_("No sender is connected to this channel yet.")), quiet=True
        )
    if way.dialable is None:
        return views.ChannelChoice(
            way.channel, label, open=False, reason=desk.say(N_("The client has no address on this channel.")), quiet=True
        )
    if not may_act(desk.reader, row.assigned_agent_id):
        return views.ChannelChoice(way.channel, label, open=False, reason=desk.say(NOT_YOURS, name=row.assignee))
    to = tuple(_address(one, way) for one in reaches if one.channel == way.channel)
    if way.objection is not None:
        reason = desk.explain(way.objection.sentence, way.objection.variables)
        templates = way.objection.rule in TEMPLATE_OPENS
        return views.ChannelChoice(way.channel, label, open=False, reason=reason, rule=way.objection.rule, templates=templates, to=to)
    return views.ChannelChoice(way.channel, label, open=True, until=way.open_until, to=to)


def _address(one: reading.Reach, way: reading.Way) -> views.AddressChoice:
    return views.AddressChoice(str(one.address_id), mask_address(one.channel, one.dialable), one.status, one.address_id == way.address_id)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
