"""What Twilio checks before it accepts a message: all 25 parameters of a create request, and its magic test numbers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from simulator.addresses import PHONE, bare, channel_of, is_user
from simulator.config import Config
from simulator.contents import Contents
from simulator.errors import TwilioError
from simulator.records import Content, Message
from simulator.segments import count_parts
from simulator.templates import fault_of, read_variables, render

PARAMETERS = (
    "To", "From", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid", "ContentVariables", "StatusCallback", "ApplicationSid",
    "ValidityPeriod", "SmartEncoded", "ScheduleType", "SendAt", "ShortenUrls", "SendAsMms", "RiskCheck", "ForceDelivery", "FallbackFrom",
    "PersistentAction", "ContentRetention", "AddressRetention", "TrafficType", "ProvideFeedback", "Attempt", "MaxPrice",
)  # fmt: skip
CHOICES = {
    "ScheduleType": ("fixed",),
    "RiskCheck": ("enable", "disable"),
    "ContentRetention": ("retain", "discard"),
    "AddressRetention": ("retain", "obfuscate"),
    "TrafficType": ("free",),
}
FLAGS = ("SmartEncoded", "ShortenUrls", "SendAsMms", "ForceDelivery", "ProvideFeedback")
APPLICATION = re.compile("(AP[0-9a-fA-F]{32})?")
# Twilio's test numbers, all in the reserved range +1500555xxxx, so that no number of a living person behaves oddly here.
RESERVED = "+1500555"
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
GOOD_FROM = "+15005550006"
MAGIC_TO = {"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614}

CHANNEL = re.compile(r"(messenger|rcs):.{1,128}")
SHORT_CODE = re.compile(r"\d{3,8}")
SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")
MEDIA_LIMITS = {"whatsapp": 1, "sms": 10}
BODY_LIMIT = 1600

Form = Mapping[str, list[str]]


def read_message(form: Form, config: Config, contents: Contents, now: float) -> Message:
    """A create request as the message it asks for; unknown parameters are ignored. Raises `TwilioError`."""
    to, sender, service = _one(form, "To"), _one(form, "From"), _one(form, "MessagingServiceSid")
    if sender.startswith("MG") and not service:
        sender, service = "", sender
    _check_parties(to, sender, service, config)
    content = _content(form, contents)
    body, media = _one(form, "Body"), tuple(url for url in form.get("MediaUrl", []) if url)
    values, detail = read_variables(_one(form, "ContentVariables")), dict[str, Any]()
    fault = fault_of(content, values, channel_of(to)) if content else None
    if content:
        body, media, detail = render(content, values, channel_of(to))
    _check_content(channel_of(to), body, media)
    _check_callback(form)
    _check_choices(form)
    _check_magic(bare(to), bare(sender))
    send_at = _send_at(form, service, now)
    return Message(
        sid=("MM" if media or "buttons" in detail or "list" in detail else "SM") + uuid.uuid4().hex,
        direction="outbound-api",
        sender=sender or (None if service else config.sender),
        recipient=to,
        body=body,
        status="scheduled" if send_at else "accepted" if service else "queued",
        num_segments=_segments(form, to, body, media),
        created_at=now,
        updated_at=now,
        media=media,
        messaging_service_sid=service or None,
        status_callback=_one(form, "StatusCallback") or None,
        validity_period=_validity(form),
        plan=({"held": send_at - now} if send_at else {}) | ({"error_code": fault} if fault else {}),
        detail=detail,
    )


def _one(form: Form, name: str) -> str:
    values = form.get(name) or [""]
    return values[-1]


def _segments(form: Form, to: str, body: str, media: tuple[str, ...]) -> int:
    if media or channel_of(to) != "sms":
        return 1
    return count_parts(body, smart=_one(form, "SmartEncoded").lower() == "true").count


def _content(form: Form, contents: Contents) -> Content | None:
    sid = _one(form, "ContentSid")
    if not sid:
        return None
    content = contents.find(sid)
    if content is None:
        raise TwilioError(21655, sid)
    return content


def _check_parties(to: str, sender: str, service: str, config: Config) -> None:
    if not to.strip():
        raise TwilioError(21604)
    if not sender.strip() and not service:
        raise TwilioError(21603)
    if service and not re.fullmatch(r"MG[0-9a-fA-F]{32}", service):
        raise TwilioError(21705, service)
    people = is_user(bare(to)) if channel_of(to) == "whatsapp" else any(kind.fullmatch(to) for kind in (PHONE, CHANNEL, SHORT_CODE))
    if not people:
        raise TwilioError(21211, to)
    if not sender:
        return
    ours = channel_of(sender) == "whatsapp" or any(kind.fullmatch(sender) for kind in (PHONE, CHANNEL, SHORT_CODE, SENDER_NAME))
    if not ours:
        raise TwilioError(21212, sender)
    if channel_of(to) != channel_of(sender):
        raise TwilioError(21910)
    if channel_of(sender) == "whatsapp" and bare(sender) != config.whatsapp_sender:
        raise TwilioError(63007, sender)


def _check_content(channel: str, body: str, media: tuple[str, ...]) -> None:
    if not body and not media:
        raise TwilioError(21602)
    if len(body) > BODY_LIMIT:
        raise TwilioError(21617)
    if len(media) > MEDIA_LIMITS.get(channel, 1):
        raise TwilioError(21623)
    if not all(_is_url(url) for url in media):
        raise TwilioError(21620)


def _check_callback(form: Form) -> None:
    url = _one(form, "StatusCallback")
    if url and not _is_url(url):
        raise TwilioError(21609, url)


def _check_choices(form: Form) -> None:
    for name, choices in CHOICES.items():
        if _one(form, name) and _one(form, name) not in choices:
            raise TwilioError(20001, name)
    for name in FLAGS:
        if _one(form, name).lower() not in ("", "true", "false"):
            raise TwilioError(20001, name)
    if not APPLICATION.fullmatch(_one(form, "ApplicationSid")):
        raise TwilioError(20001, "ApplicationSid")
    if not re.fullmatch(r"\d{0,9}", _one(form, "Attempt")) or not re.fullmatch(r"(\d{1,9}(\.\d{1,6})?)?", _one(form, "MaxPrice")):
        raise TwilioError(20001, "Attempt or MaxPrice")


def _check_magic(to: str, sender: str) -> None:
    if sender.startswith(RESERVED) and sender != GOOD_FROM:
        raise TwilioError(MAGIC_FROM.get(sender, 21606), sender)
    if to in MAGIC_TO:
        raise TwilioError(MAGIC_TO[to], to, sender)
    if to == sender:
        raise TwilioError(21266, to)


def _send_at(form: Form, service: str, now: float) -> float | None:
    if not _one(form, "ScheduleType"):
        return None
    if not service:
        raise TwilioError(35118)
    if not _one(form, "SendAt"):
        raise TwilioError(35111)
    try:
        moment = datetime.fromisoformat(_one(form, "SendAt"))
    except ValueError as error:
        raise TwilioError(35114) from error
    at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not 900 <= at - now <= 35 * 86_400:
        raise TwilioError(35114)
    return at


def _validity(form: Form) -> int:
    text = _one(form, "ValidityPeriod")
    if not text:
        return 36_000
    if not re.fullmatch(r"\d{1,5}", text) or not 1 <= int(text) <= 36_000:
        raise TwilioError(21624)
    return int(text)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text and (parts.port or 1) > 0
    except ValueError:
        return False
