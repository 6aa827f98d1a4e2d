"""How things stand is always said: slow, failed, offline, back again, signed out; and nothing of a client is seen by nobody."""

from __future__ import annotations

import asyncio
import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.desk import equals_a_fresh_render, live, sign_in
from tests.running import Running

ROSA, HECTOR = "+573001112233", "+573001112234"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What came while the line was down is counted when it has settled: here when the test says so, and not after a time that a busy machine exceeds.
SETTLES = """() => {
  const later = window.setTimeout;
  window.setTimeout = (run, after, ...rest) => after === 1200 ? (window.settled = run, 0) : later(run, after, ...rest);
}"""
LEGIBLE = "() => ['.queue', '.main', '.context', '.topbar'].filter(one => getComputedStyle(document.querySelector(one)).filter === 'none')"


async def opened(running: Running, context: BrowserContext) -> Page:
    """Rosa's conversation on Ana's desk, with Héctor waiting too."""
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.new_client(HECTOR, "Héctor Peña")
    await running.client_writes(ROSA, "buenas")
    await running.client_writes(HECTOR, "hola")
    return await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")


async def test_without_a_connection_sending_waits_and_what_came_meanwhile_is_counted(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    await page.fill("#composer-text", "Claro que sí, Rosa.")
    await page.focus("#composer-text")
    await context.set_offline(True)
    await expect(page.locator("#live-text")).to_have_text("Reconectando…")
    await expect(page.locator("#outage")).to_be_visible(timeout=8_000)
    await expect(page.locator("#outage")).to_contain_text("tu borrador está guardado")
    await expect(page.locator("#outage-time")).not_to_be_empty()
    await expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#say")).to_contain_text("Sin conexión")
    await expect(page.locator("#composer-text")).to_have_value("Claro que sí, Rosa.")
    await running.client_writes(HECTOR, "¿me ayuda?")
    await page.evaluate(SETTLES)
    await context.set_offline(False)
    await live(page)
    await expect(page.locator(".row", has_text="¿me ayuda?")).to_be_visible()
    assert await page.evaluate("() => { settled(); return document.getElementById('live-text').textContent; }") == "Al día · 1 novedad"
    await expect(page.locator("#outage")).to_be_hidden()
    await expect(page.locator("#send")).not_to_have_attribute("aria-disabled", "true")
    await expect(page.locator("#composer-text")).to_have_value("Claro que sí, Rosa.")
    await expect(page.locator("#composer-text")).to_be_focused()
    await expect(page.locator("#live-text")).to_have_text("En vivo")
    await equals_a_fresh_render(page)


async def test_a_session_that_ended_hides_the_clients_and_gives_the_draft_back(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    await page.focus("#composer-text")
    await page.keyboard.type("Un momento, ")
    async with running.product.work() as tx:
        await tx.run("update agent_session set ended_at = clock_timestamp() where org_id = :org")
    dialog = page.locator("#signed-out")
    await expect(dialog).to_be_visible(timeout=10_000)
    for _ in range(3):
        await page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    assert await page.evaluate(LEGIBLE) == []
    assert "Rosa" not in await page.title()
    path = page.url
    await page.keyboard.press("Enter")
    await page.fill("#email", "ana@trato.example")
    await page.fill("#password", running.password("ana@trato.example"))
    await page.keyboard.press("Enter")
    await live(page)
    await expect(page).to_have_url(path)
    await expect(page.locator("#composer-text")).to_have_value("Un momento, ")


async def test_the_end_is_told_two_minutes_before_and_a_new_session_goes_on_here(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    async with running.product.work() as tx:
        await tx.run("update agent_session set ends_at = clock_timestamp() + interval '119 seconds' where org_id = :org")
    await page.reload()
    dialog = page.locator("#session-ending")
    await expect(dialog).to_be_visible()
    await expect(dialog.locator("[data-countdown]")).to_have_text(re.compile(r"^[01]:[0-5]\d$"))
    await dialog.get_by_role("button", name="Todavía no").click()
    await expect(dialog).to_be_hidden()
    await page.reload()
    path = page.url
    await dialog.get_by_role("link", name="Entrar de nuevo").click()
    await page.fill("#email", "ana@trato.example")
    await page.fill("#password", running.password("ana@trato.example"))
    await page.keyboard.press("Enter")
    await live(page)
    await expect(page).to_have_url(path)
    await expect(dialog).to_be_hidden()
    [row] = await running.rows(
        "select count(*) as open from agent_session where ended_at is null and ends_at > clock_timestamp() + interval '1 hour'"
    )
    assert row.open == 1


async def test_the_warning_leaves_a_form_that_is_being_filled_in_as_it_is(running: Running, context: BrowserContext) -> None:
    await context.clock.install()
    page = await opened(running, context)
    async with running.product.work() as tx:
        await tx.run("update agent_session set ends_at = clock_timestamp() + interval '10 minutes' where org_id = :org")
    await page.reload()
    await page.focus("#log")
    await page.keyboard.press("p")
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.fill("#money-amount", "125000")
    await page.clock.fast_forward("08:30")
    dialog = page.locator("#session-ending")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Todavía no").click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#money-amount")).to_be_focused()
    await expect(page.locator("#money-amount")).to_have_value("125000")


async def test_a_pane_that_did_not_come_says_so_in_its_place_and_comes_at_the_second_try(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    broken = True

    async def answer(route: Route) -> None:
        if broken and route.request.headers.get("hx-request-type") == "partial":
            await route.fulfill(status=500, body="", headers={"X-Reference": "0193-abcd"})
        else:
            await route.continue_()

    await page.route("**/c/*?view=team", answer)
    await page.locator(".row", has_text="Héctor").locator("a").click()
    failed = page.locator("#failed")
    await expect(failed).to_be_visible()
    await expect(failed).to_contain_text("0193-abcd")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    broken = False
    await failed.get_by_role("button", name="Reintentar").click()
    await expect(page.locator("#client-name")).to_have_text("Héctor Peña")
    await expect(failed).to_be_hidden()


async def test_the_old_pane_stays_and_only_a_slow_one_shows_a_skeleton(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    go = asyncio.Event()

    async def slow(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route("**/c/*?view=team", slow)
    await page.locator(".row", has_text="Héctor").locator("a").click()
    await expect(page.locator("#main")).to_have_attribute("aria-busy", "true")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await expect(page.locator("#skeleton-main")).to_be_visible(timeout=20_000)
    go.set()
    await expect(page.locator("#client-name")).to_have_text("Héctor Peña")
    await expect(page.locator("#skeleton-main")).to_be_hidden()
    await expect(page.locator("#main")).not_to_have_attribute("aria-busy", "true")


async def test_a_conversation_that_was_taken_away_says_so(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    async with running.product.work() as tx:
        await tx.run("delete from serving where org_id = :org")
    await page.locator(".row", has_text="Héctor").locator("a").click()
    await expect(page.locator("#client-name")).to_have_text("Aquí no hay nada")
    await expect(page.locator("#panel")).not_to_contain_text("Rosa")


async def test_the_drawer_of_a_phone_closes_by_its_button_and_by_back(running: Running, context: BrowserContext) -> None:
    page = await opened(running, context)
    await page.set_viewport_size({"width": 390, "height": 844})
    drawer = page.locator("#context")
    await page.click(".context-toggle")
    await expect(drawer).to_be_visible()
    await drawer.get_by_role("button", name="Cerrar el panel").click()
    await expect(drawer).to_be_hidden()
    await page.wait_for_function("() => !history.state?.drawer")  # its own step back in the history is done
    await page.click(".context-toggle")
    await expect(drawer).to_be_visible()
    url = page.url
    await page.go_back()
    await expect(drawer).to_be_hidden()
    await expect(page).to_have_url(url)
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_dialogs_and_states_have_no_barrier(running: Running, context: BrowserContext, theme: str) -> None:
    page = await opened(running, context)
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    for name in ("palette", "keys", "preferences"):
        await page.evaluate("name => name === 'palette' ? trato.keys.act(name) : trato.keys.open(name)", name)
        await has_no_barrier(page)
        await page.keyboard.press("Escape")
    await page.evaluate("() => { document.querySelector('#outage').hidden = false; document.body.dataset.stale = ''; }")
    await has_no_barrier(page)
    await page.evaluate("() => dispatchEvent(new Event('live:login'))")
    await has_no_barrier(page)


async def has_no_barrier(page: Page) -> None:
    """Nothing that axe can find."""
    results = await Axe().run(page, options=AXE)
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in results.response["violations"]] == []
