"""A shift by the keyboard alone: every key does what its control does, the focus never falls on the page, and letters can be switched off or changed."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from console.keys import ALL_FIXED, GROUPS, KEYS, RESERVED
from staff.preferences import ALLOWED
from tests.desk import live, sign_in
from tests.running import Running, until
from tests.test_palette import run

pytestmark = pytest.mark.usefixtures("worker")
CTRL = """(key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ctrlKey: true }))"""
CLIENTS = (("+573001112233", "Rosa Márquez"), ("+573001112234", "Héctor Peña"), ("+573001112235", "Lucía Gómez"))
# Where the focus is; nothing while it is on the page, where it must not stay.
WHERE = "() => document.activeElement === document.body ? '' : (document.activeElement.id || document.activeElement.className)"
# A key as a Spanish keyboard gives it with AltGr: typed, and never a shortcut.
# Windows tells it as Ctrl and Alt together.
ALT_GR = """(key) => [false, true].every(both => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, modifierAltGraph: true, ctrlKey: both, altKey: both });
  return document.activeElement.dispatchEvent(event);
})"""


async def waiting(running: Running, *, mine: bool = False) -> dict[str, str]:
    """Three clients who wrote, by name, with the ids of their conversations."""
    found = {}
    for phone, name in CLIENTS:
        client = await running.new_client(phone, name)
        found[name] = str(client["conversation_id"])
        await running.client_writes(phone, "¿puedo pagar la mitad el viernes?")
    if mine:
        async with running.product.work() as tx:
            await tx.run(
                "update conversation set assigned_agent_id = :ana, revision = revision + 1, card_revision = revision + 1 where org_id = :org",
                ana=running.agents["ana"],
            )
    return found


async def press(page: Page, *keys: str) -> str:
    """Press keys one after another; the focus must come to be on something each time. Returns where it is."""
    where = ""
    for key in keys:
        await page.keyboard.press(key)
        where = await until(lambda: page.evaluate(WHERE))
    return str(where)


async def go(page: Page, letter: str) -> None:
    """G and a letter, without a look between them: the second one is waited for only so long."""
    await page.keyboard.press("g")
    await page.keyboard.press(letter)


async def name_of(page: Page) -> str:
    """The row that has the focus."""
    text: str = await page.evaluate("() => document.activeElement.querySelector('.row-name')?.textContent ?? ''")
    return text


async def test_a_client_is_found_read_answered_and_closed_without_a_mouse(running: Running, context: BrowserContext) -> None:
    await waiting(running)
    page = await sign_in(context, running, "ana", "/?view=unassigned")
    await expect(page.locator(".row")).to_have_count(3)
    await press(page, "j")
    first = await name_of(page)
    await press(page, "j")
    assert await name_of(page) != first
    await press(page, "k", "Enter")
    assert await name_of(page) == first, "opened by the keyboard, the list keeps the focus"
    await expect(page.locator("#client-name")).to_have_text(first)
    assert await press(page, "r") == "composer-text"
    await page.keyboard.type("Claro que sí, ¿le queda bien el viernes?")
    await press(page, "Control+Enter")
    await expect(page.locator(".entry.out", has_text="le queda bien")).to_have_count(1)
    await press(page, "Escape")
    assert await name_of(page) != "" or await page.evaluate("() => document.activeElement.id") == "queue-title"
    await press(page, "e")
    await expect(page.locator("#undo")).not_to_be_empty()
    await press(page, "z")
    await expect(page.locator("#act-close")).to_contain_text("Cerrar")


async def test_letters_go_where_they_say(running: Running, context: BrowserContext) -> None:
    await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", "/?view=team")
    await press(page, "j")
    await go(page, "q")
    await expect(page.locator("#queue")).to_have_attribute("data-view", "mine")
    await expect(page.locator(".row-link").first).to_be_focused()
    await go(page, "r")
    await expect(page.locator("#queue")).to_have_attribute("data-view", "triage")
    await expect(page.locator("#tab-triage")).to_be_focused()
    await press(page, "Control+k")
    await expect(page.locator("#palette-text")).to_be_focused()
    await press(page, "Escape")
    await expect(page.locator("#tab-triage")).to_be_focused()
    await press(page, "?")
    await expect(page.locator("#keys")).to_be_visible()
    await press(page, "Escape")
    await expect(page.locator("#tab-triage")).to_be_focused()


async def test_what_cannot_be_done_says_why(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "ana", "/?view=team")
    await page.focus("#tab-team")
    await press(page, "z")
    await expect(page.locator("#say")).to_have_text(
        "Aquí no hay nada que deshacer. Una promesa o un pago anotado por error se deshace al lado."
    )
    await press(page, "e")
    await expect(page.locator("#say")).to_have_text("Abre primero una conversación.")


async def test_letters_in_a_field_and_with_alt_gr_are_typed(running: Running, context: BrowserContext) -> None:
    ids = await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", f"/c/{ids['Rosa Márquez']}?view=mine")
    await press(page, "r")
    await page.keyboard.type("jke?")
    await expect(page.locator("#composer-text")).to_have_value("jke?")
    await press(page, "Escape")
    before = await name_of(page)
    for key in "je?k":
        assert await page.evaluate(ALT_GR, key), f"AltGr {key} was taken for a shortcut"
    assert await name_of(page) == before
    await expect(page.locator("dialog[open]")).to_have_count(0)


async def test_what_alt_gr_writes_is_written_and_sends_nothing(running: Running, context: BrowserContext) -> None:
    ids = await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", f"/c/{ids['Rosa Márquez']}?view=mine")
    await press(page, "r")
    await page.keyboard.type("Correo: ana")
    for character in "@[/?":  # as Spanish and ABNT2 keyboards give them
        assert await page.evaluate(ALT_GR, character), f"AltGr {character} was taken for a shortcut"
        await page.keyboard.insert_text(character)
    assert await page.evaluate(ALT_GR, "Enter"), "AltGr Enter is no Ctrl Enter"
    await expect(page.locator("#composer-text")).to_have_value("Correo: ana@[/?")
    await expect(page.locator(".entry.out")).to_have_count(0)
    await open_preferences(page)
    await page.locator("#remap-next").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#remap-next")).to_have_class("keycap waiting")
    assert await page.evaluate(CTRL, "r"), "Ctrl R is the browser's"
    assert await page.evaluate(ALT_GR, "q")
    await expect(page.locator("#remap-next")).to_have_class("keycap waiting")


async def test_single_letters_are_switched_off_and_only_they(running: Running, context: BrowserContext) -> None:
    ids = await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", f"/c/{ids['Rosa Márquez']}?view=mine")
    await open_preferences(page)
    await page.locator("#pref-keys_on").uncheck()
    await expect(page.locator("#shell")).to_have_attribute("data-keys-on", "false")
    await press(page, "Escape")
    await page.locator(".row-link").first.focus()
    before = await name_of(page)
    await press(page, "j", "e", "?", "r", "g", "q")
    assert await name_of(page) == before
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.locator("#act-close")).not_to_have_attribute("aria-keyshortcuts", re.compile(""))
    await press(page, "Control+k")
    await expect(page.locator("#palette")).to_be_visible()


async def test_a_key_that_was_changed_works_in_every_window_and_the_old_one_does_not(running: Running, context: BrowserContext) -> None:
    await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", "/?view=mine")
    other = await context.new_page()
    await other.goto(f"{running.url}/?view=mine")
    await live(other)
    await remap(page, "next", "5")
    await expect(page.locator("#remap-next")).to_have_text("5")
    await press(page, "Escape")
    for window in (page, other):
        await expect(window.locator('#shell[data-keys*=\'"key": "5"\']')).to_have_count(1)
        await window.bring_to_front()
        await window.focus("#tab-mine")
        await press(window, "j")
        await expect(window.locator("#tab-mine")).to_be_focused()
        await press(window, "5")
        assert await name_of(window)
    await expect(page.locator("#keys-list")).to_contain_text("5")


async def test_a_key_that_is_taken_is_refused_by_the_name_of_who_has_it(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "ana", "/?view=mine")
    await remap(page, "next", "e")
    await expect(page.locator("#preferences .problem", has_text="Cerrar o reabrir")).to_be_visible()
    await expect(page.locator("#remap-next")).to_have_text("J")
    await expect(page.locator("#remap-next")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#remap-next")).to_have_class("keycap waiting")
    await page.keyboard.press("[")
    await expect(page.locator("#preferences .problem", has_text="una letra o un número")).to_be_visible()
    await expect(page.locator("#remap-next")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#remap-next")).to_have_class("keycap waiting")
    await page.keyboard.press("Escape")
    await expect(page.locator("#remap-next")).to_have_class("keycap")
    await expect(page.locator("#preferences")).to_be_visible()
    await expect(page.locator("#remap-next")).to_have_text("J")


async def test_triage_is_worked_by_keys(running: Running, context: BrowserContext) -> None:
    await running.client_writes("+573009990000", "Hola, soy Rosa")
    page = await sign_in(context, running, "ana", "/?view=triage")
    await press(page, "j", "Enter")
    await expect(page.locator("#act-identify")).to_have_attribute("aria-keyshortcuts", "y")
    await press(page, "y")
    await expect(page.locator("#people")).to_be_visible()
    await expect(page.locator("#people-q")).to_be_focused()
    await press(page, "Escape")
    await press(page, "q")
    await expect(page.locator("#people-title")).to_have_text("Registrar un pago")


async def test_what_has_no_key_stands_in_the_palette(running: Running, context: BrowserContext) -> None:
    ids = await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", f"/c/{ids['Rosa Márquez']}?view=mine")
    await run(page, "contactos", "Contactos y personas")
    await expect(page.locator("#people-title")).to_have_text("Contactos y personas")
    await press(page, "Escape")
    await run(page, "avisos", "Tus avisos")
    await expect(page.locator("#notices")).to_be_visible()


async def test_a_note_says_why_it_takes_no_template_file_or_moment(running: Running, context: BrowserContext) -> None:
    ids = await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", f"/c/{ids['Rosa Márquez']}?view=mine")
    await press(page, "n")
    await press(page, "Control+Shift+S")
    await expect(page.locator("#say")).to_have_text("Una nota queda entre colegas. Elige primero un canal.")
    await press(page, "Control+k")
    await page.keyboard.type("plantillas")
    await expect(page.locator("#palette-found")).to_have_attribute("data-for", "plantillas")
    await page.evaluate("document.getElementById('say').textContent = ''")
    await page.locator("#palette-found #pf-act-templates").click(force=True)
    await expect(page.locator("#palette")).to_be_hidden()
    await expect(page.locator("#say")).to_have_text("Una nota queda entre colegas. Elige primero un canal.")
    await page.click("#channel-sms")
    await press(page, "Control+Shift+S")
    await expect(page.locator("#schedule-slot .schedule")).to_be_visible()


async def test_controls_tell_their_key(running: Running, context: BrowserContext) -> None:
    ids = await waiting(running, mine=True)
    page = await sign_in(context, running, "ana", f"/c/{ids['Rosa Márquez']}?view=mine")
    await expect(page.locator("#act-close")).to_have_attribute("aria-keyshortcuts", "e")
    await page.hover("#act-close")
    await expect(page.locator("#act-close")).to_have_attribute("title", "Cerrar (E)")


def test_no_two_actions_share_a_key_and_all_can_be_typed() -> None:
    for group in GROUPS.values():
        keys = [key for key in group.values() if key]
        assert len(set(keys)) == len(keys)
        assert set(keys) <= ALLOWED - RESERVED
    assert {key.action for key in KEYS} == {action for group in GROUPS.values() for action in group} | ALL_FIXED


async def open_preferences(page: Page) -> None:
    """The dialog, by the palette."""
    await press(page, "Control+k")
    await page.keyboard.type("preferencias")
    await expect(page.locator("#palette-found [aria-selected=true]")).to_contain_text("preferencias")
    await page.keyboard.press("Enter")
    await expect(page.locator("#preferences")).to_be_visible()


async def remap(page: Page, action: str, key: str) -> None:
    """Give an action another key."""
    await page.focus("#tab-mine")
    await open_preferences(page)
    await page.locator(f"#remap-{action}").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#remap-{action}")).to_have_class("keycap waiting")
    async with page.expect_response("**/me/preferences"):
        await page.keyboard.press(key)
