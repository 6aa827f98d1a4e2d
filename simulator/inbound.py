"""A client's words on their way in: recorded at the carrier first, then posted to the product's door as Twilio does."""

from __future__ import annotations

import asyncio
import mimetypes
import uuid
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec

from simulator.addresses import bare, channel_of, country_of, is_user, on_whatsapp
from simulator.calling import Call
from simulator.carrier import Carrier
from simulator.files import new_file
from simulator.parameters import inbound_parameters
from simulator.records import File, Message, Phone
from simulator.samples import SAMPLES
from simulator.segments import count_parts

Sid = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,64}$")]
Short = Annotated[str, msgspec.Meta(max_length=1000)]


class WordsError(ValueError):
    """Nobody could write this. The message says why."""


class Attachment(msgspec.Struct, forbid_unknown_fields=True):
    """What comes with a text: a sample of ours, bytes of the client's own (base64 in JSON), or an address elsewhere.

    Where no type is given it follows from the name.
    """

    url: str = ""
    content_type: Annotated[str, msgspec.Meta(max_length=100)] = ""
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    content: bytes = msgspec.field(default=b"", name="bytes")
    sample: Literal["", "photo", "receipt", "voice", "letter", "pdf"] = ""


class Button(msgspec.Struct, forbid_unknown_fields=True):
    """A button of ours that the client pressed."""

    text: Short
    payload: Short = ""


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """A line of a list of ours that the client chose."""

    id: Short
    title: Short


class Place(msgspec.Struct, forbid_unknown_fields=True):
    """A place that the client shared; degrees."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    label: Short = ""
    address: Short = ""


class Words(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a client writes, and what is to go wrong on the way.

    `channel` is that of `sender` where the latter names one. On WhatsApp an empty `sender` with `user_id` is a user without a phone.
    `copies` posts the same message several times at once; `delay` (seconds) posts it later, in the background; `lost` records it
    at the carrier and posts nothing; `forge` spoils the proof (``none`` does not) and leaves no record, since a forger is not the
    carrier; `old_token` signs with the token before rotation; `extra` adds parameters that Twilio may invent.
    """

    sender: Annotated[str, msgspec.Meta(max_length=200)] = msgspec.field(default="", name="from")
    text: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    to: str | None = None
    channel: Literal["sms", "whatsapp"] | None = None
    profile_name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    user_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$")] | None = None
    button: Button | None = None
    list: Choice | None = None
    place: Place | None = None
    reply_to: Sid | None = None
    forwarded: bool = False
    media: tuple[str | Attachment, ...] = ()
    copies: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    opt_out_type: Literal["STOP", "START", "HELP"] | None = None
    sid: Sid | None = None
    forge: Literal["none", "signature", "body", "token", "missing", "double"] = "none"
    old_token: bool = False
    lost: bool = False
    delay: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    extra: dict[str, str] = {}


async def speak(carrier: Carrier, words: Words) -> tuple[str, list[int | None]]:
    """Record a client's words and post them; returns the SID and the product's answers, one per attempt (none yet when delayed).

    Raises `WordsError` for words that nobody could write.
    """
    phone, sender = _speaker(carrier, words)
    message, files = await _compose(carrier, words, sender)
    if words.forge == "none":
        carrier.store.files.add(files)
        carrier.store.receive(message)  # what is posted are these words, also where the id was used before for others
    if words.lost:
        return message.sid, []
    forge = "old_token" if words.old_token else "" if words.forge == "none" else words.forge
    parameters = [*inbound_parameters(carrier, message, files, phone), *words.extra.items()]
    call = Call("inbound", message.sid, "received", carrier.config.webhook_url, parameters, forge)
    if words.delay:
        carrier.spawn(_post(carrier, call, words.copies, words.delay))
        return message.sid, []
    # Shielded: the client has written, whether or not whoever pressed the button still waits.
    return message.sid, await asyncio.shield(carrier.spawn(_post(carrier, call, words.copies, 0.0)))


def _speaker(carrier: Carrier, words: Words) -> tuple[Phone | None, str]:
    """On WhatsApp the device with what is new of it, kept; and the address that the words come from."""
    if (words.channel or channel_of(words.sender)) != "whatsapp":
        if not words.sender:
            raise WordsError("from: a text message comes from a number.")
        return None, words.sender
    name = bare(words.sender) or words.user_id or ""
    if not is_user(name):
        raise WordsError("from: a WhatsApp user is a number, or an id such as CO.1234567890 in user_id.")
    phones = carrier.store.phones
    phone = phones.get(phones.owner_of(on_whatsapp(name)))
    phone = replace(
        phone, profile_name=phone.profile_name if words.profile_name is None else words.profile_name, user_id=words.user_id or phone.user_id
    )
    if words.forge == "none":
        phones.keep(phone)
    hidden = phone.username_only and phone.user_id and name == phone.owner
    return phone, on_whatsapp(phone.user_id if hidden else name)


async def _compose(carrier: Carrier, words: Words, sender: str) -> tuple[Message, list[File]]:
    """The message with its media, as the carrier keeps it."""
    whatsapp = channel_of(sender) == "whatsapp"
    if whatsapp and len(words.media) > 1:
        raise WordsError("media: a WhatsApp message carries one; send the others by themselves.")
    ours = on_whatsapp(carrier.config.whatsapp_sender) if whatsapp else carrier.config.sender
    sid, now = words.sid or ("MM" if words.media else "SM") + uuid.uuid4().hex, carrier.clock.now()
    files = [await _file(carrier, sid, at, item, country_of(bare(sender))) for at, item in enumerate(words.media)]
    message = Message(
        sid=sid,
        direction="inbound",
        sender=sender,
        recipient=words.to or ours,
        body=_said(words, files) if whatsapp else words.text,
        status="received",
        num_segments=1 if whatsapp else count_parts(words.text).count,
        created_at=now,
        updated_at=now,
        sent_at=now,
        media=tuple(file.url for file in files),
        opt_out_type=words.opt_out_type,
        lost=words.lost,
        detail=_detail(words) if whatsapp else {},
    )
    return message, files


def _said(words: Words, files: list[File]) -> str:
    """The words that go with what was pressed or sent: those on the button, or a document's name."""
    pressed = words.button.text if words.button else words.list.title if words.list else ""
    named = next((file.name for file in files if file.content_type.startswith("application/")), "")
    return words.text or pressed or named


def _detail(words: Words) -> dict[str, Any]:
    parts = {"button": words.button, "list": words.list, "place": words.place, "reply_to": words.reply_to, "forwarded": words.forwarded}
    return {name: msgspec.to_builtins(part) for name, part in parts.items() if part}


async def _file(carrier: Carrier, message_sid: str, position: int, item: str | Attachment, country: str) -> File:
    item = Attachment(item) if isinstance(item, str) else item
    if item.url:
        return new_file(message_sid, position, item.content_type or "image/jpeg", name=item.name, url=item.url)
    content, name, kind = item.content, item.name, item.content_type or mimetypes.guess_type(item.name)[0] or "application/octet-stream"
    if item.sample:
        sample = SAMPLES[item.sample]
        content, name, kind = await asyncio.to_thread(sample.draw, country), item.name or sample.name, sample.content_type
    if not content:
        raise WordsError("media: give url, bytes (base64) or sample.")
    file = new_file(message_sid, position, kind, name=name, content=content)
    account = carrier.config.account_sid
    return replace(file, url=f"{carrier.config.own_url}/2010-04-01/Accounts/{account}/Messages/{message_sid}/Media/{file.sid}")


async def _post(carrier: Carrier, call: Call, copies: int, delay: float) -> list[int | None]:
    await asyncio.sleep(delay)
    token = str(uuid.uuid4())
    answers = await asyncio.gather(*(carrier.caller.call(call, token) for _ in range(copies)))
    return [code for codes in answers for code in codes]
