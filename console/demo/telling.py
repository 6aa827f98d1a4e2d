"""What was said becomes rows: each line as its own door would have written it, judged by the gate's rules with what was known at that moment."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.db import Tx
from base.ids import new_id
from channels.segments import count
from compliance.gate import Stage
from compliance.optouts import is_stop
from compliance.rules import PACK, Facts, first_objection
from compliance.rules import Prepared as Approved
from console.demo.book import Book, Row
from console.demo.templates import Prepared
from console.demo.thread import Place, Thread
from inbox.delivery import LEASE_SECONDS
from inbox.filling import filled, places_of
from inbox.sending import valid_until
from inbox.states import RANKS, State

PURPOSE = "collection"
_COURSE = (State.SENT, State.DELIVERED, State.READ)


@dataclass
class Office:
    """What all stories share: the transaction, the rows, the carrier's names, who works here, and what is prepared."""

    tx: Tx
    book: Book
    adapter: str
    account: str
    agents: dict[str, UUID]
    names: dict[str, str]
    creditors: dict[str, UUID]
    third_parties: frozenset[UUID]
    prepared: dict[tuple[str, str], Prepared]
    failures: list[dict[str, str]]
    files: int = 0
    addresses: dict[tuple[str, bytes], Row] = field(default_factory=dict)
    recent: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Words:
    """What one of us says: as whom, when, where, and with which template, whose places have these values."""

    agent: UUID
    at: datetime
    channel: str
    text: str
    template: Prepared | None = None
    values: dict[str, str] = field(default_factory=dict)


def hear(office: Office, thread: Thread, channel: str, at: datetime, text: str) -> Row:
    """A client's word, as `inbox.receiving.receive` keeps it; returns its entry."""
    place = thread.places[channel]
    sid = _sid(new_id())
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
    office.book.add("message", **_sides(thread, entry, place), token=0, attempts=0, **received)
    _act(office, thread, entry, place, None)
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


def say(office: Office, thread: Thread, words: Words, end: State, chance: random.Random, failure: dict[str, str] | None = None) -> Row:
    """A message of ours that left long ago and came as far as `end`; returns its entry. Raises `ValueError` for one that must not have left."""
    place = thread.places[words.channel]
    template = words.template if words.channel == "whatsapp" else None
    detail = _detail(template, words.values) if template else {}
    entry = thread.append(
        "message", words.at, channel=words.channel, direction="out", text=words.text, agent=words.agent, detail=detail
    )
    verdict = _judge(office, thread, entry, place, template, Stage.COMPOSED, words.at)
    _judge(office, thread, entry, place, template, Stage.DELIVERED, words.at + timedelta(seconds=1))
    message = office.book.add(
        "message",
        **_sides(thread, entry, place),
        state=State.QUEUED.value,
        rank=RANKS[State.QUEUED],
        purpose=PURPOSE,
        agent_id=words.agent,
        client_token=new_id(),
        verdict_id=verdict,
        template_id=template.id if template else None,
        segments=count(words.text).segments if words.channel == "sms" else 1,
        due_at=words.at,
        expires_at=valid_until(words.at),
        lease_until=words.at + timedelta(seconds=LEASE_SECONDS + 1),
        token=1,
        attempts=1,
        attempt_at=words.at + timedelta(seconds=1),
        state_at=words.at,
    )
    _act(office, thread, entry, place, PURPOSE)
    office.book.tell(words.at, f"agent:{words.agent}", "message.queued", thread.debtor, message=entry["id"], verdict=verdict)
    _travel(office, thread, entry, message, place, end, chance, failure)
    return entry


def _travel(
    office: Office, thread: Thread, entry: Row, message: Row, place: Place, end: State, chance: random.Random, failure: dict[str, str] | None
) -> None:
    """The carrier takes the message, and tells of it until its end; of an unconfirmed one it told nothing."""
    at = message["attempt_at"] + timedelta(milliseconds=chance.randrange(200, 900))
    if end is State.UNCONFIRMED:
        _rise(thread, entry, message, end, at)
        office.book.tell(at, "system:delivery", "message.unconfirmed", thread.debtor, message=entry["id"])
        return
    sid = _sid(entry["id"])
    message |= {"adapter": office.adapter, "carrier_id": sid}
    _rise(thread, entry, message, State.SENT, at)
    office.book.tell(at, "system:delivery", "message.accepted", thread.debtor, message=entry["id"], carrier_id=sid)
    for state in (State.SENT, State.FAILED) if end is State.FAILED else _COURSE[: _COURSE.index(end) + 1]:
        at += timedelta(seconds=chance.randrange(1, 240 if state is State.READ else 9))
        code = failure["code"] if failure and state is State.FAILED else None
        _receipt(office, thread, entry, sid, state, at, code)
        _rise(thread, entry, message, state, at)
        if state in (State.DELIVERED, State.READ):
            place.prove(at)
    if failure:
        message |= {"error_code": failure["code"], "error_reason": failure["reason"]}
        place.prove(at, failure["effect"])
        thread.touch()
        office.book.add(
            "notice", id=new_id(), agent_id=entry["agent_id"], kind="failed", conversation_id=thread.row["id"], entry_id=entry["id"], at=at
        )


def _receipt(office: Office, thread: Thread, entry: Row, sid: str, state: State, at: datetime, code: str | None) -> None:
    word = state.value
    digest = hashlib.sha256(f"{sid} {word}".encode()).digest()
    told = {"adapter": office.adapter, "account": office.account, "kind": "receipt", "external_id": sid, "state": word}
    office.book.event(**told, entry=entry["id"], body_hash=digest, at=at)
    fact = {"message": entry["id"], "word": word, "carrier_id": sid, "code": code}
    office.book.tell(at, f"carrier:{office.adapter}", "message.receipt", thread.debtor, **fact)


def _rise(thread: Thread, entry: Row, message: Row, state: State, at: datetime) -> None:
    """As `inbox.states.advance`: upwards only."""
    if RANKS[state] > message["rank"]:
        message |= {"state": state.value, "rank": RANKS[state], "state_at": at}
        thread.revise(entry)


def _judge(office: Office, thread: Thread, entry: Row, place: Place, template: Prepared | None, stage: Stage, at: datetime) -> UUID:
    """The verdict on a message, by the gate's own rules."""
    channel = entry["channel"]
    facts = Facts(
        channel=channel,
        deliverability=place.row["deliverability"],
        link_status="claimed",
        opt_out_word=None,
        opt_out_word_at=None,
        opted_out_by=None,
        opted_out_at=None,
        killed=None,
        at=at,
        last_word_at=place.last_word_at if channel == "whatsapp" else None,
        third_party=thread.portfolio in office.third_parties if channel == "whatsapp" else None,
        template=Approved(template.id, "approved", active=True, fits=True) if template else None,
    )
    objection = first_objection(facts)
    if objection is not None:
        raise ValueError(f"the demo wants to write where it must not: {objection.rule}, {entry['text']!r}")
    row = office.book.add(
        "verdict",
        id=new_id(),
        debtor_id=thread.debtor,
        message_id=entry["id"],
        stage=stage.value,
        at=at,
        allowed=True,
        pack=PACK,
        facts=canonical(facts.as_json() | {"purpose": PURPOSE, "address": place.id}),
    )
    verdict: UUID = row["id"]
    return verdict


def _detail(template: Prepared, values: dict[str, str]) -> dict[str, Any]:
    """What the entry keeps of a template, as `inbox.templates.Filled.detail`."""
    new = template.text
    told = {"id": template.id, "kind": new.kind, "name": new.name, "language": new.language, "category": new.category, "version": 1}
    used = {place: values[place] for place in places_of(new.body)}
    return {"template": told | {"media_url": new.media_url, "variables": used}, "buttons": [dict(button) for button in new.buttons]}


def words_of(template: Prepared, values: dict[str, str]) -> str:
    """A template's words with every place filled."""
    return filled(template.text.body, values)


def _sides(thread: Thread, entry: Row, place: Place) -> dict[str, Any]:
    """What a message's row says of its entry."""
    return {
        "id": entry["id"],
        "debtor_id": thread.debtor,
        "conversation_id": thread.row["id"],
        "direction": entry["direction"],
        "channel": entry["channel"],
        "address_id": place.id,
    }


def _act(office: Office, thread: Thread, entry: Row, place: Place, purpose: str | None) -> None:
    sides = {name: value for name, value in _sides(thread, entry, place).items() if name in ("debtor_id", "channel", "direction", "address_id")}
    office.book.add("contact_act", id=new_id(), entry_id=entry["id"], purpose=purpose, at=entry["received_at"], **sides)


def _sid(told: UUID) -> str:
    return f"SM{told.hex}"


def _party(channel: str, place: Place) -> str:
    return f"whatsapp:{place.dialable}" if channel == "whatsapp" else place.dialable
