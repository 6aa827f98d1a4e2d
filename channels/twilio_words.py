"""Where Twilio's words end: its statuses, error codes and addresses, each with what it means to us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from base.words import N_
from channels.contract import AddressEffect, CarrierError, Channel, Listed, OptWord, ReceiptState

OPT_WORDS = {"STOP": OptWord.STOP, "START": OptWord.START, "HELP": OptWord.HELP}

STATES: dict[str, ReceiptState | None] = {
    "accepted": None,
    "scheduled": None,
    "queued": None,
    "sending": None,
    "receiving": None,
    "received": None,
    "sent": ReceiptState.SENT,
    # Some of its parts arrived: proof that it left, no proof that it can be read.
    "partially_delivered": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "undelivered": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error code means. `pause` is in seconds: a refusal at the door with a pause may be asked again after it."""

    reason: str
    effect: AddressEffect = AddressEffect.NONE
    again: bool = False
    pause: float = 0.0


OUR_KEYS = Meaning(N_("The carrier did not accept our account's keys. An administrator must check them."))
NOT_FOUND = Meaning(N_("The carrier does not know what we asked for. An administrator must check the account."))
OUR_SENDER = Meaning(N_("The carrier does not let us send from this number. An administrator must check it."))
OUR_ROUTE = Meaning(N_("Our carrier account may not send to this country or route. An administrator must allow it."))
NO_NUMBER = Meaning(N_("This is not a number that can receive messages."), AddressEffect.INVALID)
NO_MOBILE = Meaning(N_("This number cannot receive SMS. Try another channel."), AddressEffect.INVALID)
OPTED_OUT = Meaning(N_("The client asked the carrier for no more messages from us."), AddressEffect.OPTED_OUT)
BLOCKED = Meaning(N_("The carrier blocked the message to this number. Try another channel."), AddressEffect.HARD_BOUNCE)
UNKNOWN_NUMBER = Meaning(N_("This number does not exist or is no longer in use."), AddressEffect.HARD_BOUNCE)
UNREACHABLE_LINE = Meaning(N_("This number's operator cannot deliver SMS to it. Try another channel."), AddressEffect.HARD_BOUNCE)
HANDSET_OFF = Meaning(N_("The phone is switched off or out of reach for now."), AddressEffect.SOFT_BOUNCE, again=True)
FILTERED = Meaning(N_("The operator filtered the message. Its wording must be reviewed."))
UNEXPLAINED = Meaning(N_("The operator did not deliver it and does not say why."), AddressEffect.SOFT_BOUNCE, again=True)
NO_REASON = Meaning(N_("The carrier did not deliver it, for a reason that we do not know."))
EXPIRED = Meaning(N_("It could not be delivered in the time in which it may be. It was not sent."))
TOO_LONG = Meaning(N_("The message is too long for the carrier."))
NO_TEXT = Meaning(N_("The carrier does not take a message without text."))
SUSPENDED = Meaning(N_("Our carrier account is not active. An administrator must look at it."))
UNREGISTERED = Meaning(N_("Our number is not registered with the operators. An administrator must register it."))
THROTTLED = Meaning(N_("The carrier asks us to slow down."), again=True, pause=1.0)
QUEUE_FULL = Meaning(N_("Our number has too many messages waiting at the carrier."), again=True, pause=60.0)
CHANNEL_LIMIT = Meaning(N_("The carrier's limit for this channel is reached for now."), again=True, pause=60.0)
DAILY_LIMIT = Meaning(N_("The carrier's daily limit is reached."), again=True, pause=3600.0)
NEEDS_TEMPLATE = Meaning(N_("More than 24 hours have passed since the client last wrote here: only an approved template may be sent."))
NO_ACCOUNT_THERE = Meaning(N_("This client has no account on this channel."), AddressEffect.INVALID)
CONTENT_REJECTED = Meaning(N_("The channel rejected the content of the message. Its wording must be reviewed."))
EXPERIMENT = Meaning(N_("The channel withholds such messages from this client for now."))
# The channel's own care for its users: asking again at once makes it worse.
NOT_NOW = Meaning(N_("The channel did not deliver it, so that this client does not get too many messages. Wait a day before trying again."))
CHANNEL_DOWN = Meaning(N_("The channel had trouble and did not deliver the message."), again=True)
CHANNEL_POLICY = Meaning(N_("The message breaks a rule of the channel. Its wording must be reviewed."))
CHANNEL_ACCOUNT = Meaning(N_("Our account on this channel is blocked or not paid. An administrator must look at it."))
FILE_UNREADABLE = Meaning(N_("The channel could not load the attachment."), again=True)
FILE_REFUSED = Meaning(N_("The channel does not take an attachment of this kind or size."))
TEMPLATE_UNKNOWN = Meaning(N_("The channel does not know this template in this language. It must be registered."))
TEMPLATE_PLACES = Meaning(N_("The values do not fit the template's places. Fill in each of them."))
TEMPLATE_STOPPED = Meaning(N_("The channel has rejected, paused or disabled this template. Choose another."))
CANCELED = Meaning(N_("The carrier cancelled the message before it left."))

ERRORS: dict[str, Meaning] = {
    "20003": OUR_KEYS,
    "20005": SUSPENDED,
    "20404": NOT_FOUND,
    "20429": THROTTLED,
    "21211": NO_NUMBER,
    "21212": OUR_SENDER,
    "21217": NO_NUMBER,
    "21408": OUR_ROUTE,
    "21602": NO_TEXT,
    "21606": OUR_SENDER,
    "21610": OPTED_OUT,
    "21611": QUEUE_FULL,
    "21612": OUR_ROUTE,
    "21614": NO_MOBILE,
    "21617": TOO_LONG,
    "21635": NO_MOBILE,
    "30001": QUEUE_FULL,
    "30002": SUSPENDED,
    "30003": HANDSET_OFF,
    "30004": BLOCKED,
    "30005": UNKNOWN_NUMBER,
    "30006": UNREACHABLE_LINE,
    "30007": FILTERED,
    "30008": UNEXPLAINED,
    "30034": UNREGISTERED,
    "30036": EXPIRED,
    "21620": FILE_REFUSED,
    "21623": FILE_REFUSED,
    "21655": TEMPLATE_UNKNOWN,
    "21656": TEMPLATE_PLACES,
    "63001": CHANNEL_ACCOUNT,
    "63003": NO_ACCOUNT_THERE,
    "63005": CONTENT_REJECTED,
    "63007": OUR_SENDER,
    "63010": CHANNEL_DOWN,
    "63012": CHANNEL_DOWN,
    "63013": CHANNEL_POLICY,
    "63016": NEEDS_TEMPLATE,
    "63017": CHANNEL_LIMIT,
    "63018": CHANNEL_LIMIT,
    "63019": FILE_UNREADABLE,
    "63020": CHANNEL_ACCOUNT,
    "63021": CONTENT_REJECTED,
    "63022": OUR_SENDER,
    "63023": CHANNEL_DOWN,
    "63024": NO_ACCOUNT_THERE,
    "63027": TEMPLATE_UNKNOWN,
    "63028": TEMPLATE_PLACES,
    "63029": CHANNEL_DOWN,
    "63030": CONTENT_REJECTED,
    "63031": NO_NUMBER,
    "63032": EXPERIMENT,
    "63038": DAILY_LIMIT,
    "63040": TEMPLATE_STOPPED,
    "63041": TEMPLATE_STOPPED,
    "63042": TEMPLATE_STOPPED,
    "63049": NOT_NOW,
    "63051": CHANNEL_ACCOUNT,
}


def error_of(code: str) -> CarrierError:
    """What one of the carrier's error codes means; an unknown one keeps its code."""
    meaning = ERRORS.get(code, NO_REASON)
    return CarrierError(code, meaning.reason, meaning.effect, meaning.again)


def pause_of(code: str) -> float:
    """Seconds after which a refusal with this code may be asked again; 0 where it never may."""
    return ERRORS[code].pause if code in ERRORS else 0.0


def state_of(word: str) -> ReceiptState | None:
    """What a status word says; None for words that change nothing and for words that are new."""
    return STATES.get(word)


def outcome_of(word: str, code: str) -> tuple[ReceiptState | None, CarrierError | None]:
    """State and error that a status word and an error code (or nothing) say together. An arrived message has no error."""
    state = state_of(word)
    if state is not ReceiptState.FAILED:
        return state, None
    if code not in ("", "0"):
        return state, error_of(code)
    return state, CarrierError(word, CANCELED.reason) if word == "canceled" else None


def address_of(value: str) -> tuple[Channel, str]:
    """Channel and external id of what the carrier puts in From and To.

    Raises `ValueError` for a channel that we do not speak. Letters, digits and short codes are all good ids.
    """
    prefix, colon, rest = value.rpartition(":")
    if not colon:
        return Channel.SMS, value
    if prefix == "whatsapp":
        return Channel.WHATSAPP, rest
    raise ValueError(f"unknown channel {prefix!r}")


def time_of(text: object) -> datetime | None:
    """An RFC 2822 date as UTC, or None where there is none that can be read."""
    try:
        moment = parsedate_to_datetime(text) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_message_id(value: object) -> bool:
    """Whether this can be the carrier's name for a message; longer or stranger ones are noise."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9]{1,64}", value) is not None


def listed_of(row: Mapping[str, object]) -> Listed | None:
    """One row of the carrier's message list; None for rows of channels that we do not speak, or without an id."""
    sid = row.get("sid")
    try:
        channel, sender = address_of(_text(row.get("from")))
        _, recipient = address_of(_text(row.get("to")))
    except ValueError:
        return None
    if not isinstance(sid, str) or not is_message_id(sid):
        return None
    word = _text(row.get("status"))
    state, error = outcome_of(word, _text(row.get("error_code")))
    return Listed(
        external_id=sid,
        inbound=row.get("direction") == "inbound",
        channel=channel,
        sender=sender,
        recipient=recipient,
        text=_text(row.get("body")),
        created_at=time_of(row.get("date_created")) or time_of(row.get("date_sent")),
        carrier_word=word,
        state=state,
        error=error,
        media_count=count_of(row.get("num_media")),
    )


def count_of(value: object) -> int:
    """A number that the carrier writes as text; 0 where it is none."""
    text = _text(value)
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _text(value: object) -> str:
    """Text without what PostgreSQL cannot store; numbers as the carrier would write them."""
    if value is None:
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "")
