"""A client's word of the past becomes rows, as `inbox.receiving` would have written them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from base.audit import canonical
from base.ids import new_id
from compliance.optouts import is_stop
from console.demo.book import Row
from console.demo.office import Office, count_contact, sid_of, sides_of
from console.demo.thread import Place, Thread
from inbox.states import RANKS, State


def hear(office: Office, thread: Thread, channel: str, at: datetime, text: str) -> Row:
    """A client's word, as `inbox.receiving.receive` keeps it; returns its entry."""
    place = thread.places[channel]
    sid = sid_of(new_id())
    news = place.row["deliverability"] != "good"
    entry = thread.append("message", at, channel=channel, direction="in", text=text, card=news or channel == "whatsapp")
    raw, raw_id = canonical({"from": place.dialable, "id": sid, "text": text}).encode(), new_id()
    digest = hashlib.sha256(raw).digest()
    office.book.event(
        adapter=office.adapter,
        account=office.account,
        kind="inbound",
        external_id=sid,
        state="received",
        entry=entry["id"],
        body_hash=digest,
        at=at,
    )
    office.book.add(
        "raw_event",
        id=raw_id,
        entry_id=entry["id"],
        person_id=thread.debtor,
        sealed=thread.person.seal_bytes("raw_event", raw_id, "sealed", raw),
        body_hash=digest,
        retention="webhook",
        at=at,
    )
    received = {"state": State.RECEIVED.value, "rank": RANKS[State.RECEIVED], "carrier_id": sid, "adapter": office.adapter, "state_at": at}
    office.book.add("message", **sides_of(thread, entry, place), token=0, attempts=0, **received)
    count_contact(office, thread, entry, place, None)
    office.book.tell(at, f"carrier:{office.adapter}", "message.received", thread.debtor, entry=entry["id"], event=sid)
    office.recent.append({"sid": sid, "from": _party(channel, place), "text": text, "at": at})
    place.prove(at)
    place.last_word_at = at
    if is_stop(text):
        _opt_out(office, thread, entry, place, at, text)
    return entry


def _opt_out(office: Office, thread: Thread, entry: Row, place: Place, at: datetime, text: str) -> None:
    office.book.add("opt_out", id=new_id(), address_id=place.id, source="word", wording=text[:80], entry_id=entry["id"], at=at)
    thread.append("event", at, channel=entry["channel"], detail={"event": "opted_out"})
    office.book.tell(at, "system:opt-out", "address.opted_out", thread.debtor, address=place.id, entry=entry["id"])


def _party(channel: str, place: Place) -> str:
    return f"whatsapp:{place.dialable}" if channel == "whatsapp" else place.dialable
