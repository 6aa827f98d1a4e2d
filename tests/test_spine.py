"""The line on which everything hangs: a client's SMS comes in once, the agent's answer goes out once, and its state only rises."""

from __future__ import annotations

import asyncio

import pytest

from tests.running import Running, until


async def test_a_clients_sms_becomes_one_entry_however_often_it_is_told(running: Running) -> None:
    client = await running.new_client("+573001234567")
    await running.client_writes("+573001234567", "¿puedo pagar el viernes?", copies=3)
    entries = await running.timeline(client["id"])
    assert [(entry["text"], entry["direction"], entry["state"]) for entry in entries] == [("¿puedo pagar el viernes?", "in", "received")]


async def test_an_unknown_sender_becomes_one_person_in_triage_when_ten_messages_come_at_once(running: Running) -> None:
    await asyncio.gather(*(running.client_writes("+573119998877", f"hola {number}") for number in range(10)))
    async with running.api() as api:
        found = (await api.get("/api/v1/conversations?state=triage")).json()["items"]
    assert len(found) == 1
    assert len(await running.timeline(found[0]["debtor_id"])) == 10


@pytest.mark.parametrize(
    ("on_file", "written"), [("+5511987654321", "+551187654321"), ("+5491122334455", "+541122334455"), ("+5215512345678", "+525512345678")]
)
async def test_ways_of_writing_a_number_are_one_number(running: Running, on_file: str, written: str) -> None:
    client = await running.new_client(on_file, country=None)
    await running.client_writes(written, "oi")
    assert len(await running.timeline(client["id"])) == 1


@pytest.mark.usefixtures("worker")
async def test_an_agents_answer_is_accepted_once_and_climbs_to_delivered(running: Running) -> None:
    client = await running.new_client("+573002223344")
    async with running.api("ana") as api:
        answer = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Con gusto, el viernes."})
        assert answer.status_code == 202
        message = answer.json()["id"]

        async def delivered() -> bool:
            return bool((await api.get(f"/api/v1/messages/{message}")).json()["state"] == "delivered")

        await until(delivered)
    async with running.simulator() as simulator:
        accepted = [one for one in (await simulator.get("/_simulator/accepted")).json()["accepted"] if one["to"] == "+573002223344"]
    assert len(accepted) == 1
    assert accepted[0]["status_callback"].endswith(message)


@pytest.mark.usefixtures("worker")
async def test_after_the_opt_out_word_nothing_leaves_and_the_refusal_says_why(running: Running) -> None:
    client = await running.new_client("+573003334455")
    await running.client_writes("+573003334455", "BAJA")
    async with running.api("ana") as api:
        answer = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Hola"})
    assert answer.status_code == 422
    assert answer.json()["verdict"]["rule"] == "opt_out_word"
    entries = await running.timeline(client["id"])
    assert [entry["kind"] for entry in entries] == ["message", "event", "event"], "what was refused leaves a line"
    assert "Hola" not in str(entries), "and none of its words"
