"""The composer on the screen: closed channels with their reasons, notes and their mentions, keys, colleagues' answers, and no barrier in any state."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from tests.desk import kept_waiting, live
from tests.running import Running
from tests.stories import story
from tests.test_clock import move
from tests.test_composer import WORDS, sent
from tests.test_templates import recorded
from tests.writing import PHONE, at_desk, drafts, field, may_take_back_for, pauses, rosa, says, types

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What a place on the page says from now on, each time it is written.
TEXTS = """selector => {
  const place = document.querySelector(selector);
  window.texts = [];
  new MutationObserver(() => texts.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
}"""
ADDRESSES = [
    {"channel": "sms", "value": PHONE},
    {"channel": "sms", "value": "+573009998877"},
    {"channel": "whatsapp", "value": PHONE},
    {"channel": "email", "value": "rosa@correo.example"},
]


@pytest.mark.parametrize(("language", "words"), [("es", "pidió"), ("pt", "pediu"), ("en", "asked")])
async def test_a_closed_channel_says_why_in_every_language_and_a_missing_one_keeps_quiet(
    running: Running, context: BrowserContext, language: str, words: str
) -> None:
    async with running.product.work() as tx:
        await tx.run("update agent set language = :language where org_id = :org", language=language)
    client = await rosa(running, addresses=[one for one in ADDRESSES if one["value"] != "+573009998877"])
    await running.client_writes(PHONE, "STOP")
    page = await at_desk(context, running, client)
    sms, email = page.locator("#channel-sms"), page.locator("#channel-email")
    await expect(email).to_have_attribute("aria-disabled", "true")
    await expect(page.locator("#reason-email")).to_be_hidden()
    await email.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#reason-email")).to_be_visible()
    await sms.focus()
    await expect(sms).to_have_attribute("aria-disabled", "true")
    await expect(sms).to_have_attribute("aria-describedby", "reason-sms")
    await expect(page.locator("#reason-sms")).to_contain_text(words)


CLOSED: dict[str, tuple[str, str]] = {
    "kill_switch": (
        "insert into kill_switch (org_id, id, channel, reason, at) values (:org, gen_random_uuid(), 'whatsapp', 'X', now())",
        "Sending on this channel is stopped for everybody: %(reason)s.",
    ),
    "wa_third_party": (
        "update creditor set first_party = false, whatsapp = null where org_id = :org",
        "WhatsApp is off for this creditor, who is not a first party.",
    ),
    "opt_out_word": ("", "The client asked not to be written to here: “%(word)s”, %(date)s."),
    "opted_out_address": (
        "insert into opt_out (org_id, id, address_id, source, at) select org_id, gen_random_uuid(), id, 'agent', now() from address"
        " where org_id = :org",
        "This address opted out on %(date)s.",
    ),
    "opt_out_doubt": (
        "insert into opt_out (org_id, id, address_id, source, entry_id, at) select m.org_id, gen_random_uuid(), m.address_id, 'doubt', m.id, now()"
        " from message m where m.org_id = :org",
        "The client may have asked not to be written to, %(date)s: say first whether they did.",
    ),
    "wrong_party": ("update address_link set status = 'wrong_party' where org_id = :org", "This address belongs to somebody else."),
    "invalid": (
        "update address set deliverability = 'invalid' where org_id = :org",
        "This number does not exist or cannot receive messages.",
    ),
    "hard_bounce": (
        "update address set deliverability = 'hard_bounce' where org_id = :org",
        "The carrier says that nothing can be delivered to this number.",
    ),
    "reference_only": (
        "insert into party (org_id, id, debt_id, debtor_id, role, created_at) select b.org_id, gen_random_uuid(), b.id, d.id, 'reference', now()"
        " from debt b join debtor d on d.org_id = b.org_id and d.id <> b.debtor_id where b.org_id = :org",
        "This person is only a reference beside an account: what they write is answered, and nothing else.",
    ),
    "wa_window": ("", "The client has not written here yet: only an approved template may be sent."),
}


@pytest.mark.parametrize("rule", CLOSED)
async def test_every_reason_is_said_in_every_language_and_reached_by_tab(running: Running, context: BrowserContext, rule: str) -> None:
    change, sentence = CLOSED[rule]
    if rule == "reference_only":
        await running.new_client("+573009998866", "Luz Gil")
    client = await rosa(running, heard=rule not in ("wa_window", "reference_only"), **({"debts": []} if rule == "reference_only" else {}))
    if rule == "opt_out_word":
        await running.client_writes(PHONE, "STOP", channel="whatsapp")
    if change:
        async with running.product.work() as tx:
            await tx.run(change)
    page = await at_desk(context, running, client)
    button, said = page.locator("#channel-whatsapp"), []
    for language in ("es", "pt", "en"):
        async with running.product.work() as tx:
            await tx.run("update agent set language = :language where org_id = :org", language=language)
        await page.reload()
        await live(page)
        await expect(button).to_have_attribute("aria-describedby", "reason-whatsapp")
        assert await button.get_attribute("aria-disabled" if rule != "wa_window" else "data-templates-only") is not None
        await page.focus("#log")
        for _ in range(12):
            await page.keyboard.press("Tab")
            if await button.evaluate("button => button === document.activeElement"):
                break
        await expect(button).to_be_focused()
        said.append(str(await page.locator("#reason-whatsapp").text_content()))
    assert len(set(said)) == 3, said
    english = re.compile(re.sub(r"%..\w+..s", ".+", re.escape(sentence)))
    assert [bool(english.search(text)) for text in said] == [False, False, True], said


async def test_spelling_is_checked_in_the_language_of_who_reads(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running, language="pt"))
    await expect(page.locator("#composer-text")).to_have_attribute("lang", "pt")
    await expect(page.locator(".row-preview [lang=pt]")).to_have_text("¿Puedo pagar la mitad?")
    await page.focus("#client-name")
    await page.keyboard.press("n")
    await expect(page.locator("#composer-text")).to_have_attribute("lang", "es-CO")


async def test_the_window_counts_down_and_closes_in_hours_and_minutes(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await expect(page.locator("#channel-whatsapp .window")).to_have_text(re.compile(r"23 h 5\d m"))
    await expect(page.locator("#channel-whatsapp")).to_have_attribute("aria-pressed", "true")


async def test_a_window_that_ends_while_it_is_on_the_screen_closes_there_too(running: Running, context: BrowserContext) -> None:
    client, heard = await rosa(running), datetime.now(UTC)
    await context.clock.install()
    try:
        await move(running, (heard + timedelta(hours=20, minutes=55)).isoformat())
        page = await at_desk(context, running, client)
        window, whatsapp = page.locator("#channel-whatsapp .window"), page.locator("#channel-whatsapp")
        await expect(window).to_have_text(re.compile("3 h 0[45] m"))
        await page.evaluate(TEXTS, "#channel-whatsapp .window")
        await context.clock.run_for(61_000)
        texts = await page.evaluate("window.texts")
        assert texts
        assert all(re.fullmatch(r"3 h 0\d m", text) for text in texts), texts
        await move(running, (heard + timedelta(hours=23, minutes=59)).isoformat())
        await page.reload()
        await live(page)
        await expect(window).to_have_text("0 m")
        await expect(whatsapp).not_to_have_attribute("data-templates-only", "")
        await move(running, (heard + timedelta(hours=24, seconds=5)).isoformat())
        await context.clock.fast_forward(70_000)
        await expect(whatsapp).to_have_attribute("data-templates-only", "")
        await live(page)
        await says(page, WORDS)
        await expect(page.locator("#composer-problem")).to_contain_text("plantilla aprobada")
        assert not await sent(running)
    finally:
        await move(running, None)


async def test_an_at_offers_colleagues_and_tells_the_one_it_names(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("n")
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.keyboard.type("Ojo @cár")
    await expect(page.locator("#mentions [data-for='cár']")).to_be_visible()
    await expect(page.locator("#mentions [aria-selected=true]")).to_contain_text("Luis Cárdenas")
    await page.keyboard.press("Escape")
    await expect(page.locator("#mentions")).to_be_hidden()
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.keyboard.type("d")
    await expect(page.locator("#mentions [aria-selected=true]")).to_contain_text("Luis Cárdenas")
    await page.keyboard.press("Enter")
    await field(page, "Ojo @Luis Cárdenas ")
    await page.keyboard.type("con esto")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.is-note")).to_contain_text("@Luis Cárdenas con esto")
    rows = await running.rows("select agent_id from notice where org_id = :org and kind = 'mention'")
    assert [row.agent_id for row in rows] == [running.agents["luis"]]
    await field(page, "")
    await types(page, "a@b")
    await pauses(page)  # longer than the one after which colleagues are asked for
    await expect(page.locator("#mentions")).to_be_hidden()


@pytest.mark.parametrize("slowly", [False, True])
async def test_a_colleague_is_never_named_by_the_list_of_other_letters(running: Running, context: BrowserContext, slowly: bool) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-note")
    await page.keyboard.type("Ojo @")
    await expect(page.locator("#mentions [aria-selected=true]")).not_to_contain_text("Luis Cárdenas")
    async with kept_waiting(page, "**/mentions?*"):
        for letters in "cár" if slowly else ("cár",):
            async with page.expect_request("**/mentions?*") if slowly else nullcontext():
                await page.keyboard.type(letters)
        await page.keyboard.press("Enter")
        await field(page, "Ojo @cár")
    await field(page, "Ojo @Luis Cárdenas ")


async def test_a_list_that_was_closed_is_not_opened_by_a_late_answer(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-note")
    await page.keyboard.type("Ojo @")
    await expect(page.locator("#mentions [aria-selected=true]")).to_be_visible()
    async with page.expect_response("**/mentions?*"), kept_waiting(page, "**/mentions?*"):
        async with page.expect_request("**/mentions?*"):
            await page.keyboard.type("cár")
        await page.keyboard.press("Escape")
        await expect(page.locator("#mentions")).to_be_hidden()
    await expect(page.locator("#mentions [data-for='cár']")).to_be_attached()
    await expect(page.locator("#mentions")).to_be_hidden()
    await expect(page.locator("#composer-text")).to_be_focused()
    await field(page, "Ojo @cár")


async def test_a_note_and_a_message_have_words_of_their_own(running: Running, context: BrowserContext) -> None:
    note, message = "Ojo: el cuñado cobra y ella no lo sabe", "Buenas tardes, Rosa"
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("n")
    await page.keyboard.insert_text(note)
    for keys in (("Escape", "r"), ("Escape", "n", "Escape", "c")):
        for key in keys:
            await page.keyboard.press(key)
        await field(page, "")
        await expect(page.locator("#channel-note")).to_have_attribute("aria-pressed", "false")
    await page.keyboard.insert_text(message)
    await pauses(page)
    await page.reload()
    await field(page, message)
    await page.click("#channel-note")
    await field(page, note)
    for _ in range(2):
        await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.is-note")).to_contain_text(note)
    await expect(page.locator("#composer:not([aria-busy])")).to_be_visible()
    await field(page, "")
    await expect(page.locator("#channel-note")).to_have_attribute("aria-pressed", "true")
    assert not await sent(running), "a second press of the note's key sends nothing to the client"
    await page.click("#channel-sms")
    await field(page, message)
    await page.click("#channel-note")
    await types(page, "Llamar el lunes")
    await page.click("#channel-sms")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.out", has_text=message)).to_be_visible()
    await field(page, "")
    await page.click("#channel-note")
    await field(page, "Llamar el lunes")


async def test_a_channel_that_closes_keeps_what_was_written_for_it(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    whatsapp = page.locator("#channel-whatsapp")
    await expect(whatsapp).to_have_attribute("aria-pressed", "true")
    await types(page, WORDS)
    await pauses(page)
    await running.client_writes(PHONE, "STOP", channel="whatsapp")
    await expect(whatsapp).to_have_attribute("aria-disabled", "true")
    for again in (False, True):
        if again:
            await page.reload()
        await expect(whatsapp).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        await expect(page.locator("#reason-whatsapp")).to_be_visible()
        if not again:
            await expect(page.locator("#say")).to_contain_text("STOP")
        await page.focus("#composer-text")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#composer-problem")).to_contain_text("STOP")
        await field(page, WORDS)
    assert not await sent(running)
    await page.click("#channel-sms")
    await expect(page.locator("#send")).not_to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("Control+Enter")
    await field(page, "")
    assert [one.channel for one in await sent(running)] == ["sms"]


async def test_a_refused_message_stays_with_its_channel(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await types(page, WORDS)
    await page.evaluate("document.querySelector('#timeline').removeAttribute('data-topic')")
    await running.client_writes(PHONE, "STOP", channel="whatsapp")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("STOP")
    await expect(page.locator("#channel-whatsapp")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Control+Enter")
    await field(page, WORDS)
    assert not await sent(running)


async def test_keys_change_the_channel_and_escape_goes_back_step_by_step(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("c")
    await expect(page.locator("#channel-sms")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.type(WORDS)
    await page.click("#open-picker")
    await expect(page.locator("#picker-query")).to_be_focused()
    await expect(page.locator("#picker-list")).to_contain_text("Ningún texto")
    await page.keyboard.press("Escape")
    await expect(page.locator("#picker")).to_be_hidden()
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".row-link[aria-current]")).to_be_focused()
    await field(page, WORDS)
    await page.keyboard.press("r")
    await expect(page.locator("#composer-text")).to_be_focused()


async def test_the_clients_next_bubble_never_stops_a_colleagues_answer_does_and_shows_itself(
    running: Running, context: BrowserContext
) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await hears_nothing_more(page)
    await running.client_writes(PHONE, "¿Siguen ahí?")
    await says(page, WORDS)
    await field(page, "")
    assert len(await sent(running)) == 1
    await hears_nothing_more(page)
    await colleague_answers(running, client)
    await says(page, "Otra cosa")
    await expect(page.locator("#composer-problem")).to_contain_text("Marta")
    await expect(page.locator(".entry.out", has_text="Yo le ayudo, Rosa.")).to_have_count(1)
    await field(page, "Otra cosa")
    await expect(page.locator("#composer-text")).to_be_focused()
    assert await drafts(running) == 1
    await page.keyboard.press("Control+Enter")
    await field(page, "")
    assert len(await sent(running)) == 3


async def hears_nothing_more(page: Page) -> None:
    """What comes into the open conversation from now on comes too late for this page, although nothing else is wrong with its line."""
    await page.evaluate("document.querySelector('#timeline').removeAttribute('data-topic')")


async def colleague_answers(running: Running, client: dict[str, Any]) -> None:
    """The supervisor answers from elsewhere."""
    async with running.api("supervisora") as api:
        answer = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Yo le ayudo, Rosa."})
        assert answer.status_code == 202


async def test_an_answer_that_a_filter_hides_was_not_seen(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    answer = page.locator(".entry.out", has_text="Yo le ayudo, Rosa.")
    await page.click("[data-shows-only=notes]")
    await expect(page.locator("#timeline")).to_have_attribute("data-show", "notes")
    await colleague_answers(running, client)
    await expect(answer).to_have_count(1)
    await expect(answer).to_be_hidden()
    await says(page, WORDS)
    await expect(page.locator("#composer-problem")).to_contain_text("Marta Quintero")
    await expect(answer).to_be_visible()
    await field(page, WORDS)
    await page.keyboard.press("Control+Enter")
    await field(page, "")
    assert len(await sent(running)) == 2
    await colleague_answers(running, client)
    await expect(answer).to_have_count(2)
    await says(page, "Otra cosa")
    await field(page, "")
    assert len(await sent(running)) == 4, "what stood on the screen was seen"


async def test_an_answer_beyond_the_part_that_is_shown_was_not_seen(running: Running, context: BrowserContext) -> None:
    client = await story(running, 150, phone=PHONE)
    page = await at_desk(context, running, client)
    await page.fill("#jump-day", "2026-03-02")
    await expect(page.locator("#newer-button")).to_be_visible()
    await colleague_answers(running, client)
    await expect(page.locator("#news-text")).to_have_text("1 nuevo")
    await says(page, WORDS)
    await expect(page.locator("#composer-problem")).to_contain_text("Marta Quintero")
    await expect(page.locator("#timeline > .entry").last).to_contain_text("Yo le ayudo, Rosa.")
    await field(page, WORDS)
    await page.keyboard.press("Control+Enter")
    await field(page, "")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
async def test_no_state_has_a_barrier_that_axe_can_find(running: Running, context: BrowserContext, theme: str, width: int) -> None:
    await may_take_back_for(running, 20)
    client = await rosa(running, heard=False, addresses=ADDRESSES)
    await recorded(running, name="acuerdo", body="Hola {{first_name}}, te proponemos {{cuotas}} cuotas. ¿Te sirve?")
    await recorded(running, approval="paused", name="saldo", body="Hola {{first_name}}, gracias.")
    page = await at_desk(context, running, client)
    await page.emulate_media(color_scheme="light" if theme == "light" else "dark")
    await page.set_viewport_size({"width": width, "height": 844})
    await _has_no_barrier(page, "open")
    await page.click("#channel-whatsapp")
    await page.click("#reason-whatsapp [data-picks]")
    await expect(page.locator(".offer").first).to_be_visible()
    await _has_no_barrier(page, "picker")
    await page.locator(".offer", has_text="acuerdo").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("cuotas")
    await _has_no_barrier(page, "template")
    await page.click("[data-drops-template]")
    await page.click("#channel-sms")
    await types(page, "El deudor debe pagar la deuda")
    await expect(page.locator(".tone-hint").first).to_be_visible()
    await page.click("#schedule")
    await expect(page.locator(".moment").first).to_be_visible()
    await _has_no_barrier(page, "schedule and hints")
    await page.keyboard.press("Escape")
    await types(page, "")
    await page.click("#schedule")
    await page.locator(".moment:not([aria-disabled])").first.click()
    await _has_no_barrier(page, "later")
    await page.click("[data-drops-later]")
    await page.click("#channel-note")
    await types(page, "@l")
    await expect(page.locator(".mention-option").first).to_be_visible()
    await _has_no_barrier(page, "mentions")
    await page.keyboard.press("Escape")
    await page.click("#channel-sms")
    await says(page, WORDS)
    await expect(page.locator("#held")).to_be_visible()
    await _has_no_barrier(page, "held")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def _has_no_barrier(page: Page, state: str) -> None:
    await live(page)
    results = await Axe().run(page, options=AXE)
    found = [(one["id"], one["nodes"][0]["html"][:200]) for one in results.response["violations"]]
    assert found == [], f"{state}: {found}"
