"""WhatsApp through Twilio, beyond what every carrier must do: its settings, templates, and where attachments may be fetched from."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.errors import SettingsError
from channels.contract import Refused, Timeouts, TryAgain, Unconfirmed
from channels.templates import APPROVALS, ListLine, Registered, Registration
from channels.twilio_content import as_content, registered_of
from channels.twilio_media import TwilioMedia, is_own, is_public
from channels.whatsapp import WhatsAppAdapter, create_whatsapp_adapter
from tests.channels.conformance import IMPATIENT, TIMEOUTS, TwilioWhatsAppKit
from tests.channels.far_end import DROP, HANG, FarEnd, Say, closed_port, far_end

KIT = TwilioWhatsAppKit()
SID = "HX" + "e" * 32
REMINDER = Registration("recordatorio_v1", "es_CO", "utility", "Hola {{1}}, tu cuota vence el {{2}}.", {"1": "Rosa", "2": "5 de marzo"})
BUTTONS = tuple((f"b{number}", f"Opción {number}") for number in range(11))
DAYS = replace(
    REMINDER,
    lines=(ListLine("fri", "Viernes", "Antes de mediodía"), ListLine("mon", "Lunes")),
    menu="Ver días",
    category="",
    reviewed=False,
)
APPROVED = {
    "sid": SID,
    "friendly_name": "otro",
    "language": "es_CO",
    "variables": {"1": "Rosa"},
    "types": {"twilio/quick-reply": {"body": "Hola {{2}} y {{1}}, otra vez {{2}} {{10}}", "actions": []}},
    "approval_requests": {"name": "recordatorio_v1", "category": "UTILITY", "status": "approved", "rejection_reason": ""},
}


@asynccontextmanager
async def talking(*script: Say) -> AsyncIterator[tuple[WhatsAppAdapter, FarEnd]]:
    async with far_end(*script) as end:
        adapter = create_whatsapp_adapter(KIT.settings(end.url), IMPATIENT if HANG in script else TIMEOUTS)
        try:
            yield adapter, end
        finally:
            await adapter.close()


# -- settings


@pytest.mark.parametrize("change", [{"twilio_whatsapp_sender": ""}, {"twilio_content_url": "content"}, {"twilio_auth_token": ""}])
def test_wrong_settings_stop_the_start(change: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(change)).upper()):
        create_whatsapp_adapter(replace(KIT.settings("http://127.0.0.1:9"), **change))  # type: ignore[arg-type]


# -- registering templates


async def test_a_template_is_made_and_handed_to_review() -> None:
    async with talking(Say.json(201, {"sid": SID}), Say.json(201, {"status": "received"})) as (adapter, end):
        assert await adapter.register(REMINDER) == SID
    made, review = end.heard
    assert (made.method, made.target, made.headers["content-type"]) == ("POST", "/v1/Content", "application/json")
    assert json.loads(made.body) == {
        "friendly_name": "recordatorio_v1",
        "language": "es_CO",
        "variables": {"1": "Rosa", "2": "5 de marzo"},
        "types": {"twilio/text": {"body": REMINDER.body}},
    }
    assert review.target == f"/v1/Content/{SID}/ApprovalRequests/whatsapp"
    assert json.loads(review.body) == {"name": "recordatorio_v1", "category": "UTILITY"}
    assert KIT.proves_our_account(made)
    assert KIT.proves_our_account(review)


def test_buttons_and_files_have_their_own_forms() -> None:
    replies = as_content(replace(REMINDER, buttons=BUTTONS[:3]))["types"]["twilio/quick-reply"]
    assert [(one["id"], one["title"], one["type"]) for one in replies["actions"]] == [
        (key, title, "QUICK_REPLY") for key, title in BUTTONS[:3]
    ]
    assert as_content(replace(REMINDER, media_url="https://x/a.pdf"))["types"]["twilio/media"]["media"] == ["https://x/a.pdf"]
    for wrong in (replace(REMINDER, buttons=BUTTONS[:4]), replace(REMINDER, buttons=BUTTONS[:1], media_url="https://x/a.pdf")):
        with pytest.raises(Refused):
            as_content(wrong)


async def test_a_list_is_made_and_nobody_is_asked_to_review_it() -> None:
    async with talking(Say.json(201, {"sid": SID})) as (adapter, end):
        assert await adapter.register(DAYS) == SID
    (made,) = end.heard
    assert made.target == "/v1/Content"
    assert json.loads(made.body)["types"] == {
        "twilio/list-picker": {
            "body": DAYS.body,
            "button": "Ver días",
            "items": [{"id": "fri", "item": "Viernes", "description": "Antes de mediodía"}, {"id": "mon", "item": "Lunes"}],
        }
    }
    assert json.loads(made.body)["variables"] == {"1": "Rosa", "2": "5 de marzo"}


async def test_buttons_without_review_are_made_in_one_call() -> None:
    async with talking(Say.json(201, {"sid": SID})) as (adapter, end):
        assert await adapter.register(replace(REMINDER, buttons=BUTTONS[:3], reviewed=False)) == SID
    assert [heard.target for heard in end.heard] == ["/v1/Content"]


@pytest.mark.parametrize(
    ("script", "raised"),
    [
        ([DROP], Unconfirmed),
        ([Say(500)], Unconfirmed),
        ([Say(201, b"{}")], Unconfirmed),
        ([Say.json(400, {"code": 20001})], Refused),
        ([Say.json(429, {"code": 20429})], TryAgain),
    ],
)
async def test_a_list_that_was_not_made_says_so(script: list[Say], raised: type[Exception]) -> None:
    async with talking(*script) as (adapter, end):
        with pytest.raises(raised):
            await adapter.register(DAYS)
    assert len(end.heard) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        replace(DAYS, reviewed=True),
        replace(DAYS, lines=DAYS.lines * 6),
        replace(DAYS, buttons=BUTTONS[:1]),
        replace(DAYS, media_url="https://x/a.pdf"),
    ],
)
async def test_a_list_that_whatsapp_has_no_room_for_is_refused_before_any_call(wrong: Registration) -> None:
    async with talking() as (adapter, end):
        with pytest.raises(Refused):
            await adapter.register(wrong)
    assert end.heard == []


@pytest.mark.parametrize(
    ("types", "titles"),
    [
        ({"twilio/list-picker": {"body": "x", "items": [{"item": "Uno"}, {"item": "Dos\0"}, 5]}}, ("Uno", "Dos")),
        ({"twilio/quick-reply": {"body": "x", "actions": [{"title": "Sí"}, {"title": 5}]}}, ("Sí", "")),
        ({"twilio/text": {"body": "x"}}, ()),
    ],
)
def test_the_words_to_choose_from_are_read_back(types: dict[str, object], titles: tuple[str, ...]) -> None:
    one = registered_of(APPROVED | {"types": types})
    assert one is not None
    assert one.titles == titles


@pytest.mark.parametrize(
    ("script", "raised"),
    [
        ([DROP], Unconfirmed),
        ([HANG], Unconfirmed),
        ([Say(500)], Unconfirmed),
        ([Say(201, b"{}")], Unconfirmed),
        ([Say.json(400, {"code": 20001})], Refused),
        ([Say.json(429, {"code": 20429}, ("Retry-After", "5"))], TryAgain),
        ([Say.json(201, {"sid": SID}), Say.json(400, {"code": 20001}), Say(204)], Refused),
        ([Say.json(201, {"sid": SID}), DROP, Say(204)], Unconfirmed),
    ],
)
async def test_a_template_that_was_not_registered_says_so(script: list[Say], raised: type[Exception]) -> None:
    async with talking(*script) as (adapter, end):
        with pytest.raises(raised):
            await adapter.register(REMINDER)
    removed = [heard.target for heard in end.heard if heard.method == "DELETE"]
    assert removed == ([f"/v1/Content/{SID}"] if len(script) == 3 else [])


async def test_nobody_listening_is_tried_again() -> None:
    adapter = create_whatsapp_adapter(KIT.settings(closed_port()), TIMEOUTS)
    with pytest.raises(TryAgain):
        await adapter.register(REMINDER)
    with pytest.raises(TryAgain):
        [one async for one in adapter.registered()]
    await adapter.close()


# -- reading them back


def page(contents: list[object], next_page_url: object = None) -> Say:
    return Say.json(200, {"contents": contents, "meta": {"page": 0, "next_page_url": next_page_url, "key": "contents"}})


async def test_templates_are_read_over_all_pages_at_our_own_address() -> None:
    second = "https://content.twilio.com/v1/ContentAndApprovals?PageSize=500&Page=1&PageToken=PT1"
    async with talking(page([APPROVED, {"sid": 5}, None], second), page([APPROVED | {"sid": "HX2"}])) as (adapter, end):
        found = [one async for one in adapter.registered()]
    assert found[0] == Registered(
        SID, "recordatorio_v1", "es_CO", "Hola {{2}} y {{1}}, otra vez {{2}} {{10}}", ("1", "2", "10"), "approved", "UTILITY"
    )
    assert [one.content_id for one in found] == [SID, "HX2"]
    assert [heard.target for heard in end.heard] == [
        "/v1/ContentAndApprovals?PageSize=500",
        "/v1/ContentAndApprovals?PageSize=500&Page=1&PageToken=PT1",
    ]


@pytest.mark.parametrize("say", [DROP, Say(500), Say(200, b"{}"), page([], 5), page([], "https://x/v1/Content"), Say.json(429, {})])
async def test_a_list_of_templates_that_fails_is_tried_again(say: Say) -> None:
    async with talking(say) as (adapter, _):
        with pytest.raises(TryAgain):
            [one async for one in adapter.registered()]


async def test_a_list_of_templates_that_turns_in_circles_ends() -> None:
    async with talking(page([APPROVED], "https://x/v1/ContentAndApprovals?PageSize=500")) as (adapter, end):
        with pytest.raises(TryAgain):
            [one async for one in adapter.registered()]
    assert len(end.heard) == 1


@pytest.mark.parametrize(
    ("review", "approval"),
    [
        *(({"status": status}, status) for status in APPROVALS),
        ({"status": "APPROVED"}, "approved"),
        ({"status": "in_appeal"}, "pending"),
        ({"status": None}, "unsubmitted"),
        ({}, "unsubmitted"),
        (None, "unsubmitted"),
    ],
)
def test_what_reviewers_said(review: object, approval: str) -> None:
    one = registered_of(APPROVED | {"approval_requests": review})
    assert one is not None
    assert one.approval == approval


def test_a_rejection_has_its_reason() -> None:
    one = registered_of(APPROVED | {"approval_requests": {"status": "rejected", "rejection_reason": "INVALID_FORMAT\0"}})
    assert one is not None
    assert (one.approval, one.reason, one.name) == ("rejected", "INVALID_FORMAT", "otro")


@settings(max_examples=200, deadline=None)
@given(
    row=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_row_is_read_or_left(row: object) -> None:
    registered_of(row)
    for field in ("types", "approval_requests", "language", "friendly_name"):
        one = registered_of(APPROVED | {field: row})
        assert one is None or one.approval in APPROVALS


# -- attachments of a live account


def live(api_url: str = "https://api.twilio.com") -> TwilioMedia:
    return TwilioMedia(KIT.account, KIT.token, api_url, Timeouts(0.4, 0.8), live=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://apitwilio.com/x",
        "https://twilio.com.example/x",
        "https://example.com/x",
        "https://127.0.0.1/x",
    ],
)
async def test_a_live_account_shows_its_keys_to_the_carrier_alone(url: str) -> None:
    with pytest.raises(Refused):
        await live().fetch(url, 100)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "[::ffff:127.0.0.1]"])
async def test_a_live_account_asks_nothing_within_our_own_network(host: str) -> None:
    """Even where the name is the carrier's: what counts is where the connection would lead."""
    async with far_end(Say(200, b"secret")) as end:
        with pytest.raises(Refused):
            await live(f"https://{host}:{end.port}").fetch(f"https://{host}:{end.port}/x", 100)
        assert end.heard == []


async def test_a_live_account_does_not_follow_to_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    async with far_end(Say(200, b"x")) as store, far_end(Say(307, headers=(("Location", f"{store.url}/x"),))) as end:
        media = live(end.url)
        monkeypatch.setattr(media, "_is_carriers", lambda _url: True)
        monkeypatch.setattr("channels.twilio_media.is_public", lambda _address: True)
        with pytest.raises(Refused):
            await media.fetch(f"{end.url}/x", 100)
        assert (len(end.heard), store.heard) == (1, [])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:169.254.169.254", False),
        ("2002:a9fe:a9fe::1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_which_addresses_are_of_the_open_internet(address: str, public: bool) -> None:
    assert is_public(address) is public
    assert not is_own(address)


def test_the_simulator_is_on_this_machine() -> None:
    assert all(map(is_own, ("127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1")))


def test_the_librarys_guard_is_still_where_we_stand() -> None:
    """The address is looked at where the socket is made; a connector without that door would look at nothing."""
    assert "socket_factory" in aiohttp.TCPConnector.__init__.__code__.co_varnames
