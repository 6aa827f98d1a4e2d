"""Reconciling: what the carrier has and we have not is found once, and what is uncertain is settled only where it is certain."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import inbox.reconciling
from base.errors import Unavailable
from channels.contract import Accepted, AddressEffect, CarrierError, Channel, Listed, Outbound, ReceiptState, Unconfirmed
from inbox.delivery import deliver_due
from inbox.product import Product
from inbox.reconciling import reconcile
from tests.carrier import accepted, another_product, pending_of, post_signed, queue, scenario, send, sid, state_of, words_of
from tests.running import Running, until

PHONE = "+573001234567"
NOW = timedelta(0)


@pytest.fixture
async def client(running: Running) -> str:
    """A client of ours."""
    return str((await running.new_client(PHONE))["id"])


@pytest.fixture
async def fresh_second(running: Running) -> None:
    """A walk that begins with this second: the carrier tells whole seconds only, and remembers the tests before this one."""
    await asyncio.sleep(1.01 - time.time() % 1)
    async with running.product.work() as tx:
        await tx.run("update carrier_walk set until = date_trunc('second', clock_timestamp()) + interval '10 minutes' where org_id = :org")


async def walk(product: Product) -> tuple[int, int]:
    return await reconcile(product, product.adapters[Channel.SMS], let_come=NOW)


async def walked_until(running: Running) -> datetime:
    (row,) = await running.rows("select until from carrier_walk where org_id = :org")
    at: datetime = row.until
    return at


def listed(text: str, **more: Any) -> Listed:
    values: dict[str, Any] = {
        "external_id": sid(),
        "inbound": True,
        "channel": Channel.SMS,
        "sender": PHONE,
        "recipient": "+15005550006",
        "text": text,
        "created_at": datetime.now(UTC),
        "carrier_word": "received",
        "state": None,
    }
    return Listed(**(values | more))


async def no_answer(_: Outbound) -> Accepted:
    raise Unconfirmed("time-out")


@pytest.mark.usefixtures("fresh_second")
async def test_a_word_that_never_reached_our_door_is_found_once(running: Running, client: str) -> None:
    name = await running.client_writes(PHONE, "se perdió", lost=True)
    await running.client_writes(PHONE, "llegó")
    async with another_product(running) as (one, _), another_product(running) as (two, _):
        found = await asyncio.gather(walk(one), walk(two))
        assert sorted(found) == [(0, 0), (1, 0)]
        assert await walk(one) == (0, 0)
    assert sorted(entry["text"] for entry in await running.timeline(client)) == ["llegó", "se perdió"]
    late = words_of(running, PHONE, "se perdió", MessageSid=name)
    assert (await post_signed(running, late)).status_code == 200
    assert len(await running.timeline(client)) == 2
    told = [row.action for row in await pending_of(running)]
    assert told.count("message.found") == 1
    assert "message.contradicted" not in told, "a late webhook contradicts nobody"
    assert [row.flag for row in await running.rows("select flag from raw_event where org_id = :org")] == [None] * 3


async def test_a_word_found_late_opens_the_window_from_when_it_was_said(running: Running) -> None:
    found = await running.new_client(PHONE, addresses=[{"channel": "whatsapp", "value": PHONE}])
    said = datetime.now(UTC) - timedelta(hours=23)
    async with another_product(running, no_answer) as (product, carrier):
        carrier.rows = [listed("ayer", channel=Channel.WHATSAPP, created_at=said)]
        async with product.work() as tx:
            await tx.run("update carrier_walk set until = clock_timestamp() - interval '2 days' where org_id = :org")
        assert await walk(product) == (1, 0)
    (act,) = await running.rows("select at from contact_act where org_id = :org and direction = 'in'")
    assert act.at == said
    assert (await send(running, found["id"], channel="whatsapp")).status_code == 202
    late = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    refused = await send(running, found["id"], channel="whatsapp", not_before=late)
    assert refused.json()["verdict"]["rule"] == "wa_window"


@pytest.mark.usefixtures("fresh_second", "worker")
async def test_the_files_of_a_word_that_was_found_late_are_fetched(running: Running, client: str) -> None:
    await running.client_writes(PHONE, "el comprobante", lost=True, media=[{"sample": "receipt"}])
    async with another_product(running) as (product, _):
        assert await walk(product) == (1, 0)

    async def kept() -> bool:
        rows = await running.rows("select state from attachment where org_id = :org")
        return [row.state for row in rows] == ["kept"]

    await until(kept)


@pytest.mark.usefixtures("fresh_second")
async def test_the_youngest_rows_are_left_to_their_webhooks(running: Running, client: str) -> None:
    await running.client_writes(PHONE, "está en camino", lost=True)
    async with another_product(running) as (product, _):
        assert await reconcile(product, product.adapters[Channel.SMS]) == (0, 0)
        assert await walk(product) == (1, 0)


@pytest.mark.usefixtures("fresh_second")
async def test_an_unanswered_call_is_settled_by_the_carriers_list(running: Running, client: str) -> None:
    await scenario(running, "accept_then_drop", PHONE, times=1)
    await scenario(running, "receipts", PHONE, never=True)
    taken, lost = await queue(running, client, "lo recibió"), await queue(running, client, "nunca llegó")

    async def delivered() -> bool:
        """The one that the carrier took has come to its end there: a walk before that would have more to settle later."""
        return [one["status"] for one in await accepted(running, PHONE) if one["status_callback"].endswith((taken, lost))] == ["delivered"]

    await scenario(running, "drop", PHONE, times=1)
    async with another_product(running) as (product, _):
        await deliver_due(product)
        assert [await state_of(running, one) for one in (taken, lost)] == ["unconfirmed"] * 2
        await until(delivered)
        # A walk goes back to the oldest uncertain call, and so may find other tests' words; here only what it settles counts.
        assert [(await walk(product))[1] for _ in range(2)] == [1, 0]
        await deliver_due(product)
    (row,) = [one for one in await accepted(running, PHONE) if one["status_callback"].endswith((taken, lost))]
    settled = taken if row["status_callback"].endswith(taken) else lost
    assert await state_of(running, settled) in ("sent", "delivered")
    assert await state_of(running, lost if settled == taken else taken) == "unconfirmed"


async def test_two_identical_texts_are_settled_only_when_both_were_taken(running: Running, client: str) -> None:
    twins = [await queue(running, client, "¿recibió el enlace?") for _ in range(2)]
    out = {"inbound": False, "sender": "+15005550006", "recipient": PHONE, "carrier_word": "delivered", "state": ReceiptState.DELIVERED}
    async with another_product(running, no_answer) as (product, carrier):
        await deliver_due(product)
        carrier.rows = [listed("¿recibió el enlace?", **out)]
        assert await walk(product) == (0, 0), "nobody can tell which of them it is"
        carrier.rows = [*carrier.rows, listed("¿recibió el enlace?", **out), *carrier.rows]
        assert await walk(product) == (0, 2)
    rows = await running.rows("select state, carrier_id from message where org_id = :org and direction = 'out'")
    assert {row.state for row in rows} == {"delivered"}
    assert {row.carrier_id for row in rows} == {row.external_id for row in carrier.rows}
    assert len(twins) == 2


async def test_another_text_number_or_minute_is_no_match(running: Running, client: str) -> None:
    message = await queue(running, client, "¿recibió el enlace?")
    out = {"inbound": False, "sender": "+15005550006", "recipient": PHONE, "carrier_word": "sent", "state": ReceiptState.SENT}
    async with another_product(running, no_answer) as (product, carrier):
        await deliver_due(product)
        carrier.rows = [
            listed("otro texto", **out),
            listed("¿recibió el enlace?", **(out | {"recipient": "+573009999999"})),
            listed("¿recibió el enlace?", **out, created_at=datetime.now(UTC) - timedelta(minutes=5)),
        ]
        assert await walk(product) == (0, 0)
    assert await state_of(running, message) == "unconfirmed"


async def test_a_settled_failure_says_what_it_says_of_the_address(running: Running, client: str) -> None:
    message = await queue(running, client, "¿recibió el enlace?")
    error = CarrierError("30005", "This number does not exist or is no longer in use.", AddressEffect.HARD_BOUNCE)
    out = {"inbound": False, "sender": "+15005550006", "recipient": PHONE, "carrier_word": "undelivered", "state": ReceiptState.FAILED}
    async with another_product(running, no_answer) as (product, carrier):
        await deliver_due(product)
        carrier.rows = [listed("¿recibió el enlace?", **out, error=error)]
        assert await walk(product) == (0, 1)
    assert await state_of(running, message) == "failed"
    async with running.api() as api:
        assert (await api.get(f"/api/v1/debtors/{client}")).json()["addresses"][0]["status"] == "hard_bounce"


async def test_a_walk_that_breaks_off_is_walked_again(running: Running, client: str) -> None:
    async with running.product.work() as tx:
        await tx.run("update carrier_walk set until = clock_timestamp() - interval '1 day' where org_id = :org")
    before = await walked_until(running)
    async with another_product(running, no_answer) as (product, carrier):
        carrier.rows, carrier.breaks_off = [listed("uno"), listed("dos")], True
        assert await walk(product) == (0, 0)
        assert await walked_until(running) == before
        carrier.breaks_off = False
        assert await walk(product) == (2, 0)
    assert [entry["text"] for entry in await running.timeline(client)] == ["dos", "uno"], "oldest first"


async def test_a_word_that_could_not_be_recorded_now_is_not_walked_past(
    running: Running, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running.product.work() as tx:
        await tx.run("update carrier_walk set until = clock_timestamp() - interval '1 day' where org_id = :org")
    before, real = await walked_until(running), inbox.reconciling.receive

    async def unavailable(*arguments: Any, **more: Any) -> Any:
        raise Unavailable("The database does not answer.")

    async with another_product(running, no_answer) as (product, carrier):
        carrier.rows = [listed("espera")]
        monkeypatch.setattr(inbox.reconciling, "receive", unavailable)
        assert await walk(product) == (0, 0)
        assert await walked_until(running) == before
        monkeypatch.setattr(inbox.reconciling, "receive", real)
        assert await walk(product) == (1, 0)
        assert await walked_until(running) > before


async def test_a_word_that_can_never_be_recorded_stands_in_quarantine_and_holds_nobody_up(
    running: Running, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = inbox.reconciling.receive

    async def poisoned(tx: Any, one: Any, raw: bytes, **more: Any) -> uuid.UUID | None:
        if one.text == "veneno":
            raise RuntimeError("a bug of ours")
        return await real(tx, one, raw, **more)

    monkeypatch.setattr(inbox.reconciling, "receive", poisoned)
    async with another_product(running, no_answer) as (product, carrier):
        carrier.rows = [listed("después"), listed("veneno"), listed("antes")]
        assert await walk(product) == (2, 0)
        assert await walk(product) == (0, 0)
    assert [entry["text"] for entry in await running.timeline(client)] == ["antes", "después"]
    assert [row.door for row in await running.rows("select door from quarantine where org_id = :org")] == ["twilio/list"]


@pytest.mark.usefixtures("fresh_second")
async def test_a_message_whose_receipts_never_come_is_settled_by_the_list(running: Running, client: str) -> None:
    await scenario(running, "receipts", PHONE, never=True)
    message = await queue(running, client, "Hola, sin recibos")
    await deliver_due(running.product)
    assert await state_of(running, message) == "sent"

    async def settled() -> bool:
        await walk(running.product)
        return await state_of(running, message) == "delivered"

    await until(settled)
