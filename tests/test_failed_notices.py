"""Failed messages: whoever wrote one is told once that it did not arrive, wherever they are by then; what was refused at once told them already."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from playwright.async_api import BrowserContext, expect

from channels.contract import Accepted, Outbound, Refused
from channels.twilio_words import error_of
from inbox.delivery import deliver_due
from tests.carrier import another_product, post_receipt, post_signed, queue, send, state_of, words_of
from tests.desk import sign_in
from tests.doors import signed_in, some_phone
from tests.running import Running


async def told(running: Running, who: str = "ana") -> list[Any]:
    """What somebody was told of failures: the conversation, the message, and whether it is open."""
    return await running.rows(
        "select conversation_id, entry_id, done_at from notice where org_id = :org and agent_id = :agent and kind = 'failed' order by id",
        agent=running.agents[who],
    )


async def refuse(_outbound: Outbound) -> Accepted:
    raise Refused(error_of("30003"))


async def accept(outbound: Outbound) -> Accepted:
    return Accepted(f"SM{UUID(outbound.message_id).hex}")


async def test_a_message_that_the_carrier_refuses_is_told_to_who_wrote_it(running: Running) -> None:
    client = await running.new_client(some_phone())
    message = await queue(running, client["id"])
    assert not await told(running)
    async with another_product(running, refuse) as (product, _):
        assert await deliver_due(product) == 1
    assert await state_of(running, message) == "failed"
    (notice,) = await told(running)
    assert (str(notice.conversation_id), str(notice.entry_id)) == (client["conversation_id"], message)
    assert not await told(running, "luis")
    page = (await (await signed_in(running)).get("/me/notices")).text
    assert "Tu mensaje no llegó" in page
    assert "Rosa Márquez" in page


async def test_a_message_that_the_law_stops_at_the_last_moment_is_told_too(running: Running) -> None:
    phone = some_phone()
    client = await running.new_client(phone)
    message = await queue(running, client["id"])
    assert (await post_signed(running, words_of(running, phone, "BAJA"))).status_code == 200
    async with another_product(running, accept) as (product, stand_in):
        assert await deliver_due(product) == 1
        assert not stand_in.calls
    assert await state_of(running, message) == "withheld"
    assert [str(one.entry_id) for one in await told(running)] == [message]
    refused = await send(running, client["id"], "Otra vez", client_token=str(uuid.uuid4()))
    assert refused.status_code == 422
    assert len(await told(running)) == 1, "what the composer refused at once needs no notice"


async def test_a_late_receipt_of_failure_is_told_once_and_never_after_an_arrival(running: Running) -> None:
    client = await running.new_client(some_phone())
    failed, arrived = await queue(running, client["id"], "uno"), await queue(running, client["id"], "dos")
    async with another_product(running, accept) as (product, _):
        assert await deliver_due(product) == 2
    assert not await told(running)
    for word in ("undelivered", "failed", "undelivered"):
        assert (await post_receipt(running, failed, f"SM{UUID(failed).hex}", word, "30003")).status_code < 300
    await post_receipt(running, arrived, f"SM{UUID(arrived).hex}", "delivered")
    await post_receipt(running, arrived, f"SM{UUID(arrived).hex}", "undelivered", "30003")
    assert [str(one.entry_id) for one in await told(running)] == [failed]
    await queue(running, client["id"], "por otro lado")
    assert (await told(running))[0].done_at is not None, "who writes again there has seen it"


async def test_the_bell_says_it_while_another_client_is_open(running: Running, context: BrowserContext) -> None:
    client, other = await running.new_client(some_phone()), await running.new_client(some_phone(), "Héctor Gil")
    page = await sign_in(context, running, path=f"/c/{other['conversation_id']}")
    message = await queue(running, client["id"])
    async with another_product(running, accept) as (product, _):
        assert await deliver_due(product) == 1
    await post_receipt(running, message, f"SM{UUID(message).hex}", "undelivered", "30003")
    await expect(page.locator("#bell-count")).to_have_attribute("data-count", "1")
    await page.click("#bell")
    notice = page.locator("#notice-list > [data-kind=failed]")
    await expect(notice).to_contain_text("Tu mensaje no llegó")
    await expect(notice).to_contain_text("Rosa Márquez")
    await notice.locator("a").click()
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
