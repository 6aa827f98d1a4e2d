"""SMS through Twilio: what comes in is proven and read, what goes out is handed over once."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from base.errors import SettingsError
from base.settings import Settings
from channels.contract import (
    Accepted,
    CarrierError,
    Channel,
    Inbound,
    Listed,
    Media,
    Outbound,
    Receipt,
    Refused,
    Timeouts,
    Unparseable,
    WebhookRequest,
)
from channels.forms import read_form
from channels.signature import check_signature
from channels.twilio_words import OPT_WORDS, address_of, count_of, is_message_id, listed_of, outcome_of

if TYPE_CHECKING:
    from channels.twilio import TwilioApi

log = logging.getLogger(__name__)

MAX_VALIDITY = 36000
MAX_ADDRESS = 254
MEDIA_URL = re.compile(r"MediaUrl(0|[1-9]\d{0,2})")
HELD = {"MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "From", "To", "Body", "NumMedia", "ProfileName"}
NUL_REMOVED = "NUL characters were removed."
BAD_ENCODING = "Characters that are not UTF-8 were replaced."
MEDIA_MISSING = "The carrier announced another number of attachments than it named."


def create_sms_adapter(settings: Settings, timeouts: Timeouts | None = None) -> SmsAdapter:
    """The SMS adapter of one carrier account. Raises `SettingsError` without keys: an empty key would let anybody sign."""
    for name, value in (("TWILIO_ACCOUNT_SID", settings.twilio_account_sid), ("TWILIO_AUTH_TOKEN", settings.twilio_auth_token)):
        if not value:
            raise SettingsError(f"{name} is not set. Set it to the one of your carrier account, or use `make run`, which makes its own.")
    target = urlsplit(settings.twilio_api_url)
    if target.scheme not in ("http", "https") or not target.hostname:
        raise SettingsError(f"TWILIO_API_URL is {settings.twilio_api_url!r}. Set it to an address that starts with https://.")
    return SmsAdapter(settings, timeouts)


class SmsAdapter:
    """The contract's `Adapter` for SMS through Twilio."""

    name = "twilio"

    def __init__(self, settings: Settings, timeouts: Timeouts | None = None) -> None:
        self.account = settings.twilio_account_sid
        self._public_url = settings.public_url
        self._tokens = (settings.twilio_auth_token, settings.twilio_auth_token_old)
        self._sender = settings.twilio_sender
        self._api_url = settings.twilio_api_url
        self._timeouts = timeouts or Timeouts()
        self._opened: TwilioApi | None = None

    def verify(self, request: WebhookRequest) -> None:
        """Raise `Forged` unless the carrier signed exactly this request, with our token or the one before it."""
        check_signature(request, self._public_url, self._tokens)

    def parse(self, request: WebhookRequest) -> list[Inbound]:
        """The client's word in a verified request. Raises `Unparseable` with a sentence that says what is wrong."""
        form = _Form(request, self.account)
        channel, sender = form.address("From")
        _, recipient = form.address("To")
        media, opt_word = form.media(), OPT_WORDS.get(form.text("OptOutType").upper())
        inbound = Inbound(
            adapter=self.name,
            account=self.account,
            external_id=form.message_id(),
            channel=channel,
            sender=sender,
            recipient=recipient,
            text=form.text("Body"),
            media=media,
            opt_word=opt_word,
            profile_name=form.text("ProfileName") or None,
            fields=form.rest(),
            notes=tuple(form.notes),
        )
        return [inbound]

    def parse_receipt(self, request: WebhookRequest) -> list[Receipt]:
        """The carrier's word on one of our messages in a verified request. Raises `Unparseable`."""
        form = _Form(request, self.account)
        word = (form.text("MessageStatus") or form.text("SmsStatus")).lower()
        if not word:
            raise Unparseable("The receipt has no MessageStatus.")
        state, error = outcome_of(word, form.text("ErrorCode").strip())
        return [Receipt(self.name, self.account, form.message_id(), word, state, error)]

    async def send(self, outbound: Outbound) -> Accepted:
        """Hand one message to the carrier, once. Raises `TryAgain`, `Refused` or `Unconfirmed`."""
        if outbound.channel is not Channel.SMS:
            raise Refused(CarrierError("channel", "This line sends SMS only."))
        form = {
            "To": outbound.recipient,
            "From": self._sender,
            "Body": outbound.text,
            "StatusCallback": outbound.receipt_url,
            "ValidityPeriod": str(min(max(outbound.valid_for, 1), MAX_VALIDITY)),
        }
        if not _encodable(form):
            raise Refused(CarrierError("encoding", "The message has a character that cannot be sent."))
        return await self._api.create_message(form)

    async def listing(self, since: datetime) -> AsyncIterator[Listed]:
        """The carrier's own list in both directions, newest first, back to `since` (UTC). Raises `TryAgain` or `Refused`."""
        async for page in self._api.pages():
            rows = [row for row in map(listed_of, page) if row is not None]
            if len(rows) < len(page):
                log.warning("%d rows of the carrier's list are of no channel that we speak", len(page) - len(rows))
            wanted = [row for row in rows if row.created_at is None or row.created_at >= since]
            for row in wanted:
                yield row
            if rows and not wanted:
                return

    async def close(self) -> None:
        """Let go of connections."""
        if self._opened is not None:
            await self._opened.close()

    @property
    def _api(self) -> TwilioApi:
        """The carrier's API, imported at the first call: web processes verify and parse, they never call, and start sooner."""
        if self._opened is None:
            from channels.twilio import TwilioApi

            self._opened = TwilioApi(self.account, self._tokens[0], self._api_url, self._timeouts)
        return self._opened


class _Form:
    """The fields of one webhook as text that can be stored; `notes` collects what had to be repaired."""

    def __init__(self, request: WebhookRequest, account: str) -> None:
        self.notes: list[str] = []
        self._held = set(HELD)
        self._values: dict[str, list[str]] = {}
        for name, value in read_form(request.body):
            self._values.setdefault(self._decoded(name), []).append(self._decoded(value))
        if not self._values:
            raise Unparseable("The request has no fields.")
        if self.needed("AccountSid") != account:
            raise Unparseable("AccountSid is not our carrier account.")

    def text(self, name: str) -> str:
        """One field, or nothing. Raises `Unparseable` when it comes with several values: none of them is to be trusted."""
        values = list(dict.fromkeys(self._values.get(name, [])))
        if len(values) > 1:
            raise Unparseable(f"{name} has {len(values)} different values.")
        return values[0] if values else ""

    def needed(self, name: str) -> str:
        """One field that every such webhook has."""
        value = self.text(name)
        if not value:
            raise Unparseable(f"The request has no {name}.")
        return value

    def message_id(self) -> str:
        """The carrier's name for the message."""
        value = self.needed("MessageSid")
        if not is_message_id(value):
            raise Unparseable("MessageSid is not a message id.")
        return value

    def address(self, name: str) -> tuple[Channel, str]:
        """Channel and external id in From or To."""
        value = self.needed(name)
        try:
            channel, external = address_of(value)
        except ValueError as error:
            raise Unparseable(f"{name} is of an {error}.") from error
        if not external.strip() or len(external) > MAX_ADDRESS:
            raise Unparseable(f"{name} is empty or longer than {MAX_ADDRESS} characters.")
        return channel, external

    def media(self) -> tuple[Media, ...]:
        """The attachments that were named, by their number; a wrong total is noted and loses nothing."""
        numbers = sorted(int(found[1]) for name in self._values if (found := MEDIA_URL.fullmatch(name)))
        self._held |= {f"{field}{number}" for number in numbers for field in ("MediaUrl", "MediaContentType")}
        media = tuple(Media(self.text(f"MediaUrl{number}"), self.text(f"MediaContentType{number}")) for number in numbers)
        if len(media) != count_of(self.text("NumMedia")):
            self.notes.append(MEDIA_MISSING)
        return media

    def rest(self) -> dict[str, str]:
        """The fields that no attribute holds; several values of one are kept as lines."""
        return {name: "\n".join(values) for name, values in self._values.items() if name not in self._held}

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode(errors="replace")
            self._note(BAD_ENCODING)
        if "\0" in text:
            text = text.replace("\0", "")
            self._note(NUL_REMOVED)
        return text

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _encodable(form: dict[str, str]) -> bool:
    try:
        "".join(form.values()).encode()
    except UnicodeEncodeError:
        return False
    return True
