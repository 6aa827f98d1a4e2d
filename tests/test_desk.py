"""A newcomer's first minutes in a real browser: sign in, see a client's words arrive, answer, and watch the receipt climb."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, Route, expect

from inbox.stopping import let_channel_go, stop_channel
from tests.desk import equals_a_fresh_render, live, sign_in
from tests.doors import signed_in
from tests.running import Running

pytestmark = pytest.mark.usefixtures("worker")
ROSA = "+573001112233"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def test_a_clients_words_arrive_and_the_answer_climbs_to_delivered(running: Running, context: BrowserContext) -> None:
    await running.new_client(ROSA, "Rosa Márquez")
    page = await sign_in(context, running, "ana", "/?view=unassigned")
    await running.client_writes(ROSA, "¿puedo pagar la mitad el viernes?")
    row = page.locator(".row", has_text="Rosa Márquez")
    await expect(row).to_contain_text("¿puedo pagar la mitad el viernes?")
    await row.locator("a").click()
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await page.fill("#composer-text", "Claro que sí, Rosa.")
    await page.keyboard.press("Control+Enter")
    answer = page.locator(".entry.out", has_text="Claro que sí, Rosa.")
    await expect(answer).to_contain_text("Entregado")
    await expect(answer).to_have_count(1)
    await expect(page.locator("#composer-text")).to_have_value("")
    await equals_a_fresh_render(page)


async def test_two_agents_see_the_same_and_the_second_one_is_told_of_the_first(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.client_writes(ROSA, "buenas")
    path = f"/c/{client['conversation_id']}?view=team"
    ana = await sign_in(context, running, "ana", path)
    other = await ana.context.browser.new_context(base_url=running.url)  # type: ignore[union-attr]
    luis = await sign_in(other, running, "luis", path)
    await ana.click("#act-claim")
    await expect(luis.locator("#header")).to_contain_text("Ana Restrepo")
    await expect(ana.locator("#act-claim")).to_contain_text("Soltar")
    await equals_a_fresh_render(luis)
    await equals_a_fresh_render(ana)
    await other.close()


async def test_a_colleagues_answer_that_was_not_seen_stops_the_send_and_keeps_the_text(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.evaluate("document.querySelector('#timeline').removeAttribute('data-topic')")
    async with running.api("luis") as api:
        answer = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Yo le ayudo, Rosa."})
        assert answer.status_code == 202
    await page.fill("#composer-text", "Hola, Rosa, ¿en qué le ayudo?")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("Luis Cárdenas")
    await expect(page.locator("#composer-text")).to_have_value("Hola, Rosa, ¿en qué le ayudo?")
    await expect(page.locator(".entry.out", has_text="Yo le ayudo, Rosa.")).to_have_count(1)


async def test_after_an_opt_out_the_channel_closes_on_screen_with_its_reason(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await expect(page.locator("#channel-sms")).not_to_have_attribute("aria-disabled", "true")
    await running.client_writes(ROSA, "BAJA")
    await expect(page.locator("#channel-sms")).to_have_attribute("aria-disabled", "true")
    await expect(page.locator("#panel")).to_contain_text("Pidió no recibir")
    await equals_a_fresh_render(page)


async def test_a_kill_switch_closes_every_open_composer_and_opens_it_again(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    async with running.product.work() as tx:
        await stop_channel(tx, "sms", "orden del juez")
    await expect(page.locator("#reason-sms")).to_contain_text("orden del juez")
    async with running.product.work() as tx:
        await let_channel_go(tx, "sms")
    await expect(page.locator("#channel-sms")).not_to_have_attribute("aria-disabled", "true")
    await equals_a_fresh_render(page)


async def test_hostile_words_are_shown_and_never_executed(running: Running, context: BrowserContext) -> None:
    hostile = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>{{ 7*7 }} \u202egnirts"
    client = await running.new_client(ROSA, "<b>Rosa</b>")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await running.client_writes(ROSA, hostile)
    await expect(page.locator(".entry.in .text")).to_contain_text("<script>document.title='hacked'</script>{{ 7*7 }}")
    await expect(page.locator("#client-name")).to_have_text("<b>Rosa</b>")
    await page.reload()
    await live(page)
    await expect(page.locator(".entry.in .text")).to_contain_text("{{ 7*7 }}")
    assert "hacked" not in await page.title()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
async def test_no_screen_has_a_barrier_that_axe_can_find(running: Running, context: BrowserContext, theme: str, width: int) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.client_writes(ROSA, "hola")
    await running.client_writes("+573009990000", "¿quién es?")
    page = await context.new_page()
    await page.emulate_media(color_scheme="light" if theme == "light" else "dark")
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{running.url}/sign-in")
    await _has_no_barrier(page)
    await page.close()
    page = await sign_in(context, running, "ana", "/?view=triage")
    await page.emulate_media(color_scheme="light" if theme == "light" else "dark")
    await page.set_viewport_size({"width": width, "height": 844})
    await _has_no_barrier(page)
    await page.goto(f"{running.url}/c/{client['conversation_id']}?view=team")
    await live(page)
    await _has_no_barrier(page)
    await running.client_writes(ROSA, "STOP")
    await expect(page.locator("#reason-sms")).to_be_visible()
    await _has_no_barrier(page)


async def _has_no_barrier(page: Page) -> None:
    await page.wait_for_load_state("load")
    results = await Axe().run(page, options=AXE)
    found = [(one["id"], one["nodes"][0]["html"][:160]) for one in results.response["violations"]]
    assert found == [], f"{re.sub('[0-9a-f-]{36}', 'ID', page.url)}: {found}"


async def test_a_message_that_failed_does_not_look_like_success_in_the_list(running: Running, context: BrowserContext) -> None:
    client = await running.new_client("+15005550009", "Rosa Márquez", country=None)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.fill("#composer-text", "Hola, Rosa.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".row .chip.bad", has_text="Falló")).to_be_visible()
    await equals_a_fresh_render(page)


async def test_an_answer_that_a_frame_overtook_does_not_bring_the_past_back(running: Running, context: BrowserContext) -> None:
    client = await running.new_client("+15005550009", "Rosa Márquez", country=None)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await expect(page.locator("#reason-sms")).to_be_visible()
        await route.fulfill(response=answer)

    await page.route("**/messages", late)
    await page.fill("#composer-text", "Hola, Rosa.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-text")).to_have_value("")
    await equals_a_fresh_render(page)
    await expect(page.locator("#reason-sms")).to_be_visible()


async def test_a_colleagues_conversation_offers_no_buttons_and_a_lost_race_says_why(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.evaluate("document.querySelector('#timeline').removeAttribute('data-topic')")
    async with running.product.work() as tx:
        await tx.run(
            "update conversation set assigned_agent_id = :luis, revision = revision + 1, card_revision = revision + 1 where org_id = :org",
            luis=running.agents["luis"],
        )
    await page.click("#act-claim")
    await expect(page.locator("#alert")).to_contain_text("Luis Cárdenas atiende a este cliente")
    await expect(page.locator("#header")).to_contain_text("Luis Cárdenas")
    await expect(page.locator("#act-claim")).to_have_count(0)
    await page.locator("#main").focus()
    await page.keyboard.press("s")
    await expect(page.locator("#say")).to_have_text("Luis Cárdenas atiende a este cliente.")
    await page.reload()
    await expect(page.locator("#reason-sms")).to_contain_text("Luis Cárdenas atiende a este cliente.")
    await expect(page.locator("#channel-sms")).to_have_attribute("aria-disabled", "true")
    await expect(page.locator("#channel-note")).to_be_enabled()


async def test_a_key_says_that_a_client_is_closed(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.locator("#main").focus()
    await page.keyboard.press("e")
    await expect(page.locator("#act-close")).to_contain_text("Reabrir")
    await page.keyboard.press("s")
    await expect(page.locator("#say")).to_have_text("Está cerrada. Reábrela primero.")


async def test_what_is_refused_says_why_and_mentions_in_a_colleagues_conversation_can_be_finished(
    running: Running, context: BrowserContext
) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    luis = await signed_in(running, "luis")
    base = f"/c/{client['conversation_id']}"
    assert (await luis.post(f"{base}/claim")).status_code == 200
    note = {"text": "@Ana Restrepo mira", "client_token": str(uuid4())}
    assert (await luis.post(f"{base}/notes", note)).status_code == 200
    page = await sign_in(context, running, "ana", f"{base}?view=team")
    await page.locator("#act-mentions").click()
    await expect(page.locator("#act-mentions")).to_be_hidden()
    assert not await running.rows("select id from notice where org_id = :org and done_at is null")
    await luis.post(f"{base}/release")
    await expect(page.locator("[data-key-action=wrong-person]")).to_be_visible()
    await page.locator("#main").focus()
    await page.keyboard.press("w")
    await expect(page.locator("#alert")).to_contain_text("Nadie ha escrito todavía desde una dirección de este cliente.")
