"""The phone page: a person plays clients by hand, live. Every fragment is rendered here; the page's script only swaps them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.response import Redirect, Stream
from litestar.static_files import create_static_files_router

from simulator import view
from simulator.carrier import Carrier
from simulator.inbound import Words, speak

HERE = Path(__file__).parent
FRAGMENTS = ("clients", "owner", "bubbles", "lines", "rules", "trickle")
# Swapping faster than this (seconds) is seen by nobody; a heartbeat tells a dead stream from a quiet one.
PACE, HEARTBEAT = 0.1, 15.0
TEXT_LIMIT = 1600
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Look:
    """What one browser looks at: the client in hand (`chosen` if a person chose), and what is searched for."""

    number: str | None
    chosen: bool
    search: str


class Hub:
    """Wakes the streams of all open pages when something changed; says *that*, never *what*."""

    def __init__(self) -> None:
        self._bells: set[asyncio.Event] = set()
        self._closed = False

    def ring(self, *_: object) -> None:
        """Something changed."""
        for bell in self._bells:
            bell.set()

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self.ring()

    async def changes(self) -> AsyncIterator[bool]:
        """At once, then after every change, at most ten times a second; False is a heartbeat."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            yield True
            while not self._closed:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await bell.wait()
                except TimeoutError:
                    yield False
                    continue
                await asyncio.sleep(PACE)
                bell.clear()
                yield True
        finally:
            self._bells.discard(bell)


@get("/")
async def show_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The whole page."""
    carrier, look = _carrier(request), _look(request)
    html = templates.get_template("page.html").render(_context(carrier, look))
    return Response(html, media_type=MediaType.HTML, headers=HEADERS)


@get("/_simulator/live")
async def follow(request: Request[Any, Any, Any]) -> Stream:
    """An event stream of fragments that differ from what this browser was last sent."""
    carrier, hub, look = _carrier(request), request.app.state.hub, _look(request)

    async def events() -> AsyncIterator[bytes]:
        sent: dict[str, str] = {}
        async for changed in hub.changes():
            if not changed:
                yield b": still here\n\n"
                continue
            now = render_fragments(carrier, look)
            news = {name: html for name, html in now.items() if sent.get(name) != html}
            sent = now
            if news:
                yield b"data: " + msgspec.json.encode(news) + b"\n\n"

    return Stream(events(), media_type="text/event-stream", headers={**HEADERS, "X-Accel-Buffering": "no"})


@post("/say", status_code=303)
async def say(request: Request[Any, Any, Any]) -> Redirect:
    """The person at the phone writes as the client."""
    form = await request.form()
    number, text = view.read_number(str(form.get("client", ""))), str(form.get("text", ""))[:TEXT_LIMIT]
    if number and text.strip():
        carrier = _carrier(request)
        # The words are recorded before this answers; Trato's answer shows under the bubble when it comes.
        carrier.spawn(speak(carrier, Words(sender=number, text=text)))
        await asyncio.sleep(0)
    return _back(number)


@post("/rule", status_code=303)
async def choose_rule(request: Request[Any, Any, Any]) -> Redirect:
    """Choose what befalls the next message to this client."""
    form = await request.form()
    number = view.read_number(str(form.get("client", "")))
    if number:
        view.choose_rule(_carrier(request), number, str(form.get("rule", "")))
        request.app.state.hub.ring()
    return _back(number)


@post("/trickle", status_code=303)
async def switch_trickle(request: Request[Any, Any, Any]) -> Redirect:
    """Let clients write on their own, or no longer."""
    form = await request.form()
    _carrier(request).switch_trickle(form.get("on") == "1")
    request.app.state.hub.ring()
    return _back(view.read_number(str(form.get("client", ""))))


static = create_static_files_router("/_simulator/static", [HERE / "static"], cache_control=None, include_in_schema=False)
phone = Router("/", route_handlers=[show_page, follow, say, choose_rule, switch_trickle, static])


def render_fragments(carrier: Carrier, look: Look) -> dict[str, str]:
    """Every part of the page that can change, by the id of its element."""
    context = _context(carrier, look)
    return {name: templates.get_template(f"{name}.html").render(context) for name in FRAGMENTS}


def _context(carrier: Carrier, look: Look) -> dict[str, Any]:
    number = look.number
    return {
        "look": look,
        "rows": view.list_clients(carrier, look.search, number),
        "new_number": _new_number(carrier, look.search),
        "owner": view.show_client(carrier, number) if number else None,
        "bubbles": view.list_bubbles(carrier, number) if number else [],
        "lines": view.list_lines(carrier, number) if number else [],
        "rules": view.list_rules(carrier, number) if number else [],
        "trickle": carrier.trickle,
        "sender": carrier.config.sender,
        "product": carrier.config.public_url,
    }


def _new_number(carrier: Carrier, search: str) -> str | None:
    number = view.read_number(search)
    return number if number and not view.list_clients(carrier, number, None) else None


def _look(request: Request[Any, Any, Any]) -> Look:
    query = request.query_params
    chosen = view.read_number(_plus(query.get("client", "")))
    search = query.get("q", "")[:100]
    number = chosen or view.read_number(_plus(query.get("shown", "")))
    if number is None:
        rows = view.list_clients(_carrier(request), "", None)
        number = rows[0].number if rows else None
    return Look(number, chosen is not None, search)


def _plus(text: str) -> str:
    """A number from an address typed by hand, where the plus sign came over as a blank."""
    return f"+{text[1:]}" if text.startswith(" ") else text


def _back(number: str | None) -> Redirect:
    return Redirect(f"/?client=%2B{number[1:]}" if number else "/", status_code=303)


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier
