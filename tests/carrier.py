"""A carrier's requests signed by hand, byte for byte, for what the simulator would never send; and adapters that fail in chosen ways."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import httpx

from base.clock import Clock
from base.crypto import Cipher
from base.db import Database
from channels.contract import Accepted, Channel, Listed, Media, Outbound, TryAgain
from inbox.product import Product, open_product
from tests.running import Running, until

MESSAGE = "/hooks/twilio/message"
Fields = Sequence[tuple[str | bytes, str | bytes]]


def sid() -> str:
    """A new message id as the carrier makes them."""
    return "SM" + uuid.uuid4().hex


def words_of(running: Running, phone: str, text: str | bytes, **more: str | bytes) -> list[tuple[str | bytes, str | bytes]]:
    """The fields of an inbound SMS; `more` replaces or adds some."""
    fields: dict[str | bytes, str | bytes] = {
        "MessageSid": sid(),
        "AccountSid": running.settings.twilio_account_sid,
        "From": phone,
        "To": running.settings.twilio_sender,
        "Body": text,
        "NumMedia": "0",
    }
    return list((fields | more).items())


async def post_signed(running: Running, fields: Fields, path: str = MESSAGE) -> httpx.Response:
    """POST fields as a urlencoded form under a true signature."""
    pairs = [(_bytes(name), _bytes(value)) for name, value in fields]
    signed = f"{running.url}{path}".encode() + b"".join(name + value for name, value in sorted(set(pairs)))
    proof = base64.b64encode(hmac.new(running.settings.twilio_auth_token.encode(), signed, hashlib.sha1).digest()).decode()
    return await post_raw(running, body_of(fields), path, {"x-twilio-signature": proof})


async def post_raw(running: Running, body: bytes, path: str, headers: dict[str, str]) -> httpx.Response:
    """POST a form as it is."""
    async with httpx.AsyncClient(base_url=running.url, timeout=60, verify=False) as http:
        return await http.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded", **headers})


def environment_of(running: Running) -> dict[str, str]:
    """What the programs are told from outside, to run beside this process."""
    settings = running.settings
    return {
        "TRATO_VAR": str(settings.var),
        "CARRIER": "simulator",
        "PORT": str(settings.port),
        "SIMULATOR_PORT": str(settings.simulator_port),
        "DATABASE_URL": settings.database_url,
        "SEQUENCER_DATABASE_URL": settings.sequencer_database_url,
        "REDIS_URL": settings.redis_url,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "TRATO_KEYS": ",".join(f"{name}:{key}" for name, key in settings.keys.items()),
        "TRATO_INDEX_KEY": settings.index_key,
        "TRATO_SESSION_KEY": settings.session_key,
        "TRATO_LEDGER_KEY": settings.ledger_key,
        "LOG_FORMAT": "text",
    }


def body_of(fields: Fields) -> bytes:
    """The urlencoded body of these fields."""
    return "&".join(f"{quote_plus(_bytes(name))}={quote_plus(_bytes(value))}" for name, value in fields).encode()


async def post_receipt(running: Running, message: str, carrier_id: str, word: str, code: str = "") -> httpx.Response:
    """A receipt of the carrier on one of our messages."""
    fields = [("MessageSid", carrier_id), ("AccountSid", running.settings.twilio_account_sid), ("MessageStatus", word)]
    return await post_signed(running, fields + ([("ErrorCode", code)] if code else []), f"/hooks/twilio/receipt/{message}")


async def send(running: Running, debtor: str, text: str = "Buenos días", who: str = "ana", **more: Any) -> httpx.Response:
    """An agent writes over the API."""
    async with running.api(who) as api:
        key = more.pop("key", None)
        headers = {"idempotency-key": key} if key else {}
        return await api.post(f"/api/v1/debtors/{debtor}/messages", json={"channel": "sms", "text": text, **more}, headers=headers)


async def queue(running: Running, debtor: str, text: str = "Buenos días", **more: Any) -> str:
    """An agent's message that the gate let through; returns its id."""
    answer = await send(running, debtor, text, **more)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def state_of(running: Running, message: str) -> str:
    """Where a message stands, as the API says."""
    async with running.api() as api:
        return str((await api.get(f"/api/v1/messages/{message}")).json()["state"])


async def reaches(running: Running, message: str, *states: str, seconds: float = 60.0) -> str:
    """Wait until a message stands at one of `states`; returns which."""

    async def there() -> str | None:
        state = await state_of(running, message)
        return state if state in states else None

    return str(await until(there, seconds))


async def accepted(running: Running, phone: str) -> list[dict[str, Any]]:
    """What the carrier accepted for a number, by its own durable record."""
    async with running.simulator() as simulator:
        answer = await simulator.get("/_simulator/accepted?limit=10000")
        return [one for one in answer.json()["accepted"] if one["to"] == phone]


async def scenario(running: Running, kind: str, phone: str, **more: Any) -> None:
    """Let something go wrong at the carrier for one number."""
    async with running.simulator() as simulator:
        rule = {"kind": kind, "match": {"to": phone.replace("+", r"\+")}, **more}
        (await simulator.post("/_simulator/scenario", json=rule)).raise_for_status()


class StandIn:
    """An adapter whose call and list are whatever a test says; it counts its calls."""

    name = "twilio"

    def __init__(self, account: str, call: Callable[[Outbound], Awaitable[Accepted]]) -> None:
        self.account = account
        self.calls: list[str] = []
        self.rows: list[Listed] = []
        self.breaks_off = False
        self._call = call

    async def send(self, outbound: Outbound) -> Accepted:
        """Note the call, then do what the test wants."""
        self.calls.append(outbound.message_id)
        return await self._call(outbound)

    async def listing(self, _since: datetime) -> AsyncIterator[Listed]:
        """`rows`, then whatever goes wrong with the list."""
        for row in self.rows:
            yield row
        if self.breaks_off:
            raise TryAgain("The list breaks off.")

    async def media_of(self, external_id: str) -> tuple[Media, ...]:
        """No files."""
        return ()

    async def close(self) -> None:
        """Nothing to let go of."""


async def accept(outbound: Outbound) -> Accepted:
    """A carrier that takes a moment and accepts."""
    await asyncio.sleep(0.01)
    return Accepted(f"SM{uuid.UUID(outbound.message_id).hex}")


@asynccontextmanager
async def another_product(
    running: Running, call: Callable[[Outbound], Awaitable[Accepted]] | None = None
) -> AsyncIterator[tuple[Product, StandIn]]:
    """A further process of the product, with a carrier that does what `call` says (the real adapter where it says nothing)."""
    product = await open_product(running.settings)
    stand_in = StandIn(running.settings.twilio_account_sid, call or accept)
    if call is not None:
        product.adapters = {Channel.SMS: stand_in}  # type: ignore[dict-item]
    try:
        yield product, stand_in
    finally:
        await product.close()


@asynccontextmanager
async def sequencer_of(running: Running) -> AsyncIterator[Database]:
    """The database as the sequencer's role sees it."""
    settings = running.settings
    database = Database(settings.sequencer_database_url, Clock(), Cipher(settings.keys, settings.index_key), pool_size=1)
    database.org = running.product.db.org
    try:
        yield database
    finally:
        await database.close()


async def pending_of(running: Running) -> list[Any]:
    """What waits for its place in the ledger, as the sequencer sees it: the application may not read it."""
    async with sequencer_of(running) as sequencer, sequencer.transaction() as tx:
        return list(await tx.rows("select action, actor, detail, subject from audit_pending where org_id = :org order by id"))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
