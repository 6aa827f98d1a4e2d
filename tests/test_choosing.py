"""Fields over lists, and the dialogs around them, by keys alone: letters find, arrows move, Enter chooses, Esc closes at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.async_api import BrowserContext, Page, expect

from staff.people import record_team
from tests.desk import equals_a_fresh_render
from tests.running import Running
from tests.test_people import stranger
from tests.writing import at_desk, rosa

pytestmark = pytest.mark.usefixtures("worker")


async def dialog_of(running: Running, context: BrowserContext, client: dict[str, Any]) -> Page:
    page = await at_desk(context, running, client)
    await page.focus("#client-name")
    await page.keyboard.press("a")
    await expect(page.locator("#transfer-who")).to_be_focused()
    return page


async def test_a_colleague_is_found_by_letters_and_given_the_client_by_keys(running: Running, context: BrowserContext) -> None:
    page = await dialog_of(running, context, await rosa(running))
    who, chosen = page.locator("#transfer-who"), page.locator("#transfer-list [aria-selected=true]")
    await expect(chosen).to_have_count(1)
    await page.keyboard.type("cárd")
    await expect(page.locator("#transfer-list [role=option]:visible")).to_have_count(1)
    await expect(chosen).to_contain_text("Luis Cárdenas")
    await expect(who).to_have_attribute("aria-activedescendant", f"to-{running.agents['luis']}")
    await page.keyboard.press("Enter")
    await expect(page.locator("#transfer-now")).to_be_focused()
    await expect(page.locator("#transfer-now")).to_have_accessible_description("Luis Cárdenas 0 abiertas")
    await expect(who).to_have_value("Luis Cárdenas")
    await page.keyboard.press("Enter")
    await expect(page.locator("#act-dialog")).to_be_hidden()
    await expect(page.locator("#header")).to_contain_text("Luis")
    [row] = await running.rows("select assigned_agent_id from conversation where org_id = :org")
    assert row.assigned_agent_id == running.agents["luis"]
    await equals_a_fresh_render(page)


async def test_arrows_go_around_and_accents_do_not_matter(running: Running, context: BrowserContext) -> None:
    async with running.product.work() as tx:
        team = await record_team(tx, "Cédulas", [running.agents["luis"]])
        await tx.run(
            "insert into serving (org_id, team_id, creditor_id) select :org, :team, id from creditor where org_id = :org", team=team
        )
    page = await dialog_of(running, context, await rosa(running))
    chosen, options = page.locator("#transfer-list [aria-selected=true]"), page.locator("#transfer-list [role=option]:visible")
    last = await options.count() - 1
    await page.keyboard.press("ArrowUp")
    await expect(options.nth(last)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    await expect(chosen).to_have_count(1)
    await page.keyboard.type("ced")
    await expect(options).to_have_text(["Cédulas Cola del equipo"])
    await page.keyboard.type("x")
    await expect(page.get_by_role("status").filter(has_text="Nadie con ese nombre")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("#transfer-who")).to_be_focused()
    await page.keyboard.press("Backspace")
    await page.keyboard.press("Enter")
    async with page.expect_request(lambda asked: asked.url.endswith("/transfer") and asked.method == "POST") as asked:
        await page.keyboard.press("Enter")
    assert parse_qs((await asked.value).post_data or "")["to"] == [f"team:{team}"]
    await expect(page.locator("#undo")).to_contain_text("Cédulas")


async def test_esc_closes_a_dialog_at_once_whatever_was_typed_in_it(running: Running, context: BrowserContext) -> None:
    someone = await stranger(running)
    page = await at_desk(context, running, {"conversation_id": str(someone.id)})
    for key, field in (("y", "#people-q"), ("Control+k", "#palette-text"), ("a", "#transfer-who")):
        await page.focus("#client-name")
        await page.keyboard.press(key)
        await expect(page.locator(field)).to_be_visible()
        await page.focus(field)
        await page.keyboard.type("Rosa")
        await expect(page.locator(field)).to_have_value("Rosa")
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog[open]")).to_have_count(0)


async def test_the_slash_that_opens_the_texts_is_nothing_to_search_for(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#composer-text")
    await page.keyboard.type("/")
    await expect(page.locator("#picker-query")).to_be_focused()
    await page.keyboard.type("/sal/do")
    await expect(page.locator("#picker-query")).to_have_value("sal/do")
