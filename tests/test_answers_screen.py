"""Lists and buttons between an agent and a client: found by keyboard, sent, chosen on the phone, and read in the timeline."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.desk import equals_a_fresh_render
from tests.running import Running, until
from tests.test_answers import PRESSED, ready, session, told
from tests.writing import PHONE, at_desk, rosa


async def finds(page: Page, words: str) -> None:
    """Open the prepared texts with a slash and look for some."""
    await page.focus("#composer-text")
    await page.keyboard.type("/")
    await expect(page.locator("#picker-query")).to_be_focused()
    await page.keyboard.type(words)


@pytest.mark.usefixtures("worker")
async def test_a_list_is_sent_by_keyboard_and_the_client_chooses_on_the_phone(running: Running, context: BrowserContext) -> None:
    name = f"días {uuid.uuid4().hex[:8]}"
    assert (await session(running, name=name)).status_code == 201

    async def made() -> bool:
        return bool((await told(running))[0][0] == "unneeded")

    await until(made)
    async with running.product.work() as tx:
        await tx.run("update agent set preferences = preferences - 'undo_seconds' where org_id = :org")
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await finds(page, "dias")
    offer = page.locator("#picker-list [aria-selected=true]")
    await expect(offer).to_contain_text(name)
    await expect(offer).to_contain_text("Ver días")
    await expect(offer).to_contain_text("El viernes")
    await page.keyboard.press("Enter")
    card = page.locator(".template-card")
    await expect(card).to_have_accessible_name(f"Lista {name}")
    await expect(card).to_contain_text("Gracias, Rosa. ¿Qué día le queda bien?")
    await page.keyboard.press("Control+Enter")
    sent = page.locator("#timeline .entry", has_text="¿Qué día le queda bien?")
    await expect(sent.locator(".said-list li")).to_have_text(["El viernesAntes de mediodía", "El lunes"])
    await expect(card).to_have_count(0)
    [held] = await running.rows(
        "select extract(epoch from m.due_at - e.received_at) as seconds from message m join entry e on e.id = m.id where m.org_id = :org and m.direction = 'out'"
    )
    assert held.seconds == 2, "a list is of the exchange: it leaves as free words do"

    await expect(sent).to_contain_text(re.compile("Entregado|Leído"))
    phone = await context.new_page()
    await phone.goto(f"{running.simulator_url}/?client=%2B{PHONE[1:]}&app=whatsapp")
    bubble = phone.locator(".bubble.theirs").last
    await expect(bubble.locator(".mark-line")).to_have_text("Lista")
    await bubble.get_by_text("Ver días").click()
    await bubble.get_by_role("button", name="El viernes").click()
    await expect(phone.locator(".bubble.mine").last).to_contain_text("El viernes")
    await phone.close()

    chosen = page.locator("#timeline .entry").last
    await expect(chosen).to_contain_text("Eligió: El viernes")
    await expect(chosen.locator("a.quote")).to_contain_text("¿Qué día le queda bien?")
    await equals_a_fresh_render(page)


async def test_beyond_the_window_buttons_say_why_they_are_closed_and_cannot_be_chosen(running: Running, context: BrowserContext) -> None:
    await ready(running, **PRESSED)
    page = await at_desk(context, running, await rosa(running, heard=False))
    await page.locator("#channel-whatsapp").press("Enter")
    await finds(page, "si o no")
    offer = page.locator("#picker-list [role=option]", has_text="Sí o no")
    await expect(offer).to_have_attribute("aria-disabled", "true")
    await expect(offer.locator(".offer-blocked")).to_contain_text("no ha escrito")
    await page.keyboard.press("Enter")
    await expect(page.locator("#picker-query")).to_be_focused()
    await expect(page.locator(".template-card")).to_have_count(0)
    await running.client_writes(PHONE, "Hola, soy yo", channel="whatsapp")
    await expect(page.locator("#timeline")).to_contain_text("Hola, soy yo")
    await page.keyboard.press("Escape")
    await finds(page, "si o no")
    await expect(offer).not_to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("Enter")
    await expect(page.locator(".template-card")).to_have_accessible_name("Botones Sí o no")
