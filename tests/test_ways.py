"""Ways to a client: the screen asks the gate what a send would ask it, for the same creditor, about every address of a channel."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.carrier import send
from tests.doors import open_portfolio, signed_in, stranger
from tests.running import Running
from tests.test_whatsapp_inbound import chats

PHONE, SECOND, UNKNOWN = "+573001234567", "+573007654321", "+573009998877"


async def is_open(running: Running, conversation: str, channel: str, who: str = "ana") -> bool:
    """Whether somebody's composer offers a channel."""
    page = (await (await signed_in(running, who)).get(f"/c/{conversation}")).text
    found = re.search(rf'<button[^>]* id="channel-{channel}"[^>]*>', page)
    assert found is not None
    return "aria-disabled" not in found[0]


def debt(creditor: str) -> dict[str, str]:
    return {"ref": f"D-{uuid.uuid4().hex[:8]}", "creditor": creditor, "total_due": "100", "currency": "COP"}


async def test_a_channel_is_judged_for_the_portfolio_that_a_send_would_use(running: Running) -> None:
    """Another team's creditor, for whom WhatsApp is off, neither closes it for Ana nor shows that there is such a creditor."""
    await stranger(running)
    await open_portfolio(running, "Recupera", "Equipo Pacífico")
    client = await running.new_client(
        PHONE, addresses=[{"channel": "whatsapp", "value": PHONE}], debts=[debt("Banco Aurora"), debt("Recupera")]
    )
    await chats(running, "hola")
    assert await is_open(running, client["conversation_id"], "whatsapp")
    assert not await is_open(running, client["conversation_id"], "whatsapp", "eva")
    assert (await send(running, client["id"], channel="whatsapp")).status_code == 202
    async with running.product.work() as tx:
        await tx.run("update conversation set assigned_agent_id = null where org_id = :org")
    refused = await send(running, client["id"], channel="whatsapp", who="eva")
    assert refused.json()["verdict"]["rule"] == "wa_third_party"


async def test_an_office_of_third_parties_answers_strangers_and_does_not_begin(running: Running) -> None:
    async with running.product.work() as tx:
        await tx.run("update creditor set first_party = false where org_id = :org")
    await chats(running, "¿quiénes son?", sender=UNKNOWN)
    (row,) = await running.rows("select id, debtor_id from conversation where org_id = :org and state = 'triage'")
    assert await is_open(running, str(row.id), "whatsapp", "admin")
    assert (await send(running, str(row.debtor_id), channel="whatsapp", who="admin")).status_code == 202
    async with running.product.work() as tx:
        await tx.run("update contact_act set at = at - interval '24 hours' where org_id = :org and direction = 'in'")
    assert not await is_open(running, str(row.id), "whatsapp", "admin")
    refused = await send(running, str(row.debtor_id), channel="whatsapp", who="admin")
    assert refused.json()["verdict"]["rule"] == "wa_third_party"


async def test_a_channel_is_as_open_as_the_most_open_of_its_addresses(running: Running) -> None:
    client = await running.new_client(addresses=[{"channel": "sms", "value": value} for value in (PHONE, SECOND)])
    first, second = (one["id"] for one in client["addresses"])
    await running.client_writes(PHONE, "hola")
    await prefer(running, first)
    await running.client_writes(PHONE, "BAJA")
    assert await is_open(running, client["conversation_id"], "sms")
    page = (await (await signed_in(running)).get(f"/c/{client['conversation_id']}")).text
    assert re.search(rf'<option value="{second}" selected', page)
    assert (await send(running, client["id"])).status_code == 202
    (row,) = await running.rows("select address_id from message where org_id = :org and direction = 'out'")
    assert str(row.address_id) == second
    await running.client_writes(SECOND, "BAJA")
    assert not await is_open(running, client["conversation_id"], "sms")


async def test_the_window_of_one_number_opens_whatsapp_though_another_is_preferred(running: Running) -> None:
    client = await running.new_client(addresses=[{"channel": "whatsapp", "value": value} for value in (PHONE, SECOND)])
    first, second = (one["id"] for one in client["addresses"])
    await prefer(running, first)
    assert not await _free_text(running, client)
    await chats(running, "hola", sender=SECOND)
    assert await _free_text(running, client)
    assert re.search(rf'<option value="{second}" selected', (await (await signed_in(running)).get(f"/c/{client['conversation_id']}")).text)


async def test_the_day_of_an_opt_out_is_the_clients_own(running: Running) -> None:
    """Half past eleven in Mexico is already tomorrow in Bogotá and in UTC."""
    client = await running.new_client(PHONE)
    await running.client_writes(PHONE, "BAJA")
    async with running.product.work() as tx:
        await tx.run("update debtor set zone = 'America/Mexico_City' where org_id = :org")
        await tx.run("update opt_out set at = :at where org_id = :org", at=datetime(2026, 11, 2, 5, 30, tzinfo=UTC))
    page = (await (await signed_in(running)).get(f"/c/{client['conversation_id']}")).text
    assert "1 de noviembre de 2026" in page
    assert (await send(running, client["id"])).status_code == 422
    (row,) = await running.rows("select facts ->> 'opt_out_word_at' as at from verdict where org_id = :org and not allowed")
    assert row.at.startswith("2026-11-02T05:30")


async def prefer(running: Running, address: str) -> None:
    async with running.product.work() as tx:
        await tx.run("update address_link set preferred_at = :now where org_id = :org and address_id = cast(:id as uuid)", id=address)


async def _free_text(running: Running, client: dict[str, Any]) -> bool:
    page = (await (await signed_in(running)).get(f"/c/{client['conversation_id']}")).text
    found = re.search(r'<button[^>]* id="channel-whatsapp"[^>]*>', page)
    assert found is not None
    return "data-templates-only" not in found[0]
