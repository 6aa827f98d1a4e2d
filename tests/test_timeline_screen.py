"""The timeline in a browser: it grows at both ends, is filtered and jumped through, and the eye never loses its place."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from inbox.windows import WINDOW
from tests.desk import sign_in
from tests.doors import some_phone
from tests.running import Running, until
from tests.stories import story


async def open_story(context: BrowserContext, running: Running, lines: int) -> tuple[Page, str]:
    """Ana's browser on a long story whose client may write, too."""
    phone = some_phone()
    client = await story(running, lines, phone=phone)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    return page, phone


async def top_of(page: Page, entry: str) -> float:
    return float(await page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", entry))


async def stays(page: Page, entry: str, before: float) -> None:
    """A line is where it was."""
    await page.wait_for_function(
        "([id, before]) => Math.abs(document.getElementById(id).getBoundingClientRect().top - before) < 1", arg=[entry, before]
    )


async def first_seen(page: Page) -> str:
    """The id of the first line that is in view."""
    found: str = await page.evaluate(
        "() => { const edge = document.getElementById('log').getBoundingClientRect().top;"
        " return [...document.querySelectorAll('#timeline > .entry')].find(el => el.getBoundingClientRect().bottom > edge).id; }"
    )
    return found


async def shown(page: Page) -> int:
    return await page.locator("#timeline > .entry").count()


async def test_nothing_moves_when_the_story_grows_above_or_below(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 300)
    await expect(page.locator("#timeline > .entry")).to_have_count(WINDOW)
    await page.evaluate("document.getElementById('log').scrollTop = -1e6")
    anchor = await first_seen(page)
    before = await top_of(page, anchor)
    await expect(page.locator("#timeline > .entry")).to_have_count(2 * WINDOW)
    await stays(page, anchor, before)
    await page.fill("#jump-day", "2026-03-02")
    await expect(page.locator("#newer-button")).to_be_visible()
    await page.wait_for_function("() => document.activeElement.classList.contains('entry')")  # the day's first line has the focus
    count = await shown(page)
    await page.evaluate("document.getElementById('log').scrollTop = -120")
    anchor = await first_seen(page)
    before = await top_of(page, anchor)
    await expect(page.locator("#timeline > .entry")).to_have_count(count + WINDOW)
    await stays(page, anchor, before)
    order = await page.evaluate("[...document.querySelectorAll('#timeline > .entry')].map(el => Number(el.dataset.position))")
    assert order == list(range(order[0], order[0] + len(order))), "no gap, no double"


async def test_a_typed_day_is_gone_to_when_it_is_whole(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 300)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "on=" in request.url else None)
    await page.focus("#log")
    await page.keyboard.press("t")
    await expect(page.locator("#jump-day")).to_be_focused()
    await page.keyboard.type("03032026")
    await expect(page.locator("#jump-day")).to_have_value("2026-03-03")
    await expect(page.locator("#jump-day")).to_be_focused()
    assert asked == []
    await page.keyboard.press("Enter")
    await expect(page.locator('.entry[data-day="2026-03-03"]').first).to_be_focused()
    assert len(asked) == 1
    await page.focus("#jump-day")
    for _ in range(2):
        await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    assert len(asked) == 1
    await page.fill("#jump-day", "2026-03-02")
    await page.focus("#composer-text")
    await expect(page.locator('.entry[data-day="2026-03-02"]').first).to_be_in_viewport()
    await expect(page.locator("#composer-text")).to_be_focused()


async def test_what_is_chosen_while_a_part_loads_is_done_after_it(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 300)
    go = asyncio.Event()

    async def slow(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route("**/entries?*", slow)
    await page.click("#show-notes")
    await page.click("#show-calls")
    await page.click("#show-messages")
    go.set()
    await expect(page.locator("#timeline")).to_have_attribute("data-show", "messages")
    go.clear()
    await page.click("#show-notes")
    await page.fill("#jump-day", "2026-03-02")
    go.set()
    await expect(page.locator("#story")).to_have_attribute("data-anchor", re.compile("."))
    await expect(page.locator("#timeline")).to_have_attribute("data-show", "notes")


async def test_a_letter_leads_to_what_is_chosen(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 30)
    await page.click("#show-notes")
    await expect(page.locator("#show-notes")).to_have_attribute("aria-pressed", "true")
    await page.focus("#log")
    await page.keyboard.press("f")
    await expect(page.locator("#show-notes")).to_be_focused()


async def test_in_the_past_news_are_counted_and_the_pill_leads_to_them(running: Running, context: BrowserContext) -> None:
    page, phone = await open_story(context, running, 150)
    await page.fill("#jump-day", "2026-03-02")
    await expect(page.locator("#news-text")).to_have_text("Ir al final")
    for number in range(3):
        await running.client_writes(phone, f"nuevo {number}")
    await expect(page.locator("#news-text")).to_have_text("3 nuevos")
    assert await page.locator("#timeline", has_text="nuevo 0").count() == 0
    await page.click("#news")
    await expect(page.locator("#timeline > .entry").last).to_contain_text("nuevo 2")
    await expect(page.locator("#news")).to_be_hidden()
    await page.wait_for_function("() => document.getElementById('log').scrollTop === 0")
    await running.client_writes(phone, "y ahora")
    await expect(page.locator("#timeline > .entry").last).to_contain_text("y ahora")


async def test_the_middle_stays_and_the_end_sticks(running: Running, context: BrowserContext) -> None:
    page, phone = await open_story(context, running, 60)
    await running.client_writes(phone, "al final")
    await expect(page.locator("#timeline > .entry").last).to_contain_text("al final")
    await expect(page.locator("#timeline > .entry").last).to_be_in_viewport()
    await page.evaluate("document.getElementById('log').scrollTop = -700")
    anchor = await first_seen(page)
    before = await top_of(page, anchor)
    await running.client_writes(phone, "mientras leo")
    await expect(page.locator("#news-text")).to_have_text("1 nuevo")
    await stays(page, anchor, before)


async def test_a_long_page_lets_go_of_its_far_end(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 420)
    for _ in range(6):
        count = await shown(page)
        await page.evaluate("trato.story.neighbours('before')")
        if count < 320:
            await expect(page.locator("#timeline > .entry")).to_have_count(min(320, count + WINDOW))
    assert await shown(page) == 320


async def test_a_far_end_that_was_let_go_can_be_had_again(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 420)
    while await shown(page) < 320 or await page.locator("#older-button").is_visible():
        await page.evaluate("document.getElementById('log').scrollTop = -1e7")
        await page.evaluate("trato.story.neighbours('before')")
    assert await shown(page) == 320
    await expect(page.locator("#newer-button")).to_be_attached()
    assert await page.evaluate("trato.story.past()")
    order = await page.evaluate("[...document.querySelectorAll('#timeline > .entry')].map(el => Number(el.dataset.position))")
    assert order == list(range(1, 321))
    while await page.evaluate("trato.story.past()"):
        await page.evaluate("document.getElementById('log').scrollTop = 0")
        await page.evaluate("trato.story.neighbours('after')")
    order = await page.evaluate("[...document.querySelectorAll('#timeline > .entry')].map(el => Number(el.dataset.position))")
    assert order == list(range(101, 421))


async def test_a_choice_hides_what_arrives_and_never_loses_it(running: Running, context: BrowserContext) -> None:
    page, phone = await open_story(context, running, 30)
    await page.click("#show-notes")
    await expect(page.locator("#show-notes")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#timeline > .entry")).to_have_count(4)
    await running.client_writes(phone, "hola otra vez")
    hidden = page.locator("#timeline > .entry", has_text="hola otra vez")
    await expect(hidden).to_be_attached()
    await expect(hidden).to_be_hidden()
    await page.click("#show-all")
    await expect(page.locator("#timeline > .entry").last).to_contain_text("hola otra vez")
    await expect(page.locator("#timeline > .entry").last).to_be_visible()


async def test_details_come_on_demand_and_follow_the_message(running: Running, context: BrowserContext) -> None:
    page, phone = await open_story(context, running, 2)
    await running.client_writes(phone, "¿qué hora es?")
    entry = page.locator("#timeline > .entry", has_text="¿qué hora es?")
    await entry.locator("details.more > summary").click()
    await expect(entry.locator(".more-list")).to_contain_text("Id del operador")
    await entry.locator("details.more > summary").focus()
    await page.keyboard.press("Escape")
    await expect(entry.locator(".more-body")).to_be_hidden()


async def wide(exact: Locator) -> None:
    """It can be read, and not only heard."""

    async def is_wide() -> bool:
        return (await exact.bounding_box() or {"width": 0})["width"] > 100

    await until(is_wide)


async def narrow(exact: Locator) -> None:
    """It is there for ears alone."""

    async def is_narrow() -> bool:
        return (await exact.bounding_box() or {"width": 999})["width"] <= 1

    await until(is_narrow)


async def test_the_exact_moment_is_had_by_a_tap_and_by_keys(running: Running, context: BrowserContext) -> None:
    page, _ = await open_story(context, running, 8)
    note = page.locator("#timeline > .entry.is-note").first
    exact = note.locator(".exact")
    assert (await exact.bounding_box() or {})["width"] <= 1
    await note.locator(".instant time").click()
    await wide(exact)
    await expect(exact).to_have_attribute("data-ago", re.compile("hace .+"))
    message = page.locator("#timeline > .entry.message").last
    await message.locator("summary").focus()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    await wide(message.locator(".exact"))


async def test_the_keyboard_reaches_the_moment_of_every_line(running: Running, context: BrowserContext) -> None:
    """A line that nothing can be done with is stopped at once, at its clock; it shows the moment as long as the keyboard is there."""
    page, _ = await open_story(context, running, 8)
    await page.keyboard.press("i")
    event = page.locator("#timeline > .entry.is-event").last
    note = page.locator("#timeline > .entry.is-note").last
    for line in (event, note):
        exact, clock = line.locator(".exact"), line.locator("button.instant")
        await expect(clock).to_have_count(1)
        await expect(clock).to_have_accessible_name(re.compile(r"\d{1,2} de \w+ de \d{4}, \d\d:\d\d, tu hora"))
        assert (await exact.bounding_box() or {})["width"] <= 1
        await clock.focus()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Tab")
        await expect(clock).to_be_focused()
        await wide(exact)
        await expect(exact).to_have_attribute("data-ago", re.compile("hace .+|ahora"))
        await page.keyboard.press("Tab")
        await expect(clock).not_to_be_focused()
        await narrow(exact)
    stops = await page.evaluate(
        "[...document.querySelectorAll('#timeline > .entry')].filter(line => ![...line.querySelectorAll('a, button, summary')].some(one => one.tabIndex >= 0)).length"
    )
    assert stops == 0, "no line without a stop"


@pytest.mark.usefixtures("moved")  # no midnight passes at ten in the morning
async def test_a_page_knows_its_day(running: Running, context: BrowserContext) -> None:
    page, phone = await open_story(context, running, 3)
    await running.client_writes(phone, "hoy mismo")
    last = page.locator("#timeline > .entry").last
    await expect(last.locator(".day")).to_be_visible()
    await expect(last.locator(".day-near")).to_have_text("Hoy")
