"""A client's words on their way in: recorded at the carrier first, then posted to the product's door as Twilio does."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Annotated, Literal

import msgspec

from simulator.calling import Call
from simulator.carrier import Carrier
from simulator.records import Message
from simulator.resource import API_VERSION
from simulator.segments import count_parts

COUNTRIES = {"1": "US", "34": "ES", "51": "PE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO", "593": "EC"}
GEOGRAPHY = ("City", "State", "Zip")


class Attachment(msgspec.Struct, forbid_unknown_fields=True):
    """A picture or document that comes with a text."""

    url: str
    content_type: str = "image/jpeg"


class Words(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a client writes, and what is to go wrong on the way.

    `copies` posts the same message several times at once; `delay` (seconds) posts it later, in the background; `lost` records it
    at the carrier and posts nothing; `forge` spoils the proof (``none`` does not) and leaves no record, since a forger is not the
    carrier; `old_token` signs with the token before rotation; `extra` adds parameters that Twilio may invent.
    """

    sender: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = msgspec.field(name="from")
    text: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    to: str | None = None
    media: list[str | Attachment] = []
    copies: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    opt_out_type: Literal["STOP", "START", "HELP"] | None = None
    sid: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,64}$")] | None = None
    forge: Literal["none", "signature", "body", "token", "missing", "double"] = "none"
    old_token: bool = False
    lost: bool = False
    delay: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    extra: dict[str, str] = {}


async def speak(carrier: Carrier, words: Words) -> tuple[str, list[int | None]]:
    """Record a client's words and post them; returns the SID and the product's answers, one per attempt (none yet when delayed)."""
    media = [item if isinstance(item, Attachment) else Attachment(item) for item in words.media]
    message = _message(carrier, words, media)
    if words.forge == "none":
        message = carrier.store.receive(message)
    if words.lost:
        return message.sid, []
    forge = "old_token" if words.old_token else "" if words.forge == "none" else words.forge
    call = Call("inbound", message.sid, "received", carrier.config.webhook_url, _parameters(carrier, words, message.sid, media), forge)
    if words.delay:
        carrier.spawn(_post(carrier, call, words.copies, words.delay))
        return message.sid, []
    # Shielded: the client has written, whether or not whoever pressed the button still waits.
    return message.sid, await asyncio.shield(carrier.spawn(_post(carrier, call, words.copies, 0.0)))


async def _post(carrier: Carrier, call: Call, copies: int, delay: float) -> list[int | None]:
    await asyncio.sleep(delay)
    token = str(uuid.uuid4())
    answers = await asyncio.gather(*(carrier.caller.call(call, token) for _ in range(copies)))
    return [code for codes in answers for code in codes]


def _message(carrier: Carrier, words: Words, media: list[Attachment]) -> Message:
    now = time.time()
    return Message(
        sid=words.sid or ("MM" if media else "SM") + uuid.uuid4().hex,
        direction="inbound",
        sender=words.sender,
        recipient=words.to or carrier.config.sender,
        body=words.text,
        status="received",
        num_segments=count_parts(words.text).count,
        created_at=now,
        updated_at=now,
        sent_at=now,
        media=tuple(item.url for item in media),
        opt_out_type=words.opt_out_type,
        lost=words.lost,
    )


def _parameters(carrier: Carrier, words: Words, sid: str, media: list[Attachment]) -> list[tuple[str, str]]:
    to = words.to or carrier.config.sender
    parameters = [
        ("ToCountry", _country(to)), ("FromCountry", _country(words.sender)), ("SmsMessageSid", sid), ("SmsSid", sid), ("MessageSid", sid),
        ("AccountSid", carrier.config.account_sid), ("From", words.sender), ("To", to), ("Body", words.text), ("NumMedia", str(len(media))),
        ("NumSegments", str(count_parts(words.text).count)), ("SmsStatus", "received"), ("ApiVersion", API_VERSION),
    ]  # fmt: skip
    parameters += [(end + part, "") for end in ("From", "To") for part in GEOGRAPHY]
    for number, item in enumerate(media):
        parameters += [(f"MediaUrl{number}", item.url), (f"MediaContentType{number}", item.content_type)]
    if words.opt_out_type:
        parameters.append(("OptOutType", words.opt_out_type))
    return parameters + list(words.extra.items())


def _country(number: str) -> str:
    digits = number.removeprefix("+")
    return next((COUNTRIES[digits[:size]] for size in (3, 2, 1) if number.startswith("+") and digits[:size] in COUNTRIES), "")
