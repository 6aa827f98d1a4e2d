"""An agent's browser as the tests drive it: signing in, opening conversations, and comparing what a screen shows with a fresh render."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright.async_api import BrowserContext, Error, Page, Route, expect

from base.settings import Settings
from console.session import cookie_name
from tests.doors import session_of
from tests.running import Running, until

_STATE = """() => {
  // Clocks that tick between two looks are not compared, the words around them are.
  const text = el => {
    const ticking = [...el.querySelectorAll('time[data-zone], [data-since], [data-until], [data-seconds]')].map(one => [one, one.textContent]);
    for (const [one] of ticking) one.textContent = '·';
    const words = el.innerText.replace(/\\s+/g, ' ').trim();
    for (const [one, was] of ticking) one.textContent = was;
    return words;
  };
  const part = selector => { const el = document.querySelector(selector); return el ? text(el) : null; };
  return {
    rows: [...document.querySelectorAll('#queue-list > .row')].map(el => [el.dataset.id, el.dataset.revision, text(el)]),
    entries: [...document.querySelectorAll('#timeline > .entry')].map(el => [el.dataset.id, el.dataset.revision, text(el)]),
    header: part('#header'), panel: part('#panel'), channels: part('#channels'), doubt: part('#doubt'),
    tabs: [...document.querySelectorAll('.tab .count')].map(text),
  };
}"""


async def sign_in(context: BrowserContext, running: Running, who: str = "ana", path: str = "/") -> Page:
    """A page of somebody who has come in, with the live line open. The form is filled in by the tests of states and drafts."""
    await context.add_cookies([session_cookie(running.settings, await session_of(running, who))])
    page = await context.new_page()
    await page.goto(running.url + path)
    await live(page)
    return page


def session_cookie(settings: Settings, secret: str) -> Any:
    """The cookie that the door gives, as a browser keeps it."""
    # A `__Host-` cookie is only taken from an https address, which the loopback counts as.
    url = settings.public_url.replace("http://", "https://")
    return {
        "name": cookie_name(settings),
        "value": secret,
        "url": url,
        "httpOnly": True,
        "secure": settings.secure_cookies,
        "sameSite": "Strict",
    }


async def live(page: Page, seconds: float = 60) -> None:
    """Wait until the page says that it is live. After failures it backs off for up to thirty seconds."""
    await expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=seconds * 1000)


async def shown(page: Page) -> dict[str, Any]:
    """What a screen shows: ids, revisions and visible words of everything that lives."""
    state: dict[str, Any] = await page.evaluate(_STATE)
    return state


@asynccontextmanager
async def kept_waiting(page: Page, address: str | re.Pattern[str]) -> AsyncIterator[None]:
    """Answers from these addresses come only after the block."""
    held = asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        with suppress(Error):  # the page had asked for something newer meanwhile
            await route.continue_()

    await page.route(address, late)
    yield
    held.set()


async def leave_the_list(page: Page) -> None:
    """Take focus and pointer out of the list: while they rest on it, its order waits (static/order.js)."""
    await page.mouse.move(720, 20)
    await page.evaluate("document.activeElement?.closest('#queue-list') && document.getElementById('main').focus()")


async def equals_a_fresh_render(page: Page) -> dict[str, Any]:
    """Assert that the page, without a reload, comes to show what a newly opened one shows; returns it."""
    seen: dict[str, Any] = {}
    await leave_the_list(page)

    async def same() -> bool:
        fresh = await page.context.new_page()
        try:
            await fresh.set_viewport_size(page.viewport_size or {"width": 1440, "height": 900})
            await fresh.goto(page.url)
            await fresh.wait_for_selector("#queue-list", state="attached")
            seen["fresh"], seen["here"] = await shown(fresh), await shown(page)
        finally:
            await fresh.close()
        return bool(seen["fresh"] == seen["here"])

    try:
        await until(same)
    except AssertionError:
        differs = {part: (seen["here"][part], seen["fresh"][part]) for part in seen["fresh"] if seen["here"][part] != seen["fresh"][part]}
        assert differs == {}, f"here and fresh differ in {differs}"
        raise
    here: dict[str, Any] = seen["here"]
    return here
