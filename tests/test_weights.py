"""The weights block: what a browser fetches for the desk stays small, and what is too much names the files that are heaviest."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext

from console.assets import JS_ORDER, OFFICE_CSS, script_of, sheet_of, sheets_of
from console.rendering import Renderer
from tests.desk import sign_in
from tests.doors import signed_in
from tests.running import Running
from tests.stories import story

STATIC = Path(__file__).resolve().parent.parent / "static"
MOST_JS, MOST_CSS, MOST_FONT, MOST_HTML, MOST_REQUESTS = 44_000, 16_000, 60_000, 30_000, 8
ROWS, WINDOW, TOLD = 50, 50, 12
WORDS = (
    "buenas tardes puedo pagar la mitad el viernes resto quincena cuenta transferencia gracias señora número comprobante ayer banco confirmar"
    " sueldo arriendo acuerdo cuota fecha próximo lunes hijo trabajo correo recibo saldo claro ayuda plan julio descuento espero llamada favor"
).split()


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(lambda: datetime(2026, 11, 21, 15, 46, tzinfo=UTC))


@pytest.fixture
async def visitor(browser: Browser, house: Running) -> AsyncIterator[BrowserContext]:
    """A browser that was never here; `context` would empty the tables."""
    context = await browser.new_context(base_url=house.url, viewport={"width": 1440, "height": 900}, locale="es-CO")
    yield context
    await context.close()


def weight(content: bytes) -> int:
    """Bytes on the way."""
    return len(gzip.compress(content))


def heaviest(names: Sequence[str], joined: Callable[[Sequence[str]], bytes]) -> str:
    """The files of a bundle by what it would weigh less without them, the heaviest first."""
    whole = weight(joined(names))
    shares = {name: whole - weight(joined([one for one in names if one != name])) for name in names}
    return ", ".join(f"{name} {share}" for name, share in sorted(shares.items(), key=lambda pair: -pair[1])[:TOLD])


def scripts(names: Sequence[str]) -> bytes:
    return "\n".join(script_of(STATIC, name) for name in names).encode()


def sheets(names: Sequence[str]) -> bytes:
    return b"\n".join(sheet_of(STATIC / "css" / name) for name in names)


def test_the_scripts_are_within_their_weight(renderer: Renderer) -> None:
    own = weight(renderer.assets.js)
    assert scripts(JS_ORDER) == renderer.assets.js, "the files that are told below are those that are served"
    assert own <= MOST_JS, f"{own} of {MOST_JS} bytes of scripts; the heaviest: {heaviest(JS_ORDER, scripts)}"


def test_the_style_sheet_is_within_its_weight(renderer: Renderer) -> None:
    names = [path.relative_to(STATIC / "css").as_posix() for path in sheets_of(STATIC)]
    assert sheets(names) == renderer.assets.css, "the files that are told below are those that are served"
    own = weight(renderer.assets.css)
    assert own <= MOST_CSS, f"{own} of {MOST_CSS} bytes of style sheets; the heaviest: {heaviest(names, sheets)}"


def test_the_settings_pages_pay_for_their_own_sheet(renderer: Renderer) -> None:
    both = weight(renderer.assets.css) + weight(renderer.assets.office_css)
    assert b".setup-nav" in renderer.assets.office_css
    assert b".setup-nav" not in renderer.assets.css
    assert both <= MOST_CSS + 4_000, (
        f"{both} bytes of style sheets on a settings page; {OFFICE_CSS} is {weight(renderer.assets.office_css)}"
    )


def test_the_fonts_are_within_their_weight() -> None:
    fonts = {path.name: path.stat().st_size for path in (STATIC / "fonts").glob("*.woff2")}
    assert sum(fonts.values()) <= MOST_FONT, fonts


async def test_a_bundle_is_packed_for_whoever_can_unpack_it(house: Running) -> None:
    assets = house.app.state.renderer.assets
    for name, content in ((assets.css_name, assets.css), (assets.office_css_name, assets.office_css), (assets.js_name, assets.js)):
        async with httpx.AsyncClient(base_url=house.url) as http:
            packed = await http.get(f"/assets/{name}", headers={"accept-encoding": "gzip, br"})
            plain = await http.get(f"/assets/{name}", headers={"accept-encoding": "identity"})
        assert (packed.headers["content-encoding"], packed.content) == ("gzip", content)
        assert int(packed.headers["content-length"]) == weight(content)
        assert "content-encoding" not in plain.headers
        assert plain.content == content
        assert {packed.headers["vary"], plain.headers["vary"]} == {"accept-encoding"}


async def test_the_desk_is_within_its_weight_with_a_full_list_and_a_full_window(house: Running) -> None:
    ana = await signed_in(house, "ana")
    client = await _full_desk(house)
    for path, lines in (("/?view=team", 0), (f"/c/{client['conversation_id']}?view=team", WINDOW)):
        page = (await ana.get(path)).text
        assert (page.count('<li id="q-'), page.count('<li id="e-')) == (ROWS, lines)
        own = weight(page.encode())
        assert own <= MOST_HTML, f"{path}: {own} of {MOST_HTML} bytes of HTML; the heaviest parts: {_heaviest_parts(page)}"


async def _full_desk(house: Running) -> dict[str, Any]:
    """Clients for more than a window of the list, the first of them with more than a window of lines; no two lines say the same."""
    draw = random.Random(11)
    clients = [await story(house, WINDOW + 10 if number == 0 else 1) for number in range(ROWS + 3)]
    async with house.product.work() as tx:
        rows = await tx.rows("select id from entry where org_id = :org")
        texts = [" ".join(draw.choices(WORDS, k=draw.randint(4, 24))).capitalize() + "." for _ in rows]
        await tx.run(
            "update entry set text = t.text from unnest(cast(:ids as uuid[]), cast(:texts as text[])) as t (id, text)"
            " where entry.org_id = :org and entry.id = t.id",
            ids=[row.id for row in rows],
            texts=texts,
        )
    return clients[0]


def _heaviest_parts(page: str) -> str:
    parts = re.split(r"(?=<(?:header|nav|main|section|ol|aside|form|dialog) )", page)
    shares = sorted(((weight(part.encode()), " ".join(part.split())[:60]) for part in parts), reverse=True)[:6]
    return "; ".join(f"{share}: {begins}" for share, begins in shares)


async def test_a_first_load_asks_for_few_files(house: Running, visitor: BrowserContext) -> None:
    client = await house.new_client("+573009990011", "Marta Ríos")
    await house.client_writes("+573009990011", "buenas")
    signed = await sign_in(visitor, house, "ana")
    await signed.close()
    cold = await visitor.new_page()
    devtools = await visitor.new_cdp_session(cold)
    await devtools.send("Network.clearBrowserCache")
    asked: list[str] = []
    cold.on("request", lambda request: asked.append(f"{request.resource_type} {urlsplit(request.url).path}"))
    await cold.goto(f"{house.url}/c/{client['conversation_id']}?view=team", wait_until="networkidle")
    # What a page tells once somebody has looked at it for seconds is no part of its load.
    fetched = [one for one in dict.fromkeys(asked) if not one.startswith(("websocket", "ping")) and not one.endswith(("/read", "/here"))]
    assert len(fetched) <= MOST_REQUESTS, f"{len(fetched)} of {MOST_REQUESTS} requests: {fetched}"
    assert any("/assets/app-" in one for one in fetched)
