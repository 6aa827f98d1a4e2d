"""The next client: who waits longest comes first, one's own or nobody's; nobody is taken twice, and who may not see a client is never given one."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
from playwright.async_api import BrowserContext, Route, expect

from tests.desk import sign_in
from tests.doors import Visitor, open_portfolio, signed_in, some_phone, stranger
from tests.running import Running

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


async def waiting(running: Running, name: str, **more: Any) -> dict[str, Any]:
    """A client who has written and whom nobody attends."""
    phone = some_phone()
    client = await running.new_client(phone, name, **more)
    await running.client_writes(phone, "¿Hay alguien?")
    return client


async def next_of(who: Visitor, here: str | None = None) -> httpx.Response:
    """Press X as the page does, with a client open or none."""
    return await who.post("/next?view=mine", {"here": here} if here else None, **PARTIAL)


def opened(answer: httpx.Response) -> str:
    """Which conversation an answer opens."""
    found = re.match(r"/c/([0-9a-f-]{36})\?view=mine$", answer.headers.get("hx-push-url", ""))
    assert found, answer.headers
    assert f'data-id="{found[1]}"' in answer.text
    return found[1]


async def owner_of(running: Running, conversation: str) -> UUID | None:
    """Who attends a conversation."""
    (row,) = await running.rows("select assigned_agent_id from conversation where org_id = :org and id = :id", id=UUID(conversation))
    owner: UUID | None = row.assigned_agent_id
    return owner


async def test_the_longest_waiting_comes_first_and_only_to_who_may_see_them(running: Running) -> None:
    await stranger(running, "eva", team="Equipo Pacífico")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    first, second = await waiting(running, "Rosa Márquez"), await waiting(running, "Héctor Gil")
    other = await waiting(running, "Diego Paz", creditor="Almacén Sol")
    ana, eva, revisora = [await signed_in(running, who) for who in ("ana", "eva", "revisora")]
    answer = await next_of(ana)
    assert answer.status_code == 200
    assert opened(answer) == first["conversation_id"]
    assert 'id="undo-act"' in answer.text, "a key that acts at once can be taken back"
    assert opened(await next_of(ana, first["conversation_id"])) == second["conversation_id"]
    assert (await running.rows("select count(*) as n from notice where org_id = :org"))[0].n == 0
    assert opened(await next_of(eva)) == other["conversation_id"]
    assert (await next_of(revisora)).status_code == 403
    assert "next-client" not in (await revisora.get("/queue?view=team")).text
    assert await owner_of(running, first["conversation_id"]) == running.agents["ana"]
    events = await running.rows("select detail from entry where org_id = :org and kind = 'event' and detail ->> 'event' = 'claimed'")
    assert len(events) == 3
    plain = await ana.post("/next")
    assert (plain.status_code, plain.headers["location"]) == (303, f"/c/{first['conversation_id']}?view=mine")
    luis = await signed_in(running, "luis")
    nobody = await next_of(luis)
    assert (nobody.status_code, nobody.headers["x-problem"]) == (409, "Nadie%20espera.")
    plain = await luis.post("/next")
    assert (plain.status_code, plain.headers["location"]) == (303, "/")


async def test_pressed_again_and_again_it_comes_by_everybody_who_waits_and_never_by_the_open_one(running: Running) -> None:
    names = ("Rosa Márquez", "Héctor Gil", "Eva Ruiz", "Diego Paz", "Lía Mora", "Iván Soto")
    rosa, hector, eva, diego, lia, ivan = [(await waiting(running, name))["conversation_id"] for name in names]
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    for mine in (rosa, eva, lia, ivan):
        assert (await ana.post(f"/c/{mine}/claim")).status_code == 200
    assert (await luis.post(f"/c/{diego}/claim")).status_code == 200
    assert (await ana.post(f"/c/{lia}/snooze")).status_code == 200
    await answers(ana, ivan)
    assert await walk(ana, 7) == [rosa, hector, eva, rosa, hector, eva, rosa]
    assert await walk(ana, 3, here=eva) == [rosa, hector, eva]
    assert await owner_of(running, hector) == running.agents["ana"]
    alone = await next_of(luis, diego)
    assert (alone.status_code, alone.headers["x-problem"]) == (409, "Nadie%20m%C3%A1s%20espera.")
    await answers(luis, diego)
    assert (await next_of(luis)).headers["x-problem"] == "Nadie%20espera."


async def answers(who: Visitor, conversation: str) -> None:
    """One's own client has had an answer."""
    form = {"text": "Con gusto.", "channel": "sms", "client_token": str(uuid4()), "seen_revision": "99", "revision": "99"}
    assert (await who.post(f"/c/{conversation}/messages", form)).status_code == 200


async def walk(who: Visitor, presses: int, here: str | None = None) -> list[str]:
    """Whom so many presses open, one after another, with nobody answered."""
    seen: list[str] = []
    for _ in range(presses):
        here = opened(await next_of(who, here))
        seen.append(here)
    return seen


async def test_ones_own_client_is_opened_without_a_toast_and_without_an_event(running: Running) -> None:
    client = await waiting(running, "Rosa Márquez")
    ana = await signed_in(running)
    assert (await ana.post(f"/c/{client['conversation_id']}/claim")).status_code == 200
    answer = await next_of(ana)
    assert opened(answer) == client["conversation_id"]
    assert 'id="undo-act"' not in answer.text, "nothing was done that could be taken back"
    claimed = await running.rows("select id from entry where org_id = :org and detail ->> 'event' = 'claimed'")
    assert len(claimed) == 1


async def test_a_press_whose_answer_was_lost_gives_the_same_client_again(running: Running, context: BrowserContext) -> None:
    for name in ("Rosa Márquez", "Héctor Gil"):
        await waiting(running, name)
    page = await sign_in(context, running, "ana", "/?view=mine")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/next?*", lose)
    await page.keyboard.press("x")
    await expect(page.locator("#alert")).not_to_be_empty()
    await page.unroute("**/next?*")
    await page.keyboard.press("x")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    owned = "select id from conversation where org_id = :org and assigned_agent_id is not null"
    assert len(await running.rows(owned)) == 1
    await page.keyboard.press("x")
    await expect(page.locator("#client-name")).to_have_text("Héctor Gil")


async def test_the_next_client_follows_a_key_whose_answer_is_not_here_yet(running: Running, context: BrowserContext) -> None:
    clients = [await waiting(running, name) for name in ("Rosa Márquez", "Héctor Gil", "Eva Ruiz")]
    page = await sign_in(context, running, "ana", "/?view=mine")
    await page.keyboard.press("x")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    go_on = asyncio.Event()

    async def slow(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await page.route("**/close", slow, times=1)
    async with page.expect_request("**/close"):
        await page.keyboard.press("e")
    await page.keyboard.press("x")
    await page.keyboard.press("x")
    go_on.set()
    await expect(page.locator("#client-name")).to_have_text("Héctor Gil")
    assert [await owner_of(running, one["conversation_id"]) for one in clients] == [None, running.agents["ana"], None]


async def test_what_was_given_to_a_team_waits_for_that_team(running: Running) -> None:
    await stranger(running, "eva", team="Equipo Pacífico")
    await open_portfolio(running, "Banco Aurora", "Equipo Pacífico")
    client = await waiting(running, "Rosa Márquez")
    (team,) = await running.rows("select id from team where org_id = :org and name = 'Equipo Pacífico'")
    ana, eva, marta = [await signed_in(running, who) for who in ("ana", "eva", "supervisora")]
    assert (await ana.post(f"/c/{client['conversation_id']}/transfer", {"to": f"team:{team.id}"})).status_code == 200
    for view in ("unassigned", "team"):
        there = [f'id="q-{client["conversation_id"]}"' in (await who.get(f"/queue?view={view}")).text for who in (ana, eva, marta)]
        assert there == [False, True, True], view
    assert (await next_of(ana)).status_code == 409
    assert opened(await next_of(eva)) == client["conversation_id"]


async def test_four_who_go_on_at_once_take_ten_clients_once_each(running: Running) -> None:
    clients = {(await waiting(running, f"Cliente {number}"))["conversation_id"] for number in range(10)}
    people = [await signed_in(running, who) for who in ("ana", "luis", "supervisora", "admin")]

    async def goes_on(who: Visitor) -> None:
        here = None
        for _ in range(12):
            answer = await next_of(who, here)
            assert answer.status_code == 200 or answer.headers["x-problem"].startswith("Nadie"), answer.headers
            here = opened(answer) if answer.status_code == 200 else here

    await asyncio.gather(*(goes_on(who) for who in people))
    taken = await running.rows("select conversation_id from entry where org_id = :org and detail ->> 'event' = 'claimed'")
    assert len(taken) == len({one.conversation_id for one in taken}), "nobody was taken twice, though supervisors may take over"
    assert {str(one.conversation_id) for one in taken} == clients, "who was faster than another took another client"
    for conversation in clients:
        assert await owner_of(running, conversation) in running.agents.values()


async def test_the_key_opens_who_waits_and_says_when_nobody_does(running: Running, context: BrowserContext) -> None:
    client = await waiting(running, "Rosa Márquez")
    page = await sign_in(context, running)
    await expect(page.locator("#next-client-empty")).to_be_visible()
    await page.keyboard.press("x")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await expect(page.locator("#client-name")).to_be_focused()
    await expect(page).to_have_url(re.compile(rf"/c/{client['conversation_id']}\?view=mine$"))
    await expect(page.locator(f"#q-{client['conversation_id']} .row-link")).to_have_attribute("aria-current", "true")
    await page.hover("#undo")  # what can be taken back stays as long as somebody is at it
    await page.keyboard.press("x")
    await expect(page.locator("#alert")).to_have_text("Nadie más espera.")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await page.keyboard.press("z")
    await expect(page.locator("#undo")).to_contain_text("Deshecho")
    assert await owner_of(running, client["conversation_id"]) is None
