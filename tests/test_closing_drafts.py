"""A conversation is not closed over half an answer unnoticed: the first press says so, the second closes, and the draft is still there."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.desk import equals_a_fresh_render
from tests.running import Running
from tests.writing import at_desk, drafts, field, pauses, rosa, types

pytestmark = pytest.mark.usefixtures("worker")
TOLD = "Hay un borrador sin enviar"


async def state(running: Running) -> str:
    [row] = await running.rows("select state from conversation where org_id = :org")
    return str(row.state)


async def test_the_first_press_tells_and_the_second_closes_with_the_draft_kept(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await types(page, "Claro, Rosa, podemos")
    await pauses(page)
    await page.focus("#client-name")
    await page.keyboard.press("e")
    await expect(page.locator("#say")).to_contain_text(TOLD)
    await expect(page.locator("#say")).to_be_in_viewport()
    assert await state(running) == "open"
    await page.keyboard.press("e")
    await expect(page.locator("#undo")).to_contain_text("Cerrada")
    assert await state(running) == "closed"
    await field(page, "Claro, Rosa, podemos")
    assert await drafts(running) == 1
    await equals_a_fresh_render(page)
    await page.reload()
    await field(page, "Claro, Rosa, podemos")


async def test_who_went_on_writing_is_told_again_and_a_begun_note_counts(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-note")
    await types(page, "Ojo")
    await page.click("#channel-sms")
    await page.focus("#client-name")
    await page.keyboard.press("e")
    await expect(page.locator("#say")).to_contain_text(TOLD)
    await types(page, "Hola")
    await page.evaluate("document.getElementById('say').textContent = ''")
    await page.focus("#client-name")
    await page.keyboard.press("e")
    await expect(page.locator("#say")).to_contain_text(TOLD)
    assert await state(running) == "open"


async def test_without_a_draft_one_press_closes(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await expect(page.locator("#composer-text")).to_have_value("")
    await page.focus("#client-name")
    await page.keyboard.press("e")
    await expect(page.locator("#undo")).to_contain_text("Cerrada")
    assert await state(running) == "closed"


async def test_the_menu_of_outcomes_says_it_beforehand(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("o")
    await expect(page.locator("#act-dialog")).to_be_visible()
    await expect(page.locator("[data-kept]")).to_be_hidden()
    await page.keyboard.press("Escape")
    await expect(page.locator("#act-dialog")).to_be_hidden()
    await types(page, "Claro, Rosa")
    await page.focus("#client-name")
    await page.keyboard.press("o")
    await expect(page.locator("#act-dialog")).to_be_visible()
    await expect(page.locator("[data-kept]")).to_be_visible()
    await expect(page.locator("[data-kept]")).to_contain_text(TOLD)
    await page.keyboard.press("1")
    await expect(page.locator("#act-dialog")).to_be_hidden()
    await expect(page.locator("#undo")).to_contain_text("Cerrada")
    await field(page, "Claro, Rosa")
