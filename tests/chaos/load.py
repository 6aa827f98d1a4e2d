"""Load through the real doors: clients who write over the carrier, agents who answer over the API and press buttons. Seeded and bounded."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.history import History
from tests.chaos.http import client as http_client
from tests.chaos.people import Person
from tests.chaos.stage import CREDITOR, Stage, bearer

STOP_WORDS = ("STOP", "BAJA", "no más mensajes")
WRITERS = ("ana", "luis", "supervisora", "admin")
ANSWERED = (200, 202, 422)
_PATIENCE = 3.0
_TRIES = 60


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the creditor, or (without ids) somebody who is not known yet."""

    phone: str
    debtor: str = ""
    conversation: str = ""


@dataclass
class Load:
    """What is sent in. Every request and every answer stands in the history."""

    stage: Stage
    history: History
    chance: random.Random
    clients: list[Client] = field(default_factory=list)
    strangers: list[Client] = field(default_factory=list)
    leaving: list[Client] = field(default_factory=list)
    people: Sequence[Person] = ()
    _number: int = 0

    async def make_clients(self, known: int, strangers: int, leaving: int) -> None:
        """Record the clients over the API; `leaving` of the known ones will ask not to be written to."""
        async with http_client(self.stage.webs[0], 60, headers=bearer(self.stage.tokens["admin"])) as api:
            debtors = [await self._client(api, number) for number in range(known)]
            listed = (await api.get("/api/v1/conversations?limit=200")).json()["items"]
        conversations = {one["debtor_id"]: one["id"] for one in listed}
        self.clients = [Client(phone, debtor, conversations[debtor]) for phone, debtor in debtors]
        self.leaving = self.clients[:leaving]
        self.strangers = [Client(f"+57311{self.chance.randrange(10**7):07d}") for _ in range(strangers)]

    async def _client(self, api: httpx.AsyncClient, number: int) -> tuple[str, str]:
        phone = f"+57300{self.chance.randrange(10**7):07d}"
        card = {
            "ref": f"C-{number}",
            "name": f"Rosa Márquez {number}",
            "country": "CO",
            "addresses": [{"channel": "sms", "value": phone}],
            "debts": [{"ref": f"D-{number}", "creditor": CREDITOR, "total_due": "250000", "currency": "COP"}],
        }
        answer = await api.post("/api/v1/debtors", json=card)
        answer.raise_for_status()
        return phone, answer.json()["id"]

    async def run(self, seconds: float, *, inbound: int, outbound: int, presses: int) -> None:
        """So many requests of each kind at random moments within `seconds`; returns when each has its last answer."""
        plan = [(self._speak, inbound), (self._write, outbound), (self._press, presses), (self._leave, len(self.leaving))]
        works = [work for work, times in plan for _ in range(times)]
        moments = sorted(self.chance.uniform(0, seconds) for _ in works)
        self.chance.shuffle(works)
        tasks = []
        begun = asyncio.get_running_loop().time()
        for at, work in zip(moments, works, strict=True):
            await asyncio.sleep(max(0.0, begun + at - asyncio.get_running_loop().time()))
            # A chance of its own: what one piece of work does must not hang on how fast the others are.
            tasks.append(asyncio.create_task(work(random.Random(self.chance.getrandbits(64)))))
        for done in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(done, BaseException):
                raise done

    def _next(self) -> int:
        self._number += 1
        return self._number

    # Clients

    async def _speak(self, chance: random.Random) -> None:
        """A client's word: plain, doubled, late, never posted, forged, contradicted or unreadable."""
        client = chance.choice([*self.clients, *self.strangers, *self.strangers])
        kind = chance.choices(("plain", "doubled", "late", "lost", "forged", "contradicted", "unreadable"), (50, 15, 12, 7, 8, 4, 4))[0]
        sid, text = _sid(chance), f"palabra {self._next()}: ¿cuánto debo? ñ"
        wrong: dict[str, dict[str, Any]] = {
            "doubled": {"copies": chance.randint(2, 5)},
            "late": {"delay": chance.uniform(0.2, 2.5), "copies": chance.randint(1, 2)},
            "lost": {"lost": True},
            "forged": {"forge": chance.choice(("signature", "body", "token", "missing", "double"))},
            "unreadable": {"extra": {"MessageSid": _sid(chance)}},
        }
        codes = await self._post_inbound(kind, sid, client, text, wrong.get(kind, {}))
        if kind == "contradicted" and 200 in codes:
            await self._post_inbound("contradiction", sid, client, f"{text} (otra cosa)", {})

    async def _leave(self, chance: random.Random) -> None:
        """A client asks not to be written to, again and again until the door has answered with 200."""
        client = self.leaving.pop()
        # Some words are on their way to the carrier when the client has enough.
        words = [asyncio.create_task(self._write(random.Random(chance.getrandbits(64)), client)) for _ in range(3)]
        await asyncio.wait(words, return_when=asyncio.FIRST_COMPLETED)
        await self._insist_on_leaving(chance, client)
        await asyncio.gather(*words)

    async def _insist_on_leaving(self, chance: random.Random, client: Client) -> None:
        for _ in range(_TRIES):
            sid = _sid(chance)
            if 200 in await self._post_inbound("stop", sid, client, chance.choice(STOP_WORDS), {}):
                self.history.note("stop acknowledged", sid=sid, phone=client.phone, debtor=client.debtor)
                return
            await asyncio.sleep(0.3)

    async def _post_inbound(self, kind: str, sid: str, client: Client, text: str, more: dict[str, Any]) -> list[int | None]:
        self.history.note("inbound", kind=kind, sid=sid, phone=client.phone, text=text)
        codes: list[int | None] = []
        error = None
        try:
            async with http_client(self.stage.simulator, 60) as http:
                answer = await http.post("/_simulator/inbound", json={"from": client.phone, "text": text, "sid": sid, **more})
                answer.raise_for_status()
                codes = answer.json()["status_codes"]
        except httpx.HTTPError as problem:
            error = type(problem).__name__
        self.history.note("inbound answered", kind=kind, sid=sid, codes=codes, error=error)
        return codes

    # Agents

    async def _write(self, chance: random.Random, client: Client | None = None) -> None:
        """An agent's message over the API, with one key until there is an answer; sometimes twice at once, or later with another body."""
        client, who = client or chance.choice(self.clients), chance.choice(WRITERS)
        key, text = str(uuid.UUID(int=chance.getrandbits(128))), f"mensaje {self._next()}: con gusto le ayudamos"
        self.history.note("outbound", key=key, who=who, debtor=client.debtor, phone=client.phone, text=text)
        twins = 2 if chance.random() < 0.2 else 1
        answered = await asyncio.gather(*(self._insist(chance, key, who, client, text) for _ in range(twins)))
        # Where nobody ever answered, the key may still be new: another body under it would rightly be taken.
        if chance.random() < 0.1 and any(answered):
            await self._post_outbound(chance, key, who, client, f"{text} (otra cosa)", other=True)

    async def _insist(self, chance: random.Random, key: str, who: str, client: Client, text: str) -> bool:
        """Whether there was an answer in the end."""
        for _ in range(_TRIES):
            if await self._post_outbound(chance, key, who, client, text) in ANSWERED:
                return True
            await asyncio.sleep(chance.uniform(0.1, 0.6))
        self.history.note("outbound given up", key=key)
        return False

    async def _post_outbound(
        self, chance: random.Random, key: str, who: str, client: Client, text: str, *, other: bool = False
    ) -> int | None:
        headers = bearer(self.stage.tokens[who]) | {"idempotency-key": key}
        status, body = None, {}
        try:
            async with http_client(chance.choice(self.stage.webs), _PATIENCE, headers=headers) as api:
                answer = await api.post(f"/api/v1/debtors/{client.debtor}/messages", json={"channel": "sms", "text": text})
                status, body = answer.status_code, answer.json()
        except (httpx.HTTPError, ValueError) as error:
            body = {"error": type(error).__name__}
        rule = (body.get("verdict") or {}).get("rule")
        self.history.note("outbound answered", key=key, other=other, status=status, id=body.get("id"), rule=rule, error=body.get("error"))
        return status

    async def _press(self, chance: random.Random) -> None:
        """Two agents press a button of the same conversation at the same moment."""
        client, action = chance.choice(self.clients), chance.choices(("claim", "release", "close", "reopen"), (5, 4, 1, 2))[0]
        # A supervisor may take a conversation over: only between agents one has to lose.
        agents = [person for person in self.people if person.who in ("ana", "luis")]
        one, other = chance.sample(agents if action == "claim" else list(self.people), 2)
        path = f"/c/{client.conversation}/{action}"
        began = time.time()
        codes = await asyncio.gather(one.press(path), other.press(path))
        self.history.note(
            "pressed", began=began, action=action, conversation=client.conversation, who=[one.who, other.who], codes=list(codes)
        )


def _sid(chance: random.Random) -> str:
    return f"SM{chance.getrandbits(128):032x}"
