"""A message of ours of the past becomes rows: judged by the gate's rules with what was known at that moment, and told of by the carrier."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.ids import new_id
from channels.segments import count
from compliance.gate import Stage
from compliance.rules import PACK, Facts, first_objection
from compliance.rules import Prepared as Approved
from console.demo.book import Row
from console.demo.office import Office, count_contact, sid_of, sides_of
from console.demo.templates import Prepared
from console.demo.thread import Place, Thread
from inbox.delivery import LEASE_SECONDS
from inbox.filling import filled, places_of
from inbox.sending import valid_until
from inbox.states import RANKS, State

PURPOSE = "collection"
# What the carrier told until a message had come as far as it came.
_TOLD = {
    State.SENT: (State.SENT,),
    State.FAILED: (State.SENT, State.FAILED),
    State.DELIVERED: (State.DELIVERED,),
    State.READ: (State.DELIVERED, State.READ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What one of us says: as whom, when, where, and with which template, whose places have these values."""

    agent: UUID
    at: datetime
    channel: str
    text: str
    template: Prepared | None = None
    values: dict[str, str] = field(default_factory=dict)


def say(office: Office, thread: Thread, words: Words, end: State, chance: random.Random, failure: dict[str, str] | None = None) -> Row:
    """A message of ours that left long ago and came as far as `end`; returns its entry. Raises `ValueError` for one that must not have left."""
    place = thread.places[words.channel]
    template = words.template if words.channel == "whatsapp" else None
    detail = _detail(template, words.values) if template else {}
    entry = thread.append("message", words.at, channel=words.channel, direction="out", text=words.text, agent=words.agent, detail=detail)
    verdict = _judge(office, thread, entry, place, template, Stage.COMPOSED, words.at)
    _judge(office, thread, entry, place, template, Stage.DELIVERED, words.at + timedelta(seconds=1))
    message = office.book.add(
        "message",
        **sides_of(thread, entry, place),
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
    count_contact(office, thread, entry, place, PURPOSE)
    office.book.tell(words.at, f"agent:{words.agent}", "message.queued", thread.debtor, message=entry["id"], verdict=verdict)
    _travel(office, thread, entry, message, place, end, chance, failure)
    return entry


def _travel(
    office: Office,
    thread: Thread,
    entry: Row,
    message: Row,
    place: Place,
    end: State,
    chance: random.Random,
    failure: dict[str, str] | None,
) -> None:
    """The carrier takes the message, and tells of it until its end; of an unconfirmed one it told nothing."""
    at = message["attempt_at"] + timedelta(milliseconds=chance.randrange(200, 900))
    if end is State.UNCONFIRMED:
        _rise(thread, entry, message, end, at)
        office.book.tell(at, "system:delivery", "message.unconfirmed", thread.debtor, message=entry["id"])
        return
    sid = sid_of(entry["id"])
    message |= {"adapter": office.adapter, "carrier_id": sid}
    _rise(thread, entry, message, State.SENT, at)
    office.book.tell(at, "system:delivery", "message.accepted", thread.debtor, message=entry["id"], carrier_id=sid)
    for state in _TOLD[end]:
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
