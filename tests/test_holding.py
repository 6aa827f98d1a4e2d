"""Holding: until its call begins a message can be taken back, sent at once or put off; never both cancelled and sent; a STOP withholds it."""

from __future__ import annotations

import asyncio
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from base.errors import Conflict, Forbidden, InvalidField, NotFound
from channels.contract import Channel
from compliance.switches import set_kill_switch
from inbox.access import Reader, reader_by_token
from inbox.delivery import claim, deliver, deliver_due, prepare
from inbox.holding import TakenBack, reschedule, send_now, take_back, undo_seconds, withhold_closed
from inbox.sending import Draft, Sent, connected, send
from tests.carrier import accept, another_product, pending_of, queue, reaches, state_of
from tests.doors import stranger
from tests.running import Running, until

PHONE = "+573001234567"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preferences", "channel", "template", "heard", "seconds"),
    [
        ({}, Channel.SMS, False, None, 5),
        ({}, Channel.SMS, False, timedelta(minutes=15), 2),
        ({}, Channel.SMS, False, timedelta(minutes=15, seconds=1), 5),
        ({}, Channel.WHATSAPP, True, timedelta(minutes=1), 10),
        ({}, Channel.EMAIL, False, timedelta(minutes=1), 10),
        ({"undo_seconds": None}, Channel.SMS, False, None, 5),
        ({"undo_seconds": 0}, Channel.WHATSAPP, True, None, 0),
        ({"undo_seconds": 20}, Channel.SMS, False, timedelta(0), 20),
        ({"undo_seconds": 99}, Channel.SMS, False, None, 20),
        ({"undo_seconds": -1}, Channel.SMS, False, None, 0),
        ({"undo_seconds": True}, Channel.SMS, False, None, 5),
        ({"undo_seconds": "7"}, Channel.SMS, False, None, 5),
    ],
)
def test_the_seconds_to_take_it_back(
    preferences: dict[str, Any], channel: Channel, template: bool, heard: timedelta | None, seconds: int
) -> None:
    assert undo_seconds(preferences, channel, template, None if heard is None else NOW - heard, NOW) == seconds


async def reader(running: Running, who: str = "ana") -> Reader:
    async with running.product.work() as tx:
        found = await reader_by_token(tx, running.tokens[who])
    assert found is not None
    return found


async def held(running: Running, debtor: str, text: str = "Hola", who: str = "ana", **more: Any) -> Sent:
    """A message that waits: for twenty seconds, unless the test says otherwise."""
    draft = Draft(Channel.SMS, text, **({"hold_seconds": 20} | more))
    async with running.product.work() as tx:
        sent = await send(tx, await reader_by_token(tx, running.tokens[who]), uuid.UUID(debtor), draft, connected(running.settings))  # type: ignore[arg-type]
    assert isinstance(sent, Sent), sent
    return sent


async def take(running: Running, message: uuid.UUID, who: str = "ana") -> TakenBack:
    async with running.product.work() as tx:
        return await take_back(tx, await reader_by_token(tx, running.tokens[who]), message)  # type: ignore[arg-type]


async def stored(running: Running, message: uuid.UUID) -> Any:
    return (await running.rows("select * from message where org_id = :org and id = :id", id=message))[0]


async def act_of(running: Running, message: uuid.UUID) -> Any:
    return (await running.rows("select * from contact_act where org_id = :org and entry_id = :id", id=message))[0]


async def make_due(running: Running) -> None:
    async with running.product.work() as tx:
        await tx.run("update message set due_at = :now where org_id = :org and state = 'queued'")


async def test_a_held_message_leaves_when_it_is_due_and_not_before(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent = await held(running, client["id"])
    row = await stored(running, sent.message_id)
    assert (row.hold, row.state, row.due_at, row.expires_at) == ("undo", "queued", sent.due_at, sent.due_at + timedelta(hours=4))
    async with another_product(running, accept) as (product, carrier):
        assert await deliver_due(product) == 0
        await make_due(running)
        assert await deliver_due(product) == 1
        assert carrier.calls == [str(sent.message_id)]


async def test_taking_back_gives_everything_back_and_again_the_same(running: Running) -> None:
    client = await running.new_client(PHONE)
    await running.client_writes(PHONE, "¿Cuánto es?")
    sent = await held(running, client["id"], "Son 250.000")
    first = await take(running, sent.message_id)
    assert (first.text, first.channel, first.template_id, first.attachments) == ("Son 250.000", Channel.SMS, None, ())
    assert await take(running, sent.message_id) == first
    assert await state_of(running, str(sent.message_id)) == "cancelled"
    assert (await act_of(running, sent.message_id)).released_at is not None
    assert [row.action for row in await pending_of(running)].count("message.taken_back") == 1
    (conversation,) = await running.rows("select * from conversation where org_id = :org and debtor_id = :id", id=uuid.UUID(client["id"]))
    assert conversation.waiting_since is not None, "nobody has answered"
    await make_due(running)
    async with another_product(running, accept) as (product, carrier):
        assert await deliver_due(product) == 0
        assert carrier.calls == []


async def test_taking_back_frees_its_files(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent, file = await held(running, client["id"]), uuid.uuid4()
    async with running.product.work() as tx:
        await tx.run(
            "insert into attachment (org_id, id, entry_id, person_id, agent_id, position, direction, state, content_type, attempts, created_at)"
            " values (:org, :id, :entry, :person, :agent, 0, 'out', 'kept', 'image/png', 0, :now)",
            id=file,
            entry=sent.message_id,
            person=uuid.UUID(client["id"]),
            agent=running.agents["ana"],
        )
    assert (await take(running, sent.message_id)).attachments == (file,)
    assert (await take(running, sent.message_id)).attachments == (file,)
    (row,) = await running.rows("select entry_id from attachment where org_id = :org and id = :id", id=file)
    assert row.entry_id is None


async def test_who_may_take_it_back_and_who_may_not(running: Running) -> None:
    client = await running.new_client(PHONE)
    await stranger(running)
    sent = await held(running, client["id"])
    for who, error in (("luis", Forbidden), ("revisora", Forbidden), ("eva", NotFound)):
        with pytest.raises(error):
            await take(running, sent.message_id, who)
    with pytest.raises(NotFound):
        await take(running, uuid.uuid4())
    assert await state_of(running, str(sent.message_id)) == "queued"
    await take(running, sent.message_id, "supervisora")
    assert await state_of(running, str(sent.message_id)) == "cancelled"


async def test_over_the_api_it_is_scheduled_and_cancelled(running: Running) -> None:
    client = await running.new_client(PHONE)
    at = datetime.now(UTC) + timedelta(days=2)
    message = await queue(running, client["id"], not_before=at.isoformat())
    row = await stored(running, uuid.UUID(message))
    assert (row.hold, row.due_at) == ("schedule", at)
    assert (await act_of(running, uuid.UUID(message))).at == at, "it counts on the day it leaves"
    async with running.api("ana") as api:
        assert (await api.delete(f"/api/v1/messages/{message}")).json() == {"id": message, "state": "cancelled"}
        assert (await api.delete(f"/api/v1/messages/{message}")).status_code == 200
        assert (await api.delete(f"/api/v1/messages/{uuid.uuid4()}")).status_code == 404


async def test_what_has_left_or_was_withheld_cannot_be_taken_back(running: Running) -> None:
    client = await running.new_client(PHONE)
    gone = await held(running, client["id"], hold_seconds=0)
    async with another_product(running, accept) as (product, _):
        await deliver_due(product)
    with pytest.raises(Conflict):
        await take(running, gone.message_id)
    stopped = await held(running, client["id"])
    await running.client_writes(PHONE, "BAJA")
    assert await withhold_closed(running.product) == 1
    with pytest.raises(Conflict):
        await take(running, stopped.message_id)
    with pytest.raises(Conflict):
        async with running.product.work() as tx:
            await send_now(tx, await reader(running), stopped.message_id)


async def test_once_the_call_began_it_is_too_late(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent = await held(running, client["id"], hold_seconds=0)
    async with running.product.work() as tx:
        (one,) = await claim(tx, 1)
    async with running.product.work() as tx:
        assert await prepare(tx, running.product, one) is not None
    with pytest.raises(Conflict):
        await take(running, sent.message_id)
    assert await state_of(running, str(sent.message_id)) == "queued"


async def test_taking_back_and_delivering_at_once_never_does_both(running: Running) -> None:
    """Forty races, begun at every distance: cancelled and not called, or called and not cancelled."""
    client = await running.new_client(PHONE)
    chance, ends, longest = random.Random(7), [], 0.03
    async with another_product(running, accept) as (product, carrier):
        for number in range(40):
            sent = await held(running, client["id"], f"uno {number}", hold_seconds=0)

            async def late(message: uuid.UUID = sent.message_id, after: float = chance.random() * longest) -> bool:
                await asyncio.sleep(after)
                try:
                    await take(running, message)
                except Conflict:
                    return False
                return True

            cancelled, _ = await asyncio.gather(late(), deliver_due(product))
            called, state = str(sent.message_id) in carrier.calls, await state_of(running, str(sent.message_id))
            assert cancelled is not called, (number, cancelled, called, state)
            assert state == ("cancelled" if cancelled else "sent")
            ends.append(cancelled)
            longest *= 1.2 if cancelled else 0.85  # about as long as it takes here until the call begins
    assert set(ends) == {True, False}, "the races must end both ways, or they were none"


async def test_a_claim_that_was_made_before_it_was_put_off_delivers_nothing(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent = await held(running, client["id"], hold_seconds=0)
    async with running.product.work() as tx:
        (early,) = await claim(tx, 1)
    at = datetime.now(UTC) + timedelta(hours=5)
    async with running.product.work() as tx:
        await reschedule(tx, await reader(running), sent.message_id, at)
    async with another_product(running, accept) as (product, carrier):
        await deliver(product, early)
        assert carrier.calls == []
        row = await stored(running, sent.message_id)
        assert (row.hold, row.due_at, row.expires_at) == ("schedule", at, at + timedelta(hours=4))
        assert (await act_of(running, sent.message_id)).at == at
        async with running.product.work() as tx:
            await send_now(tx, await reader(running), sent.message_id)
        assert await deliver_due(product) == 1
        assert carrier.calls == [str(sent.message_id)]


async def test_moments_that_cannot_be_waited_for(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent = await held(running, client["id"])
    now = datetime.now(UTC)
    for at in (now - timedelta(seconds=1), now + timedelta(days=61), now.replace(tzinfo=None)):
        with pytest.raises(InvalidField):
            async with running.product.work() as tx:
                await reschedule(tx, await reader(running), sent.message_id, at)
    with pytest.raises(InvalidField):
        await held(running, client["id"], hold_seconds=21)


async def test_a_stop_withholds_what_waits_and_other_clients_messages_stay(running: Running) -> None:
    rosa, luis = await running.new_client(PHONE), await running.new_client("+573007654321")
    at = datetime.now(UTC) + timedelta(days=1)
    stopped = await held(running, rosa["id"], not_before=at)
    other = await held(running, luis["id"], not_before=at)
    async with running.product.work() as tx:
        await set_kill_switch(tx, "sms", "mantenimiento")
    assert await withhold_closed(running.product) == 0, "a stopped channel may be open again by then"
    await running.client_writes(PHONE, "STOP")
    assert await withhold_closed(running.product) == 0, "the reason that is written down for ever is the client's, not the switch"
    async with running.product.work() as tx:
        await tx.run("update kill_switch set lifted_at = :now where org_id = :org")
    assert await withhold_closed(running.product) == 1
    assert await withhold_closed(running.product) == 0
    assert (await stored(running, stopped.message_id)).error_code == "opt_out_word"
    assert (await act_of(running, stopped.message_id)).released_at is not None
    assert (await stored(running, other.message_id)).state == "queued"
    verdicts = await running.rows(
        "select stage, allowed from verdict where org_id = :org and message_id = :id order by id", id=stopped.message_id
    )
    assert [(row.stage, row.allowed) for row in verdicts] == [("composed", True), ("held", False)]
    notices = await running.rows("select agent_id, kind, entry_id from notice where org_id = :org")
    assert [(row.agent_id, row.kind, row.entry_id) for row in notices] == [(running.agents["ana"], "failed", stopped.message_id)]


@pytest.mark.usefixtures("worker")
async def test_the_worker_shows_it_within_moments(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent = await held(running, client["id"], not_before=datetime.now(UTC) + timedelta(days=1))
    await running.client_writes(PHONE, "BAJA")
    assert await reaches(running, str(sent.message_id), "withheld") == "withheld"


@pytest.mark.usefixtures("worker")
async def test_a_held_message_is_delivered_by_the_worker_after_its_seconds(running: Running) -> None:
    client = await running.new_client(PHONE)
    sent = await held(running, client["id"], hold_seconds=2)
    assert await reaches(running, str(sent.message_id), "delivered") == "delivered"
    row = await stored(running, sent.message_id)
    assert row.state_at >= sent.due_at

    async def settled() -> bool:
        return (await act_of(running, sent.message_id)).released_at is None

    assert await until(settled)
