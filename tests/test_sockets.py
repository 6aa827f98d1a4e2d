"""The live socket: our own pages only, small well-formed frames, the reader's own rights, and never an open end."""

from __future__ import annotations

import asyncio
import json
import logging
import socket as sockets
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from console import socket as socket_module
from console.hub import Hub
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, some_phone, stranger
from tests.running import Running, until
from tests.servers import Servers

GONE = {"t": "gone"}


@pytest.fixture(scope="module")
async def ana(house: Running) -> Visitor:
    """Ana's browser."""
    return await signed_in(house)


@pytest.fixture(autouse=True)
async def nothing_unhandled(house: Running, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[None]:
    """Whatever a browser does, no error is left without a hand, and no socket stays behind."""
    loose: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, context: loose.append(context))
    hub: Hub = house.app.state.hub
    try:
        yield

        async def all_left() -> bool:
            return not hub._sockets and not hub._watched

        await until(all_left)
    finally:
        loop.set_exception_handler(before)
    assert loose == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    written = capsys.readouterr()
    assert "live.frame_error" not in written.out + written.err


def topic(client: dict[str, Any]) -> str:
    return f"conversation:{client['conversation_id']}"


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1:1", "http://[", "http://127.0.0.1.evil.example"]
)
async def test_another_sites_page_is_refused_before_the_handshake(ana: Visitor, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with ana.line(origin):
            pass
    assert refused.value.response.status_code == 403


async def test_the_signed_out_are_told_so(house: Running) -> None:
    for secret in ("", "guessed", "attacker-chosen-id"):
        async with Visitor(house, secret).line() as line:
            assert await line.closed() == 4401


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "null",
        "[]",
        '"hello"',
        '{"t": "hello"}',
        '{"t": "shout", "seen": {}}',
        '{"t": "hello", "seen": {}, "more": 1}',
        '{"t": "hello", "seen": []}',
        '{"t": "hello", "seen": {"queue:mine": 1.5}}',
        '{"t": "hello", "seen": {"queue:mine": null}}',
        '{"t": "leave", "topics": "all"}',
        '{"seen": {}}',
        '{"t": "hello", "seen": {"\\ud800": 1}}',
        "[" * 8000,
        '{"t":"hello","seen":' + '{"a":' * 1000,
        json.dumps({"t": "hello", "seen": {"a" * 9000: 1}}),
        "a" * 1_000_000,
        b"",
        b"\x00\xff",
        b'{"t": "hello", "seen": {}}',
    ],
    ids=lambda frame: repr(frame[:30]),
)
async def test_a_frame_that_is_not_ours_closes_the_line_with_a_code(ana: Visitor, frame: str | bytes) -> None:
    async with ana.line() as line:
        await line.socket.send(frame)
        assert await line.closed() == 4400


async def test_broken_text_closes_the_line(ana: Visitor) -> None:
    async with ana.line() as line:
        await line.socket.send(b"\xff\xfe", text=True)
        assert await line.closed() in (1007, 4400)


@pytest.mark.parametrize("seen", [10**30, -1, 10**6, "digest"])
async def test_a_revision_that_was_never_reached_means_fetch_it_whole(house: Running, ana: Visitor, seen: int | str) -> None:
    client = await house.new_client(some_phone())
    async with ana.line() as line:
        await line.say(t="watch", seen={topic(client): seen})
        assert await line.hear("gone") == GONE | {"topic": topic(client)}
        await line.say(t="hello", seen={})
        await line.hear("live")


async def test_forbidden_missing_and_nonsense_topics_look_the_same(house: Running, ana: Visitor) -> None:
    foreign = await house.new_client(some_phone(), creditor="Cartera Lejana")
    names = [
        topic(foreign),
        f"conversation:{NOBODY}",
        "conversation:x",
        "queue:",
        "queue:all",
        "quarantine",
        "",
        "conversation:\x00",
        "queue:mine\n",
    ]
    async with ana.line() as line:
        for name in names:
            await line.say(t="watch", seen={name: 1})
            assert await line.hear("gone") == GONE | {"topic": name}
        await house.client_writes(foreign["addresses"][0]["value"], "nada para ana")
        await line.say(t="hello", seen={})
        await line.hear("live")
        pings = [message for message in line.unread if message["t"] == "ping"]
        assert all(ping["seen"] == {} for ping in [*pings, await line.hear("ping")])


async def test_a_line_watches_twenty_topics_and_no_more(house: Running, ana: Visitor) -> None:
    clients = [await house.new_client(some_phone()) for _ in range(21)]
    async with ana.line() as line:
        await line.say(t="hello", seen={topic(client): client["revision"] for client in clients})
        gone = await line.hear("gone")

        async def heads() -> list[str]:
            found = list((await line.hear("ping"))["seen"])
            assert len(found) <= 20
            return found if len(found) == 20 else []

        assert gone["topic"] not in await until(heads)
        await line.say(t="leave", topics=[topic(clients[0])])
        await line.say(t="watch", seen={gone["topic"]: clients[-1]["revision"]})
        await line.say(t="hello", seen={})

        async def is_watched() -> bool:
            return gone["topic"] in (await line.hear("ping"))["seen"]

        await until(is_watched)


async def test_a_word_reaches_the_line_in_a_frame_that_says_from_where_to_where(house: Running, ana: Visitor) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    async with ana.line() as line:
        await line.say(t="hello", seen={topic(client): client["revision"], "queue:team": ""})
        await line.hear("live")
        await house.client_writes(phone, "¿me ayudan?")
        frame = await line.hear("frame", topic=topic(client))
        assert frame["from"] == client["revision"]
        assert frame["to"] > frame["from"]
        assert "¿me ayudan?" in frame["html"]
        rows = [await line.hear("frame", topic="queue:team")]
        assert rows[0]["from"] is None
        while client["conversation_id"] not in rows[-1]["order"][:1] or "¿me ayudan?" not in rows[-1]["html"]:
            rows.append(await line.hear("frame", topic="queue:team"))
            assert rows[-1]["from"] == rows[-2]["to"]


async def test_frames_go_on_after_redis_was_killed_and_when_it_is_back(house: Running, servers: Servers, ana: Visitor) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    async with ana.line() as line:
        await line.say(t="hello", seen={topic(client): client["revision"]})
        await line.hear("live")
        await asyncio.to_thread(servers.kill_redis)
        try:
            await house.client_writes(phone, "sin redis")
            assert "sin redis" in (await line.hear("frame"))["html"]
        finally:
            await asyncio.to_thread(servers.start_redis)
        await until(house.product.bus.alive)
        await house.client_writes(phone, "con redis")
        assert "con redis" in (await line.hear("frame"))["html"]


async def test_nonsense_in_redis_ends_nothing(house: Running, ana: Visitor) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    redis = house.product.bus._client
    async with ana.line() as line:
        await line.say(t="hello", seen={topic(client): client["revision"]})
        await line.hear("live")
        await redis.flushall()
        await redis.publish("trato.pokes", b"\xff\xfe conversation:\x00")
        await house.client_writes(phone, "sigue vivo")
        assert "sigue vivo" in (await line.hear("frame"))["html"]


async def test_other_rights_close_the_line_and_come_with_the_next_one(house: Running) -> None:
    await stranger(house, "leo", team="Equipo Leo")
    client = await house.new_client(some_phone(), creditor="Óptica Sur")
    leo = await signed_in(house, "leo")
    seen = {topic(client): client["revision"]}
    async with leo.line() as line:
        await line.say(t="hello", seen=seen)
        await line.hear("gone")
        await open_portfolio(house, "Óptica Sur", "Equipo Leo")
        assert await line.closed() == 4409
    async with leo.line() as line:
        await line.say(t="hello", seen=seen)
        await line.hear("ping", seen=seen)
        async with house.product.db.transaction() as tx:
            await tx.run(
                "delete from serving where org_id = :org and team_id = (select id from team where org_id = :org and name = 'Equipo Leo')"
            )
        assert await line.closed() == 4409


async def test_each_of_two_portfolios_sees_its_own_entries_and_of_the_other_only_that_there_was_contact(
    house: Running, ana: Visitor
) -> None:
    await stranger(house, "mia", team="Equipo Mia")
    await open_portfolio(house, "Zapatería Norte", "Equipo Mia")
    debts = [
        {"ref": uuid.uuid4().hex, "creditor": name, "total_due": "10", "currency": "COP"} for name in ("Banco Aurora", "Zapatería Norte")
    ]
    client = await house.new_client(some_phone(), debts=debts)
    secret = "Su saldo con la Zapatería es de siete pesos"
    mia = await signed_in(house, "mia")
    path = f"/c/{client['conversation_id']}"
    async with ana.line() as hers, mia.line() as theirs, house.api("mia") as api:
        for line in (hers, theirs):
            await line.say(t="hello", seen={topic(client): client["revision"], "queue:team": ""})
            await line.hear("live")
        sent = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": secret})
        assert sent.status_code == 202
        seen, hidden = await theirs.hear("frame", topic=topic(client)), await hers.hear("frame", topic=topic(client))
        rows = [await hers.hear("frame", topic="queue:team") for _ in range(2)]
        assert secret in seen["html"]
        assert sent.json()["id"] in hidden["html"]
        told = json.dumps([hidden, *rows], ensure_ascii=False) + (await ana.get(path)).text + (await ana.get("/queue?view=team")).text
    async with ana.line() as late:
        await late.say(t="hello", seen={topic(client): client["revision"]})
        told += json.dumps(await late.hear("frame"), ensure_ascii=False)
    async with house.api("ana") as api:
        timeline = (await api.get(f"/api/v1/debtors/{client['id']}/timeline")).text
        assert (await api.get(f"/api/v1/messages/{sent.json()['id']}")).status_code == 404
        debtor = (await api.get(f"/api/v1/debtors/{client['id']}")).text
        told += timeline + debtor
    assert secret in (await mia.get(path)).text
    assert "siete pesos" not in told
    assert "Zapatería Norte" not in told
    assert "is-hidden" in told
    [entry] = json.loads(timeline)["entries"]
    known = {name: value for name, value in entry.items() if value not in (None, [])}
    assert known == {name: entry[name] for name in ("id", "position", "revision", "received_at")} | {"kind": "event"}


async def test_a_browser_that_does_not_read_is_let_go_and_holds_up_nobody(
    house: Running, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "_PATIENCE", 0.5)
    hub: Hub = house.app.state.hub
    async with ana.line() as reading:
        await reading.say(t="hello", seen={})
        await reading.hear("live")
        known = set(hub._sockets)
        laggard = await _open_raw(ana)
        try:
            [line] = await until(_new_of(hub, known))
            big = json.dumps({"t": "noise", "text": "x" * 60_000})
            for _ in range(600):
                line.push(big, "frame")
                await asyncio.sleep(0)
            assert line._frames.qsize() <= 256

            async def gone() -> bool:
                return line not in hub._sockets

            await until(gone)
            await reading.say(t="hello", seen={})
            await reading.hear("live")
        finally:
            laggard.close()


def _new_of(hub: Hub, known: set[Any]) -> Callable[[], Any]:
    async def new() -> list[Any]:
        return [one for one in hub._sockets if one not in known]

    return new


async def _open_raw(visitor: Visitor) -> sockets.socket:
    """A handshake by hand, after which nothing is ever read."""
    port = visitor.running.settings.port
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", port))
    head = (
        f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {visitor.running.url}\r\nCookie: __Host-trato={visitor.secret}\r\n\r\n"
    )
    await loop.sock_sendall(raw, head.encode())
    assert b"101" in await loop.sock_recv(raw, 512)
    return raw


async def test_a_handshake_with_broken_headers_is_refused_in_words(house: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.settings.port)
    writer.write(b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99\r\n\r\n")
    assert (await reader.readline()).split()[1] in (b"400", b"426")
    writer.close()
    await writer.wait_closed()
