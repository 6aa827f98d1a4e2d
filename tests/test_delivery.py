"""Delivery: one message is at most one acceptance, through races, stops, lost answers and a carrier's every mood."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from datetime import timedelta
from typing import Any

import pytest

import inbox.worker
from channels.contract import Accepted, Outbound, Refused, TryAgain, Unconfirmed
from channels.twilio_words import error_of
from inbox.delivery import claim, deliver, deliver_due, prepare, settle_orphans
from inbox.outcomes import Claim, record_outcome
from tests.carrier import (
    accept,
    accepted,
    another_product,
    environment_of,
    pending_of,
    queue,
    reaches,
    scenario,
    send,
    state_of,
)
from tests.running import Running, until, working
from tests.servers import Servers

PHONE = "+573001234567"


async def message(running: Running, id_: str) -> Any:
    return (await running.rows("select * from message where org_id = :org and id = :id", id=uuid.UUID(id_)))[0]


async def end_leases(running: Running) -> None:
    """As if the workers that hold messages had not been heard of for a minute."""
    async with running.product.work() as tx:
        await tx.run(
            "update message set lease_until = clock_timestamp() - interval '1 second' where org_id = :org and lease_until is not null"
        )


async def act_is_released(running: Running, id_: str) -> bool:
    (row,) = await running.rows("select released_at from contact_act where org_id = :org and entry_id = :id", id=uuid.UUID(id_))
    return row.released_at is not None


async def claimed(running: Running) -> Claim:
    async with running.product.work() as tx:
        (one,) = await claim(tx, 10)
    return one


async def test_four_workers_that_claim_at_once_never_share_a_message(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await asyncio.gather(*(queue(running, client["id"], f"uno {n}") for n in range(24)))
    barrier = asyncio.Barrier(4)

    async def worker() -> list[Claim]:
        async with running.product.work() as tx:
            await barrier.wait()
            found = await claim(tx, 6)
            await barrier.wait()
            return found

    shares = await asyncio.gather(*(worker() for _ in range(4)))
    assert [len(share) for share in shares] == [6, 6, 6, 6]
    assert {str(one.message_id) for share in shares for one in share} == set(queued)


async def test_workers_in_a_hurry_call_the_carrier_once_per_message(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await asyncio.gather(*(queue(running, client["id"], f"uno {n}") for n in range(24)))
    async with another_product(running, accept) as (one, first), another_product(running, accept) as (two, second):
        await asyncio.gather(*(deliver_due(product, 5) for _ in range(6) for product in (one, two)))
        await deliver_due(one, 30)
    assert sorted(first.calls + second.calls) == sorted(queued)
    assert {(await message(running, one)).state for one in queued} == {"sent"}


async def test_a_stalled_worker_finds_its_claim_gone(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])
    zombie = await claimed(running)
    await end_leases(running)
    second = await claimed(running)
    async with another_product(running, accept) as (product, carrier):
        await deliver(product, zombie)
        assert carrier.calls == []
        await deliver(product, second)
        await deliver(product, zombie)
        assert carrier.calls == [queued]


@pytest.mark.parametrize(
    ("late", "told"),
    [
        (Refused(error_of("21610")), None),
        (TryAgain("throttled"), None),
        (Unconfirmed("time-out"), None),
        (Accepted("SM" + "f" * 32), "message.accepted_without_claim"),
    ],
    ids=["refused", "again", "unconfirmed", "accepted"],
)
async def test_a_late_outcome_without_the_claim_changes_nothing(running: Running, late: Any, told: str | None) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])
    zombie = await claimed(running)
    async with running.product.work() as tx:
        ready = await prepare(tx, running.product, zombie)
        assert ready is not None
        await tx.run("update message set attempt_at = null, lease_until = null where org_id = :org")
    await claimed(running)
    before = await message(running, queued)
    async with running.product.work() as tx:
        await record_outcome(tx, zombie, ready, late)
    assert await message(running, queued) == before
    assert (told in [row.action for row in await pending_of(running)]) is (told is not None)


async def test_a_call_that_nobody_ended_is_unconfirmed_and_never_made_again(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])
    dead = await claimed(running)
    async with running.product.work() as tx:
        ready = await prepare(tx, running.product, dead)
    assert await settle_orphans(running.product) == 0, "its lease still runs"
    await end_leases(running)
    assert await deliver_due(running.product) == 0, "no worker may take it now"
    assert await settle_orphans(running.product) == 1
    assert await state_of(running, queued) == "unconfirmed"
    async with another_product(running, accept) as (product, carrier):
        await end_leases(running)
        assert await deliver_due(product) == 0
        assert carrier.calls == []
    assert ready is not None
    async with running.product.work() as tx:
        await record_outcome(tx, dead, ready, Accepted("SM" + "a" * 32))
    assert await state_of(running, queued) == "sent", "the worker was only slow, and what it knows is evidence"


async def test_an_orphan_whose_worker_just_came_back_is_left_in_the_outbox(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])
    slow = await claimed(running)
    async with running.product.work() as tx:
        ready = await prepare(tx, running.product, slow)
        assert ready is not None
    await end_leases(running)
    real = inbox.delivery.lock_message

    async def lock_after_the_worker_came_back(tx: Any, orphan: uuid.UUID) -> Any:
        monkeypatch.setattr(inbox.delivery, "lock_message", real)
        async with running.product.work() as other:
            await record_outcome(other, slow, ready, TryAgain("throttled", 60))
        return await real(tx, orphan)

    monkeypatch.setattr(inbox.delivery, "lock_message", lock_after_the_worker_came_back)
    await settle_orphans(running.product)
    assert await state_of(running, queued) == "queued"


async def test_what_was_certainly_not_taken_goes_back_and_waits(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])

    async def throttled(_: Outbound) -> Accepted:
        raise TryAgain("slow down", 30)

    async with another_product(running, throttled) as (product, carrier):
        [before] = await running.rows("select clock_timestamp() as now from message where org_id = :org")
        await deliver_due(product)
        [after] = await running.rows("select clock_timestamp() as now from message where org_id = :org")
        assert await deliver_due(product) == 0, "not before its time"
        row = await message(running, queued)
        assert (row.state, row.attempt_at, row.attempts) == ("queued", None, 1)
        assert before.now + timedelta(seconds=28) < row.retry_at < after.now + timedelta(seconds=31)
        async with running.product.work() as tx:
            await tx.run("update message set retry_at = clock_timestamp() where org_id = :org")
        await deliver_due(product)
        assert len(carrier.calls) == 2


@pytest.mark.usefixtures("worker")
async def test_a_throttled_message_arrives_once(running: Running) -> None:
    client = await running.new_client(PHONE)
    await scenario(running, "throttled", PHONE, times=2)
    queued = await queue(running, client["id"], "una vez")
    assert await reaches(running, queued, "delivered") == "delivered"
    assert len([one for one in await accepted(running, PHONE) if one["status_callback"].endswith(queued)]) == 1
    assert (await message(running, queued)).attempts == 3


@pytest.mark.parametrize(
    ("phone", "code", "status", "rule"),
    [
        ("+15005550004", "21610", "opted_out", "opted_out_address"),
        ("+15005550001", "21211", "invalid", "bad_address"),
        ("+15005550003", "21408", "unproven", None),
    ],
)
async def test_a_refusal_fails_with_its_reason_and_marks_the_address(
    running: Running, phone: str, code: str, status: str, rule: str | None
) -> None:
    client = await running.new_client(phone, country="US")
    queued = await queue(running, client["id"])
    async with another_product(running) as (product, _):
        await deliver_due(product)
    async with running.api() as api:
        told = (await api.get(f"/api/v1/messages/{queued}")).json()
        card = (await api.get(f"/api/v1/debtors/{client['id']}")).json()
    assert (told["state"], told["error"]["code"]) == ("failed", code)
    assert told["error"]["text"]
    assert card["addresses"][0]["status"] == status
    assert await act_is_released(running, queued)
    events = [entry for entry in await running.timeline(client["id"]) if entry["kind"] == "event"]
    again = await send(running, client["id"])
    assert (again.json().get("verdict") or {}).get("rule") == rule
    assert len(events) == (1 if status == "opted_out" else 0)


async def test_an_opt_out_between_queue_and_delivery_holds_the_message_back(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"], "ya no")
    await running.client_writes(PHONE, "BAJA")
    async with another_product(running, accept) as (product, carrier):
        await deliver_due(product)
        assert carrier.calls == []
    async with running.api("ana") as api:
        told = (await api.get(f"/api/v1/messages/{queued}")).json()
    assert (told["state"], told["error"]["code"]) == ("withheld", "opt_out_word")
    assert "BAJA" in told["error"]["text"]
    assert await act_is_released(running, queued)
    verdicts = await running.rows(
        "select stage, allowed from verdict where org_id = :org and message_id = :id order by id", id=uuid.UUID(queued)
    )
    assert [(row.stage, row.allowed) for row in verdicts] == [("composed", True), ("delivered", False)]


async def test_what_is_too_late_is_not_sent(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])
    async with running.product.work() as tx:
        await tx.run("update message set expires_at = :now where org_id = :org")
    async with another_product(running, accept) as (product, carrier):
        await deliver_due(product)
        assert carrier.calls == []
    row = await message(running, queued)
    assert (row.state, row.error_code) == ("withheld", "expired")
    assert await act_is_released(running, queued)


@pytest.mark.usefixtures("worker")
async def test_the_sweep_delivers_without_redis(running: Running, servers: Servers) -> None:
    client = await running.new_client(PHONE)
    await asyncio.to_thread(servers.kill_redis)
    try:
        queued = await queue(running, client["id"])
        assert await reaches(running, queued, "delivered") == "delivered"
    finally:
        await asyncio.to_thread(servers.start_redis)
    queued = await queue(running, client["id"])
    assert await reaches(running, queued, "delivered") == "delivered"


async def test_an_adapter_that_breaks_its_contract_leaves_it_unconfirmed(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])

    async def broken(_: Outbound) -> Accepted:
        raise ZeroDivisionError

    async with another_product(running, broken) as (product, carrier):
        await deliver_due(product)
        assert await state_of(running, queued) == "unconfirmed"
        await end_leases(running)
        assert await deliver_due(product) == 0
        assert carrier.calls == [queued]


async def test_a_call_that_is_cancelled_ends_unconfirmed(running: Running) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])

    async def endless(_: Outbound) -> Accepted:
        await asyncio.sleep(60)
        raise AssertionError

    async with another_product(running, endless) as (product, carrier):
        delivering = asyncio.create_task(deliver_due(product))

        async def called() -> bool:
            return bool(carrier.calls)

        await until(called)
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        await end_leases(running)
        await settle_orphans(product)
        assert await deliver_due(product) == 0
    assert await state_of(running, queued) == "unconfirmed"


async def test_a_process_that_was_stopped_after_the_verdict_does_not_call(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])
    real = inbox.delivery.prepare

    async def stopped_for_a_minute(*arguments: Any) -> Any:
        ready = await real(*arguments)
        monkeypatch.setattr(inbox.delivery, "_BEGIN_CALL_WITHIN", -1.0)
        return ready

    monkeypatch.setattr(inbox.delivery, "prepare", stopped_for_a_minute)
    async with another_product(running, accept) as (product, carrier):
        await deliver_due(product)
        assert carrier.calls == []
    assert await state_of(running, queued) == "queued"


async def test_an_answer_outlives_a_database_that_is_away(running: Running, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the carrier said while PostgreSQL was restarted is written down afterwards: refused, not `unconfirmed`."""
    monkeypatch.setattr(inbox.delivery, "_RECORD_AGAIN_SECONDS", (0.2,) * 200)  # however long this machine needs to start it
    client = await running.new_client(PHONE)
    queued = await queue(running, client["id"])

    async def refused_meanwhile(_: Outbound) -> Accepted:
        await asyncio.to_thread(servers.stop_postgres, "immediate")
        starting.append(asyncio.create_task(asyncio.to_thread(servers.start_postgres)))
        raise Refused(error_of("21408"))

    starting: list[asyncio.Task[None]] = []
    async with another_product(running, refused_meanwhile) as (product, _):
        await deliver_due(product)
    await starting[0]
    assert await state_of(running, queued) == "failed"


async def test_a_full_worker_goes_on_as_soon_as_a_call_ends(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for the next sweep while more is due: here the sweep comes once a minute."""
    monkeypatch.setattr(inbox.worker, "_AT_ONCE", 3)
    monkeypatch.setattr(inbox.worker, "SWEEP_SECONDS", 60.0)
    client = await running.new_client(PHONE)
    queued = await asyncio.gather(*(queue(running, client["id"], f"uno {n}") for n in range(10)))
    async with another_product(running, accept) as (product, carrier), working(product):

        async def all_called() -> bool:
            return len(carrier.calls) == len(queued)

        await until(all_called)


async def test_a_worker_that_is_told_to_stop_finishes_the_calls_it_began(running: Running) -> None:
    client = await running.new_client(PHONE)
    await scenario(running, "slow", PHONE, seconds=1.5)
    await scenario(running, "receipts", PHONE, never=True)
    queued = await queue(running, client["id"], "despacio")
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.cli", "worker", env={**os.environ, **environment_of(running)}, stderr=asyncio.subprocess.PIPE
    )
    try:

        async def begun() -> bool:
            return (await message(running, queued)).attempt_at is not None

        await until(begun)
        program.send_signal(signal.SIGTERM)
        _, told = await asyncio.wait_for(program.communicate(), 120)
        assert program.returncode == 0, told.decode()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    row = await message(running, queued)
    assert (row.state, row.carrier_id) == ("sent", (await accepted(running, PHONE))[-1]["sid"])
