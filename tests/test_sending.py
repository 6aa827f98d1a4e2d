"""Sending: one press is one message, nothing passes the gate unasked, and who may not write does not."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from compliance.switches import lift_kill_switch, set_kill_switch
from staff.sessions import csrf_token
from tests.carrier import pending_of, post_receipt, queue, send, sid
from tests.running import Running, until

PHONE = "+573001234567"


@asynccontextmanager
async def browser_of(running: Running, who: str = "ana") -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser without its screen."""
    email = f"{who}@trato.example"
    async with httpx.AsyncClient(base_url=running.url, timeout=30, verify=False) as http:
        answer = await http.post("/sign-in", data={"email": email, "password": running.password(email)})
        name, _, rest = answer.headers["set-cookie"].partition("=")
        secret = rest.partition(";")[0]
        http.cookies.clear()
        http.headers.update({"cookie": f"{name}={secret}", "x-csrf-token": csrf_token(running.settings.session_key, secret)})
        yield http


async def press(running: Running, http: httpx.AsyncClient, debtor: str, text: str = "Hola", **more: Any) -> httpx.Response:
    """One press of Send in the composer."""
    (row,) = await running.rows(
        "select id, revision from conversation where org_id = :org and debtor_id = :debtor", debtor=uuid.UUID(debtor)
    )
    form = {"channel": "sms", "text": text, "client_token": str(uuid.uuid4()), "seen_revision": str(row.revision)} | more
    return await http.post(f"/c/{row.id}/messages", data=form, headers={"hx-request": "true", "hx-request-type": "partial"})


async def messages(running: Running, debtor: str) -> list[Any]:
    return await running.rows(
        "select m.*, e.text, e.creditor_id, e.detail from message m join entry e on e.org_id = m.org_id and e.id = m.id"
        " where m.org_id = :org and m.debtor_id = :debtor and m.direction = 'out' order by m.id",
        debtor=uuid.UUID(debtor),
    )


async def verdicts(running: Running, debtor: str) -> list[Any]:
    return await running.rows("select * from verdict where org_id = :org and debtor_id = :debtor order by id", debtor=uuid.UUID(debtor))


async def test_twenty_presses_with_one_key_or_one_token_are_one_message(running: Running) -> None:
    client = await running.new_client(PHONE)
    answers = await asyncio.gather(*(send(running, client["id"], "por la API", key="k-1") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    token = str(uuid.uuid4())
    async with browser_of(running) as http:
        presses = await asyncio.gather(*(press(running, http, client["id"], "en pantalla", client_token=token) for _ in range(20)))
    assert {answer.status_code for answer in presses} == {200}
    assert [row.text for row in await messages(running, client["id"])] == ["por la API", "en pantalla"]
    assert len(await verdicts(running, client["id"])) == 2
    other = await send(running, client["id"], "otro texto", key="k-1")
    assert other.status_code == 422
    assert (await send(running, client["id"], "por la API", who="luis", key="k-1")).json()["id"] != answers[0].json()["id"]


async def test_a_token_of_another_clients_page_sends_nothing(running: Running) -> None:
    rosa, luis = await running.new_client(PHONE), await running.new_client("+573007654321")
    token = str(uuid.uuid4())
    async with browser_of(running) as http:
        assert (await press(running, http, rosa["id"], client_token=token)).status_code == 200
        assert (await press(running, http, luis["id"], client_token=token)).status_code == 422
    assert await messages(running, luis["id"]) == []


async def test_a_send_waits_for_whoever_holds_the_client(running: Running) -> None:
    client = await running.new_client(PHONE)
    async with running.product.work() as tx:
        await tx.run("select id from debtor where org_id = :org and id = :id for no key update", id=uuid.UUID(client["id"]))
        sending = asyncio.create_task(send(running, client["id"]))
        await until(
            lambda: running.rows("select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
        )
        assert await verdicts(running, client["id"]) == []
    assert (await sending).status_code == 202


async def test_an_allowing_verdict_is_kept_with_its_facts_and_the_message_points_to_it(running: Running) -> None:
    client = await running.new_client(PHONE)
    await queue(running, client["id"], purpose="reminder")
    (verdict,), (row,) = await verdicts(running, client["id"]), await messages(running, client["id"])
    assert (row.verdict_id, row.state, row.purpose, row.segments) == (verdict.id, "queued", "reminder", 1)
    assert (verdict.allowed, verdict.stage, verdict.message_id) == (True, "composed", row.id)
    assert verdict.facts["deliverability"] == "unproven"
    assert verdict.facts["purpose"] == "reminder"
    told = [one for one in await pending_of(running) if one.action == "message.queued"]
    assert [one.actor for one in told] == [f"agent:{running.agents['ana']}"]


async def test_a_refused_send_keeps_only_its_verdict_and_says_why(running: Running) -> None:
    client = await running.new_client(PHONE)
    async with running.product.work() as tx:
        await set_kill_switch(tx, "sms", "mantenimiento")
    answer = await send(running, client["id"], key="k-2")
    assert answer.status_code == 422
    assert answer.json()["verdict"]["rule"] == "kill_switch"
    assert "mantenimiento" in answer.json()["verdict"]["text"]
    async with browser_of(running) as http:
        refused = await press(running, http, client["id"], "se queda en el cuadro")
    assert refused.status_code == 409
    assert "mantenimiento" in refused.text
    assert await messages(running, client["id"]) == []
    (said,) = await running.timeline(client["id"], "ana")
    assert (said["kind"], "mantenimiento" in said["text"]) == ("event", True), "two refusals by one rule are one line"
    assert await running.rows("select id from contact_act where org_id = :org") == []
    assert [(one.allowed, one.rule) for one in await verdicts(running, client["id"])] == [(False, "kill_switch")] * 2
    async with running.product.work() as tx:
        await lift_kill_switch(tx, "sms")
    assert (await send(running, client["id"], key="k-2")).status_code == 422, "the same key gives the same answer for ever"
    assert (await send(running, client["id"])).status_code == 202


async def test_a_colleagues_unseen_answer_stops_the_send_and_the_clients_words_do_not(running: Running) -> None:
    client = await running.new_client(PHONE)
    (row,) = await running.rows("select revision from conversation where org_id = :org and debtor_id = :id", id=uuid.UUID(client["id"]))
    seen = str(row.revision)
    await running.client_writes(PHONE, "¿y la cuota?")
    async with browser_of(running) as http:
        assert (await press(running, http, client["id"], "Son 250.000.", seen_revision=seen)).status_code == 200
        await queue(running, client["id"], "Ya le respondió Marta.", who="supervisora")
        late = await press(running, http, client["id"], "Mi respuesta", seen_revision=seen)
        assert late.status_code == 409
        assert "Marta" in late.text
        assert (await press(running, http, client["id"], "Mi respuesta")).status_code == 200


async def owner_of(running: Running, debtor: str) -> Any:
    (row,) = await running.rows("select assigned_agent_id from conversation where org_id = :org and debtor_id = :id", id=uuid.UUID(debtor))
    return row.assigned_agent_id


async def test_whoever_answers_attends_and_no_colleague_writes_beside_them(running: Running) -> None:
    client = await running.new_client(PHONE)
    async with browser_of(running) as ana, browser_of(running, "luis") as luis:
        assert (await press(running, luis, client["id"], "Le escribe su banco.")).status_code == 200
        assert await owner_of(running, client["id"]) is None, "who writes first has nobody to answer yet"
        await running.client_writes(PHONE, "¿y la cuota?")
        events = len(await running.timeline(client["id"]))
        await queue(running, client["id"], "Ya le ayudan.", who="supervisora")
        assert await owner_of(running, client["id"]) is None, "a supervisor helps out"
        await running.client_writes(PHONE, "gracias")
        assert (await press(running, luis, client["id"], "Con gusto.")).status_code == 200
        assert await owner_of(running, client["id"]) == running.agents["luis"]
        assert len(await running.timeline(client["id"])) == events + 3, "without a line of its own"
        refused = await press(running, ana, client["id"], "Mi respuesta")
        assert (refused.status_code, "Luis Cárdenas atiende a este cliente" in refused.text) == (409, True)
        assert len(await running.rows("select agent_id from draft where org_id = :org")) == 1, "the words are kept"
        by_api = await send(running, client["id"], "Por la API")
        assert (by_api.status_code, "Luis Cárdenas" in by_api.json()["detail"]) == (409, True)
        assert (await press(running, luis, client["id"], "Otra cosa.")).status_code == 200
        assert (await send(running, client["id"], "De su supervisora.", who="supervisora")).status_code == 202
        row = await running.rows("select id from conversation where org_id = :org and debtor_id = :id", id=uuid.UUID(client["id"]))
        note = {"text": "¿Le damos dos cuotas?", "client_token": str(uuid.uuid4())}
        assert (await ana.post(f"/c/{row[0].id}/notes", data=note)).status_code == 200, "notes stay open"
    assert [one.text for one in await messages(running, client["id"])].count("Mi respuesta") == 0


@pytest.mark.parametrize("state", ["cancelled", "withheld"])
async def test_what_a_colleague_wrote_and_never_left_stops_nobody(running: Running, state: str) -> None:
    client = await running.new_client(PHONE)
    (row,) = await running.rows("select revision from conversation where org_id = :org and debtor_id = :id", id=uuid.UUID(client["id"]))
    await queue(running, client["id"], "Esto no sale.", who="luis")
    async with running.product.work() as tx:
        await tx.run("update message set state = :state, rank = 10 where org_id = :org", state=state)
    async with browser_of(running) as http:
        assert (await press(running, http, client["id"], "Mi respuesta", seen_revision=str(row.revision))).status_code == 200


async def test_who_only_reads_or_sees_another_portfolio_sends_nothing(running: Running) -> None:
    client = await running.new_client(PHONE)
    foreign = await running.new_client("+573007654321", creditor="Otro Banco")
    assert (await send(running, client["id"], who="revisora")).status_code == 403
    stranger, missing = await send(running, foreign["id"]), await send(running, str(uuid.uuid4()))
    assert (stranger.status_code, missing.status_code) == (404, 404)
    assert stranger.json()["detail"] == missing.json()["detail"]
    async with browser_of(running, "revisora") as http:
        assert (await press(running, http, client["id"])).status_code == 403
    assert await messages(running, client["id"]) == []
    assert await verdicts(running, client["id"]) + await verdicts(running, foreign["id"]) == []


async def test_to_chooses_among_the_clients_addresses_only(running: Running) -> None:
    both = [{"channel": "sms", "value": value} for value in (PHONE, "+5491122334455")]
    client = await running.new_client(addresses=both)
    await running.new_client("+573007654321")
    await queue(running, client["id"], to="+54 11 2233-4455")
    (row,) = await messages(running, client["id"])
    second = next(one for one in client["addresses"] if one["value"] == "+5491122334455")
    assert str(row.address_id) == second["id"]
    for value in ("+573007654321", "nobody", "+57300"):
        answer = await send(running, client["id"], to=value)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "to"


async def test_without_to_the_address_is_where_the_client_last_wrote_from(running: Running) -> None:
    client = await running.new_client(addresses=[{"channel": "sms", "value": value} for value in (PHONE, "+573007654321")])
    first, second = (one["id"] for one in client["addresses"])
    await queue(running, client["id"])
    await running.client_writes("+573007654321", "ahora uso este")
    await queue(running, client["id"])
    assert [str(row.address_id) for row in await messages(running, client["id"])] == [first, second]


WRONG: list[tuple[dict[str, str], str]] = [
    ({"text": " \x00 "}, "text"),
    ({"text": "x" * 1601}, "text"),
    ({"purpose": "gossip"}, "purpose"),
    ({"debt_ref": "D-nobody"}, "debt_ref"),
    ({"debt_ref": "D-\x00"}, "debt_ref"),
    ({"reply_to": str(uuid.uuid4())}, "reply_to"),
    ({"channel": "email"}, "channel"),
    ({"template": "hola", "text": ""}, "template"),
    ({"template": "hola"}, "text"),
    ({"variables": {"a": "b"}}, "variables"),
    ({"attachments": [str(uuid.uuid4())]}, "attachments"),
    ({"not_before": "2020-01-01T00:00:00Z"}, "not_before"),
    ({"not_before": "2090-01-01T00:00:00Z"}, "not_before"),
    ({"not_before": "2030-01-01T00:00:00"}, "not_before"),
    ({"text": "\u200b \u2060\u202e"}, "text"),
]


async def test_what_cannot_be_sent_names_its_field(running: Running) -> None:
    client = await running.new_client(PHONE)
    for wrong, field in WRONG:
        answer = await send(running, client["id"], **({"text": "Hola"} | wrong))
        assert answer.status_code == 422, (wrong, answer.text)
        assert answer.json()["errors"][0]["field"] == field
    assert await messages(running, client["id"]) == []


async def test_the_debt_places_the_message(running: Running) -> None:
    client = await running.new_client(PHONE)
    foreign = await running.new_client("+573007654321", "Luis")
    assert (await send(running, client["id"], debt_ref=foreign["debts"][0]["ref"])).status_code == 422
    await queue(running, client["id"], debt_ref=client["debts"][0]["ref"])
    (row,) = await messages(running, client["id"])
    assert row.creditor_id is not None


async def test_a_bad_address_is_refused_until_something_arrives_there(running: Running) -> None:
    client = await running.new_client(PHONE)
    message = await queue(running, client["id"])
    assert (await post_receipt(running, message, sid(), "undelivered", "30005")).status_code == 200
    assert (await send(running, client["id"])).json()["verdict"]["rule"] == "bad_address"
    await running.client_writes(PHONE, "sí funciona")
    assert (await send(running, client["id"])).status_code == 202
