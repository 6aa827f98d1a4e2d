"""Presence: colleagues see each other come, write and go; it is courtesy, so it may be lost at any moment and nothing else may notice."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import BrowserContext, expect

from console import presence
from tests.desk import live
from tests.doors import NOBODY, signed_in, stranger
from tests.running import Running, until
from tests.servers import Servers
from tests.writing import at_desk, field, rosa, types

pytestmark = pytest.mark.usefixtures("worker")
# Whoever writes is no longer said to write after eight seconds without a key, which a busy machine may need between two steps of a test.
NEVER_STOPS = "() => { const later = window.setTimeout; window.setTimeout = (run, after, ...rest) => after === 8000 ? 0 : later(run, after, ...rest); }"


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of somebody holds until something else is said: nobody is gone only because time passed."""
    for doing in ("viewing", "writing"):
        monkeypatch.setitem(presence._SECONDS, doing, 600.0)


@pytest.mark.usefixtures("lasting")
async def test_a_colleague_who_writes_is_seen_and_gone_and_send_asks_twice(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    elsewhere = await context.browser.new_context(base_url=running.url)  # type: ignore[union-attr]
    ana, luis = await at_desk(context, running, client), await at_desk(elsewhere, running, client, "luis")
    banner = ana.locator("#presence .writing:visible")
    await luis.evaluate(NEVER_STOPS)
    await types(luis, "Buenas")
    await expect(banner).to_have_text(re.compile("Luis Cárdenas le está escribiendo"))
    await expect(luis.locator("#presence .writing:visible")).to_have_count(0)
    await types(ana, "Hola, Rosa")
    await ana.keyboard.press("Control+Enter")
    await expect(ana.locator("#send-word")).to_have_text("Enviar de todos modos")
    await expect(ana.locator("#composer-problem")).to_contain_text("Luis Cárdenas")
    await field(ana, "Hola, Rosa")
    await ana.keyboard.press("Control+Enter")
    await field(ana, "")
    await luis.goto("about:blank")
    await expect(banner).to_have_count(0)
    await expect(ana.locator("#send-word")).to_have_text("Enviar")
    await elsewhere.close()


@pytest.mark.usefixtures("lasting")
async def test_a_note_is_never_in_a_colleagues_way(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    luis = await signed_in(running, "luis")
    assert (await luis.post(f"/c/{client['conversation_id']}/here", {"doing": "writing", "tab": "a"})).status_code == 204
    await expect(page.locator("#presence .writing:visible")).to_have_count(1)
    await page.click("#channel-note")
    await types(page, "Una nota")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.is-note", has_text="Una nota")).to_be_visible()


@pytest.mark.usefixtures("lasting")
async def test_presence_counts_people_and_not_tabs(running: Running) -> None:
    client = await rosa(running)
    path = f"/c/{client['conversation_id']}"
    ana, luis = await signed_in(running), await signed_in(running, "luis")

    async def seen() -> list[str]:
        page = (await ana.get(f"{path}/presence")).text
        return re.findall(r'class="collision (\w+)"', page)

    async def does(doing: str, tab: str) -> None:
        assert (await luis.post(f"{path}/here", {"doing": doing, "tab": tab})).status_code == 204

    assert await seen() == []
    await does("viewing", "one")
    await does("writing", "two")
    assert await seen() == ["writing"]
    await does("gone", "two")
    assert await seen() == ["viewing"]
    await does("gone", "one")
    assert await seen() == []
    await does("nonsense", "one")
    assert await seen() == []


async def test_who_is_seen_and_who_may_look(running: Running) -> None:
    client = await rosa(running)
    await stranger(running)
    path = f"/c/{client['conversation_id']}"
    ana, eva, revisora = [await signed_in(running, who) for who in ("ana", "eva", "revisora")]
    for visitor in (eva, ana):
        expected = 404 if visitor is eva else 204
        assert (await visitor.post(f"{path}/here", {"doing": "viewing", "tab": "a"})).status_code == expected
    assert (await eva.get(f"{path}/presence")).status_code == 404
    assert (await ana.post(f"/c/{NOBODY}/here", {"doing": "viewing"})).status_code == 404
    for doing in ("viewing", "writing", "gone"):
        assert (await revisora.post(f"{path}/here", {"doing": doing, "tab": "b"})).status_code == 403, doing
    assert 'id="composer-text"' not in (await revisora.get(path)).text, "without a composer the page reports nothing"
    page = (await ana.get(f"{path}/presence")).text
    assert "Ana Restrepo" in page
    assert "Irene Salcedo" not in page, "whoever only reads is not shown"
    async with eva.line() as line:
        await line.say(t="hello", seen={f"presence:{client['conversation_id']}": "nobody"})
        assert (await line.hear("gone"))["topic"] == f"presence:{client['conversation_id']}"


@pytest.mark.usefixtures("lasting")
async def test_without_redis_nobody_is_here_and_the_composer_sends(running: Running, context: BrowserContext, servers: Servers) -> None:
    client = await rosa(running)
    path = f"/c/{client['conversation_id']}"
    luis = await signed_in(running, "luis")
    page = await at_desk(context, running, client)
    await luis.post(f"{path}/here", {"doing": "viewing", "tab": "a"})
    await expect(page.locator("#presence .viewing:visible")).to_have_count(1)
    await asyncio.to_thread(servers.kill_redis)
    try:
        await expect(page.locator("#presence [data-agent]:visible")).to_have_count(0)
        assert (await luis.post(f"{path}/here", {"doing": "writing", "tab": "a"})).status_code == 204
        await types(page, "Con gusto")
        await page.keyboard.press("Control+Enter")
        await field(page, "")
        await expect(page.locator(".entry.out", has_text="Con gusto")).to_be_visible()
    finally:
        await asyncio.to_thread(servers.start_redis)
    await live(page)

    async def is_seen_again() -> bool:
        await luis.post(f"{path}/here", {"doing": "viewing", "tab": "a"})
        return await page.locator("#presence .viewing:visible").count() == 1

    await until(is_seen_again, 60)
