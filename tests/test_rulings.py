"""Rulings: a person settles what the carrier left open, once the carrier speaks it counts, and who may not rule does not."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from channels.contract import Accepted, Outbound, Unconfirmed
from inbox.delivery import deliver_due
from inbox.reconciling import give_up
from tests.carrier import another_product, pending_of, post_receipt, queue, sid, state_of
from tests.desk import sign_in
from tests.doors import NOBODY, signed_in, stranger
from tests.running import Running

PHONE = "+573001234567"


async def lost(running: Running, client: dict[str, Any]) -> str:
    """A message on whose call no answer came."""

    async def silent(_: Outbound) -> Accepted:
        raise Unconfirmed("time-out")

    message = await queue(running, client["id"])
    async with another_product(running, silent) as (product, _):
        await deliver_due(product)
    assert await state_of(running, message) == "unconfirmed"
    return message


async def stored(running: Running, message: str) -> Any:
    return (
        await running.rows(
            "select m.*, e.detail, e.revision from message m join entry e on e.org_id = m.org_id and e.id = m.id where m.org_id = :org and m.id = :id",
            id=uuid.UUID(message),
        )
    )[0]


def door(client: dict[str, Any], message: str) -> str:
    return f"/c/{client['conversation_id']}/messages/{message}/ruling"


@pytest.mark.parametrize(
    ("answer", "ruling", "word", "overruled"),
    [
        ("yes", "arrived", "failed", True),
        ("yes", "arrived", "delivered", None),
        ("yes", "arrived", "sent", None),
        ("no", "not_arrived", "delivered", True),
        ("no", "not_arrived", "read", True),
        ("no", "not_arrived", "failed", None),
        ("no", "not_arrived", "sent", None),
    ],
)
async def test_a_person_rules_and_the_carriers_contrary_word_overrules(
    running: Running, answer: str, ruling: str, word: str, overruled: bool | None
) -> None:
    client = await running.new_client(PHONE)
    message = await lost(running, client)
    before = await stored(running, message)
    ana = await signed_in(running)
    for _ in range(2):
        assert (await ana.post(door(client, message), {"arrived": answer})).status_code == 204
    row = await stored(running, message)
    assert (row.state, row.ruling, row.ruled_by) == ("unconfirmed", ruling, running.agents["ana"])
    assert row.ruled_at is not None
    assert row.revision == before.revision + 1, "one ruling, one new revision"
    assert [one.action for one in await pending_of(running)].count("message.ruled") == 1
    assert (await post_receipt(running, message, sid(), word)).status_code == 200
    row = await stored(running, message)
    assert (row.state, row.ruling, row.detail.get("overruled")) == (word, ruling, overruled)
    assert ("message.ruling_overruled" in [one.action for one in await pending_of(running)]) is bool(overruled)


async def test_a_ruling_can_be_changed_until_the_carrier_speaks(running: Running) -> None:
    client = await running.new_client(PHONE)
    message = await lost(running, client)
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    await ana.post(door(client, message), {"arrived": "yes"})
    await luis.post(door(client, message), {"arrived": "no"})
    row = await stored(running, message)
    assert (row.ruling, row.ruled_by) == ("not_arrived", running.agents["luis"])
    await post_receipt(running, message, sid(), "sent")
    late = await ana.post(door(client, message), {"arrived": "yes"})
    assert late.status_code == 409
    assert late.headers["x-problem"]
    assert (await stored(running, message)).ruling == "not_arrived"


async def test_a_ruling_is_made_corrected_and_followed_on_the_screen(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(PHONE)
    message = await lost(running, client)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    entry = page.locator(f"#e-{message}")
    await expect(entry.locator(".reuse")).to_have_count(0)
    await entry.get_by_role("button", name="Llegó", exact=True).click()
    await expect(entry).to_contain_text("confirmó que llegó")
    await expect(entry.locator(".reuse")).to_have_count(0)
    await entry.get_by_role("button", name="Cambiar").click()
    await expect(entry).to_contain_text("confirmó que no llegó")
    await entry.locator(".reuse").click()
    await expect(page.locator("#composer-text")).to_have_value("Buenos días")
    assert (await stored(running, message)).ruling == "not_arrived"


async def test_the_writer_is_told_once_of_what_nobody_could_settle(running: Running) -> None:
    client = await running.new_client(PHONE)
    message, ruled = await lost(running, client), await lost(running, client)
    assert await give_up(running.product) == 0, "the carrier may still be asked"
    async with running.product.work() as tx:
        await tx.run("update message set attempt_at = attempt_at - interval '3 hours' where org_id = :org and state = 'unconfirmed'")
    ana = await signed_in(running)
    assert (await ana.post(door(client, ruled), {"arrived": "yes"})).status_code == 204
    assert await give_up(running.product) == 1
    assert await give_up(running.product) == 0
    rows = await running.rows("select agent_id, entry_id from notice where org_id = :org and kind = 'unconfirmed'")
    assert [(row.agent_id, str(row.entry_id)) for row in rows] == [(running.agents["ana"], message)]
    assert "No se sabe si tu mensaje llegó" in (await ana.get("/me/notices")).text


async def test_who_may_not_rule_does_not(running: Running) -> None:
    client, other = await running.new_client(PHONE), await running.new_client("+573007654321")
    message = await lost(running, client)
    await stranger(running)
    eva, reviewer, ana = await signed_in(running, "eva"), await signed_in(running, "revisora"), await signed_in(running)
    assert (await eva.post(door(client, message), {"arrived": "yes"})).status_code == 404
    assert (await reviewer.post(door(client, message), {"arrived": "yes"})).status_code == 403
    assert (await ana.post(door(other, message), {"arrived": "yes"})).status_code == 404
    assert (await ana.post(door(client, NOBODY), {"arrived": "yes"})).status_code == 404
    assert (await ana.post(door(client, message), {"arrived": "maybe"})).status_code == 422
    assert (await ana.post(door(client, message), {"arrived": "yes"}, x_csrf_token="forged")).status_code == 403
    assert (await stored(running, message)).ruling is None
