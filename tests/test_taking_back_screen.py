"""What waits, on the screen: seconds to take it back, a moment chosen for later, a STOP in between; and a note is never mixed with a message."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.async_api import BrowserContext, expect

from inbox import holding, sending
from tests.desk import equals_a_fresh_render
from tests.doors import signed_in, some_phone
from tests.running import Running
from tests.test_composer import WORDS, presses, sent
from tests.test_composer_screen import TEXTS
from tests.writing import PHONE, at_desk, field, may_take_back_for, pauses, rosa, says, types

pytestmark = pytest.mark.usefixtures("worker")
LONG = 600  # seconds: longer than a busy machine needs from one step of a test to the next


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages may be held for as long as these tests need."""
    for module in (holding, sending):
        monkeypatch.setattr(module, "LONGEST_HOLD_SECONDS", LONG)


async def test_it_is_taken_back_from_the_bar_by_key_and_from_the_timeline(running: Running, context: BrowserContext) -> None:
    await may_take_back_for(running, LONG)
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-sms")
    await says(page, WORDS)
    await expect(page.locator("#held")).to_contain_text(re.compile(r"Sale en\s+\d+ s"))
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.click("#held button")
    await field(page, WORDS)
    await expect(page.locator("#composer-text")).to_be_focused()
    await expect(page.locator("#held")).to_have_count(0)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#held")).to_be_visible()
    await page.focus("#client-name")
    await page.keyboard.press("z")
    await field(page, WORDS)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#held")).to_be_visible()
    await types(page, "Y otra cosa")
    await page.locator(".hold button", has_text="Deshacer").click()
    await field(page, f"{WORDS}\n\nY otra cosa")
    assert [one.state for one in await sent(running)] == ["cancelled"] * 3
    await equals_a_fresh_render(page)


async def test_it_is_taken_back_from_another_client_and_nothing_of_that_one_comes_along(running: Running, context: BrowserContext) -> None:
    await may_take_back_for(running, LONG)
    client, phone = await rosa(running), some_phone()
    other = await running.new_client(phone, "Luiza Prado")
    await running.client_writes(phone, "Bom dia")
    page = await at_desk(context, running, client)
    await says(page, WORDS)
    await expect(page.locator("#held")).to_be_visible()
    await page.locator(f".row[data-id='{other['conversation_id']}'] .row-link").click()
    await expect(page.locator("#client-name")).to_have_text("Luiza Prado")
    await types(page, "Bom dia, Luiza")
    await pauses(page)
    await page.focus("#client-name")
    await page.keyboard.press("z")
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")
    await field(page, WORDS)
    await expect(page.locator("#held")).to_have_count(0)
    assert [one.state for one in await sent(running)] == ["cancelled"]
    await page.goto(f"{running.url}/c/{other['conversation_id']}?view=team")
    await field(page, "Bom dia, Luiza")


async def test_the_seconds_are_counted_for_the_eye_only(running: Running, context: BrowserContext) -> None:
    await may_take_back_for(running, LONG)
    await context.clock.install()
    page = await at_desk(context, running, await rosa(running))
    await says(page, WORDS)
    count = page.locator("#held [data-seconds]")
    await expect(count).to_have_text(re.compile(r"\d+ s"))
    assert await count.evaluate("el => !el.closest('[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]')")
    await page.evaluate(TEXTS, "#held [data-seconds]")
    await context.clock.run_for(3000)
    texts = await page.evaluate("window.texts")
    assert len(texts) >= 2
    assert len(texts) == len(set(texts)), "written only when it changes"


async def test_what_was_taken_back_never_joins_a_note(running: Running, context: BrowserContext) -> None:
    await may_take_back_for(running, LONG)
    page = await at_desk(context, running, await rosa(running))
    await says(page, WORDS)
    await expect(page.locator("#held")).to_be_visible()
    await page.click("#channel-note")
    await types(page, "Ojo: promete mucho")
    await page.click("#held button")
    await expect(page.locator(".entry[data-state=cancelled]")).to_be_visible()
    await expect(page.locator("#composer:not([aria-busy])")).to_be_visible()
    await field(page, "Ojo: promete mucho")
    await expect(page.locator("#channel-note")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.is-note", has_text="Ojo")).to_be_visible()
    await field(page, "")
    await page.focus("#composer-text")
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await field(page, WORDS)
    await types(page, "")
    await page.locator(".entry[data-state=cancelled] .reuse").click()
    await field(page, WORDS)
    await expect(page.locator("#channel-note")).to_have_attribute("aria-pressed", "false")


async def test_who_may_take_it_back_over_the_door(running: Running) -> None:
    await may_take_back_for(running, LONG)
    client, ana = await rosa(running), await signed_in(running)
    luis, supervisora, revisora = [await signed_in(running, who) for who in ("luis", "supervisora", "revisora")]
    assert (await presses(ana, client)).status_code == 200
    [message] = await sent(running)
    path = f"/c/{client['conversation_id']}/messages/{message.id}"
    assert (await revisora.post(f"{path}/take-back")).status_code == 403
    refused = await luis.post(f"{path}/take-back")
    assert (refused.status_code, bool(refused.headers["x-problem"])) == (403, True)
    assert (await ana.post(f"/c/{client['conversation_id']}/messages/{uuid.uuid4()}/take-back")).status_code == 404
    assert (await supervisora.post(f"{path}/take-back")).status_code == 200
    late = await ana.post(f"{path}/send-now")
    assert (late.status_code, bool(late.headers["x-problem"])) == (409, True)


async def test_a_message_for_later_is_planned_changed_cancelled_and_sent_at_once(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    # Twenty minutes of WhatsApp's day are left: every moment that is offered, on whatever weekday and hour, is a later one.
    async with running.product.work() as tx:
        await tx.run("update contact_act set at = at - interval '1420 minutes' where org_id = :org and direction = 'in'")
    page = await at_desk(context, running, client)
    await page.click("#schedule")
    await expect(page.locator(".moment[aria-disabled]").last).to_be_visible()
    await expect(page.locator(".moment-blocked").last).to_contain_text("plantilla")
    await page.click("#channel-sms")
    await types(page, WORDS)
    await page.keyboard.press("Control+Shift+S")
    await expect(page.locator(".moment:not([aria-disabled])").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".schedule")).to_have_count(0)
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.keyboard.press("Control+Shift+S")
    await expect(page.locator(".moment").first).to_be_focused()
    await page.keyboard.press("Enter")
    planned = page.locator(".entry.out .hold")
    await expect(planned).to_contain_text("Programado")
    await expect(page.locator("#undo .undo-toast")).to_contain_text(re.compile(r"Programado para .*\d\d:00, hora del cliente"))
    await field(page, "")
    await expect(page.locator("#composer-text")).to_be_focused()
    await expect(page.locator("#later")).to_be_hidden()
    await page.locator("#undo").get_by_text("Cambiar").click()
    await field(page, WORDS)
    await expect(page.locator("#undo .undo-toast")).to_have_count(0)
    await expect(page.locator("#later")).to_be_visible()
    await expect(page.locator("#send-word")).to_have_text("Programar")
    await page.keyboard.press("Control+Enter")
    await planned.get_by_text("Cambiar").click()
    await field(page, WORDS)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.out .hold")).to_be_visible()
    await page.locator(".entry.out .hold").get_by_text("Cancelar").click()
    await expect(page.locator(".entry[data-state=cancelled]")).to_have_count(3)
    await field(page, "")
    await types(page, "Hasta mañana")
    await page.click("#schedule")
    await page.locator(".moment:not([aria-disabled])").first.click()
    await page.locator(".entry.out .hold").get_by_text("Enviar ya").click()
    await expect(page.locator(".entry.out", has_text="Hasta mañana")).to_contain_text("Entregado")
    await equals_a_fresh_render(page)


async def test_a_moment_without_words_waits_for_them(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-sms")
    await page.keyboard.press("Control+Shift+S")
    await expect(page.locator(".moment:not([aria-disabled])").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("Escribe el mensaje")
    await expect(page.locator("#composer-text")).to_be_focused()
    await expect(page.locator("#later")).to_contain_text(re.compile(r"\d\d:00"))
    await expect(page.locator("#send-word")).to_have_text("Programar")
    await page.keyboard.type(WORDS)
    await expect(page.locator("#composer-problem")).to_have_text("")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.out .hold")).to_contain_text("Programado")
    await expect(page.locator("#undo")).to_contain_text("Programado")
    await page.keyboard.press("Escape")
    await page.keyboard.press("z")
    await field(page, WORDS)
    await expect(page.locator("#later")).to_be_hidden()
    await expect(page.locator("#send-word")).to_have_text("Enviar")


async def test_a_moment_that_is_refused_keeps_the_words_and_the_moment(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-sms")
    await types(page, WORDS)
    await page.click("#schedule")
    await expect(page.locator(".moment:not([aria-disabled])").first).to_be_focused()
    await running.client_writes(PHONE, "STOP")
    await expect(page.locator("#channels")).to_contain_text("pidió que no se le escriba")
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("pidió que no se le escriba")
    await field(page, WORDS)
    await expect(page.locator("#later")).to_be_visible()
    await expect(page.locator(".entry.out")).to_have_count(0)


async def test_a_stop_that_comes_meanwhile_withholds_it_visibly(running: Running, context: BrowserContext) -> None:
    await may_take_back_for(running, LONG)
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-sms")
    await says(page, WORDS)
    await expect(page.locator("#held")).to_be_visible()
    await running.client_writes(PHONE, "STOP")
    entry = page.locator(".entry.out", has_text=WORDS)
    await expect(entry).to_have_attribute("data-state", "withheld")
    await expect(entry).to_contain_text("No enviado")
    await expect(page.locator("#channel-sms")).to_have_attribute("aria-disabled", "true")
    await expect(page.locator("#held")).to_have_count(0)
    assert [one.state for one in await sent(running)] == ["withheld"]
