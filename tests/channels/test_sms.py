"""SMS through Twilio, beyond what every carrier must do: its media, wild encodings, limits and settings."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace

import pytest

from base.errors import SettingsError
from channels.contract import Channel, Media, Refused, TryAgain, WebhookRequest
from channels.sms import create_sms_adapter
from channels.twilio_http import retry_after
from tests.channels.conformance import TIMEOUTS, TwilioSmsKit
from tests.channels.far_end import Say, far_end

KIT = TwilioSmsKit()
ADAPTER = KIT.adapter("http://127.0.0.1:9")


def raw(body: bytes) -> WebhookRequest:
    head = f"MessageSid=SM1&AccountSid={KIT.account}&From=%2B1&To=%2B2&NumMedia=0&".encode()
    return WebhookRequest("POST", "/hooks/twilio/message", "", (), head + body)


def test_media_come_in_their_order() -> None:
    request = KIT.word(
        "foto", NumMedia="11", **{f"MediaUrl{n}": f"https://x/{n}" for n in reversed(range(11))}, MediaContentType2="image/png"
    )
    (word,) = ADAPTER.parse(request)
    assert [media.url for media in word.media] == [f"https://x/{n}" for n in range(11)]
    assert word.media[2] == Media("https://x/2", "image/png")
    assert word.notes == ()


@pytest.mark.parametrize("announced", ["2", "x", "", "0", "-1", "99999999"])
def test_a_wrong_number_of_media_loses_none(announced: str) -> None:
    (word,) = ADAPTER.parse(KIT.word("foto", NumMedia=announced, MediaUrl0="https://x/0"))
    assert word.media == (Media("https://x/0", ""),)
    assert word.notes == ("The carrier announced another number of attachments than it named.",)


def test_media_under_strange_names_stay_visible() -> None:
    (word,) = ADAPTER.parse(KIT.word("foto", MediaUrl01="a", MediaUrl="b", MediaContentType7="image/png"))
    assert word.media == ()
    assert {name: word.fields[name] for name in ("MediaUrl01", "MediaUrl", "MediaContentType7")} == {
        "MediaUrl01": "a",
        "MediaUrl": "b",
        "MediaContentType7": "image/png",
    }


def test_fields_keep_what_no_attribute_holds() -> None:
    (word,) = ADAPTER.parse(KIT.word("Hola", OptOutType="STOP", ProfileName="Ana", MediaUrl0="u", NumMedia="1"))
    assert word.fields == {"FromCity": "", "ApiVersion": "2010-04-01", "OptOutType": "STOP"}
    assert word.profile_name == "Ana"


@pytest.mark.parametrize(
    ("body", "text", "notes"),
    [
        (b"Body=caf%E9", "caf\ufffd", ("Characters that are not UTF-8 were replaced.",)),
        (b"Body=caf\xe9+x", "caf\ufffd x", ("Characters that are not UTF-8 were replaced.",)),
        (b"Body=%ED%A0%80", "\ufffd\ufffd\ufffd", ("Characters that are not UTF-8 were replaced.",)),
        (b"Body=%00%00", "", ("NUL characters were removed.",)),
        (b"Body=%FF%00", "\ufffd", ("Characters that are not UTF-8 were replaced.", "NUL characters were removed.")),
        (b"Body=%zz%4", "%zz%4", ()),
        (b"Body=a=b", "a=b", ()),
        (b"&&Body=a&&", "a", ()),
        (b"Body", "", ()),
        (b"Body=a;b", "a;b", ()),
        ("Body=ñ".encode(), "ñ", ()),
        (b"Body=%E2%80%AE%EF%BB%BF", "\u202e\ufeff", ()),
    ],
)
def test_wild_encodings_are_kept_as_well_as_can_be(body: bytes, text: str, notes: tuple[str, ...]) -> None:
    (word,) = ADAPTER.parse(raw(body))
    assert (word.text, word.notes) == (text, notes)
    word.text.encode()


def test_the_same_field_twice_with_one_value_is_one() -> None:
    (word,) = ADAPTER.parse(raw(b"Body=a&Body=a&New=1&New=2"))
    assert (word.text, word.fields["New"]) == ("a", "1\n2")


@pytest.mark.parametrize(
    ("sent_as", "channel", "sender"),
    [
        ("whatsapp:+573001234567", Channel.WHATSAPP, "+573001234567"),
        ("whatsapp:CO.1A2b3C", Channel.WHATSAPP, "CO.1A2b3C"),
        ("12345", Channel.SMS, "12345"),
        ("BANCO X", Channel.SMS, "BANCO X"),
        ("+15005550006", Channel.SMS, "+15005550006"),
    ],
)
def test_the_channel_is_told_by_the_prefix(sent_as: str, channel: Channel, sender: str) -> None:
    (word,) = ADAPTER.parse(KIT.word("Hola", From=sent_as))
    assert (word.channel, word.sender) == (channel, sender)


@pytest.mark.parametrize(("valid_for", "sent"), [(-5, "1"), (0, "1"), (1, "1"), (36000, "36000"), (36001, "36000"), (10**9, "36000")])
async def test_validity_stays_in_the_carriers_range(valid_for: int, sent: str) -> None:
    async with far_end(KIT.accepted()[0]) as end:
        adapter = KIT.adapter(end.url)
        await adapter.send(replace(KIT.outbound(), valid_for=valid_for))
        await adapter.close()
        assert end.heard[0].form["ValidityPeriod"] == sent


async def test_another_channel_is_refused_without_a_call() -> None:
    async with far_end(KIT.accepted()[0]) as end:
        adapter = KIT.adapter(end.url)
        with pytest.raises(Refused):
            await adapter.send(replace(KIT.outbound(), channel=Channel.WHATSAPP))
        assert end.heard == []


@pytest.mark.parametrize(("code", "after"), [(21611, 60.0), (30001, 60.0), (63017, 60.0), (63038, 3600.0), (20429, 1.0)])
async def test_a_full_queue_is_tried_again_later(code: int, after: float) -> None:
    async with far_end(Say.json(400, {"code": code})) as end:
        adapter = KIT.adapter(end.url)
        with pytest.raises(TryAgain) as caught:
            await adapter.send(KIT.outbound())
        await adapter.close()
        assert caught.value.after == after


async def test_wrong_keys_say_who_must_act() -> None:
    for say in (Say(401), Say.json(401, {"code": 20003}), Say.json(401, [1])):
        async with far_end(say) as end:
            adapter = KIT.adapter(end.url)
            with pytest.raises(Refused, match="administrator"):
                await adapter.send(KIT.outbound())
            await adapter.close()


async def test_a_region_in_the_environment_does_not_move_the_carrier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    async with far_end(KIT.accepted()[0]) as end:
        adapter = KIT.adapter(end.url)
        await adapter.send(KIT.outbound())
        await adapter.close()
        assert len(end.heard) == 1


async def test_many_at_once_each_get_their_own_answer() -> None:
    answers = [Say.json(201, {"sid": f"SM{n}", "num_segments": "2"}) for n in range(40)]
    async with far_end(*answers) as end:
        adapter = KIT.adapter(end.url)
        accepted = await asyncio.gather(*(adapter.send(KIT.outbound(f"n {n}")) for n in range(40)))
        await adapter.close()
    assert {one.external_id for one in accepted} == {f"SM{n}" for n in range(40)}
    assert {one.segments for one in accepted} == {2}
    assert sorted(heard.form["Body"] for heard in end.heard) == sorted(f"n {n}" for n in range(40))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.1),
        ("99999", 3600.0),
        ("9" * 50, 3600.0),
        (None, 1.0),
        ("", 1.0),
        ("soon", 1.0),
        ("-3", 1.0),
        ("nan", 1.0),
        ("٣", 1.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.1),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 3600.0),
        ("Wed, 21 Oct 2099 07:28:00", 3600.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", 1.0),
    ],
)
def test_retry_after(header: str | None, seconds: float) -> None:
    assert retry_after(header) == seconds


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"twilio_account_sid": ""}, "TWILIO_ACCOUNT_SID"),
        ({"twilio_auth_token": ""}, "TWILIO_AUTH_TOKEN"),
        ({"twilio_api_url": "api.twilio.com"}, "TWILIO_API_URL"),
        ({"twilio_api_url": "ftp://x"}, "TWILIO_API_URL"),
        ({"twilio_api_url": "https://"}, "TWILIO_API_URL"),
    ],
)
def test_wrong_settings_stop_the_start(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=f"^{named} .*Set it to"):
        create_sms_adapter(replace(KIT.settings("http://127.0.0.1:9"), **change), TIMEOUTS)  # type: ignore[arg-type]


def test_verifying_and_reading_never_load_the_carriers_library() -> None:
    """It takes most of a second to import, and web processes only verify and read."""
    program = "import sys, channels.sms; sys.exit(any(name in sys.modules for name in ('twilio', 'aiohttp', 'requests')))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
