"""Screens with a stopwatch: two agents' pages of the product in Chromium, and the floor's page of the same bytes beside them."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from base.settings import Settings
from bench.desk_data import Desks, Story
from bench.places import DOOR, Place
from console.session import cookie_name
from simulator.signature import sign

PARTS: Final = 6
QUERY: Final = "peñalosa 1"
_HERE: Final = Path(__file__).resolve().parent
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_FILES: Final = re.compile(r'(?:href|src)="(/(?:assets|static)/[^"#]+)')
_SCRIPTS: Final = re.compile(r"<script[^>]*></script>")


@dataclass(frozen=True, slots=True)
class Read:
    """One reading: milliseconds from the press to each thing waited for, the same by the wall clock, and from the swap to the last of them."""

    each: list[float]
    clock: list[float]
    swap: float


@dataclass
class Screen:
    """One page. What is waited for is named in stopwatch.js, with a value: ``("said", "#00000001#")``."""

    page: Page
    devtools: CDPSession

    async def arm(self, *waits: tuple[str, object]) -> None:
        """Begin to wait; the stopwatch starts with the next key or click."""
        await self.page.evaluate("waits => stopwatch.arm(waits)", [list(wait) for wait in waits])

    async def read(self) -> Read:
        """The reading, once everything that was waited for is painted."""
        found = await self.page.evaluate("() => Promise.race([stopwatch.read(), new Promise(done => setTimeout(done, 15000))])")
        if found is None:
            raise RuntimeError(f"what was waited for did not come within 15 s on {self.page.url}")
        return Read(found["each"], found["clock"], found["swap"])

    async def press(self, key: str, *waits: tuple[str, object]) -> Read:
        """Press a key and wait."""
        await self.arm(*waits)
        await self.page.keyboard.press(key)
        return await self.read()

    async def click(self, selector: str, *waits: tuple[str, object]) -> Read:
        """Click in the middle of something and wait."""
        await self.page.locator(selector).scroll_into_view_if_needed()
        box = await self.page.locator(selector).bounding_box()
        assert box is not None
        await self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await self.arm(*waits)
        await self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return await self.read()

    async def load(self, url: str) -> dict[str, float]:
        """Navigate, and what the browser says of it in milliseconds."""
        await self.page.goto(url, wait_until="load")
        await self.page.wait_for_timeout(150)  # the largest paint is told a moment later
        told: dict[str, float] = await self.page.evaluate("() => stopwatch.loaded()")
        return told

    async def slow_down(self, times: int) -> None:
        """Give the page's processor so many times less speed."""
        await self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": times})


@dataclass
class Screens:
    """All pages, and the carrier's way in."""

    place: Place
    desks: Desks
    owner: Screen
    colleague: Screen
    floor: Screen
    contexts: tuple[BrowserContext, ...]
    http: httpx.AsyncClient = field(repr=False)
    next_mark: int = 90_000_001

    @property
    def url(self) -> str:
        """Where the product is."""
        return self.place.settings.public_url

    @property
    def floor_url(self) -> str:
        """Where the floor is."""
        return f"http://127.0.0.1:{self.place.ports['floor']}"

    async def client_writes(self, story: Story, *, to_floor: bool = False) -> tuple[str, float, float]:
        """A client's SMS as the carrier sends it: its mark, and when it left and was answered, in milliseconds of the wall clock."""
        settings, mark = self.place.settings, f"#{self.next_mark:08}#"
        self.next_mark += 1
        sid = f"SM{uuid.uuid4().hex}"
        fields = {"MessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "AccountSid": settings.twilio_account_sid, "From": story.phone}
        fields |= {"To": settings.twilio_sender, "Body": f"{mark} ¿puedo pagar el viernes?", "NumMedia": "0", "NumSegments": "1"}
        signature = sign(settings.twilio_auth_token, settings.public_url + DOOR, fields.items())
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        begun = time.time() * 1000
        answer = await self.http.post(f"{self.floor_url}/tell" if to_floor else self.url + DOOR, content=urlencode(fields), headers=headers)
        answered = time.time() * 1000
        answer.raise_for_status()
        return mark, begun, answered


@asynccontextmanager
async def screens(place: Place, desks: Desks) -> AsyncIterator[Screens]:
    """Open the pages. Raises RuntimeError where there is no Chromium."""
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not Path(program).exists():
        raise RuntimeError(f"{program} does not exist: `make bench` installs a browser")
    async with async_playwright() as playwright, httpx.AsyncClient(timeout=30) as http:
        browser = await playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            contexts = [await _context(browser, place.settings, secret) for secret in (desks.owner, desks.colleague, "")]
            owner, colleague, floor = [await _screen(context) for context in contexts]
            opened = Screens(place, desks, owner, colleague, floor, tuple(contexts), http)
            await _furnish_floor(opened)
            yield opened
        finally:
            await browser.close()


async def _context(browser: Browser, settings: Settings, secret: str) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-CO")
    if secret:
        cookie = {
            "name": cookie_name(settings),
            "value": secret,
            "url": settings.public_url.replace("http://", "https://"),
            "httpOnly": True,
            "secure": settings.secure_cookies,
        }
        await context.add_cookies([cookie])  # type: ignore[list-item]
    await context.add_init_script((_HERE / "stopwatch.js").read_text())
    return context


async def _screen(context: BrowserContext) -> Screen:
    page = await context.new_page()
    return Screen(page, await context.new_cdp_session(page))


async def _furnish_floor(found: Screens) -> None:
    """Give the floor the product's own bytes: a desk's page without its scripts, its files, some conversations, and what a search finds."""
    headers = {"cookie": f"{cookie_name(found.place.settings)}={found.desks.owner}"}
    part = headers | {"hx-request": "true", "hx-request-type": "partial"}

    async def copy(path: str, name: str, headers: dict[str, str]) -> bytes:
        answer = (await found.http.get(found.url + path, headers=headers)).raise_for_status()
        content = answer.content
        if name == "/desk":
            content = _SCRIPTS.sub("", answer.text).replace("</head>", '<script src="/static/floor.js" defer></script></head>').encode()
        kind = {"content-type": answer.headers["content-type"]}
        (await found.http.put(found.floor_url + name, content=content, headers=kind)).raise_for_status()
        return content

    page = (await copy(f"/c/{found.desks.stories[0].conversation}?view=mine", "/desk", headers)).decode()
    for path in {one.replace("&amp;", "&") for one in _FILES.findall(page)} | {"/static/fonts/inter-latin.woff2"}:
        if "floor.js" not in path:
            await copy(path, path.partition("?")[0], {})
    for number, story in enumerate(found.desks.stories[:PARTS]):
        await copy(f"/c/{story.conversation}?view=mine", f"/part/{number}", part)
    await copy(f"/palette?q={QUERY}&c=", "/found", part)
    script: dict[str, Any] = {"content": (_HERE / "floor.js").read_bytes(), "headers": {"content-type": "text/javascript"}}
    await found.http.put(f"{found.floor_url}/static/floor.js", **script)
