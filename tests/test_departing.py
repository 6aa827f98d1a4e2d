"""Our own numbers: a message leaves from the creditor's, an answer from the one that the client wrote to, and everything else from the settings'."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any
from uuid import UUID

from base.settings import MAGIC_SENDER
from channels.contract import Accepted, Channel, Outbound
from inbox.delivery import deliver_due
from inbox.departing import numbers_of
from tests.carrier import another_product, post_signed, queue, words_of
from tests.doors import some_phone
from tests.running import Running

AURORA, ALL, OLD = "+573150000001", "+573150000002", "+573150000003"


async def own_number(running: Running, address: str, *, creditor: str | None = None, active: bool = True, channel: str = "sms") -> None:
    """A number of ours in the table."""
    async with running.product.work() as tx:
        await tx.run(
            "insert into sender (org_id, id, channel, address, label, creditor_id, active, created_at) select :org, :id, :channel, :address, :address,"
            " (select id from creditor where org_id = :org and name = :creditor), :active, :now",
            id=uuid.uuid4(),
            channel=channel,
            address=address,
            creditor=creditor,
            active=active,
        )


async def left_from(running: Running, client: dict[str, Any], text: str = "Buenos días", **more: Any) -> str:
    """The number that the carrier is told to send a message from; empty for its own setting."""
    seen: list[Outbound] = []

    async def call(outbound: Outbound) -> Accepted:
        seen.append(outbound)
        return Accepted(f"SM{UUID(outbound.message_id).hex}")

    await queue(running, client["id"], text, **more)
    async with another_product(running, call) as (product, stand_in):
        product.adapters = {Channel.SMS: stand_in, Channel.WHATSAPP: stand_in}  # type: ignore[dict-item]
        assert await deliver_due(product) == 1
    (outbound,) = seen
    return outbound.sender


async def test_without_a_number_of_their_own_messages_leave_from_the_settings(running: Running) -> None:
    client = await running.new_client(some_phone())
    assert await left_from(running, client) == ""
    await own_number(running, OLD, active=False)
    await own_number(running, ALL, channel="whatsapp")
    await own_number(running, AURORA, creditor="Banco Aurora", channel="whatsapp")
    assert await left_from(running, client) == "", "a number that is not in use, or of another channel, is none"


async def test_the_creditors_number_goes_before_the_one_for_all(running: Running) -> None:
    aurora, sol = await running.new_client(some_phone()), await running.new_client(some_phone(), "Diego Paz", creditor="Almacén Sol")
    await own_number(running, ALL)
    await own_number(running, AURORA, creditor="Banco Aurora")
    assert await left_from(running, aurora) == AURORA
    assert await left_from(running, sol, who="admin") == ALL
    await own_number(running, running.settings.twilio_sender)
    assert await left_from(running, sol, who="admin") == running.settings.twilio_sender, "of those for all, the settings' own goes first"


async def test_an_answer_leaves_from_where_the_client_wrote_to(running: Running) -> None:
    phone = some_phone()
    client = await running.new_client(phone)
    await own_number(running, AURORA, creditor="Banco Aurora")
    await own_number(running, ALL)
    await own_number(running, OLD, active=False)
    assert (await post_signed(running, words_of(running, phone, "Hola", To=ALL))).status_code == 200
    assert await left_from(running, client) == ALL
    template = {"kind": "template", "name": "saludo", "channel": "sms", "language": "es", "body": "Hola, te escribe {{creditor}} hoy."}
    async with running.api() as api:
        assert (await api.post("/api/v1/templates", json=template)).status_code == 201
    assert await left_from(running, client, text="", template="saludo") == AURORA, "a template begins anew, from the creditor's number"
    assert (await post_signed(running, words_of(running, phone, "¿Siguen ahí?", To=OLD))).status_code == 200
    assert await left_from(running, client) == AURORA, "a number that is not in use any more answers nobody"


async def test_a_live_installation_never_writes_from_the_carriers_test_number(running: Running) -> None:
    assert numbers_of(running.settings)["never"] == []
    assert numbers_of(replace(running.settings, carrier="twilio"))["never"] == [MAGIC_SENDER]
