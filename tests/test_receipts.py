"""Receipts: in whichever order and however often a carrier tells them, a message ends in the same state, and states never move back."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox.delivery import deliver_due
from tests.carrier import (
    accepted,
    another_product,
    body_of,
    pending_of,
    post_raw,
    post_receipt,
    post_signed,
    queue,
    reaches,
    scenario,
    sid,
    state_of,
)
from tests.running import Running

PHONE = "+573001234567"
RANKS = {"queued": 0, "sent": 30, "failed": 35, "undelivered": 35, "delivered": 40, "read": 50}
STATES = {0: "queued", 30: "sent", 35: "failed", 40: "delivered", 50: "read"}


async def told(running: Running, message: str) -> dict[str, Any]:
    async with running.api() as api:
        found: dict[str, Any] = (await api.get(f"/api/v1/messages/{message}")).json()
        return found


@pytest.fixture
async def writing(running: Running) -> tuple[Running, str]:
    """A client to whom many messages go."""
    return running, str((await running.new_client(PHONE))["id"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(words=st.lists(st.sampled_from([word for word in RANKS if word != "queued"]), min_size=1, max_size=6))
async def test_every_order_of_receipts_ends_in_the_highest_state(writing: tuple[Running, str], words: list[str]) -> None:
    running, debtor = writing
    message, name = await queue(running, debtor), sid()
    highest = 0
    for word in words:
        assert (await post_receipt(running, message, name, word)).status_code == 200
        highest = max(highest, RANKS[word])
        assert await state_of(running, message) == STATES[highest]
    entry = await told(running, message)
    assert entry["carrier_id"] == name
    assert entry["error"] is None


async def test_a_failure_that_turns_out_to_have_arrived_keeps_no_error(writing: tuple[Running, str]) -> None:
    running, debtor = writing
    for words in (["undelivered", "delivered"], ["delivered", "undelivered"]):
        message, name = await queue(running, debtor), sid()
        for word in words:
            await post_receipt(running, message, name, word, "30003" if word == "undelivered" else "")
        entry = await told(running, message)
        assert (entry["state"], entry["error"]) == ("delivered", None)
    rows = await running.rows("select error_code from message where org_id = :org and direction = 'out'")
    assert [row.error_code for row in rows] == [None, None]


async def test_doubled_receipts_are_kept_once_and_raise_one_revision(writing: tuple[Running, str]) -> None:
    running, debtor = writing
    message, name = await queue(running, debtor), sid()
    for _ in range(4):
        assert (await post_receipt(running, message, name, "sent")).status_code == 200
    assert len(await running.rows("select id from carrier_event where org_id = :org")) == 1
    told_of = [row for row in await pending_of(running) if row.action == "message.receipt"]
    assert [row.detail["carrier_id"] for row in told_of] == [name]
    (row,) = await running.rows("select revision, first_revision from entry where org_id = :org and id = :id", id=uuid.UUID(message))
    assert row.revision == row.first_revision + 1


async def test_any_word_proves_that_the_carrier_has_it(writing: tuple[Running, str]) -> None:
    """Also one that says only `queued`, or one that nobody has heard yet, whose call was never answered."""
    running, debtor = writing
    for word in ("queued", "sending", "teleported", "x" * 5000):
        message = await queue(running, debtor)
        async with running.product.work() as tx:
            await tx.run("update message set state = 'unconfirmed', rank = 20 where org_id = :org and id = :id", id=uuid.UUID(message))
        assert (await post_receipt(running, message, sid(), word)).status_code == 200
        assert await state_of(running, message) == "sent"
    assert await running.rows("select id from quarantine where org_id = :org") == []


async def test_receipts_may_come_before_the_answer_to_the_call(writing: tuple[Running, str]) -> None:
    running, debtor = writing
    await scenario(running, "receipts", PHONE, before_answer=True, doubled=2, reversed=True)
    message = await queue(running, debtor, "se adelanta")
    async with another_product(running) as (product, _):
        await deliver_due(product)
    assert await reaches(running, message, "delivered") == "delivered"
    (one,) = [one for one in await accepted(running, PHONE) if one["status_callback"].endswith(message)]
    assert (await told(running, message))["carrier_id"] == one["sid"]


async def test_what_a_receipt_says_of_the_address(writing: tuple[Running, str]) -> None:
    """A passing trouble cures no lasting one; something that arrives does."""
    running, debtor = writing

    async def status() -> str:
        async with running.api() as api:
            return str((await api.get(f"/api/v1/debtors/{debtor}")).json()["addresses"][0]["status"])

    messages = [await queue(running, debtor, f"uno {n}") for n in range(4)]
    steps = [
        ("undelivered", "30003", "soft_bounce"),
        ("undelivered", "30005", "hard_bounce"),
        ("undelivered", "30003", "hard_bounce"),
        ("delivered", "", "good"),
    ]
    for message, (word, code, shown) in zip(messages, steps, strict=True):
        await post_receipt(running, message, sid(), word, code)
        assert await status() == shown


async def test_a_receipt_for_nothing_we_know_and_garbage_wait_in_quarantine(writing: tuple[Running, str]) -> None:
    running, debtor = writing
    account = running.settings.twilio_account_sid
    message = await queue(running, debtor)
    await running.client_writes(PHONE, "entrante")
    inbound = (await running.timeline(debtor))[-1]["id"]
    wrong = [
        (str(uuid.uuid4()), [("MessageSid", sid()), ("AccountSid", account), ("MessageStatus", "sent")]),
        (inbound, [("MessageSid", sid()), ("AccountSid", account), ("MessageStatus", "sent")]),
        ("not-an-id", [("MessageSid", sid()), ("AccountSid", account), ("MessageStatus", "sent")]),
        (message, [("MessageSid", sid()), ("AccountSid", account)]),
        (message, [("MessageSid", sid()), ("AccountSid", "AC" + "1" * 32), ("MessageStatus", "sent")]),
        (message, [("MessageSid", sid()), ("AccountSid", account), ("MessageStatus", "sent"), ("MessageStatus", "failed")]),
    ]
    for number, (name, fields) in enumerate(wrong, 1):
        for _ in range(2):
            assert (await post_signed(running, fields, f"/hooks/twilio/receipt/{name}")).status_code == 200
        assert len(await running.rows("select id from quarantine where org_id = :org")) == number
    assert await state_of(running, message) == "queued"


async def test_a_forged_receipt_changes_nothing(writing: tuple[Running, str]) -> None:
    running, debtor = writing
    message = await queue(running, debtor)
    body = body_of([("MessageSid", sid()), ("AccountSid", running.settings.twilio_account_sid), ("MessageStatus", "delivered")])
    answer = await post_raw(running, body, f"/hooks/twilio/receipt/{message}", {"x-twilio-signature": "AAAA"})
    assert answer.status_code == 403
    assert await state_of(running, message) == "queued"
