"""Who attends a conversation, and when it stops waiting: each act is done once, by who may, and can be taken back for ten minutes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import BrowserContext, expect

from base import audit
from base.clock import Clock
from base.db import Database
from base.errors import Conflict
from inbox import closing, ownership, snoozing
from inbox.access import Reader
from inbox.product import open_product
from inbox.snoozing import wake_due
from inbox.worker import seal
from staff.models import Role
from tests.carrier import queue, send
from tests.desk import sign_in
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, stranger
from tests.running import Running
from tests.test_queue import TOASTS_STAY

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
    row = await row_of(running, client)
    return row.last_inbound_position > row.read_position, row.state, row.assigned_agent_id


async def row_of(running: Running, client: dict[str, str]) -> Any:
    """The conversation's row."""
    (row,) = await running.rows("select * from conversation where org_id = :org and debtor_id = :id", id=UUID(client["id"]))
    return row


async def events_of(running: Running, client: dict[str, str]) -> list[Any]:
    """The conversation's events, in their order."""
    return await running.rows(
        "select id, agent_id, detail, detail ->> 'event' as event from entry where org_id = :org and conversation_id = :id and kind = 'event' order by position",
        id=UUID(client["conversation_id"]),
    )


async def act(who: Visitor, client: dict[str, str], name: str, **form: str) -> httpx.Response:
    """Press a button of the header."""
    return await who.post(f"/c/{client['conversation_id']}/{name}", form)


async def test_looking_and_taking_leave_a_word_unread_and_reading_or_answering_does_not(running: Running, client: dict[str, str]) -> None:
    ana, debtor = reader(running, "ana", Role.AGENT), UUID(client["id"])
    async with running.product.work() as tx:
        await ownership.record_read(tx, ana, debtor, 99)
    assert (await conversation(running, client))[0], "whoever only looks has not attended"
    async with running.product.work() as tx:
        await ownership.claim(tx, ana, debtor)
    assert (await conversation(running, client))[0], "who takes a client has not read them yet"
    async with running.product.work() as tx:
        await ownership.record_read(tx, ana, debtor, 99)
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


async def test_who_loses_a_client_is_told_who_attends_them_now(running: Running, client: dict[str, str]) -> None:
    ana, marta = await signed_in(running), await signed_in(running, "supervisora")
    told = "select agent_id, kind, by_id from notice where org_id = :org and done_at is null order by id"
    await act(ana, client, "claim")
    await act(marta, client, "claim")
    assert [tuple(one) for one in await running.rows(told)] == [(running.agents["ana"], "taken", running.agents["supervisora"])]
    assert "quedó a cargo de un cliente tuyo" in (await ana.get("/me/notices")).text
    await act(marta, client, "undo", entry=str((await events_of(running, client))[-1].id))
    assert not await running.rows(told), "what was taken back need not be known"
    await act(marta, client, "transfer", to=f"agent:{running.agents['luis']}")
    assert [tuple(one) for one in await running.rows(told)] == [
        (running.agents["ana"], "taken", running.agents["luis"]),
        (running.agents["luis"], "assigned", running.agents["supervisora"]),
    ]


async def test_who_reopens_a_client_attends_them_and_an_unanswered_word_waits_again(running: Running, client: dict[str, str]) -> None:
    ana, word = await signed_in(running), (await row_of(running, client)).waiting_since
    await act(ana, client, "close")
    assert (await act(ana, client, "reopen")).status_code == 200
    row = await row_of(running, client)
    assert (row.state, row.assigned_agent_id, row.waiting_since) == ("open", running.agents["ana"], word)
    await queue(running, client["id"], "Con gusto.")
    await act(ana, client, "close")
    await act(ana, client, "reopen")
    assert (await row_of(running, client)).waiting_since is None


async def test_our_message_opens_a_closed_conversation_again(running: Running, client: dict[str, str]) -> None:
    async with running.product.work() as tx:
        await closing.close(tx, reader(running, "ana", Role.AGENT), UUID(client["id"]))
    assert (await conversation(running, client))[1] == "closed"
    await queue(running, client["id"], "Una cosa más.")
    assert (await conversation(running, client))[1] == "open"


async def test_waiting_begins_with_the_first_unanswered_word_and_ends_with_ours(running: Running, client: dict[str, str]) -> None:
    first = (await row_of(running, client)).waiting_since
    assert first is not None
    await running.client_writes(PHONE, "¿hola?")
    assert (await row_of(running, client)).waiting_since == first
    await queue(running, client["id"], "Aquí estoy.")
    assert (await row_of(running, client)).waiting_since is None
    ana = await signed_in(running)
    await act(ana, client, "claim")
    await act(ana, client, "release")
    assert (await row_of(running, client)).waiting_since is not None, "what was given back waits for somebody"


async def test_what_touches_a_client_is_done_by_who_attends_and_what_they_declare_by_everybody(
    running: Running, client: dict[str, str]
) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    other = await running.new_client("+573007770012", "Paz Rojas")
    (debt,) = await running.rows("select id from debt where org_id = :org and debtor_id = :id", id=UUID(client["id"]))
    (address,) = await running.rows(
        "select address_id as id from address_link where org_id = :org and debtor_id = :id", id=UUID(client["id"])
    )
    await act(ana, client, "claim")
    doors: dict[str, dict[str, str]] = {
        "addresses": {"channel": "sms", "value": "+573007770013"},
        f"addresses/{address.id}/confirm": {},
        f"addresses/{address.id}/prefer": {},
        f"addresses/{address.id}/wrong": {},
        "parties": {"debt": str(debt.id), "role": "guarantor", "name": "Pedro Gil"},
        "merge": {"debtor": other["id"]},
    }
    for door, form in doors.items():
        refused = await luis.post(f"/c/{client['conversation_id']}/{door}", form, hx_request_type="partial")
        told = refused.text + unquote(refused.headers.get("x-problem", ""))
        assert (refused.status_code in (409, 422), " atiende a este cliente" in told) == (True, True), door
    money = {"amount": "10", "currency": "COP", "day": "other", "client_token": str(uuid4())}
    money["on"] = str(datetime.now(UTC).date() + timedelta(days=2))
    assert (await luis.post(f"/c/{client['conversation_id']}/promises", money)).status_code == 200, "recording is never gated"
    for door, form in doors.items():
        assert (await ana.post(f"/c/{client['conversation_id']}/{door}", form)).status_code == 200, door


ACTS = {
    "claim": {},
    "release": {},
    "close": {"disposition": "paid"},
    "snooze": {"until": "3h"},
    "unread": {},
    "transfer": {"note": "Ayúdale, por favor"},
    "mentions-done": {},
}


async def test_who_may_act_and_who_may_not(running: Running, client: dict[str, str]) -> None:
    """One client of Banco Aurora, attended by Ana: her team's colleague, another team, the reviewer, the supervisor, nobody."""
    await stranger(running, "eva", team="Equipo Pacífico")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    ana, luis, eva, revisora, marta = [await signed_in(running, who) for who in ("ana", "luis", "eva", "revisora", "supervisora")]
    assert (await act(ana, client, "claim")).status_code == 200
    forms = ACTS | {"transfer": ACTS["transfer"] | {"to": f"agent:{running.agents['supervisora']}"}}
    for name, form in forms.items():
        assert (await act(eva, client, name, **form)).status_code == 404, name
        assert (await eva.post(f"/c/{NOBODY}/{name}", form)).status_code == 404, name
        assert (await act(revisora, client, name, **form)).status_code == (200 if name == "mentions-done" else 403), name
        if name not in ("mentions-done",):
            answer = await act(luis, client, name, **form)
            assert answer.status_code == 409, name
            assert answer.headers["x-problem"]
    assert (await row_of(running, client)).assigned_agent_id == running.agents["ana"]
    assert [one.event for one in await events_of(running, client)] == ["claimed"]
    for menu in ("snooze", "transfer", "close"):
        assert (await ana.get(f"/c/{client['conversation_id']}/acts/{menu}")).status_code == 200
        assert (await eva.get(f"/c/{client['conversation_id']}/acts/{menu}")).status_code == 404
        assert (await revisora.get(f"/c/{client['conversation_id']}/acts/{menu}")).status_code == 403
    assert (await ana.get(f"/c/{client['conversation_id']}/acts/nothing")).status_code == 404
    for name, form in forms.items():
        assert (await act(marta, client, name, **form)).status_code in (200, 409), name


async def test_every_act_is_done_once_and_recorded(running: Running, client: dict[str, str]) -> None:
    ana = await signed_in(running)
    steps: tuple[tuple[str, dict[str, str], str], ...] = (
        ("claim", {}, "claimed"),
        ("unread", {}, "marked_unread"),
        ("snooze", {"until": "tomorrow"}, "snoozed"),
        ("wake", {}, "unsnoozed"),
        ("close", {"disposition": "promise_made"}, "closed"),
        ("close", {"disposition": "dispute"}, "disposed"),
        ("reopen", {}, "reopened"),
        ("transfer", {"to": f"agent:{running.agents['luis']}"}, "transferred"),
    )
    for number, (name, form, _event) in enumerate(steps, 1):
        for _ in range(2):
            answer = await act(ana, client, name, **form)
            assert answer.status_code in (200, 409), (name, answer.text)
        if name == "claim":
            await act(ana, client, "read", revision="99")
        found = await events_of(running, client)
        assert [one.event for one in found] == [step[2] for step in steps[:number]]
        assert found[-1].agent_id == running.agents["ana"]
    sequencer = Database(running.settings.sequencer_database_url, Clock(), running.product.db.cipher, pool_size=1)
    sequencer.org = running.product.db.org
    await seal(sequencer, audit.private_key(running.settings.ledger_key))
    await sequencer.close()
    for _name, _form, event in steps:
        sql = "select count(*) as n from audit_entry where org_id = :org and subject = :subject and body::jsonb ->> 'action' = :action"
        (recorded,) = await running.rows(sql, subject=UUID(client["id"]), action=f"conversation.{event}")
        assert recorded.n == 1, event
    assert (await row_of(running, client)).assigned_agent_id == running.agents["luis"]


@pytest.mark.parametrize("name", ["claim", "release", "close", "snooze", "tomorrow", "monday", "unread", "transfer", "team", "reopen"])
async def test_every_act_can_be_taken_back(running: Running, client: dict[str, str], name: str) -> None:
    ana = await signed_in(running)
    if name != "claim":
        await act(ana, client, "claim")
        await act(ana, client, "read", revision="99")
    if name == "reopen":
        await act(ana, client, "close")
    (team,) = await running.rows("select id from team where org_id = :org")
    form = {"transfer": {"to": f"agent:{running.agents['luis']}"}, "team": {"to": f"team:{team.id}"}}.get(name, ACTS.get(name, {}))
    before = await row_of(running, client)
    if name in ("tomorrow", "monday"):
        form = {"until": name}
    pressed = {"team": "transfer", "tomorrow": "snooze", "monday": "snooze"}.get(name, name)
    assert (await act(ana, client, pressed, **form)).status_code == 200
    done = (await events_of(running, client))[-1]
    assert standing(await row_of(running, client)) != standing(before)
    answer = await act(ana, client, "undo", entry=str(done.id))
    assert answer.status_code == 200, answer.headers.get("x-problem")
    assert standing(await row_of(running, client)) == standing(before)
    assert (await act(ana, client, "undo", entry=str(done.id))).status_code == 200
    assert [one.event for one in await events_of(running, client)].count("undone") == 1
    if name == "transfer":
        left = await running.rows("select * from notice where org_id = :org and done_at is null")
        assert not left, "nobody has to know of what was taken back"


def standing(row: Any) -> tuple[object, ...]:
    """What acts change of a conversation."""
    return (row.state, row.assigned_agent_id, row.team_id, row.snoozed_until, row.waiting_since, row.disposition, row.read_position)


async def test_undo_is_refused_where_something_changed_or_time_has_passed_or_it_was_another(
    running: Running, client: dict[str, str]
) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    await act(ana, client, "close", disposition="paid")
    closed = (await events_of(running, client))[-1]
    assert (await act(luis, client, "undo", entry=str(closed.id))).status_code == 404, "another agent's act"
    await running.client_writes(PHONE, "una cosa más")
    answer = await act(ana, client, "undo", entry=str(closed.id))
    assert (answer.status_code, bool(answer.headers.get("x-problem"))) == (409, True), "the client wrote: it is open again"
    await act(ana, client, "claim")
    taken = (await events_of(running, client))[-1]
    async with running.product.work() as tx:
        await tx.run("update entry set received_at = received_at - interval '601 seconds' where org_id = :org and id = :id", id=taken.id)
    assert (await act(ana, client, "undo", entry=str(taken.id))).status_code == 409
    assert (await act(ana, client, "undo", entry="nonsense")).status_code == 404


async def test_who_was_given_a_client_and_has_begun_does_not_lose_them_to_an_undo(running: Running, client: dict[str, str]) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    assert (await act(ana, client, "transfer", to=f"agent:{running.agents['luis']}")).status_code == 200
    given = (await events_of(running, client))[-1]
    noted = await luis.post(f"/c/{client['conversation_id']}/notes", {"text": "La llamo", "client_token": str(uuid4())})
    assert noted.status_code == 200
    answer = await act(ana, client, "undo", entry=str(given.id))
    assert (answer.status_code, "cambi" in unquote(answer.headers["x-problem"])) == (409, True)
    assert (await row_of(running, client)).assigned_agent_id == running.agents["luis"]


def test_each_moment_is_offered_once() -> None:
    sunday, tuesday = datetime(2026, 11, 29, 15, tzinfo=UTC), datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert [choice for choice, _ in snoozing.choices(sunday, "America/Bogota")] == ["1h", "3h", "tomorrow"]
    assert [choice for choice, _ in snoozing.choices(tuesday, "America/Bogota")] == list(snoozing.CHOICES)


@pytest.mark.parametrize("name", ["close", "snooze", "wrong-person"])
async def test_a_word_that_comes_as_the_key_is_pressed_is_not_put_away(running: Running, client: dict[str, str], name: str) -> None:
    ana = await signed_in(running)
    seen = str((await row_of(running, client)).revision)
    await running.client_writes(PHONE, "¡espere, sí puedo pagar hoy!")
    before = await row_of(running, client)
    refused = await act(ana, client, name, seen=seen)
    assert (refused.status_code, "escribi" in unquote(refused.headers["x-problem"])) == (409, True)
    assert await row_of(running, client) == before
    assert (await act(ana, client, name, seen=str(before.revision))).status_code == 200
    assert standing(await row_of(running, client)) != standing(before)


async def test_an_act_says_what_was_on_the_screen(running: Running, client: dict[str, str], context: BrowserContext) -> None:
    await context.add_init_script(TOASTS_STAY)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}")
    await running.client_writes(PHONE, "¿sigue ahí?")
    await expect(page.locator("#timeline .entry.in")).to_have_count(2)
    await page.locator("#main").focus()
    for key, name in {"s": "snooze", "w": "wrong-person"}.items():
        shown = (await row_of(running, client)).revision
        await expect(page.locator(f'#timeline[data-seen="{shown}"]')).to_be_visible()
        async with page.expect_request(lambda request, name=name: request.url.endswith(f"/{name}")) as asked:  # type: ignore[misc]
            await page.keyboard.press(key)
        assert parse_qs((await asked.value).post_data or "")["seen"] == [str(shown)]
        await page.locator("#undo-act").click()
        await expect(page.locator("#undo-act")).to_have_count(0)
        await expect(page.locator(f'#timeline[data-seen="{shown + 2}"]')).to_be_visible()


async def test_whoever_sees_a_client_notes_that_they_asked_not_to_be_written_to(running: Running, client: dict[str, str]) -> None:
    """At one address or at all, whoever attends them; taken back within ten minutes, and by the client's own word at any time."""
    ana, luis, eva, revisora = (
        await signed_in(running),
        await signed_in(running, "luis"),
        await _eva(running),
        await signed_in(running, "revisora"),
    )
    await act(ana, client, "claim")
    assert (await act(eva, client, "no-more")).status_code == 404
    assert (await act(revisora, client, "no-more")).status_code == 403
    assert (await act(luis, client, "no-more", address=NOBODY)).status_code == 404
    answer = await act(luis, client, "no-more", address=client["addresses"][0]["id"])
    assert (answer.status_code, "Anotado: no más mensajes" in answer.text) == (200, True)
    assert "Anotado" not in (await act(luis, client, "no-more")).text, "it was noted already"
    noted = (await events_of(running, client))[-1]
    assert (noted.event, noted.agent_id) == ("asked_no_more", running.agents["luis"])
    refused = await send(running, client["id"])
    assert refused.json()["verdict"]["rule"] == "opted_out_address"
    assert (await act(ana, client, "undo", entry=str(noted.id))).status_code == 404, "another agent's act"
    assert (await act(luis, client, "undo", entry=str(noted.id))).status_code == 200
    assert (await send(running, client["id"])).status_code == 202
    await act(ana, client, "no-more")
    await running.client_writes(PHONE, "ALTA")
    assert (await send(running, client["id"])).status_code == 202


async def test_what_two_colleagues_noted_stands_until_both_took_it_back(running: Running, client: dict[str, str]) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    noted = []
    for who in (ana, luis, luis):
        assert (await act(who, client, "no-more")).status_code == 200
        noted.append((await events_of(running, client))[-1])
    assert [one.agent_id for one in noted] == [running.agents["ana"], running.agents["luis"], running.agents["luis"]]
    assert noted[1].id == noted[2].id, "pressed twice"
    assert (await act(ana, client, "undo", entry=str(noted[0].id))).status_code == 200
    assert (await send(running, client["id"])).json()["verdict"]["rule"] == "opted_out_address"
    assert (await act(luis, client, "undo", entry=str(noted[1].id))).status_code == 200
    assert (await send(running, client["id"])).status_code == 202


async def _eva(running: Running) -> Visitor:
    await stranger(running, "eva", team="Equipo Pacífico")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    return await signed_in(running, "eva")


async def test_a_transfer_reaches_only_those_who_serve_the_portfolio(running: Running, client: dict[str, str]) -> None:
    await stranger(running, "eva", team="Equipo Pacífico")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    ana = await signed_in(running)
    (team,) = await running.rows("select id from team where org_id = :org and name = 'Equipo Pacífico'")
    menu = (await ana.get(f"/c/{client['conversation_id']}/acts/transfer")).text
    assert str(running.agents["luis"]) in menu
    assert str(running.agents["eva"]) not in menu
    assert str(running.agents["revisora"]) not in menu
    for to in (f"agent:{running.agents['eva']}", f"agent:{running.agents['revisora']}", f"team:{team.id}", "agent:x", "", "admin:1"):
        assert (await act(ana, client, "transfer", to=to)).status_code == 422, to
    answer = await act(ana, client, "transfer", to=f"agent:{running.agents['luis']}", note="Pide hablar el viernes")
    assert answer.status_code == 200
    (notice,) = await running.rows("select * from notice where org_id = :org")
    assert (notice.agent_id, notice.kind, notice.by_id) == (running.agents["luis"], "assigned", running.agents["ana"])
    assert "Pide hablar el viernes" in [entry["text"] for entry in await running.timeline(client["id"])]


async def test_snoozes_are_chosen_by_the_agents_clock(running: Running) -> None:
    now = datetime(2026, 11, 21, 15, 46, tzinfo=UTC)  # a Saturday, 10:46 in Bogota
    zone = "America/Bogota"
    assert snoozing.until(now, zone, "1h") == now + timedelta(hours=1)
    assert snoozing.until(now, zone, "tomorrow") == datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert snoozing.until(now, zone, "monday") == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert snoozing.until(now, zone, "at", "2026-11-25T16:30") == datetime(2026, 11, 25, 21, 30, tzinfo=UTC)


async def test_a_snoozed_conversation_leaves_the_lists_and_the_clients_word_wakes_it(running: Running, client: dict[str, str]) -> None:
    ana = await signed_in(running)
    assert (await act(ana, client, "snooze", until="at", at="1999-01-01T10:00")).status_code == 422
    await act(ana, client, "snooze", until="3h")
    assert (await row_of(running, client)).assigned_agent_id == running.agents["ana"], "it comes back to who put it off"
    row = f'id="q-{client["conversation_id"]}"'
    for view, there in {"mine": False, "unassigned": False, "team": False, "snoozed": True}.items():
        assert (row in (await ana.get(f"/queue?view={view}")).text) is there, view
    await running.client_writes(PHONE, "¿sigue ahí?")
    assert row in (await ana.get("/queue?view=mine")).text
    assert row not in (await ana.get("/queue?view=snoozed")).text


async def test_what_is_due_wakes_once_though_two_workers_look(running: Running, client: dict[str, str]) -> None:
    ana = await signed_in(running)
    await act(ana, client, "snooze", until="1h")
    async with running.product.work() as tx:
        await tx.run("update conversation set snoozed_until = :now where org_id = :org")
    other = await open_product(running.settings)
    try:
        woken = await asyncio.gather(*(wake_due(product) for product in (running.product, other, running.product, other)))
    finally:
        await other.close()
    assert sum(woken) == 1
    assert [one.event for one in await events_of(running, client)].count("woke") == 1
    (notice,) = await running.rows("select * from notice where org_id = :org")
    assert (notice.kind, notice.agent_id) == ("woke", running.agents["ana"])
