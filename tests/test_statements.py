"""What an operation may cost, counted: SQL statements and transactions through the real doors, and no Redis before a carrier's answer."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any

import pytest
from redis.asyncio.connection import AbstractConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from inbox.delivery import deliver_due
from tests.carrier import MESSAGE, accept, another_product, body_of, post_raw, post_receipt, post_signed, queue, send, state_of, words_of
from tests.counting import HERE, LISTENING, LOOK, REQUEST, Counted, counting
from tests.doors import Line, Visitor, signed_in
from tests.running import Running, until

PHONE = "+573001234567"
MOST_PER_WEBHOOK = 8
# Each of these comes once in the life of an address: who of its sharers is meant, that it works, the word itself and what it means, and that all
# of its sharers' screens learn of it. A photo is announced in a statement of its own.
ONCE_IN_A_LIFE = {
    "webhook: a first opt-out word on a shared number",
    "webhook: a first opt-out word on a number of two to whom nobody wrote",
    "webhook: a first opt-out word with a photo",
}


@dataclass(frozen=True, slots=True)
class Budget:
    """The most statements that one run of an operation may need, and the most transactions around them (each has its BEGIN and COMMIT)."""

    statements: int
    transactions: int


# Every page, API call and new socket pays one statement in a transaction of its own for knowing who asks.
BUDGETS = {
    "webhook: a client's word": Budget(5, 1),
    "webhook: the first word from an address": Budget(6, 1),
    "webhook: told again": Budget(5, 1),
    "webhook: an opt-out word": Budget(7, 1),
    "webhook: a first opt-out word on a shared number": Budget(10, 1),
    "webhook: a first opt-out word on a number of two to whom nobody wrote": Budget(12, 1),
    "webhook: a first opt-out word with a photo": Budget(9, 1),
    "webhook: an unknown sender": Budget(5, 1),
    "webhook: a forged one": Budget(1, 1),
    "receipt: the first that proves an address": Budget(8, 1),
    "receipt: a later one": Budget(7, 1),
    "receipt: told again": Budget(3, 1),
    "send: over the API": Budget(9, 2),
    "send: over the API, with a key": Budget(11, 2),
    "send: over the API, refused": Budget(9, 2),
    # Beside the message itself: the seconds in which it can be taken back, the draft that is let go, and the card as it is afterwards.
    "send: from the composer": Budget(19, 3),
    # One more for the hints on wording: in which language somebody reads whose own is not known.
    "draft: kept": Budget(4, 2),
    "presence: told": Budget(2, 2),
    "deliver: one message": Budget(10, 3),
    "deliver: nothing due": Budget(1, 1),
    "page: the desk": Budget(5, 2),
    "page: a list": Budget(3, 2),
    # The reader's own draft, and one statement for all that stands beside the timeline; the frame adds list, numbers, notices and keys.
    "page: a conversation, the first time in a quarter of an hour": Budget(14, 2),
    "page: a conversation": Budget(13, 2),
    "page: a conversation without the frame": Budget(9, 2),
    "page: older entries": Budget(4, 2),
    "api: a timeline": Budget(5, 2),
    "live: coming back with nothing missed": Budget(4, 2),
    "live: coming back with everything missed": Budget(8, 2),
    "live: watching a list": Budget(3, 2),
    "live: a look at a conversation, the first in a quarter of an hour": Budget(4, 1),
    "live: a look at a conversation": Budget(2, 1),
    "live: a look at a conversation whose card changed": Budget(6, 1),
    "live: a look at a list": Budget(2, 1),
    "live: watching one's notices": Budget(2, 2),
    "act: taking a conversation": Budget(12, 3),
}


def test_a_webhook_costs_no_more_than_was_promised() -> None:
    costs = {name: budget.statements for name, budget in BUDGETS.items() if name.startswith("webhook: ") and name not in ONCE_IN_A_LIFE}
    assert len(costs) > 5
    assert max(costs.values()) <= MOST_PER_WEBHOOK, costs


async def test_a_clients_word(running: Running) -> None:
    await running.new_client(PHONE)
    async with within("webhook: the first word from an address", running):
        await says(running, "Hola")
    fields = words_of(running, PHONE, "¿Puedo pagar el viernes?")
    async with within("webhook: a client's word", running):
        assert (await post_signed(running, fields)).status_code == 200
    async with within("webhook: told again", running):
        assert (await post_signed(running, fields)).status_code == 200


async def test_words_that_mean_more(running: Running) -> None:
    await running.new_client(PHONE)
    await says(running, "Hola")
    async with within("webhook: an opt-out word", running):
        await says(running, "BAJA")
    async with within("webhook: an unknown sender", running):
        await says(running, "Hola", phone="+573119998877")
    forged = body_of(words_of(running, PHONE, "Hola"))
    async with within("webhook: a forged one", running):
        assert (await post_raw(running, forged, MESSAGE, {"x-twilio-signature": "forged"})).status_code == 403


async def test_a_first_opt_out_on_a_number_that_two_share_and_one_with_a_photo(running: Running) -> None:
    """The dearest that a client can say at once: an address that is heard from for the first time, whose sharers all learn of it."""
    shared, other = "+573007654320", "+573007654321"
    for phone in (PHONE, shared):
        clients = [await running.new_client(phone, name=name) for name in ("Rosa Márquez", "Paz Rojas")]
    await queue(running, clients[0]["id"])
    async with within("webhook: a first opt-out word on a shared number", running):
        await says(running, "BAJA", shared)
    async with within("webhook: a first opt-out word on a number of two to whom nobody wrote", running):
        await says(running, "BAJA")
    await running.new_client(other)
    photo = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/media/1", "MediaContentType0": "image/jpeg"}
    async with within("webhook: a first opt-out word with a photo", running):
        assert (await post_signed(running, words_of(running, other, "BAJA", **photo))).status_code == 200
    assert len(await running.rows("select id from attachment where org_id = :org")) == 1
    assert len(await running.rows("select id from opt_out where org_id = :org")) == 3


async def test_a_carrier_is_answered_before_redis_is_asked_anything(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command is held back until the answer has come: an answer that waited for one would come too late."""
    await running.new_client(PHONE)
    await says(running, "Hola")
    answered, asked = asyncio.Event(), []
    real = AbstractConnection.send_packed_command

    async def hold(self: AbstractConnection, *command: Any, **more: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        asked.append(getattr(task.get_coro(), "__name__", ""))
        await answered.wait()
        await real(self, *command, **more)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", hold)
    try:
        async with asyncio.timeout(60):
            await says(running, "¿Siguen ahí?")
        assert REQUEST not in asked
    finally:
        answered.set()


async def test_sending_over_the_api(running: Running) -> None:
    client = await running.new_client(PHONE)
    async with within("send: over the API", running):
        await queue(running, client["id"])
    async with within("send: over the API, with a key", running):
        await queue(running, client["id"], key="k-1")
    async with within("api: a timeline", running):
        await running.timeline(client["id"], "ana")
    await says(running, "BAJA")
    async with within("send: over the API, refused", running):
        assert (await send(running, client["id"])).status_code == 422


async def test_sending_from_the_composer(running: Running) -> None:
    ana, conversation = await at_desk(running)
    form = {"text": "Con gusto.", "channel": "sms", "client_token": str(uuid.uuid4()), "seen_revision": "99"}
    async with within("send: from the composer", running):
        assert (await ana.post(f"/c/{conversation}/messages", form)).status_code == 200
    async with within("draft: kept", running):
        assert (await ana.post(f"/c/{conversation}/draft", form | {"client_token": str(uuid.uuid4())})).status_code == 200
    async with within("presence: told", running):
        assert (await ana.post(f"/c/{conversation}/here", {"doing": "writing", "tab": "a"})).status_code == 204


async def test_delivering_one_message_and_its_receipts(running: Running) -> None:
    client = await running.new_client(PHONE)
    message = await queue(running, client["id"])
    async with another_product(running, accept) as (product, _):
        async with within("deliver: one message", running, HERE, "deliver", engine=product.db.engine):
            assert await deliver_due(product) == 1
        async with within("deliver: nothing due", running, HERE, engine=product.db.engine):
            assert await deliver_due(product) == 0
    carrier_id = f"SM{uuid.UUID(message).hex}"
    async with within("receipt: the first that proves an address", running):
        await post_receipt(running, message, carrier_id, "delivered")
    async with within("receipt: a later one", running):
        await post_receipt(running, message, carrier_id, "read")
    assert await state_of(running, message) == "read"
    async with within("receipt: told again", running):
        await post_receipt(running, message, carrier_id, "read")


@pytest.mark.usefixtures("moved")  # a quarter of an hour begins at three and not in the middle of this
async def test_pages(running: Running) -> None:
    ana, conversation = await at_desk(running)
    for name, path in (
        ("page: the desk", "/"),
        ("page: a list", "/queue?view=team"),
        ("page: a conversation, the first time in a quarter of an hour", f"/c/{conversation}"),
        ("page: a conversation", f"/c/{conversation}"),
        ("page: older entries", f"/c/{conversation}/entries?before=9000000000000000.1"),
    ):
        async with within(name, running):
            assert (await ana.get(path)).status_code == 200, path
    async with within("page: a conversation without the frame", running):
        assert (await ana.get(f"/c/{conversation}", **{"hx-request": "true", "hx-request-type": "partial"})).status_code == 200


@pytest.mark.usefixtures("moved")
async def test_coming_back_to_a_conversation(running: Running) -> None:
    ana, conversation = await at_desk(running)
    await ana.get(f"/c/{conversation}")
    topic = f"conversation:{conversation}"
    async with within("live: coming back with everything missed", running, REQUEST, LISTENING), ana.line() as line:
        await line.say(t="hello", seen={topic: 1})
        reached = (await line.hear("frame", topic=topic))["to"]
    async with within("live: coming back with nothing missed", running, REQUEST, LISTENING), ana.line() as line:
        await line.say(t="hello", seen={topic: reached})
        await line.hear("live")


@pytest.mark.usefixtures("moved")
async def test_looking_at_a_conversation(running: Running) -> None:
    """Two colleagues watch, so a look that asked once for each of them would need more than its budget."""
    ana, conversation = await at_desk(running)
    luis = await signed_in(running, "luis")
    topic = f"conversation:{conversation}"
    async with ana.line() as line, luis.line() as other:
        for one in (line, other):
            await one.say(t="hello", seen={topic: 1})
            await one.hear("frame", topic=topic)
        await one_look("live: a look at a conversation, the first in a quarter of an hour", running, line, topic, says(running, "Hola"))
        await one_look("live: a look at a conversation", running, line, topic, says(running, "¿Hola?"))
        await one_look("live: a look at a conversation whose card changed", running, line, topic, says(running, "BAJA"))


async def test_looking_at_a_list(running: Running) -> None:
    ana, _ = await at_desk(running)
    luis = await signed_in(running, "luis")
    async with within("live: watching a list", running, REQUEST, LISTENING), ana.line() as line:
        await line.say(t="hello", seen={"queue:team": ""})
        await line.hear("live")
    async with ana.line() as line, luis.line() as other:
        for one in (line, other):
            await one.say(t="hello", seen={"queue:team": ""})
            await one.hear("frame", topic="queue:team")
        await one_look("live: a look at a list", running, line, "queue:team", says(running, "Hola"))


async def test_acting_and_being_told(running: Running) -> None:
    ana, conversation = await at_desk(running)
    async with within("act: taking a conversation", running):
        assert (await ana.post(f"/c/{conversation}/claim")).status_code == 200
    async with within("live: watching one's notices", running, REQUEST, LISTENING), ana.line() as line:
        await line.say(t="hello", seen={"me": ""})
        await line.hear("live")


async def one_look(name: str, running: Running, line: Line, topic: str, change: Awaitable[Any]) -> None:
    """Every look that a change causes must keep to the budget, however many looks there are. A look that waits already would not be counted."""

    async def no_look_waits() -> bool:
        return all(getattr(task.get_coro(), "__name__", "") != LOOK for task in asyncio.all_tasks())

    await until(no_look_waits)
    with counting(running.product.db.engine) as counted:
        await change
        await line.hear("frame", topic=topic)
    units = {one.unit for one in counted.of(LOOK)}
    assert units, counted.told()
    for unit in units:
        check(name, Counted([one for one in counted.of(LOOK) if one.unit == unit]), LOOK)


@contextlib.asynccontextmanager
async def within(name: str, running: Running, *works: str, engine: AsyncEngine | None = None) -> AsyncIterator[None]:
    """Fail when what is done inside needs more than its budget. Without `works`, what requests need."""
    with counting(engine or running.product.db.engine) as counted:
        yield
    check(name, counted, *(works or (REQUEST,)))


def check(name: str, counted: Counted, *works: str) -> None:
    """Compare with the table, and say what was counted."""
    found = counted.of(*works)
    used, budget = Budget(len(found), len({one.unit for one in found})), BUDGETS[name]
    print(f"{name}: {used.statements} statements in {used.transactions} transactions")
    assert found, f"{name}: nothing was counted"
    assert used.statements <= budget.statements, f"{name}: {used} of {budget}\n{counted.told()}"
    assert used.transactions <= budget.transactions, f"{name}: {used} of {budget}\n{counted.told()}"


async def says(running: Running, text: str, phone: str = PHONE) -> None:
    """A client writes; our door has answered."""
    assert (await post_signed(running, words_of(running, phone, text))).status_code == 200


async def at_desk(running: Running) -> tuple[Visitor, str]:
    """Ana, signed in, and the conversation of a client who has written."""
    client = await running.new_client(PHONE)
    await says(running, "Hola")
    return await signed_in(running), client["conversation_id"]
