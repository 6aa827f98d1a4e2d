"""Who attends a conversation, and when it stops waiting: looking is not attending, supervisors take over, a message opens what was closed."""

from __future__ import annotations

from uuid import UUID

import pytest

from base.errors import Conflict
from inbox import ownership
from inbox.access import Reader
from staff.models import Role
from tests.carrier import queue
from tests.running import Running

PHONE = "+573007770011"


@pytest.fixture
async def client(running: Running) -> dict[str, str]:
    """A client who has just written."""
    found = await running.new_client(PHONE)
    await running.client_writes(PHONE, "buenas")
    return found


def reader(running: Running, who: str, role: Role) -> Reader:
    """One of the demo's people, as the doors know them."""
    return Reader(running.agents[who], who, f"{who}@trato.example", role, "es", "America/Bogota", ())


async def conversation(running: Running, client: dict[str, str]) -> tuple[bool, str, UUID | None]:
    """Whether it is unread, its state, and its owner."""
    (row,) = await running.rows(
        "select last_inbound_position > read_position as unread, state, assigned_agent_id from conversation where org_id = :org and debtor_id = :id",
        id=UUID(client["id"]),
    )
    return row.unread, row.state, row.assigned_agent_id


async def test_looking_leaves_a_word_unread_and_taking_or_answering_does_not(running: Running, client: dict[str, str]) -> None:
    ana, debtor = reader(running, "ana", Role.AGENT), UUID(client["id"])
    async with running.product.work() as tx:
        await ownership.record_read(tx, ana, debtor, 99)
    assert (await conversation(running, client))[0], "whoever only looks has not attended"
    async with running.product.work() as tx:
        await ownership.claim(tx, ana, debtor)
    assert not (await conversation(running, client))[0]
    await running.client_writes(PHONE, "¿sigue ahí?")
    assert (await conversation(running, client))[0]
    await queue(running, client["id"], "Aquí sigo.")
    assert not (await conversation(running, client))[0]


async def test_a_supervisor_takes_over_and_a_colleague_does_not(running: Running, client: dict[str, str]) -> None:
    debtor = UUID(client["id"])
    async with running.product.work() as tx:
        await ownership.claim(tx, reader(running, "ana", Role.AGENT), debtor)
    with pytest.raises(Conflict):
        async with running.product.work() as tx:
            await ownership.claim(tx, reader(running, "luis", Role.AGENT), debtor)
    async with running.product.work() as tx:
        await ownership.claim(tx, reader(running, "supervisora", Role.SUPERVISOR), debtor)
    assert (await conversation(running, client))[2] == running.agents["supervisora"]


async def test_our_message_opens_a_closed_conversation_again(running: Running, client: dict[str, str]) -> None:
    async with running.product.work() as tx:
        await ownership.close(tx, reader(running, "ana", Role.AGENT), UUID(client["id"]))
    assert (await conversation(running, client))[1] == "closed"
    await queue(running, client["id"], "Una cosa más.")
    assert (await conversation(running, client))[1] == "open"
