"""Every door has limits and clear words; whatever is sent is refused or kept safely, nothing is lost, nothing is executed."""

from __future__ import annotations

import asyncio
import html
import re
import uuid
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest

from base import signs
from tests.doors import NOBODY, Visitor, signed_in, some_phone
from tests.running import Running

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea></li><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "' or 1=1; drop table entry; --",
    "<hx-partial hx-target='body'>x</hx-partial><a hx-get='/sign-out'>",
    "\u202egnp.exe \u200f \u2066 \u0645\u0631\u062d\u0628\u0627 \U0001f469\u200d\U0001f467 Z\u0337\u0322\u031b",
    "&lt;script&gt; &amp; \\u003cscript\\u003e %3Cscript%3E",
    "../../etc/passwd\\..\\x",
]
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.fixture(scope="module")
async def ana(house: Running) -> Visitor:
    """Ana's browser."""
    return await signed_in(house)


def assert_safe(answer: httpx.Response) -> None:
    """What every answer carries, whatever was asked."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"], policy["form-action"]) == ("'self'", "'self'", "'self'")
    assert (policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    if not answer.request.url.path.startswith(("/static/", "/assets/")) or answer.status_code >= 400:
        assert answer.headers["cache-control"] == "no-store"
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert not INLINE.search(answer.text)
    for trace in ("Traceback", 'File "', "sqlalchemy", "asyncpg", "litestar"):
        assert trace not in answer.text


async def test_every_answer_carries_the_headers_and_nothing_inline(house: Running, ana: Visitor) -> None:
    client = await house.new_client(some_phone())
    nobody, css = Visitor(house), house.app.state.renderer.bundle_css()[0]
    conversation = f"/c/{client['conversation_id']}"
    for path in (
        "/",
        "/?view=team",
        "/queue",
        conversation,
        f"{conversation}/entries?before=9.1",
        f"/c/{NOBODY}",
        "/c/x",
        f"{conversation}/entries",
    ):
        assert_safe(await ana.get(path))
        assert_safe(await ana.get(path, **{"hx-request-type": "partial"}))
        assert_safe(await nobody.get(path))
    open_paths = (
        "/sign-in",
        "/health",
        "/ready",
        "/metrics",
        "/schema",
        "/nothing",
        "/api/v1/x",
        "/hooks/x",
        "/static/nothing.js",
        "/assets/nothing",
    )
    for path in (
        *open_paths,
        f"/assets/{css}",
        "/static/icons.svg",
        "/static/../pyproject.toml",
        "/static/%2e%2e/pyproject.toml",
        "/%ff%00",
        "/static",
    ):
        assert_safe(await nobody.get(path))
    assert_safe(await nobody.ask("DELETE", "/"))
    assert_safe(await nobody.ask("POST", "/hooks/twilio/message", content=b"{}", headers={"content-type": "application/json"}))


async def test_a_file_that_a_machine_does_not_have_yet_is_not_remembered_as_missing(house: Running) -> None:
    nobody = Visitor(house)
    name = house.app.state.renderer.bundle_js()[0]
    assert "immutable" in (await nobody.get(f"/assets/{name}")).headers["cache-control"]
    assert (await nobody.get("/static/icons.svg")).headers["cache-control"] == "public, max-age=3600"
    for path in ("/static/new.svg", "/assets/app-000000000000.js"):
        missing = await nobody.get(path)
        assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_words_are_shown_as_words_on_page_part_and_frame(house: Running, ana: Visitor, text: str) -> None:
    phone = some_phone()
    client = await house.new_client(phone, name=f"Rosa {signs.shown(text)}"[:190], city=signs.shown(text)[:190])
    topic = f"conversation:{client['conversation_id']}"
    async with ana.line() as line:
        await line.say(t="hello", seen={topic: client["revision"], "queue:team": ""})
        await line.hear("live")
        await house.client_writes(phone, text)
        frames = (await line.hear("frame", topic=topic))["html"]
        frames += "".join([(await line.hear("frame", topic="queue:team"))["html"] for _ in range(2)])
    page = (await ana.get(f"/c/{client['conversation_id']}?view=team")).text
    part = (await ana.get(f"/c/{client['conversation_id']}", **{"hx-request-type": "partial"})).text
    for shown in (page, part, frames):
        assert html.escape(text, quote=False) in shown.replace("&#34;", '"').replace("&#39;", "'")
        if "<" in text:
            assert text not in shown
        assert "alert(1)>" not in shown
        assert "49$" not in shown
    async with house.api("ana") as api:
        [entry] = (await api.get(f"/api/v1/debtors/{client['id']}/timeline")).json()["entries"]
        assert entry["text"] == text
        told = await api.get(f"/api/v1/debtors/{client['id']}")
    assert told.json()["name"] == f"Rosa {signs.shown(text)}"[:190].strip()
    assert told.headers["content-type"].startswith("application/json")


async def test_a_draft_that_was_refused_comes_back_as_words(house: Running, ana: Visitor) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    await house.client_writes(phone, "BAJA")
    text = "</textarea><script>alert(1)</script>"
    form = {"channel": "sms", "text": text, "client_token": str(uuid.uuid4()), "seen_revision": "99"}
    answer = await ana.post(f"/c/{client['conversation_id']}/messages", form)
    assert answer.status_code == 409
    assert_safe(answer)
    page = await ana.get(f"/c/{client['conversation_id']}")
    assert_safe(page)
    assert html.escape(text) in page.text
    problem = re.search(r'#composer-problem\' hx-swap="innerHTML">([^<]*)<', answer.text)
    assert problem is not None
    assert "BAJA" in html.unescape(problem[1]), "it says why"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "\x00"}, 422),
        ({"text": "a" * 1601}, 422),
        ({"channel": "fax"}, 422),
        ({"channel": "email"}, 422),
        ({"channel": ""}, 422),
        ({"client_token": "x"}, 422),
        ({"client_token": ""}, 422),
        ({"seen_revision": "x"}, 422),
        ({"seen_revision": "-5"}, 200),
        ({"seen_revision": "9" * 5000}, 200),
        ({"text": "línea 1\r\nlínea 2\ttabulada"}, 200),
        ({"text": "con \x00 y \x07 dentro"}, 200),
    ],
    ids=str,
)
async def test_the_composer_says_what_is_wrong_and_never_breaks(house: Running, ana: Visitor, change: dict[str, str], status: int) -> None:
    client = await house.new_client(some_phone())
    form = {"channel": "sms", "text": "hola", "client_token": str(uuid.uuid4()), "seen_revision": "99"} | change
    answer = await ana.post(f"/c/{client['conversation_id']}/messages", form, hx_request_type="partial")
    assert answer.status_code == status, answer.text
    assert_safe(answer)
    entries = await house.timeline(client["id"])
    assert len(entries) == (1 if status == 200 else 0)
    assert all("\x00" not in entry["text"] for entry in entries)


@pytest.mark.parametrize("path", ["read", "claim", "release", "close", "reopen"])
async def test_forms_of_other_kinds_are_answered_not_broken(house: Running, ana: Visitor, path: str) -> None:
    client = await house.new_client(some_phone())
    url = f"/c/{client['conversation_id']}/{path}"
    headers = {"origin": house.url, "x-csrf-token": ana.csrf}
    for content, media_type in (
        (b"{}", "application/json"),
        (b"\xff\x00", "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=y"),
        (b"x", "nonsense"),
    ):
        answer = await ana.ask("POST", url, content=content, headers=headers | {"content-type": media_type})
        assert answer.status_code < 500, (media_type, answer.text)
        assert_safe(answer)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "", "1.5.5", "1' or '1'='1"])
async def test_a_place_is_two_numbers(house: Running, ana: Visitor, before: str) -> None:
    client = await house.new_client(some_phone())
    answer = await ana.get(f"/c/{client['conversation_id']}/entries?before={quote(before)}")
    assert answer.status_code == 422
    assert_safe(answer)


@pytest.mark.parametrize("door", ["/api/v1/debtors", "/sign-in", "/hooks/twilio/message", "/hooks/twilio/receipt/x"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_are_limited_at_every_door(house: Running, door: str, chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(160):
            yield b"a" * 65_536

    content: Any = pieces() if chunked else b"a" * 10_485_760
    headers = {"authorization": f"Bearer {house.tokens['admin']}", "content-type": "application/x-www-form-urlencoded"}
    if door.startswith("/api"):
        headers["content-type"] = "application/json"
    async with httpx.AsyncClient(base_url=house.url, timeout=60, verify=False) as http:
        try:
            answer = await http.post(door, content=content, headers=headers)
        except (httpx.WriteError, httpx.ReadError):  # the line was closed while we were still sending
            return
    assert answer.status_code == 413
    assert_safe(answer)


async def test_what_is_too_large_is_told_in_the_readers_own_words(house: Running) -> None:
    """On a page, in the part of a page, and in the language of whoever sent it; the framework's English is for nobody."""
    client, sentences = await house.new_client(some_phone()), {"es": "Se envió más de lo que se recibe", "pt": "Foi enviado mais do que"}
    ana, path, much = await signed_in(house), f"/c/{client['conversation_id']}/notes", {"text": "a" * 1_100_000}
    for language, sentence in sentences.items():
        async with house.product.work() as tx:
            await tx.run(
                "update agent set language = :language where org_id = :org and id = :ana", language=language, ana=house.agents["ana"]
            )
        page = await ana.post(path, much)
        part = await ana.post(path, much, **{"hx-request-type": "partial"})
        plain = await ana.post(path, much, x_csrf_token="")  # as a browser without our scripts: the token stands in what is too large
        assert (page.status_code, part.status_code, plain.status_code) == (413, 413, 413)
        assert sentence in page.text
        assert sentence in plain.text
        assert sentence in unquote(part.headers["x-problem"])
        assert "Request Entity" not in page.text
    async with house.product.work() as tx:
        await tx.run("update agent set language = 'es' where org_id = :org and id = :ana", ana=house.agents["ana"])


async def test_no_page_says_what_the_framework_says(house: Running, ana: Visitor) -> None:
    for answer in (await ana.ask("DELETE", "/"), await Visitor(house).ask("PATCH", "/sign-in")):
        assert answer.status_code == 405
        assert "Method" not in answer.text
        assert "Vuelve atrás, recarga la página e inténtalo de nuevo." in answer.text


DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"[" * DEEP,
        b"[" * DEEP + b"]" * DEEP,
        b'{"name":"x","payment_destinations":' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"name":"x","payment_destinations":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"name":"x","payment_destinations":[' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"]}",
        b'{"name":"x","payment_destinations":[{"\\u0000":1}]}',
        b'{"name":"x","payment_destinations":["\\u0000"]}',
        b'{"name":"x","payment_destinations":[1e999]}',
        b'{"name":"x","payment_destinations":[NaN]}',
        b'{"name":"\\ud800"}',
        b'{"name":"\\udfff\\ud800"}',
        b'{"name":"a\xff"}',
        b'{"name":"a\\u0000b"}',
        b'{"name":"a\\u0007b"}',
        b'{"name":"a\\u009bb", "tax_id": "\\u001b[2J"}',
        b'{"name":"' + b"a" * 900_000 + b'"}',
        b'{"name":"x","name":{}}',
        b"\xef\xbb\xbf{}",
        b"\x00",
        '{"name":"x"}'.encode("utf-16"),
    ],
    ids=lambda body: repr(body[:40]),
)
async def test_wild_json_is_refused_in_words(house: Running, body: bytes) -> None:
    async with house.api() as api:
        answer = await api.post("/api/v1/creditors", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 4000
    assert_safe(answer)


@pytest.mark.parametrize("field", ["ref", "name", "national_id", "region", "city", "language", "timezone", "country"])
async def test_no_text_of_a_client_may_hold_nul(house: Running, field: str) -> None:
    async with house.api() as api:
        answer = await api.post("/api/v1/debtors", json={"ref": "NUL", "name": "A"} | {field: "a\x00b"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        deep = {
            "addresses": [{"channel": "sms", "value": "+573001234567", "consent": {"source": "\x00"}}],
            "debts": [{"ref": "x", "creditor": "\x00"}],
        }
        for name, value in deep.items():
            answer = await api.post("/api/v1/debtors", json={"ref": "NUL", "name": "A", name: value})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["field"].startswith(f"{name}[0].")


async def test_lines_cannot_be_smuggled_into_headers(house: Running) -> None:
    """Raw requests, because decent clients refuse to send them."""
    for head in (
        b"GET /sign-in?next=/%0d%0aset-cookie:%20x=1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /c/1%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /c/" + NOBODY.encode() + b"?a=%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: __Host-trato=a\x01b\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.settings.port)
        writer.write(head)
        writer.write_eof()
        answer = (await asyncio.wait_for(reader.read(4000), 60)).decode("latin-1")
        writer.close()
        fields = answer.split("\r\n\r\n")[0].lower().split("\r\n")
        assert not fields[0].startswith("http/1.1 5"), head
        assert not [line for line in fields[1:] if line.startswith(("x-evil", "set-cookie"))], answer
        assert "evil.example" not in answer


async def test_unknown_and_long_addresses_are_simply_not_there(house: Running) -> None:
    nobody = Visitor(house)
    for path in (
        "/" + "a" * 20_000,
        "/c/" + "%00" * 100,
        "/api/v1/debtors/" + "%2e%2e%2f" * 50,
        "/api/v1/messages/..%2f..%2fraw",
    ):
        answer = await nobody.get(path)
        assert answer.status_code in (404, 401), path
        assert_safe(answer)
