"""Receiving: a client's word becomes one timeline entry, once, in one transaction, before the carrier is answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.ids import new_id
from base.signs import clean
from channels.contract import Channel, Inbound, OptWord
from compliance.optouts import is_doubtful, is_start, is_stop, record_doubt, record_opt_out, revoke_opt_out
from inbox.attachments import announce
from inbox.originals import WEBHOOK, take_first
from inbox.speakers import Speaker, find_speaker, learn
from inbox.states import State
from inbox.timeline import NewEntry, NewMessage, append, touch_sharers

_LONGEST_NUMBER = 100
_LONGEST_WORDING = 80


async def receive(tx: Tx, inbound: Inbound, raw: bytes, *, told_by: str = WEBHOOK) -> UUID | None:
    """Record a client's word; returns the entry's id, or None where it had been recorded before.

    `raw` is what the carrier said, as it came; it is kept sealed. The debtor is locked before duplicates are refused, so that ten copies
    at once leave one entry.
    """
    speaker = await find_speaker(tx, inbound)
    entry, debtor = new_id(), speaker.thread.debtor_id
    first = await take_first(tx, inbound, raw, entry, speaker.thread, speaker.address_id, told_by)
    if first is None:
        return None
    # On WhatsApp every word of the client's opens the window of 24 hours anew.
    doubtful = _may_opt_out(inbound)
    card = speaker.is_news or doubtful or inbound.channel is Channel.WHATSAPP
    await append(tx, speaker.thread, _entry(inbound, entry, first.reply_to), _message(inbound, speaker), card=card)
    await announce(tx, entry, debtor, inbound.media, inbound.adapter)
    facts = [audit.fact(f"carrier:{inbound.adapter}", "message.received", debtor, entry=entry, event=inbound.external_id)]
    facts += await learn(tx, speaker, inbound.channel.value)
    opted = await _heed_opt_words(tx, inbound, entry, speaker)
    if opted is not None:
        facts.append(audit.fact("system:opt-out", f"address.{opted}", debtor, address=speaker.address_id, entry=entry))
    if doubtful:
        await record_doubt(tx, speaker.address_id, _text(inbound)[:_LONGEST_WORDING], entry)
        facts.append(audit.fact("system:opt-out", "address.doubted", debtor, address=speaker.address_id, entry=entry))
    await audit.record_all(tx, facts)
    if speaker.shared and (doubtful or opted is not None or not speaker.proven):
        await touch_sharers(tx, speaker.address_id, but=speaker.thread.conversation_id)
    return entry


def _entry(inbound: Inbound, entry: UUID, reply_to: UUID | None) -> NewEntry:
    return NewEntry(
        kind="message",
        id=entry,
        channel=inbound.channel.value,
        direction="in",
        text=_text(inbound),
        carrier_at=inbound.carrier_at,
        detail=_detail(inbound, reply_to),
    )


def _detail(inbound: Inbound, reply_to: UUID | None) -> dict[str, Any]:
    """What is known of a word beside its text: which number of ours it came `to`, so that the answer leaves from there, and what is shown.

    Where the carrier keeps its files is for the fetching alone: whoever knows it may read them.
    """
    detail: dict[str, Any] = {"to": clean(inbound.recipient)[:_LONGEST_NUMBER]}
    if inbound.media:
        detail["attachments"] = [{"content_type": clean(media.content_type)} for media in inbound.media]
    if reply_to is not None:
        detail["reply_to"] = reply_to
    if inbound.press is not None:
        listed = {"listed": True} if inbound.press.listed else {}
        detail["press"] = {"title": clean(inbound.press.title), "id": clean(inbound.press.id)} | listed
    if inbound.place is not None:
        place = inbound.place
        detail["place"] = {"latitude": place.latitude, "longitude": place.longitude, "label": clean(place.label)}
    if inbound.forwarded:
        detail["forwarded"] = True
    if _may_opt_out(inbound):
        detail["may_opt_out"] = True
    return detail


def _may_opt_out(inbound: Inbound) -> bool:
    return inbound.opt_word is None and is_doubtful(_text(inbound))


def _message(inbound: Inbound, speaker: Speaker) -> NewMessage:
    return NewMessage(state=State.RECEIVED, address_id=speaker.address_id, adapter=inbound.adapter, carrier_id=inbound.external_id)


def _text(inbound: Inbound) -> str:
    """The client's words: what they wrote, else what they pressed."""
    return clean(inbound.text or (inbound.press.title if inbound.press else ""))


async def _heed_opt_words(tx: Tx, inbound: Inbound, entry: UUID, speaker: Speaker) -> str | None:
    """An opt-out closes the address at once, an opt-in opens it again; both are written into the timeline. Returns which, where it is news."""
    text = _text(inbound)
    if inbound.opt_word is OptWord.STOP or is_stop(text):
        news = await record_opt_out(tx, speaker.address_id, "word", wording=text[:_LONGEST_WORDING], entry=entry)
        event = "opted_out"
    elif inbound.opt_word is OptWord.START or is_start(text):
        news = await revoke_opt_out(tx, speaker.address_id)
        event = "opted_in"
    else:
        return None
    if not news:
        return None
    await append(tx, speaker.thread, NewEntry(kind="event", channel=inbound.channel.value, detail={"event": event}))
    return event
