"""An agent's own choices: kept, refused with a reason, followed in every window; another language without losing a letter."""

from __future__ import annotations

import json
import re
from html import unescape
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from staff.preferences import read_preferences
from tests.desk import live, sign_in
from tests.doors import signed_in
from tests.running import Running
from tests.stories import story

ROSA = "+573001112233"
# What the browser would show and play, kept for the test to look at.
LISTENING = """
window.told = []; window.played = []; window.watched = 0;
// A busy machine may need longer for the other window's answer than a person would want to wait for a sound (static/notify.js, ANSWER).
const later = window.setTimeout;
window.setTimeout = (run, after, ...rest) => later(run, window.patient && after === 300 ? 20000 : after, ...rest);
addEventListener('DOMContentLoaded', () => {
  new BroadcastChannel(`notify:${document.body.dataset.agent}`).addEventListener('message', ({ data }) => { if (data.watched) window.watched += 1; });
});
window.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted';
  constructor(title, options) { window.told.push(options.body); } close() {} };
const Real = window.AudioContext;
window.AudioContext = class extends Real { createOscillator() { window.played.push(1); return super.createOscillator(); } };
"""


async def test_choices_are_kept_and_only_those_that_the_form_names_change(running: Running) -> None:
    ana = await signed_in(running, "ana")
    saved = await ana.post("/me/preferences", {"density": "compact", "undo_seconds": "20", "keys_on": "off", "remap": "close=5"})
    assert saved.status_code == 200, saved.text
    await ana.post("/me/preferences", {"sound": "on"})
    async with running.product.db.transaction() as tx:
        kept = await read_preferences(tx, running.agents["ana"])
    assert (kept.density, kept.undo_seconds, kept.keys_on, kept.sound, dict(kept.keys)) == ("compact", 20, False, True, {"close": "5"})
    await ana.post("/me/preferences", {"undo_seconds": "", "remap": "*"})
    async with running.product.db.transaction() as tx:
        kept = await read_preferences(tx, running.agents["ana"])
    assert (kept.undo_seconds, dict(kept.keys)) == (None, {})
    page = (await ana.get("/")).text
    assert 'data-density="compact"' in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"density": "huge"},
        {"undo_seconds": "3"},
        {"undo_seconds": "soon"},
        {"language": "xx"},
        {"zone": "Mars/Olympus"},
        {"remap": "nothing=5"},
        {"remap": "close=?"},
        {"remap": "close=ab"},
        {"remap": "close=j"},
        {"remap": "close=v"},
        {"remap": "close=l"},
        {"remap": "close=h"},
        {"remap": "send=5"},
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_changes(running: Running, wrong: dict[str, str]) -> None:
    ana = await signed_in(running, "ana")
    before = await running.rows("select preferences, language, zone from agent where id = :id", id=running.agents["ana"])
    answer = await ana.post("/me/preferences", {"sound": "on", **wrong})
    assert answer.status_code == 422, answer.text
    assert await running.rows("select preferences, language, zone from agent where id = :id", id=running.agents["ana"]) == before


async def test_nobody_changes_them_from_another_site_or_signed_out(running: Running) -> None:
    ana = await signed_in(running, "ana")
    assert (await ana.post("/me/preferences", {"sound": "on"}, origin="https://elsewhere.example")).status_code == 403
    ana.secret = "nobody"
    assert (await ana.get("/me/preferences")).status_code in (303, 401)


async def test_another_language_keeps_what_is_typed_the_focus_and_the_conversation(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.client_writes(ROSA, "buenas")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    other = await context.new_page()
    await other.goto(f"{running.url}/?view=team")
    await live(other)
    await page.bring_to_front()
    await page.focus("#composer-text")
    await page.keyboard.type("Claro que sí, Rosa: el vier")
    await to_language(page, "portugues")
    await expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    await expect(page.locator("#composer-text")).to_have_value("Claro que sí, Rosa: el vier")
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.keyboard.type("nes")
    await expect(page.locator("#composer-text")).to_have_value("Claro que sí, Rosa: el viernes")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await expect(page.locator("#tab-unassigned")).to_contain_text("Sem")
    await expect(other.locator("html")).to_have_attribute("lang", "pt-BR")
    await live(page)
    await running.client_writes(ROSA, "¿entonces?")
    await expect(page.locator(".entry.in", has_text="¿entonces?").locator(".vh").first).to_contain_text("cliente")


async def test_a_key_that_no_longer_fits_is_dropped_and_bars_no_other_choice(running: Running) -> None:
    ana = await signed_in(running, "ana")
    async with running.product.work() as tx:
        await tx.run(
            "update agent set preferences = cast(:kept as jsonb) where org_id = :org and id = :ana",
            ana=running.agents["ana"],
            kept='{"keys": {"close": "j", "snooze": "v", "gone": "5", "unread": "7", "reply": "n", "note": "r"}}',
        )
    page = (await ana.get("/")).text
    keys = json.loads(unescape(page.split("data-keys='")[1].split("'")[0]))
    assert [keys[action]["key"] for action in ("next", "close", "snooze", "unread", "reply", "note")] == ["j", "e", "s", "7", "n", "r"]
    assert (await ana.post("/me/preferences", {"density": "compact"})).status_code == 200
    assert (await ana.post("/me/preferences", {"remap": "close=8"})).status_code == 200
    async with running.product.db.transaction() as tx:
        kept = await read_preferences(tx, running.agents["ana"])
    assert dict(kept.keys) == {"close": "8", "unread": "7", "reply": "n", "note": "r"}


@pytest.mark.parametrize(
    ("language", "zone", "tag", "most", "amounts"),
    [
        ("es", "America/Bogota", "es-CO", "{n} de 1.600", "250.000 o 1.240.000,50"),
        ("es", "America/Santiago", "es-CL", "{n} de 1.600", "250.000 o 1.240.000,50"),
        ("es", "America/Tijuana", "es-MX", "{n} de 1,600", "250,000 o 1,240,000.50"),
        ("es", "America/Lima", "es-PE", "{n} de 1,600", "250,000 o 1,240,000.50"),
        ("pt", "America/Manaus", "pt-BR", "{n} de 1.600", "250.000 ou 1.240.000,50"),
        ("en", "America/Bogota", "en", "{n} of 1,600", "250,000 or 1,240,000.50"),
    ],
)
async def test_numbers_are_written_as_in_the_readers_country(
    running: Running, language: str, zone: str, tag: str, most: str, amounts: str
) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    ana = await signed_in(running, "ana")
    assert (await ana.post("/me/preferences", {"language": language, "zone": zone})).status_code == 200
    page = await ana.get(f"/c/{client['conversation_id']}")
    assert f'<html lang="{tag}">' in page.text, "so that scripts count in the same way"
    assert f'data-most="{most}"' in page.text
    refused = await ana.post(
        f"/c/{client['conversation_id']}/promises", {"amount": "1.2.3", "on": "2027-01-15", "client_token": str(uuid4())}
    )
    assert refused.status_code == 422
    assert amounts in refused.text
    await ana.post("/me/preferences", {"language": "es", "zone": "America/Bogota"})


async def test_a_form_and_the_place_in_a_story_outlive_a_language_that_another_window_chose(
    running: Running, context: BrowserContext
) -> None:
    client = await story(running, 300, phone=ROSA)
    await mine(running)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=mine")
    other = await context.new_page()
    await other.goto(f"{running.url}/?view=mine")
    await live(other)
    await page.click("#show-messages")
    await expect(page.locator("#timeline")).to_have_attribute("data-show", "messages")
    await page.fill("#jump-day", "2026-03-02")
    first = page.locator('.entry[data-day="2026-03-02"]').first
    await expect(first).to_be_in_viewport()
    await page.focus("#log")
    await page.keyboard.press("p")
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.fill("#money-amount", "125000")
    await to_language(other, "portugues")
    await expect(other.locator("html")).to_have_attribute("lang", "pt-BR")
    await expect(page.locator("#shell")).to_have_attribute("data-language", "pt-BR")
    await expect(page.locator("#money-amount")).to_have_value("125000")
    await page.keyboard.press("Escape")
    await expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    await expect(page.locator("#show-messages")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#timeline")).to_have_attribute("data-show", "messages")
    await expect(first).to_be_in_viewport()


async def test_the_door_speaks_three_languages_without_an_account(running: Running, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(f"{running.url}/sign-in?next=/c/1")
    await expect(page.locator("html")).to_have_attribute("lang", "es-419")
    await page.get_by_role("link", name="Português").click()
    await expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    await expect(page).to_have_url(re.compile("next=(/|%2F)c(/|%2F)1"))
    await page.goto(f"{running.url}/sign-in")
    await expect(page.locator("html")).to_have_attribute("lang", "pt-BR")


async def test_density_and_theme_are_put_on_at_once(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "ana", "/?view=team")
    await page.evaluate("() => trato.keys.open('preferences')")
    await page.check("#pref-density-compact", force=True)
    await expect(page.locator("body")).to_have_attribute("data-density", "compact")
    await page.click("#pref-theme-dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("#pref-theme-dark")).to_have_attribute("aria-pressed", "true")


async def test_two_windows_tell_once_with_initials_and_not_of_what_is_looked_at(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.client_writes(ROSA, "buenas")
    await mine(running)
    await context.add_init_script(LISTENING)
    first = await sign_in(context, running, "ana", "/?view=mine")
    second = await context.new_page()
    await second.goto(f"{running.url}/?view=mine")
    await live(second)
    await switch_on(second)
    await running.client_writes(ROSA, "mi clave es 1234")
    for page in (first, second):
        await expect(page).to_have_title("(1) Trato")
    await first.wait_for_function("() => told.length && played.length")
    await second.wait_for_timeout(800)  # in which the other one would tell it, too
    told = [text for page in (first, second) for text in await page.evaluate("() => told")]
    assert told == ["Mensaje nuevo de R. M."], told
    played = sum([await page.evaluate("() => played.length") for page in (first, second)])
    assert played == 2, "two notes, once"
    await second.goto(f"{running.url}/c/{client['conversation_id']}?view=mine")
    await live(second)
    await second.bring_to_front()
    await first.evaluate("() => { window.patient = true; }")
    before = sum([len(await page.evaluate("() => told")) for page in (first, second)])
    await running.client_writes(ROSA, "¿me lee?")
    await expect(second.locator(".entry.in", has_text="¿me lee?")).to_be_visible()
    await first.wait_for_function("() => watched")
    assert sum([len(await page.evaluate("() => told")) for page in (first, second)]) == before


async def test_without_the_browsers_leave_no_notices_are_switched_on(running: Running, context: BrowserContext) -> None:
    await context.add_init_script(
        "window.Notification = class { static permission = 'denied'; static requestPermission = async () => 'denied'; };"
    )
    page = await sign_in(context, running, "ana", "/?view=mine")
    await page.evaluate("() => trato.keys.open('preferences')")
    await page.locator("#pref-notify").click()
    await expect(page.locator("#pref-notify-problem")).to_contain_text("no permite")
    await expect(page.locator("#pref-notify")).not_to_be_checked()


async def switch_on(page: Page) -> None:
    """Notices and sounds, by the hand that the browser asks for."""
    await page.evaluate("() => trato.keys.open('preferences')")
    for box in ("#pref-sound", "#pref-notify"):
        async with page.expect_response("**/me/preferences"):
            await page.locator(box).click()
    await expect(page.locator("#shell")).to_have_attribute("data-notify", "on")
    await page.keyboard.press("Escape")


async def to_language(page: Page, text: str) -> None:
    """By the palette, as a hurried person does."""
    await page.keyboard.press("Control+k")
    await expect(page.locator("#palette-text")).to_be_focused()
    await page.keyboard.type(text)
    await expect(page.locator(f'#palette-found[data-for="{text}"] [aria-selected=true]')).to_contain_text("Português")
    await page.keyboard.press("Enter")


async def mine(running: Running) -> None:
    """Every conversation is Ana's."""
    async with running.product.work() as tx:
        await tx.run(
            "update conversation set assigned_agent_id = :ana, revision = revision + 1, card_revision = revision + 1 where org_id = :org",
            ana=running.agents["ana"],
        )


async def test_the_settings_speak_another_language_and_stay_where_they_are(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "admin")
    await page.goto(f"{running.url}/setup/teams")
    await page.click(".me")
    await page.get_by_role("button", name="Português").click()
    await expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    await page.wait_for_load_state()
    await expect(page).to_have_url(re.compile("/setup/teams$"))
    await page.click(".me")
    await page.get_by_role("button", name="Español").click()
    await expect(page.locator("html")).to_have_attribute("lang", "es-CO")


async def test_a_form_of_the_settings_outlives_the_session(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "admin")
    await page.goto(f"{running.url}/setup/teams")
    await page.fill("#name", "Equipo Caribe")
    async with running.product.work() as tx:
        await tx.run("delete from agent_session where org_id = :org")
    # By its own event: the dialog may stand before it already, once the live line has learnt of it.
    await page.locator("main form button.primary").dispatch_event("click")
    await expect(page.locator("#signed-out")).to_be_visible()
    await expect(page.locator("#name")).to_have_value("Equipo Caribe")
    await expect(page).to_have_url(re.compile("/setup/teams$"))
