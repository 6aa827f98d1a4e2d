"""A client's whole story is told: every line of it at its moment, and then how things stand with them now."""

from __future__ import annotations

import hashlib
import random
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from base.ids import new_id
from console.demo import scenes
from console.demo.agreements import Agreements, days_of
from console.demo.clients import SEED, DemoClient
from console.demo.hearing import hear
from console.demo.histories import History, Said, history_of
from console.demo.office import Office
from console.demo.people import agents_of, team_of
from console.demo.recording import record
from console.demo.saying import Words, say, words_of
from console.demo.thread import Thread
from console.demo.voice import Voice
from inbox.states import State

# In each country.
MOST_FILES = 4
_FOLDER = Path(__file__).parent / "files"
# A receipt is of the client's country, a letter in their language.
_FILES = {
    "receipt": ("receipt_{country}.jpg", "image/jpeg"),
    "letter": ("letter_{language}.jpg", "image/jpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
}
# How far ahead a moment of the demo may be told: never.
_SOON = timedelta(seconds=30)


class Story:
    """One client's story being told."""

    def __init__(self, office: Office, client: DemoClient) -> None:
        self.office = office
        self.client = client
        self.chance = random.Random(SEED * 5000 + client.number)  # noqa: S311 - made-up stories, no secret
        self.history: History = history_of(client, office.tx.now, files=office.files[client.country.code] < MOST_FILES)
        self.agent: UUID = office.agents[client.agent]
        self.colleague = self._colleague()
        names = office.names
        self.voice = Voice(client, self.chance, names[client.agent], names[self.colleague].split()[0])
        self.thread: Thread = record(office, client, self.history.said[0].at - timedelta(minutes=1))
        self.days = days_of(self.history.said, client.zone, office.tx.now)
        self.agreements = Agreements(office, self.thread, self.voice, self.agent, self.days)

    def _colleague(self) -> str:
        others = [person.email for person in agents_of(team_of(self.client.debts[0].creditor)) if person.email != self.client.agent]
        return "ana@trato.example" if "ana@trato.example" in others and self.chance.random() < 0.6 else self.chance.choice(others)

    def tell(self) -> Thread:
        """All of it; returns the conversation as it stands in the end."""
        said = self.history.said
        for place, one in enumerate(said):
            if self.client.stands == "own" and place and one.scene == self.history.last_scene != said[place - 1].scene:
                self._claim(said[place - 1].at + _SOON)
            self._one(one, last=place == len(said) - 1)
        self._settle(said[-1].at)
        return self.thread

    def _one(self, said: Said, *, last: bool) -> None:
        if said.kind in scenes.OURS:
            self._say(said, last=last)
        elif said.kind == scenes.CLIENT:
            hear(self.office, self.thread, said.channel, said.at, self._words(said, said.text, formal=False))
        elif said.kind == scenes.FILE:
            self._send_file(said)
        elif said.kind == scenes.NOTE:
            self._note(said)
        elif said.kind == scenes.PROMISE:
            self.agreements.promise(said)
        else:
            self.agreements.pay(said)

    def _words(self, said: Said, text: str, *, formal: bool) -> str:
        return self.voice.fill(text, said.at, self.days[said.scene], self.thread.debts[0]["due_on"], formal=formal)

    def _say(self, said: Said, *, last: bool) -> None:
        client, template = self.client, None
        values = self.voice.values
        if said.kind == scenes.TEMPLATE:
            template = self.office.prepared[said.text, client.language]
            text = words_of(template, values)
        else:
            text = self._words(said, said.text, formal=True)
        bad = client.bad if last else ""
        failure = next((one for one in self.office.failures if one["effect"] == bad), None)
        words = Words(self.agent, said.at, said.channel, text, template, values)
        say(self.office, self.thread, words, self._end(said, bad, failed=failure is not None), self.chance, failure)

    def _end(self, said: Said, bad: str, *, failed: bool) -> State:
        if bad == "unconfirmed":
            return State.UNCONFIRMED
        if failed:
            return State.FAILED
        if said.channel == "whatsapp":
            return State.READ if self.chance.random() < 0.85 else State.DELIVERED
        return State.DELIVERED if self.chance.random() < 0.94 else State.SENT

    def _send_file(self, said: Said) -> None:
        kind, _, caption = said.text.partition(" ")
        name, content_type = _FILES[kind]
        entry = hear(self.office, self.thread, said.channel, said.at, self._words(said, caption, formal=False))
        entry["detail"] = f'{{"attachments":[{{"content_type":"{content_type}"}}]}}'
        content, attachment = _content(name.format(country=self.client.country.code, language=self.client.language)), new_id()
        self.office.files[self.client.country.code] += 1
        self.office.book.add(
            "attachment",
            id=attachment,
            entry_id=entry["id"],
            person_id=self.thread.debtor,
            position=0,
            direction="in",
            state="kept",
            content_type=content_type,
            adapter=self.office.adapter,
            source_url=f"https://files.invalid/{attachment.hex}",
            size=len(content),
            sha256=hashlib.sha256(content).digest(),
            attempts=1,
            created_at=said.at,
        )
        self.office.book.add("blob", id=attachment, sealed=self.thread.person.seal_bytes("blob", attachment, "sealed", content))
        self.thread.revise(entry)
        fact = {"attachment": attachment, "entry": entry["id"]}
        self.office.book.tell(said.at, "system:attachments", "attachment.kept", self.thread.debtor, **fact)

    def _note(self, said: Said) -> None:
        book, thread = self.office.book, self.thread
        mentioned = [self.office.agents[self.colleague]] if "{colleague}" in said.text else []
        detail = {"mentions": [str(agent) for agent in mentioned]} if mentioned else {}
        entry = thread.append("note", said.at, agent=self.agent, text=self._words(said, said.text, formal=True), detail=detail)
        book.tell(said.at, f"agent:{self.agent}", "note.written", thread.debtor, entry=entry["id"], mentioned=len(mentioned))
        old = said.at < self.office.tx.now - timedelta(days=6)
        for agent in mentioned:
            book.add(
                "notice",
                id=new_id(),
                agent_id=agent,
                kind="mention",
                conversation_id=thread.row["id"],
                entry_id=entry["id"],
                by_id=self.agent,
                at=said.at,
                seen_at=said.at + timedelta(minutes=9) if old else None,
                done_at=said.at + timedelta(minutes=20) if old else None,
            )

    def _claim(self, at: datetime) -> None:
        changes = {"team_id": None, "snoozed_until": None, "read_position": self.thread.row["position"]}
        self.thread.move("claimed", at, self.agent, assigned_agent_id=self.agent, **changes)

    def _settle(self, at: datetime) -> None:
        client, row = self.client, self.thread.row
        later = min(at + timedelta(minutes=4), self.office.tx.now)
        if client.stands == "own" and client.number % 3 == 0:
            row["read_position"] = row["position"]
            self.thread.touch()
        elif client.stands == "snoozed":
            until = (self.office.tx.now + timedelta(hours=2 + client.number % 70)).replace(minute=0, second=0, microsecond=0)
            changes = {"snoozed_until": until, "assigned_agent_id": self.agent, "team_id": None}
            self.thread.move("snoozed", later, self.agent, {"until": until.isoformat()}, **changes)
        elif client.stands in ("closed", "stop"):
            self._close(later, self.history.disposition or "other")

    def _close(self, at: datetime, disposition: str) -> None:
        if disposition == "wrong_person":
            for place in self.thread.places.values():
                place.link["status"] = "wrong_party"
        row = self.thread.row
        row["read_position"] = row["position"]
        changes = {"state": "closed", "assigned_agent_id": None, "team_id": None, "snoozed_until": None, "waiting_since": None}
        self.thread.move("closed", at, self.agent, {"disposition": disposition}, disposition=disposition, **changes)


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
