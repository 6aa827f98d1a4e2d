"""I4: every screen comes to equal a fresh render, without reload, whatever was lost, doubled, late or dead; and typing survives it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from console.socket import DRAINING
from tests.desk import equals_a_fresh_render, live, sign_in
from tests.running import Running, until
from tests.servers import Servers, free_port

pytestmark = pytest.mark.usefixtures("worker")
ROSA, LUZ = "+573001112233", "+573004445566"
# Every third message of the server is lost, every fourth comes twice, and pings are lost for a while too.
UNRELIABLE = """
const Real = WebSocket; let count = 0; window.lossy = true;
window.WebSocket = class extends Real {
  set onmessage(handler) {
    super.onmessage = event => {
      count += 1;
      if (window.lossy && count % 3 === 0) return;
      handler.call(this, event);
      if (window.lossy && count % 4 === 0) handler.call(this, event);
    };
  }
};
"""
# Nothing is heard while somebody notes what is missed: one line for each message.
DEAF = "if (window.missed !== undefined) { window.missed += event.data + '\\n'; return; }"

# A server that takes every line and closes it at once; the jitter is as long as it can be.
DROPPING = """
window.opened = 0;
Math.random = () => 0.999;
window.WebSocket = class {
  static OPEN = 1;
  readyState = 1;
  constructor() { window.opened += 1; setTimeout(() => this.onopen?.(), 5); setTimeout(() => this.onclose?.({ code: 1011 }), 50); }
  send() {}
  close() {}
};
"""

# How many lines a page opened, and when each came and went.
COUNTING = """
const Real = WebSocket; window.lines = [];
window.WebSocket = class extends Real {
  constructor(url) {
    super(url);
    const line = { opened: performance.now() };
    window.lines.push(line);
    this.addEventListener('close', event => { line.code = event.code; line.closed = performance.now(); });
  }
};
"""
# What a writer has before them: the words, where the caret is, and that the field has the focus.
WRITING = "(el => [el.value, el.selectionStart, el.selectionEnd, document.activeElement === el])(document.getElementById('composer-text'))"


@dataclass
class WebProcess:
    """A web program of its own, to be killed and started again on the same port."""

    env: dict[str, str]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "console.cli", "web", env=os.environ | self.env, stderr=asyncio.subprocess.DEVNULL
        )

        async def answers() -> bool:
            try:
                async with httpx.AsyncClient() as http:
                    return (await http.get(f"{self.env['PUBLIC_URL']}/health")).status_code == 200
            except httpx.HTTPError:
                return False

        await until(answers)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@pytest.fixture
async def web(running: Running, servers: Servers) -> AsyncIterator[WebProcess]:
    port = str(free_port())
    process = WebProcess(servers.env | {"PORT": port, "PUBLIC_URL": f"http://127.0.0.1:{port}", "LOG_FORMAT": "text"})
    await process.start()
    yield process
    await process.kill()


async def _speak(running: Running, phone: str, words: int, prefix: str = "línea") -> None:
    for number in range(words):
        await running.client_writes(phone, f"{prefix} {number}")


async def _open(context: BrowserContext, running: Running) -> Page:
    client = await running.new_client(ROSA, "Rosa Márquez")
    await running.new_client(LUZ, "Luz Ariza")
    await running.client_writes(ROSA, "hola")
    return await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")


async def test_lost_and_doubled_frames_are_made_good(running: Running, context: BrowserContext) -> None:
    await context.add_init_script(UNRELIABLE)
    page = await _open(context, running)
    await asyncio.gather(_speak(running, ROSA, 12), _speak(running, LUZ, 6))
    await page.evaluate("window.lossy = false")
    state = await equals_a_fresh_render(page)
    assert len(state["entries"]) == 13


async def test_typing_survives_everything_that_arrives(running: Running, context: BrowserContext) -> None:
    page = await _open(context, running)
    await page.click("#composer-text")
    await page.keyboard.type("Claro que sí, Ros")
    await page.evaluate("document.getElementById('composer-text').setSelectionRange(3, 7)")
    await _speak(running, ROSA, 8)
    await running.client_writes(ROSA, "STOP")
    await equals_a_fresh_render(page)
    assert await page.evaluate(WRITING) == ["Claro que sí, Ros", 3, 7, True]


async def test_twenty_messages_another_theme_and_a_lost_network_leave_the_writer_alone(running: Running, context: BrowserContext) -> None:
    page = await _open(context, running)
    elsewhere = await sign_in(context, running, "ana", "/")
    await page.bring_to_front()
    await page.click("#composer-text")
    await page.keyboard.type("Mañana, a las tres, le llamo")
    await page.evaluate("document.getElementById('composer-text').setSelectionRange(8, 8)")
    kept = ["Mañana, a las tres, le llamo", 8, 8, True]
    await _speak(running, ROSA, 20)
    await expect(page.locator("#timeline > .entry", has_text="línea 19")).to_be_visible()
    assert await page.evaluate(WRITING) == kept
    worn = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await elsewhere.evaluate("document.querySelector('[data-theme-toggle]').click()")
    await expect(page.locator("body")).not_to_have_css("background-color", worn)
    assert await page.evaluate(WRITING) == kept
    await context.set_offline(True)
    await expect(page.locator("#outage")).to_be_visible()
    assert await page.evaluate(WRITING) == kept
    await running.client_writes(ROSA, "sin red")
    await context.set_offline(False)
    await live(page, 45)
    await expect(page.locator("#timeline > .entry", has_text="sin red")).to_be_visible()
    assert await page.evaluate(WRITING) == kept
    await page.keyboard.type("lunes, ")
    assert (await page.evaluate(WRITING))[0] == "Mañana, lunes, a las tres, le llamo"
    await equals_a_fresh_render(page)


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 4408, 4503])
async def test_whatever_code_a_line_closes_with_one_new_line_brings_what_was_missed(
    running: Running, context: BrowserContext, code: int
) -> None:
    await context.add_init_script(COUNTING)
    page = await _open(context, running)
    (line,) = running.app.state.hub._sockets
    line.close(code)
    await until(lambda: page.evaluate("window.lines[0].closed"))
    await _speak(running, ROSA, 3, "entretanto")
    await until(lambda: page.evaluate("window.lines.length > 1"))
    assert len((await equals_a_fresh_render(page))["entries"]) == 4
    first, *others = await page.evaluate("window.lines")
    assert first["code"] == code
    assert len(others) == 1
    assert "closed" not in others[0]
    if code == DRAINING:
        # A program that goes asks for some seconds, in which another takes over.
        assert others[0]["opened"] - first["closed"] >= 4_900


async def test_a_server_that_takes_the_line_and_drops_it_is_asked_ever_more_seldom(running: Running, context: BrowserContext) -> None:
    page = await _open(context, running)
    await context.add_init_script(DROPPING)
    await context.clock.install()
    await page.reload()
    await page.clock.run_for(60_000)
    assert 5 <= await page.evaluate("window.opened") <= 9


async def test_a_killed_web_process_is_outlived(running: Running, context: BrowserContext, web: WebProcess) -> None:
    elsewhere = replace(running, settings=replace(running.settings, public_url=web.env["PUBLIC_URL"]))
    page = await _open(context, elsewhere)
    await web.kill()
    await _speak(running, ROSA, 5)
    await web.start()
    await live(page)
    assert len((await equals_a_fresh_render(page))["entries"]) == 6


async def test_redis_may_be_flushed_killed_and_away(running: Running, context: BrowserContext, servers: Servers) -> None:
    page = await _open(context, running)
    await asyncio.to_thread(servers.kill_redis)
    await _speak(running, ROSA, 3, "sin redis")
    assert len((await equals_a_fresh_render(page))["entries"]) == 4
    await asyncio.to_thread(servers.start_redis)
    await _speak(running, ROSA, 3, "con redis")
    assert len((await equals_a_fresh_render(page))["entries"]) == 7


async def test_going_back_shows_the_present(running: Running, context: BrowserContext) -> None:
    page = await _open(context, running)
    here = page.url
    await page.goto(f"{running.url}/sign-in")
    await page.goto("about:blank")
    await _speak(running, ROSA, 4)
    await page.go_back()
    await page.go_back()
    await page.wait_for_url(here)
    await live(page)
    assert len((await equals_a_fresh_render(page))["entries"]) == 5


async def test_a_hidden_tab_follows_and_an_offline_one_comes_back(running: Running, context: BrowserContext) -> None:
    page = await _open(context, running)
    front = await context.new_page()
    await front.bring_to_front()
    await _speak(running, ROSA, 2)
    await context.set_offline(True)
    await _speak(running, ROSA, 3, "sin red")
    await context.set_offline(False)
    await page.bring_to_front()
    await live(page)
    assert len((await equals_a_fresh_render(page))["entries"]) == 6


async def test_a_lost_last_frame_is_noticed_although_nothing_follows_and_the_line_stays_open(
    running: Running, context: BrowserContext
) -> None:
    await context.add_init_script(UNRELIABLE.replace("if (window.lossy && count % 3 === 0) return;", DEAF))
    page = await _open(context, running)
    await page.evaluate("window.missed = ''")
    await _speak(running, ROSA, 2)
    await until(lambda: page.evaluate("/queue.*nea 1/.test(window.missed) && /conversation.*nea 1/.test(window.missed)"))
    await page.evaluate("window.missed = undefined")
    assert len((await equals_a_fresh_render(page))["entries"]) == 3
