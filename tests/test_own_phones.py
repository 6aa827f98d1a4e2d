"""Test messages to phones of our own: no way to a client, and nobody's but their tester's."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from inbox import lists
from staff.people import record_agent
from staff.sessions import new_token
from tests.carrier import send
from tests.doors import open_portfolio, signed_in, some_phone, stranger
from tests.running import Running, until
from tests.test_contactable import reader_of
from tests.test_whatsapp_inbound import chats

REFUSALS = {
    "es": "Este número es de un cliente. Haz la prueba con un teléfono tuyo.",
    "pt": "Este número é de um cliente. Faça o teste com um telefone seu.",
    "en": "This number stands with a client. Take a phone of your own for the test.",
}


@dataclass(frozen=True)
class Own:
    """A phone that was tested: its number, its conversation, and the debtor that stands for it."""

    number: str
    conversation: str
    debtor: str


async def tried(running: Running, number: str, channel: str = "sms") -> httpx.Response:
    form = {"channel": channel, "number": number, "client_token": str(uuid.uuid4())}
    return await (await signed_in(running, "admin")).post("/setup/senders/test", form)


async def tested(running: Running) -> Own:
    number = some_phone()
    assert (await tried(running, number)).status_code == 303
    [row] = await running.rows(
        "select c.id, d.id as debtor from conversation c join debtor d on d.id = c.debtor_id where d.ref like 'own-number:%'"
    )
    return Own(number, str(row.id), str(row.debtor))


async def second_admin(running: Running) -> str:
    """Somebody with the very rights of the tester."""
    async with running.product.work() as tx:
        known = await reader_of(running, "admin")
        agent = await record_agent(tx, email="otra@trato.example", name="Otra Jefa", role=known.role, password=running.password("otra"))
        running.agents["otra"], running.tokens["otra"] = agent, await new_token(tx, agent)
    return "otra"


@pytest.mark.parametrize("language", ["es", "pt", "en"])
async def test_a_clients_number_is_refused_beside_its_field(running: Running, language: str) -> None:
    number = some_phone()
    await running.new_client(number)
    async with running.product.work() as tx:
        await tx.run("update agent set language = :language where org_id = :org", language=language)
    answer = await tried(running, number)
    assert answer.status_code == 422
    assert 'id="problem-number"' in answer.text
    assert REFUSALS[language] in answer.text
    assert await running.rows("select id from message where org_id = :org") == []
    assert await running.rows("select id from debtor where org_id = :org and ref like 'own-number:%'") == []


async def _stands(running: Running, how: str, number: str) -> None:
    if how == "stranger":
        await running.client_writes(number, "¿quién es?")
        return
    client = await running.new_client(number, **({"debts": []} if how == "guarantor" else {}))
    if how == "guarantor":
        owing = await running.new_client(some_phone())
        async with running.product.work() as tx:
            await tx.run(
                "insert into party (org_id, id, debt_id, debtor_id, role, created_at)"
                " select :org, cast(:id as uuid), id, :debtor, 'guarantor', :now from debt where org_id = :org and debtor_id = :owing",
                id=uuid.uuid4(),
                debtor=uuid.UUID(client["id"]),
                owing=uuid.UUID(owing["id"]),
            )
    if how == "closed":
        assert (await (await signed_in(running, "admin")).post(f"/c/{client['conversation_id']}/close")).status_code == 200
    if how == "wrong party":
        async with running.product.work() as tx:
            await tx.run("update address_link set status = 'wrong_party' where org_id = :org")


@pytest.mark.parametrize("how", ["open", "closed", "wrong party", "guarantor", "stranger"])
async def test_a_number_is_refused_however_it_stands_with_a_client(running: Running, how: str) -> None:
    number = some_phone()
    await _stands(running, how, number)
    assert (await tried(running, number)).status_code == 422


async def test_a_clients_number_is_refused_on_the_other_channel_too(running: Running) -> None:
    number = some_phone()
    await running.new_client(number, addresses=[{"channel": "whatsapp", "value": number}])
    assert (await tried(running, number)).status_code == 422


async def test_the_words_of_who_becomes_a_client_go_to_the_client(running: Running) -> None:
    own = await tested(running)
    client = await running.new_client(own.number)
    await running.client_writes(own.number, "Quiero pagar")
    assert [one["text"] for one in await running.timeline(client["id"]) if one["kind"] == "message"] == ["Quiero pagar"]
    assert not await _waits(running, own)
    assert f'data-id="{client["conversation_id"]}"' in (await (await signed_in(running)).get("/?view=team")).text


async def test_a_stranger_who_is_identified_is_no_tests_answer_on_any_channel(running: Running) -> None:
    own = await tested(running)
    await chats(running, "hola", sender=own.number)
    [row] = await running.rows("select id from conversation where org_id = :org and state = 'triage'")
    answer = await (await signed_in(running)).post(f"/c/{row.id}/identify/new", {"name": "Rosa Nueva"})
    assert answer.status_code == 200, answer.text
    await running.client_writes(own.number, "Quiero pagar")
    assert not await _waits(running, own)
    assert len(await running.rows("select id from conversation where org_id = :org and state = 'triage'")) == 1


async def test_the_words_of_a_client_on_another_channel_are_no_tests_answer(running: Running) -> None:
    own = await tested(running)
    await running.new_client(own.number, addresses=[{"channel": "whatsapp", "value": own.number}])
    await running.client_writes(own.number, "¿Por qué me escriben?")
    [row] = await running.rows("select c.state from entry e join conversation c on c.id = e.conversation_id where e.direction = 'in'")
    assert row.state == "triage"


async def test_a_test_of_ones_own_is_nobody_elses_at_any_door(running: Running) -> None:
    await stranger(running)
    await second_admin(running)
    own = await tested(running)
    await running.client_writes(own.number, "¿Quién es?")
    assert await until(lambda: _waits(running, own))
    [message] = await running.rows("select id from message where org_id = :org and direction = 'out'")
    form = {
        "text": "x",
        "channel": "sms",
        "seen_revision": "1",
        "entry": str(message.id),
        "address": str(message.id),
        "to": f"agent:{running.agents['luis']}",
    }
    page, api = f"/c/{own.conversation}", f"/api/v1/debtors/{own.debtor}"
    for who in ("ana", "eva", "supervisora", "revisora", "otra"):
        visitor = await signed_in(running, who)
        for path in (page, f"{page}/entries", f"{page}/people", f"/setup/senders/test/{message.id}"):
            assert (await visitor.get(path)).status_code == 404, (who, path)
        for act in ("no-more", "not-asked", "claim", "close", "notes", "messages", "wrong-person", "transfer"):
            answer = await visitor.post(f"{page}/{act}", form)
            assert answer.status_code in ((403, 404) if who == "revisora" else (404,)), (who, act, answer.status_code)
        async with running.api(who) as http:
            for path in (api, f"{api}/timeline", f"/api/v1/messages/{message.id}"):
                assert (await http.get(path)).status_code == 404, (who, path)
            found = await http.post("/api/v1/debtors/search", json={"phone": own.number})
            assert found.json()["items"] == [], who
            listed = await http.get("/api/v1/conversations")
            assert own.conversation not in listed.text
        for view in ("mine", "unassigned", "team", "triage", "closed", "mentions", "snoozed"):
            assert own.conversation not in (await visitor.get(f"/?view={view}")).text, (who, view)
        async with visitor.line() as line:
            topics = {f"conversation:{own.conversation}": 0, f"presence:{own.conversation}": ""}
            await line.say(t="hello", seen=topics)
            for topic in topics:
                await line.hear("gone", topic=topic)
    assert (await send(running, own.debtor, who="eva")).status_code == 404


async def test_the_tester_sees_it_and_counts_it(running: Running) -> None:
    own = await tested(running)
    await running.client_writes(own.number, "¿Quién es?")
    assert await until(lambda: _waits(running, own))
    admin = await signed_in(running, "admin")
    assert (await admin.get(f"/c/{own.conversation}")).status_code == 200
    other = running.agents[await second_admin(running)]
    reader = await reader_of(running, "admin")
    async with running.product.db.transaction() as tx:
        _, counts = await lists.counts(tx, reader, {reader.agent_id, other})
    assert (counts[reader.agent_id][0], counts[other][0]) == (1, 0)


async def test_nothing_goes_there_but_the_test(running: Running) -> None:
    own = await tested(running)
    await running.client_writes(own.number, "¿Quién es?")
    assert await until(lambda: _waits(running, own))
    answer = await send(running, own.debtor, "Pague ya", who="admin")
    assert answer.status_code == 409, answer.text
    admin = await signed_in(running, "admin")
    form = {"text": "Pague ya", "channel": "sms", "seen_revision": "99", "client_token": str(uuid.uuid4())}
    composed = await admin.post(f"/c/{own.conversation}/messages", form)
    assert composed.status_code == 409
    assert "Esto es una prueba a un teléfono tuyo" in composed.text
    assert len(await running.rows("select id from message where org_id = :org and direction = 'out'")) == 1
    assert (await tried(running, own.number)).status_code == 303
    assert len(await running.rows("select id from message where org_id = :org and direction = 'out'")) == 2


async def test_it_is_handed_to_nobody_and_nobody_is_told_of_it(running: Running) -> None:
    own = await tested(running)
    client = await running.new_client(some_phone())
    admin = await signed_in(running, "admin")
    to = {"to": f"agent:{running.agents['ana']}", "kind": "agent", "receiver": str(running.agents["ana"])}
    assert (await admin.post(f"/c/{own.conversation}/transfer", to)).status_code == 409
    assert (await admin.post(f"/c/{own.conversation}/merge", {"debtor": client["id"]})).status_code == 409
    note = {"text": f"@[{running.agents['ana']}] mira esto", "client_token": str(uuid.uuid4())}
    assert (await admin.post(f"/c/{own.conversation}/notes", note)).status_code == 200
    assert await running.rows("select id from notice where org_id = :org") == []


async def test_references_of_our_own_phones_are_nobody_elses(running: Running) -> None:
    own = await tested(running)
    for ref in (f"own-number:{running.agents['admin']}", "own-number:x"):
        async with running.api() as api:
            card = {"ref": ref, "name": "Rosa", "addresses": [{"channel": "sms", "value": some_phone()}]}
            assert (await api.post("/api/v1/debtors", json=card)).status_code == 422
    assert len(await running.rows("select 1 from address_link where org_id = :org and debtor_id = :id", id=uuid.UUID(own.debtor))) == 1


async def test_whatsapp_begins_with_nobody_whose_creditor_is_not_known(running: Running) -> None:
    """With one creditor who may not use WhatsApp, somebody recorded without debts may be theirs: only an answer leaves."""
    number = some_phone()
    client = await running.new_client(number, addresses=[{"channel": "whatsapp", "value": number}], debts=[])
    assert await _whatsapp_rule(running, client["id"]) == "wa_window"
    await stranger(running)
    await open_portfolio(running, "Recupera", "Equipo Pacífico")
    assert await _whatsapp_rule(running, client["id"]) == "wa_third_party"
    await chats(running, "hola", sender=number)
    assert await _whatsapp_rule(running, client["id"]) is None


async def test_whatsapp_begins_with_nobody_where_there_is_no_creditor(running: Running) -> None:
    number = some_phone()
    client = await running.new_client(number, addresses=[{"channel": "whatsapp", "value": number}], debts=[])
    async with running.product.work() as tx:
        await tx.run("delete from serving where org_id = :org")
        await tx.run("delete from creditor where org_id = :org")
    assert await _whatsapp_rule(running, client["id"]) == "wa_third_party"


async def _whatsapp_rule(running: Running, debtor: str) -> Any:
    answer = await send(running, debtor, channel="whatsapp", who="admin")
    return None if answer.status_code == 202 else json.loads(answer.text)["verdict"]["rule"]


async def _waits(running: Running, own: Own) -> bool:
    return bool(
        await running.rows("select 1 from conversation where id = :id and waiting_since is not null", id=uuid.UUID(own.conversation))
    )
