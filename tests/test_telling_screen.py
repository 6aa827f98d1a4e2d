"""What a browser says was read, and what it tells of: nothing that nobody saw is read, and nothing is told twice or late."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, Request, expect

from tests.desk import live, sign_in
from tests.doors import signed_in, some_phone
from tests.running import Running, until
from tests.stories import story

HIDE = "is => { Object.defineProperty(document, 'hidden', { value: is, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }"
# Looks away 900 ms after a word came.
GLANCE = (
    f"() => new MutationObserver(() => setTimeout({HIDE}, 900, true)).observe(document.getElementById('timeline'), {{ childList: true }})"
)
# The sounds and notices that a window gave.
EARS = """() => {
  window.rung = []; window.noticed = [];
  window.Notification = class { static permission = 'granted'; constructor(_title, { body }) { noticed.push(body); } close() {} };
  addEventListener('DOMContentLoaded', () => { if (window.trato?.sound) trato.sound.play = kind => rung.push(kind); });
}"""
NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


async def tab(page: Page, *, away: bool) -> None:
    await page.evaluate(HIDE, away)


async def filtered(page: Page, *, away: bool) -> None:
    name = "notes" if away else "all"
    await page.click(f"#show-{name}")
    await expect(page.locator("#timeline")).to_have_attribute("data-show", name)


async def scrolled(page: Page, *, away: bool) -> None:
    await page.evaluate("to => { document.getElementById('log').scrollTop = to; }", -700 if away else 0)


async def list_in_front(page: Page, *, away: bool) -> None:
    if away:
        await page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
        await page.click("[data-back]")
    else:
        await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})


Turn = Callable[..., Awaitable[None]]


async def owned(running: Running, context: BrowserContext, lines: int = 60, by: str = "ana") -> tuple[Page, dict[str, Any], list[Request]]:
    """Ana's page with a client of somebody's open, by a clock that can be moved, and what it says was read."""
    phone = some_phone()
    client = await story(running, lines, phone=phone) | {"phone": phone}
    await (await signed_in(running, by)).post(f"/c/{client['conversation_id']}/claim")
    await context.clock.install()
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=mine")
    if by == "ana":  # the story itself is read before anything else is told
        await page.clock.fast_forward(2000)

        async def is_read() -> bool:
            return not await is_unread(running, client)

        await until(is_read)
        await expect(page.locator(".htmx-request")).to_have_count(0)
    said: list[Request] = []
    page.on("request", lambda request: said.append(request) if request.url.endswith("/read") else None)
    return page, client, said


async def is_unread(running: Running, client: dict[str, Any]) -> bool:
    (row,) = await running.rows(
        "select last_inbound_position > read_position as unread from conversation where id = cast(:id as uuid)",
        id=client["conversation_id"],
    )
    return bool(row.unread)


async def read_at_last(running: Running, client: dict[str, Any], said: list[Request]) -> None:
    """It is said once, and it is so."""

    async def heard() -> bool:
        return not await is_unread(running, client)

    await until(heard)
    assert len(said) == 1


@pytest.mark.parametrize("turn", [tab, filtered, scrolled, list_in_front], ids=["hidden tab", "filter on", "scrolled up", "narrow list"])
async def test_what_is_not_seen_is_not_read(running: Running, context: BrowserContext, turn: Turn) -> None:
    page, client, said = await owned(running, context)
    await turn(page, away=True)
    await running.client_writes(client["phone"], "¿me lee?")
    await expect(page.locator("#timeline > .entry", has_text="¿me lee?")).to_be_attached()
    await page.clock.fast_forward(2000)
    await page.clock.fast_forward(2000)
    assert await is_unread(running, client)
    assert said == []
    await turn(page, away=False)
    await page.clock.fast_forward(2000)
    await read_at_last(running, client, said)


async def test_a_glance_of_less_than_a_second_reads_nothing(running: Running, context: BrowserContext) -> None:
    page, client, said = await owned(running, context, 4)
    await page.evaluate(GLANCE)
    await running.client_writes(client["phone"], "¿me lee?")
    await expect(page.locator("#timeline > .entry", has_text="¿me lee?")).to_be_attached()
    await page.clock.run_for(5000)
    assert await is_unread(running, client)
    assert said == []
    await tab(page, away=False)
    await page.clock.fast_forward(2000)
    await read_at_last(running, client, said)


async def test_what_a_colleagues_client_says_is_read_once_they_are_mine(running: Running, context: BrowserContext) -> None:
    page, client, said = await owned(running, context, 4, by="luis")
    await running.client_writes(client["phone"], "¿me lee?")
    await expect(page.locator("#timeline > .entry", has_text="¿me lee?")).to_be_attached()
    await page.clock.fast_forward(2000)
    assert await is_unread(running, client)
    luis = await signed_in(running, "luis")
    answer = await luis.post(f"/c/{client['conversation_id']}/transfer", {"to": f"agent:{running.agents['ana']}"})
    assert answer.status_code == 200
    await expect(page.locator("#header")).to_contain_text("Tuya")
    await page.clock.fast_forward(2000)
    await read_at_last(running, client, said)


async def two_who_wrote(running: Running) -> list[dict[str, Any]]:
    """Two of Ana's clients with a word unread, the first one's older."""
    ana, found = await signed_in(running), []
    for name in ("Rosa Márquez", "Héctor Peña"):
        phone = some_phone()
        client = await running.new_client(phone, name) | {"phone": phone}
        await running.client_writes(phone, "hola")
        await ana.post(f"/c/{client['conversation_id']}/claim")
        await running.client_writes(phone, "¿sigue ahí?")
        found.append(client)
    return found


async def listening(running: Running, context: BrowserContext, **preferences: str) -> Page:
    """Ana's page with nothing open, whose sounds and notices are kept in a list."""
    await (await signed_in(running)).post("/me/preferences", {"sound": "on", "notify": "on"} | preferences)
    await context.add_init_script(f"({EARS})()")
    return await sign_in(context, running, "ana", "/?view=mine")


async def gave(page: Page, what: str = "noticed") -> list[str]:
    found: list[str] = await page.evaluate(what)
    return found


async def told(page: Page, what: str, *expected: str) -> None:
    async def so() -> bool:
        return len(await gave(page, what)) >= len(expected)

    await until(so)
    assert await gave(page, what) == list(expected)


async def unread(page: Page, count: int) -> None:
    await expect(page.locator("#me-state")).to_have_attribute("data-unread", str(count))


async def test_an_older_word_that_comes_forward_is_no_news(running: Running, context: BrowserContext) -> None:
    rosa, hector = await two_who_wrote(running)
    page = await listening(running, context)
    await unread(page, 2)
    await (await signed_in(running)).post(f"/c/{hector['conversation_id']}/read", {"revision": "99"})
    await expect(page.locator("#me-state")).to_have_attribute("data-word-href", f"/c/{rosa['conversation_id']}")
    await running.client_writes(hector["phone"], "¿hola?")
    await told(page, "noticed", "Mensaje nuevo de H. P.")


async def test_sound_is_off_until_somebody_wants_it(running: Running, context: BrowserContext) -> None:
    rosa, _ = await two_who_wrote(running)
    page = await listening(running, context, sound="")
    await running.client_writes(rosa["phone"], "¿hola?")
    await told(page, "noticed", "Mensaje nuevo de R. M.")
    assert await gave(page, "rung") == []


async def test_it_rings_once_in_ten_seconds(running: Running, context: BrowserContext) -> None:
    rosa, hector = await two_who_wrote(running)
    page = await listening(running, context)
    await page.evaluate("() => { window.at = Date.now(); Date.now = () => at; }")
    await running.client_writes(rosa["phone"], "¿hola?")
    await told(page, "noticed", "Mensaje nuevo de R. M.")
    await running.client_writes(hector["phone"], "¿hola?")
    await told(page, "noticed", "Mensaje nuevo de R. M.", "Mensaje nuevo de H. P.")
    assert await gave(page, "rung") == ["word"]
    await page.evaluate("() => { window.at += 10000; }")
    await running.client_writes(rosa["phone"], "¿hola?")
    await told(page, "rung", "word", "word")


async def test_the_tab_has_a_dot_while_something_waits(running: Running, context: BrowserContext) -> None:
    rosa, hector = await two_who_wrote(running)
    page = await listening(running, context)
    icon = page.locator("link[rel=icon][data-dot]")
    dot, ana = str(await icon.get_attribute("data-dot")), await signed_in(running)
    await expect(icon).to_have_attribute("href", dot)
    await expect(page).to_have_title("(2) Trato")
    for client in (rosa, hector):
        await ana.post(f"/c/{client['conversation_id']}/read", {"revision": "99"})
    await expect(page).to_have_title("Trato")
    await expect(icon).not_to_have_attribute("href", dot)


async def test_one_window_tells_and_another_goes_on_when_it_closes(running: Running, context: BrowserContext) -> None:
    rosa, hector = await two_who_wrote(running)
    first = await listening(running, context)
    second = await context.new_page()
    await second.goto(f"{running.url}/?view=mine")
    await live(second)
    await running.client_writes(rosa["phone"], "¿hola?")
    await told(first, "noticed", "Mensaje nuevo de R. M.")
    await unread(second, 2)
    await first.close()

    async def leads() -> bool:
        held = await second.evaluate("navigator.locks.query().then(({ held, pending }) => [held.length, pending.length])")
        return bool(held == [1, 0])

    await until(leads)
    assert await gave(second) == []
    await running.client_writes(hector["phone"], "¿hola?")
    await told(second, "noticed", "Mensaje nuevo de H. P.")


@pytest.mark.parametrize("turn", [filtered, list_in_front], ids=["filter on", "narrow list"])
async def test_a_word_in_an_open_conversation_is_told_where_it_is_not_seen(running: Running, context: BrowserContext, turn: Turn) -> None:
    rosa, _ = await two_who_wrote(running)
    page = await listening(running, context)
    await page.goto(f"{running.url}/c/{rosa['conversation_id']}?view=mine")
    await live(page)
    await turn(page, away=True)
    await running.client_writes(rosa["phone"], "¿hola?")
    await told(page, "noticed", "Mensaje nuevo de R. M.")
