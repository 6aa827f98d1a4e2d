"""The one suite that every carrier adapter passes; only the wire is faked, and that by a real server."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Adapter, Channel, Forged, Listed, Refused, TemplateUse, TryAgain, Unconfirmed, Unparseable, WebhookRequest
from tests.channels.conformance import IMPATIENT, KITS, SINCE, TIMEOUTS, CarrierKit
from tests.channels.far_end import DROP, GARBAGE, HANG, RESET, FarEnd, Say, closed_port, far_end

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(params=KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> CarrierKit:
    given_kit: CarrierKit = request.param
    return given_kit


# Where nothing ended it, it would take longer than this (seconds): whoever hangs does so for a minute, and a drip never ends.
LONG = 30


@asynccontextmanager
async def talking(kit: CarrierKit, *script: Say) -> AsyncIterator[tuple[Adapter, FarEnd]]:
    """An adapter and the far end it talks to; impatient where that would never answer."""
    async with far_end(*script) as end:
        adapter = kit.adapter(end.url, IMPATIENT if HANG in script else TIMEOUTS)
        try:
            yield adapter, end
        finally:
            await adapter.close()


def with_headers(request: WebhookRequest, *headers: tuple[str, str]) -> WebhookRequest:
    return replace(request, headers=headers)


# -- proof


async def test_a_signed_request_passes(kit: CarrierKit) -> None:
    adapter = kit.adapter(NOWHERE)
    for request in (kit.word("Hola"), kit.empty(), kit.word_with_former_key(), kit.word("ñandú 👍 a+b&c=d ", NewField="", Otro="x")):
        adapter.verify(request)


async def test_a_changed_request_is_forged(kit: CarrierKit) -> None:
    adapter, genuine = kit.adapter(NOWHERE), kit.word("Hola")
    changes = (
        {"body": genuine.body + b"&Extra=1"},
        {"body": genuine.body.replace(b"Hola", b"Holb")},
        {"body": b"{}"},
        {"body": b""},
        {"path": genuine.path + "x"},
        {"query": "a=b"},
    )
    for change in changes:
        with pytest.raises(Forged):
            adapter.verify(replace(genuine, **change))


async def test_a_missing_or_doubled_signature_is_forged(kit: CarrierKit) -> None:
    adapter, genuine = kit.adapter(NOWHERE), kit.word("Hola")
    (sign,) = genuine.header(kit.signature_header)
    rest = tuple(pair for pair in genuine.headers if pair[0] != kit.signature_header)
    named = kit.signature_header
    for signs in ((), ((named, sign), (named, sign)), ((named, "x"), (named, sign)), ((named, ""),), ((named, f"{sign},{sign}"),)):
        with pytest.raises(Forged):
            adapter.verify(with_headers(genuine, *rest, *signs))


async def test_a_json_body_without_proof_is_forged(kit: CarrierKit) -> None:
    genuine = kit.word("Hola")
    (sign,) = genuine.header(kit.signature_header)
    bare = with_headers(genuine, ("content-type", "application/json"), (kit.signature_header, sign))
    with pytest.raises(Forged):
        kit.adapter(NOWHERE).verify(replace(bare, body=b'{"Body": "Hola"}'))


# -- reading


@pytest.mark.parametrize(
    "text", ["Hola", "", "  con espacios \n", "ñandú 👍 a+b&c=d%41", "<script>alert(1)</script>", "\u202e\u0301", "x" * 1600]
)
async def test_a_word_is_read(kit: CarrierKit, text: str) -> None:
    (word,) = kit.adapter(NOWHERE).parse(kit.word(text))
    assert replace(word, fields={}) == kit.expected_word(text)


async def test_unknown_fields_are_kept(kit: CarrierKit) -> None:
    (word,) = kit.adapter(NOWHERE).parse(kit.word("Hola", BrandNew="sí", Empty=""))
    assert (word.fields["BrandNew"], word.fields["Empty"]) == ("sí", "")
    assert replace(word, fields={}) == kit.expected_word("Hola")


async def test_what_cannot_be_read_says_so(kit: CarrierKit) -> None:
    adapter = kit.adapter(NOWHERE)
    for request in [kit.empty(), *kit.unreadable()]:
        adapter.verify(request)
        with pytest.raises(Unparseable, match=r"\.$"):
            adapter.parse(request)
    with pytest.raises(Unparseable, match=r"\.$"):
        adapter.parse_receipt(kit.empty())


async def test_no_nul_gets_through(kit: CarrierKit) -> None:
    request = kit.word("a\0b", NewField="c\0d")
    adapter = kit.adapter(NOWHERE)
    adapter.verify(request)
    (word,) = adapter.parse(request)
    assert word.text == "ab"
    assert word.fields["NewField"] == "cd"
    assert word.notes == ("NUL characters were removed.",)


async def test_opt_out_words_of_the_carrier(kit: CarrierKit) -> None:
    adapter = kit.adapter(NOWHERE)
    for request, meant in kit.opt_words():
        (word,) = adapter.parse(request)
        assert word.opt_word == meant


async def test_what_comes_beside_the_text_is_read(kit: CarrierKit) -> None:
    adapter = kit.adapter(NOWHERE)
    for request, meant in kit.asides():
        adapter.verify(request)
        (word,) = adapter.parse(request)
        assert replace(word, fields={}) == replace(kit.expected_word("Hola"), **meant)  # type: ignore[arg-type]


async def test_what_comes_beside_the_text_is_never_lost(kit: CarrierKit) -> None:
    """A value that could not be read as what it should be stays where the others are."""
    fields = {
        "OriginalRepliedMessageSid": "not an id",
        "Latitude": "north",
        "Longitude": "0",
        "ExternalUserId": "rcs:x",
        "Forwarded": "maybe",
    }
    (word,) = kit.adapter(NOWHERE).parse(kit.word("Hola", **fields))
    assert {name: word.fields[name] for name in fields} == fields


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300), content_type=st.sampled_from(["application/x-www-form-urlencoded", "application/json", ""]))
@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_any_bytes_are_forged_or_unparseable(kit: CarrierKit, body: bytes, content_type: str) -> None:
    adapter = kit.adapter(NOWHERE)
    request = WebhookRequest("POST", "/hooks", "", (("content-type", content_type), (kit.signature_header, "eA==")), body)
    with pytest.raises(Forged):
        adapter.verify(request)
    for parse in (adapter.parse, adapter.parse_receipt):
        with pytest.raises(Unparseable):
            parse(request)


# -- receipts


async def test_every_status_is_read(kit: CarrierKit) -> None:
    adapter = kit.adapter(NOWHERE)
    for request, word, state, effect in kit.receipts():
        adapter.verify(request)
        (receipt,) = adapter.parse_receipt(request)
        assert (receipt.carrier_word, receipt.state) == (word, state)
        assert (receipt.error.effect if receipt.error else None) == effect
        assert receipt.error is None or receipt.error.reason.endswith(".")


async def test_every_status_after_every_other_is_read_the_same(kit: CarrierKit) -> None:
    """An adapter has no memory: what a status means never depends on what came before."""
    adapter = kit.adapter(NOWHERE)
    alone = {index: adapter.parse_receipt(request) for index, (request, *_) in enumerate(kit.receipts())}
    for order in itertools.permutations(range(len(alone)), 2):
        for index in order:
            assert adapter.parse_receipt(kit.receipts()[index][0]) == alone[index]


# -- sending


async def test_an_accepted_message(kit: CarrierKit) -> None:
    answer, external_id = kit.accepted()
    async with talking(kit, answer) as (adapter, end):
        accepted = await adapter.send(kit.outbound("Hola señora: ¿cómo está? 👍 a+b&c=d"))
        assert accepted.external_id == external_id
        assert len(end.heard) == 1
        kit.check_sent(end.heard[0], kit.outbound("Hola señora: ¿cómo está? 👍 a+b&c=d"))


@pytest.mark.parametrize("seconds", [1, 7, 120])
async def test_throttled_is_tried_again_when_told(kit: CarrierKit, seconds: int) -> None:
    async with talking(kit, kit.throttled(seconds)) as (adapter, end):
        with pytest.raises(TryAgain) as caught:
            await adapter.send(kit.outbound())
        assert caught.value.after == seconds
        assert len(end.heard) == 1


async def test_refused_is_for_good_and_says_why(kit: CarrierKit) -> None:
    for say, effect in kit.refusals():
        async with talking(kit, say) as (adapter, end):
            with pytest.raises(Refused) as caught:
                await adapter.send(kit.outbound())
            assert caught.value.error.effect == effect
            assert caught.value.error.code
            assert caught.value.error.reason.endswith(".")
            assert len(end.heard) == 1


async def test_no_connection_is_tried_again(kit: CarrierKit) -> None:
    for url in (closed_port(), "http://no-such-host.invalid"):
        adapter = kit.adapter(url)
        with pytest.raises(TryAgain):
            await adapter.send(kit.outbound())
        await adapter.close()


async def test_a_connection_that_never_opens_is_tried_again(kit: CarrierKit) -> None:
    """Before acceptance: the listener's backlog is full, so that the connection is never made and nothing leaves."""
    async with unaccepting() as url:
        adapter = kit.adapter(url, IMPATIENT)
        started = time.monotonic()
        with pytest.raises(TryAgain):
            await adapter.send(kit.outbound())
        assert time.monotonic() - started < LONG
        await adapter.close()


UNCLEAR = {
    "dropped": DROP,
    "reset": RESET,
    "hung": HANG,
    "garbage": GARBAGE,
    "half": Say(201, b'{"sid":', then="half"),
    "500": Say(500, b"oops"),
    "502": Say(502),
    "503": Say(503, headers=(("Retry-After", "1"),)),
    "504": Say(504),
    "408": Say(408),
    "moved": Say(307, headers=(("Location", "/elsewhere"),)),
    "not modified": Say(304),
}


@pytest.mark.parametrize("say", UNCLEAR.values(), ids=UNCLEAR.keys())
async def test_no_clear_answer_is_unconfirmed_and_never_repeated(kit: CarrierKit, say: Say) -> None:
    async with talking(kit, say) as (adapter, end):
        started = time.monotonic()
        with pytest.raises(Unconfirmed):
            await adapter.send(kit.outbound())
        assert time.monotonic() - started < LONG
        await asyncio.sleep(0.05)
        assert len(end.heard) == 1


async def test_an_answer_without_an_id_is_unconfirmed(kit: CarrierKit) -> None:
    for say in kit.accepted_without_id():
        async with talking(kit, say) as (adapter, end):
            with pytest.raises(Unconfirmed):
                await adapter.send(kit.outbound())
            assert len(end.heard) == 1


async def test_a_slow_drip_ends_in_time(kit: CarrierKit) -> None:
    async with dripping() as url:
        adapter = kit.adapter(url, IMPATIENT)
        started = time.monotonic()
        with pytest.raises(Unconfirmed):
            await adapter.send(kit.outbound())
        assert time.monotonic() - started < LONG
        await adapter.close()


async def test_after_a_failure_the_next_message_goes_out(kit: CarrierKit) -> None:
    answer, external_id = kit.accepted()
    async with talking(kit, DROP, answer) as (adapter, end):
        with pytest.raises(Unconfirmed):
            await adapter.send(kit.outbound())
        assert (await adapter.send(kit.outbound())).external_id == external_id
        assert len(end.heard) == 2


async def test_closing_twice_and_sending_after_it(kit: CarrierKit) -> None:
    answer, external_id = kit.accepted()
    async with talking(kit, answer) as (adapter, _end):
        await adapter.close()
        await adapter.close()
        assert (await adapter.send(kit.outbound())).external_id == external_id


async def test_a_character_that_cannot_be_sent_is_refused(kit: CarrierKit) -> None:
    async with talking(kit, kit.accepted()[0]) as (adapter, end):
        with pytest.raises(Refused):
            await adapter.send(kit.outbound("a\ud800b"))
        assert end.heard == []


async def test_files_go_out_in_their_order(kit: CarrierKit) -> None:
    answer, _ = kit.accepted()
    files = tuple(f"https://trato.example/media/{number}?a=1&b=%20" for number in range(kit.most_files))
    for text in ("Aquí está", ""):
        async with talking(kit, answer) as (adapter, end):
            outbound = replace(kit.outbound(text), media_urls=files)
            await adapter.send(outbound)
            kit.check_sent(end.heard[0], outbound)


async def test_another_number_of_ours_may_send(kit: CarrierKit) -> None:
    answer, _ = kit.accepted()
    async with talking(kit, answer) as (adapter, end):
        outbound = replace(kit.outbound(), sender="+573009998877")
        await adapter.send(outbound)
        kit.check_sent(end.heard[0], outbound)


async def test_a_template_goes_out_by_its_id_without_words_of_ours(kit: CarrierKit) -> None:
    answer, _ = kit.accepted()
    async with talking(kit, answer) as (adapter, end):
        outbound = replace(kit.outbound("Hola Rosa"), template=TemplateUse("HX" + "d" * 32, {"1": 'Rosa "Ñ" 👍', "2": "x\ny"}))
        await adapter.send(outbound)
        kit.check_sent(end.heard[0], outbound)


async def test_what_would_be_refused_is_refused_before_the_call(kit: CarrierKit) -> None:
    template = TemplateUse("HX" + "d" * 32, {})
    files = ("https://trato.example/1",)
    hopeless = [
        replace(kit.outbound(), media_urls=files * (kit.most_files + 1)),
        replace(kit.outbound(), media_urls=files, template=template),
        replace(kit.outbound(), channel=Channel.EMAIL),
        kit.outbound(""),
        replace(kit.outbound(), template=TemplateUse("HX1\ud800", {})),
    ]
    async with talking(kit, kit.accepted()[0]) as (adapter, end):
        for outbound in hopeless:
            with pytest.raises(Refused) as caught:
                await adapter.send(outbound)
            assert caught.value.error.reason.endswith(".")
        assert end.heard == []


# -- attachments


async def test_a_file_is_fetched_with_our_keys(kit: CarrierKit) -> None:
    async with talking(kit, Say(200, b"\xff\xd8 photo", (("Content-Type", "Image/JPEG; x=y"),))) as (adapter, end):
        fetched = await adapter.fetch(kit.file_url(end.url), 100)
        assert (fetched.content, fetched.content_type) == (b"\xff\xd8 photo", "image/jpeg")
        assert kit.proves_our_account(end.heard[0])
        assert end.heard[0].method == "GET"


async def test_a_file_kept_elsewhere_is_fetched_without_our_keys(kit: CarrierKit) -> None:
    async with (
        far_end(Say(200, b"photo")) as store,
        talking(kit, Say(307, headers=(("Location", f"{store.url}/x?token=1"),))) as (adapter, end),
    ):
        assert (await adapter.fetch(kit.file_url(end.url), 100)).content == b"photo"
        assert len(end.heard) == len(store.heard) == 1
        assert "authorization" not in store.heard[0].headers


async def test_a_second_move_is_not_followed(kit: CarrierKit) -> None:
    async with far_end(Say(302, headers=(("Location", "/again"),))) as store:
        for first in (f"{store.url}/x", f"http://user:pass@127.0.0.1:{store.port}/x", "file:///etc/passwd", "http://[::bad", "", "//"):
            async with talking(kit, Say(302, headers=(("Location", first),))) as (adapter, end):
                with pytest.raises(Refused):
                    await adapter.fetch(kit.file_url(end.url), 100)
        assert len(store.heard) == 1


async def test_our_keys_are_shown_to_nobody_else(kit: CarrierKit) -> None:
    async with far_end(Say(200, b"photo")) as other, talking(kit, Say(200, b"photo")) as (adapter, end):
        strange = [
            f"{other.url}/x",
            end.url.replace("http:", "https:") + "/x",
            end.url.replace("127.0.0.1", "localhost") + "/x",
            end.url.replace("//", "//user@") + "/x",
            f"http://127.0.0.1:{end.port}@127.0.0.1:{other.port}/x",
            f"http://127.0.0.1:{other.port}\\@127.0.0.1:{end.port}/x",
            "https://api.twilio.com.evil.example/x",
            "ftp://127.0.0.1/x",
            "file:///etc/passwd",
            "/x",
            "",
            "http://[::1",
        ]
        for url in strange:
            with pytest.raises(Refused):
                await adapter.fetch(url, 100)
        assert (other.heard, end.heard) == ([], [])


@pytest.mark.parametrize(
    "say",
    [
        Say(200, b"x" * 101),
        Say(200, raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n"),
        Say(200, b"x", (("Content-Encoding", "gzip"),)),
        Say(404),
        Say(410),
        Say(400),
        Say(401),
    ],
    ids=["too large", "too large, untold", "packed", "404", "410", "400", "401"],
)
async def test_a_file_that_will_never_come_is_refused(kit: CarrierKit, say: Say) -> None:
    async with talking(kit, say) as (adapter, end):
        with pytest.raises(Refused) as caught:
            await adapter.fetch(kit.file_url(end.url), 100)
        assert caught.value.error.reason.endswith(".")


@pytest.mark.parametrize("say", [DROP, RESET, HANG, GARBAGE, Say(500), Say(503), Say(408), Say(200, b"half", then="half")])
async def test_a_file_that_did_not_come_is_asked_for_again(kit: CarrierKit, say: Say) -> None:
    async with talking(kit, say) as (adapter, end):
        with pytest.raises(TryAgain):
            await adapter.fetch(kit.file_url(end.url), 2000)


async def test_a_throttled_file_is_asked_for_when_told(kit: CarrierKit) -> None:
    async with talking(kit, kit.throttled(7)) as (adapter, end):
        with pytest.raises(TryAgain) as caught:
            await adapter.fetch(kit.file_url(end.url), 100)
        assert caught.value.after == 7


async def test_a_file_of_nobody_listening_is_asked_for_again(kit: CarrierKit) -> None:
    url = closed_port()
    with pytest.raises(TryAgain):
        await kit.adapter(url).fetch(kit.file_url(url), 100)


# -- the carrier's own list


async def test_the_list_is_read_over_all_pages_back_to_the_moment(kit: CarrierKit) -> None:
    pages, expected = kit.pages()
    async with talking(kit, *pages) as (adapter, end):
        rows = [row async for row in adapter.listing(SINCE)]
    assert [with_plain_error(row) for row in rows] == expected
    assert len(end.heard) == len(pages)
    assert {heard.method for heard in end.heard} == {"GET"}


async def test_a_list_that_fails_is_tried_again(kit: CarrierKit) -> None:
    for say in (DROP, RESET, HANG, GARBAGE, Say(500), Say(200, b"{}"), Say(200, b"null"), kit.throttled(3)):
        async with talking(kit, say) as (adapter, _end):
            with pytest.raises(TryAgain):
                [row async for row in adapter.listing(SINCE)]


async def test_a_list_that_turns_in_circles_ends(kit: CarrierKit) -> None:
    pages, _ = kit.pages()
    async with talking(kit, pages[0]) as (adapter, end):
        with pytest.raises(TryAgain):
            [row async for row in adapter.listing(SINCE)]
        assert len(end.heard) == 2


def with_plain_error(row: Listed) -> Listed:
    assert (row.error is not None) == (row.state is not None and row.state.value == "failed")
    return replace(row, error=None)


@asynccontextmanager
async def unaccepting() -> AsyncIterator[str]:
    """An address whose connections are never completed: its queue is full and nobody takes from it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(3):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for each in (*fillers, listener):
            each.close()


@asynccontextmanager
async def dripping() -> AsyncIterator[str]:
    """An address that answers one byte at a time, without an end."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 10000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.sleep(0.06)
