"""The phone page: a person plays clients by hand, live. Every fragment is rendered here; the page's script only swaps them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.response import Stream
from litestar.static_files import create_static_files_router

from simulator import view
from simulator.actors import Actors
from simulator.bubbles import list_bubbles
from simulator.carrier import Carrier
from simulator.devices import show_template
from simulator.pressing import ACTIONS
from simulator.scripts import split_choice

HERE = Path(__file__).parent
FRAGMENTS = ("clients", "owner", "bubbles", "lines", "attach", "rules", "device", "board", "trickle")
SHOWN_TEMPLATES = 30
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
REVIEW_WORDS = {
    "unsubmitted": "Sin enviar", "received": "Recibida", "pending": "En revisión", "approved": "Aprobada", "rejected": "Rechazada",
    "paused": "En pausa", "disabled": "Desactivada",
}  # fmt: skip
templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def link_to(owner: str, app: str = "") -> str:
    """The page's address for one client, in one app or in that of their last message."""
    return "/?" + urlencode({"client": owner} | ({"app": app} if app else {}))


templates.globals["link_to"] = link_to


@dataclass(frozen=True, slots=True)
class Look:
    """What one browser looks at: the client in hand (`chosen` if a person chose), in which app, and what is searched for."""

    owner: str | None
    app: str
    chosen: bool
    search: str


@get("/")
async def show_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The whole page."""
    html = templates.get_template("page.html").render(_context(request, _look(request)))
    return Response(html, media_type=MediaType.HTML, headers=HEADERS)


@get("/_simulator/live")
async def follow(request: Request[Any, Any, Any]) -> Stream:
    """An event stream of fragments that differ from what this browser was last sent."""
    hub, look = request.app.state.hub, _look(request)

    async def events() -> AsyncIterator[bytes]:
        sent: dict[str, str] = {}
        async for changed in hub.changes():
            if not changed:
                yield b": still here\n\n"
                continue
            context = _context(request, look)
            now = {name: templates.get_template(f"{name}.html").render(context) for name in FRAGMENTS}
            news = {name: html for name, html in now.items() if sent.get(name) != html}
            sent = now
            if news:
                yield b"data: " + msgspec.json.encode(news) + b"\n\n"

    return Stream(events(), media_type="text/event-stream", headers={**HEADERS, "X-Accel-Buffering": "no"})


static = create_static_files_router("/_simulator/static", [HERE / "static"], cache_control=None, include_in_schema=False)
phone = Router("/", route_handlers=[show_page, follow, static, *ACTIONS])


def _context(request: Request[Any, Any, Any], look: Look) -> dict[str, Any]:
    carrier, owner, app = _carrier(request), look.owner, look.app
    shown = {
        "owner": view.show_client(carrier, owner),
        "bubbles": list_bubbles(carrier, owner, app),
        "lines": view.list_lines(carrier, owner),
        "rules": view.list_rules(carrier, owner, app),
        "window": view.show_window(carrier, owner),
        **_device(request, carrier, owner),
    } if owner else {"owner": None, "bubbles": [], "lines": [], "rules": []}  # fmt: skip
    return shown | {
        "look": look,
        "apps": view.APPS,
        "rows": view.list_clients(carrier, look.search, owner),
        "new_owner": _new_owner(carrier, look.search),
        "templates": [show_template(row) for row in carrier.store.contents.page(limit=SHOWN_TEMPLATES)],
        "review_words": REVIEW_WORDS,
        "trickle": carrier.trickle,
        "sender": carrier.config.whatsapp_sender if app == "whatsapp" else carrier.config.sender,
        "product": carrier.config.public_url,
    }


def _device(request: Request[Any, Any, Any], carrier: Carrier, owner: str) -> dict[str, Any]:
    actors: Actors = request.app.state.actors
    device = carrier.store.phones.get(owner)
    return {"device": device, "scripts": list(actors.scripts.values()), "script": actors.scripts.get(split_choice(device.script)[0])}


def _new_owner(carrier: Carrier, search: str) -> str | None:
    owner = view.read_owner(search)
    return owner if owner and not any(row.owner == owner for row in view.list_clients(carrier, owner, None)) else None


def _look(request: Request[Any, Any, Any]) -> Look:
    query, carrier = request.query_params, _carrier(request)
    chosen = view.read_owner(_plus(query.get("client", "")))
    owner = chosen or view.read_owner(_plus(query.get("shown", "")))
    if owner is None:
        rows = view.list_clients(carrier, "", None)
        owner = rows[0].owner if rows else None
    app = query.get("app", "")
    return Look(
        owner, app if app in view.APPS else view.app_of(carrier, owner) if owner else "sms", chosen is not None, query.get("q", "")[:100]
    )


def _plus(text: str) -> str:
    """A number from an address typed by hand, where the plus sign came over as a blank."""
    return f"+{text[1:]}" if text.startswith(" ") else text


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier
