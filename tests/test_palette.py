"""The palette: everything that can be done or found, for whoever may, at once and without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from console.keys import KEYS
from tests.desk import kept_waiting, sign_in
from tests.doors import open_portfolio, signed_in, stranger
from tests.running import Running, until
from tests.test_templates import recorded
from tests.writing import at_desk, rosa, types

pytestmark = pytest.mark.usefixtures("worker")
ROSA = "+573001112233"
# Within the key's own turn: nothing is asked of the server, and nothing is waited for.
OPENED = """() => {
  document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true }));
  return document.querySelector('#palette').open && document.activeElement.id === 'palette-text';
}"""


def actions(page: str) -> set[str]:
    """What the lines of a palette would do."""
    return set(re.findall(r'role="option"[^>]*data-action="([^"]+)"', page))


async def test_every_action_is_in_it_and_none_that_the_role_may_not_do(running: Running) -> None:
    known = {key.action for key in KEYS} - {"go", "palette", "back", "open"}
    ana, reviewer = await signed_in(running, "ana"), await signed_in(running, "revisora")
    assert known <= actions((await ana.get("/")).text)
    read_only = {key.action for key in KEYS if not key.acts} - {"go", "palette", "back", "open"}
    assert actions((await reviewer.get("/")).text) - {"preferences"} == read_only
    found = (await reviewer.get("/palette?q=cerrar&c=1")).text
    assert "close" not in actions(found)
    assert "close" in actions((await ana.get("/palette?q=cerrar&c=1")).text)
    assert "close" not in actions((await ana.get("/palette?q=cerrar")).text), "without a conversation there is nothing to close"


async def test_clients_are_found_by_those_who_may_see_them_and_that_is_in_the_ledger(running: Running) -> None:
    rosa = await running.new_client(ROSA, "Rosa Márquez")
    await stranger(running)
    await open_portfolio(running, "Banco Pacífico", "Equipo Pacífico")
    ana, eva = await signed_in(running, "ana"), await signed_in(running, "eva")
    path = f"/c/{rosa['conversation_id']}"
    for text in ("rosa", "marquez rosa", "3001112233", "300 111 2233", rosa["ref"]):
        assert path in (await ana.get(f"/palette?q={text}")).text, text
        assert path not in (await eva.get(f"/palette?q={text}")).text, text
    assert path not in (await ana.get("/palette?q=r")).text, "one letter finds nobody"
    said = "select body::jsonb ->> 'actor' as actor from audit_entry where body::jsonb ->> 'action' = 'clients.searched'"
    rows = await until(lambda: running.rows(said))
    assert {row.actor for row in rows} == {f"agent:{running.agents['ana']}"}


async def test_accents_and_case_do_not_matter_and_nothing_is_said_kindly(running: Running) -> None:
    ana = await signed_in(running, "ana")
    assert "theme-dark" in (await ana.get("/palette?q=TEMA OSCÚRO")).text
    assert "language-pt" in (await ana.get("/palette?q=portugues")).text
    assert "Nada coincide" in (await ana.get("/palette?q=zzzz<b>")).text
    assert "<b>" not in (await ana.get("/palette?q=zzzz<b>")).text
    assert (await ana.get(f"/palette?q={'x' * 81}")).status_code in (400, 422)


async def test_it_opens_at_once_and_gives_the_focus_back(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "ana", "/?view=team")
    await page.focus("#tab-team")
    for _ in range(5):
        assert await page.evaluate(OPENED)
        await page.keyboard.press("Escape")
        await expect(page.locator("#tab-team")).to_be_focused()


async def test_a_client_is_opened_from_it_and_an_act_done(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.client_writes(ROSA, "buenas")
    page = await sign_in(context, running, "ana", "/?view=triage")
    await run(page, "marquez", "Rosa Márquez")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await expect(page.locator("#client-name")).to_be_focused()
    await expect(page).to_have_url(re.compile(f"/c/{client['conversation_id']}$"))
    await page.keyboard.press("Control+k")
    await expect(page.locator("#palette-default [data-who]")).to_have_text("Rosa Márquez")
    await page.keyboard.press("Escape")
    await run(page, "tomar", "Tomarla")
    await expect(page.locator("#header")).to_contain_text("Tuya")
    await run(page, "pospuestas", "Pospuestas")
    await expect(page.locator("#queue")).to_have_attribute("data-view", "snoozed")


async def test_it_sends_a_template_that_has_no_text_beside_it(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await recorded(running, name="saludo", body="Hola {{first_name}}, ¿en qué te podemos ayudar?")
    await types(page, "/")
    await expect(page.locator("#picker-list [aria-selected=true]")).to_contain_text("saludo")
    await page.keyboard.press("Enter")
    await expect(page.locator("#template-slot [data-kind=template]")).to_be_visible()
    await run(page, "enviar", "Enviar")
    await expect(page.locator(".entry.out", has_text="¿en qué te podemos ayudar?")).to_have_count(1)


async def test_the_buttons_of_the_top_bar_open_it_and_the_sheet(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "ana", "/?view=team")
    await page.click(".topbar [data-key-action=palette]")
    await expect(page.locator("#palette-text")).to_be_focused()
    await page.keyboard.type("claro")
    await expect(page.locator("#palette-found [aria-selected=true]")).to_contain_text("Tema claro")
    await page.keyboard.press("Escape")
    await page.click(".topbar [data-key-action=palette]")
    await expect(page.locator("#palette-text")).to_have_value("")
    await page.keyboard.press("Escape")
    await page.click(".topbar [data-key-action=keys]")
    await expect(page.locator("#keys")).to_be_visible()


async def test_arrows_choose_and_the_reader_is_told_which(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "ana", "/?view=team")
    await page.keyboard.press("Control+k")
    field = page.locator("#palette-text")
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-activedescendant", re.compile("."))
    first = str(await field.get_attribute("aria-activedescendant"))
    await page.keyboard.press("ArrowDown")
    await expect(field).not_to_have_attribute("aria-activedescendant", first)
    second = await field.get_attribute("aria-activedescendant")
    await expect(page.locator(f"#{second}")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await expect(field).to_have_attribute("aria-activedescendant", first)
    await page.keyboard.type("claro")
    await expect(page.locator("#palette-found [aria-selected=true]")).to_contain_text("Tema claro")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_enter_waits_for_the_answer_to_exactly_what_was_typed(running: Running, context: BrowserContext) -> None:
    rosa, other = await running.new_client(ROSA, "Rosa Márquez"), await running.new_client("+573001112234", "Héctor Peña")
    page = await sign_in(context, running, "ana", f"/c/{other['conversation_id']}?view=team")
    await page.keyboard.press("Control+k")
    await expect(page.locator("#palette-text")).to_be_focused()
    await page.keyboard.type("tom")
    await expect(page.locator("#palette-found [aria-selected=true]")).to_contain_text("Tomarla")
    async with kept_waiting(page, "**/palette?*"):
        await page.fill("#palette-text", "")
        await page.keyboard.type("rosa")
        await page.keyboard.press("Enter")
        await expect(page.locator("#palette")).to_be_visible()
        await expect(page.locator("#client-name")).to_have_text("Héctor Peña")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await expect(page.locator("#palette")).to_be_hidden()
    await expect(page).to_have_url(re.compile(f"/c/{rosa['conversation_id']}$"))
    await page.keyboard.press("Control+k")
    async with kept_waiting(page, "**/palette?*"):
        await page.keyboard.type("héctor")
        await page.keyboard.press("Enter")
        await page.keyboard.type(" x")
    await expect(page.locator("#palette-found")).to_have_attribute("data-for", "héctor x")
    await expect(page.locator("#palette")).to_be_visible()
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")


async def run(page: Page, text: str, line: str) -> None:
    """Type into the palette and take the first line."""
    await page.keyboard.press("Control+k")
    await expect(page.locator("#palette-text")).to_be_focused()
    await page.keyboard.type(text)
    await expect(page.locator(f'#palette-found[data-for="{text}"] [aria-selected=true]')).to_contain_text(line)
    await page.keyboard.press("Enter")
    await expect(page.locator("#palette")).not_to_be_visible()
