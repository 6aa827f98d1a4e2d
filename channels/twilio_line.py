"""What SMS and WhatsApp through Twilio share: one account, one way to prove and read webhooks, one list of messages."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from base.errors import SettingsError
from base.settings import Settings
from base.words import N_
from channels.contract import (
    Accepted,
    CarrierError,
    Fetched,
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
from channels.signature import check_signature
from channels.twilio_forms import TwilioForm
from channels.twilio_words import OPT_WORDS, listed_of, outcome_of

if TYPE_CHECKING:
    from channels.twilio import TwilioMessages
    from channels.twilio_http import Form

log = logging.getLogger(__name__)

MAX_VALIDITY = 36000
TOO_MANY_FILES = CarrierError("media-count", N_("So many attachments cannot be sent in one message. Send them in several."))
FILES_WITH_TEMPLATE = CarrierError("media-template", N_("A template cannot be sent with attachments. Send them in a message of their own."))
NOTHING_TO_SAY = CarrierError("empty", N_("The message has neither text nor an attachment."))
NOT_ENCODABLE = CarrierError("encoding", N_("The message has a character that cannot be sent."))


def check_account(settings: Settings) -> None:
    """Raise `SettingsError` without keys (an empty key would let anybody sign) or with an address that cannot be called."""
    for name, value in (("TWILIO_ACCOUNT_SID", settings.twilio_account_sid), ("TWILIO_AUTH_TOKEN", settings.twilio_auth_token)):
        if not value:
            raise SettingsError(f"{name} is not set. Set it to the one of your carrier account, or use `make run`, which makes its own.")
    check_url("TWILIO_API_URL", settings.twilio_api_url)


def check_url(name: str, url: str) -> None:
    """Raise `SettingsError` for an address that cannot be called."""
    target = urlsplit(url)
    if target.scheme not in ("http", "https") or not target.hostname:
        raise SettingsError(f"{name} is {url!r}. Set it to an address that starts with https://.")


class TwilioLine:
    """All of the contract's `Adapter` but `send`, which each channel does in its own way."""

    name = "twilio"

    def __init__(self, settings: Settings, sender: str, timeouts: Timeouts | None = None) -> None:
        self.account = settings.twilio_account_sid
        self._settings = settings
        self._tokens = (settings.twilio_auth_token, settings.twilio_auth_token_old)
        self._sender = sender
        self._timeouts = timeouts or Timeouts()
        self._opened: TwilioMessages | None = None

    def verify(self, request: WebhookRequest) -> None:
        """Raise `Forged` unless the carrier signed exactly this request, with our token or the one before it."""
        check_signature(request, self._settings.public_url, self._tokens)

    def parse(self, request: WebhookRequest) -> list[Inbound]:
        """The client's word in a verified request, of either channel. Raises `Unparseable` with a sentence that says what is wrong."""
        form = TwilioForm(request, self.account)
        channel, sender = form.address("From")
        _, recipient = form.address("To")
        inbound = Inbound(
            adapter=self.name,
            account=self.account,
            external_id=form.message_id(),
            channel=channel,
            sender=sender,
            recipient=recipient,
            text=form.text("Body"),
            media=form.media(),
            opt_word=OPT_WORDS.get(form.text("OptOutType").upper()),
            profile_name=form.text("ProfileName") or None,
            replies_to=form.replies_to(),
            press=form.press(),
            place=form.place(),
            also_known_as=form.also_known_as(channel, sender),
            forwarded=form.forwarded(),
            # The last two: what came before decides what is left, and what had to be repaired.
            fields=form.rest(),
            notes=tuple(form.notes),
        )
        return [inbound]

    def parse_receipt(self, request: WebhookRequest) -> list[Receipt]:
        """The carrier's word on one of our messages in a verified request. Raises `Unparseable`."""
        form = TwilioForm(request, self.account)
        word = (form.text("MessageStatus") or form.text("SmsStatus")).lower()
        if not word:
            raise Unparseable("The receipt has no MessageStatus.")
        state, error = outcome_of(word, form.text("ErrorCode").strip())
        return [Receipt(self.name, self.account, form.message_id(), word, state, error)]

    async def listing(self, since: datetime) -> AsyncIterator[Listed]:
        """The carrier's own list in both directions, newest first, back to `since` (UTC). Raises `TryAgain` or `Refused`."""
        async for page in self._messages.pages():
            rows = [row for row in map(listed_of, page) if row is not None]
            if len(rows) < len(page):
                log.warning("%d rows of the carrier's list are of no channel that we speak", len(page) - len(rows))
            wanted = [row for row in rows if row.created_at is None or row.created_at >= since]
            for row in wanted:
                yield row
            if rows and not wanted:
                return

    async def media_of(self, external_id: str) -> tuple[Media, ...]:
        """The attachments of a message as the carrier lists them, at the addresses that a webhook would have named."""
        base = self._settings.twilio_api_url.rstrip("/")
        rows = await self._messages.media(external_id)
        uris = [(str(row.get("uri", "")).removesuffix(".json"), str(row.get("content_type", ""))) for row in rows]
        return tuple(Media(base + uri, kind) for uri, kind in uris if uri.startswith("/"))

    async def fetch(self, url: str, most_bytes: int) -> Fetched:
        """The bytes of an attachment that this carrier announced. Raises `TryAgain`, or `Refused` where it is gone, too large or not the carrier's."""
        from channels.twilio_media import TwilioMedia

        settings = self._settings
        media = TwilioMedia(self.account, self._tokens[0], settings.twilio_api_url, self._timeouts, live=not settings.simulated)
        return await media.fetch(url, most_bytes)

    async def close(self) -> None:
        """Let go of connections."""
        if self._opened is not None:
            await self._opened.close()

    async def _hand_over(self, outbound: Outbound, prefix: str, most_files: int) -> Accepted:
        """One message as the carrier's form. Raises `Refused` before any call where it can be seen that it would be refused."""
        if len(outbound.media_urls) > most_files:
            raise Refused(TOO_MANY_FILES)
        form: list[tuple[str, str]] = [
            ("To", prefix + outbound.recipient),
            ("From", prefix + (outbound.sender or self._sender)),
            *_content(outbound),
            ("StatusCallback", outbound.receipt_url),
            # How long it may wait at the carrier: a message that is late may be one that the law no longer allows.
            ("ValidityPeriod", str(min(max(outbound.valid_for, 1), MAX_VALIDITY))),
        ]
        if not _encodable(form):
            raise Refused(NOT_ENCODABLE)
        return await self._messages.create(form)

    @property
    def _messages(self) -> TwilioMessages:
        """The carrier's API, imported at the first call: web processes verify and parse, they never call, and start sooner."""
        if self._opened is None:
            from channels.twilio import TwilioMessages
            from channels.twilio_http import TwilioWire

            self._opened = TwilioMessages(TwilioWire(self.account, self._tokens[0], self._settings.twilio_api_url, self._timeouts))
        return self._opened


def _content(outbound: Outbound) -> list[tuple[str, str]]:
    """What a message says: a template by the carrier's id of it, or text and files."""
    if outbound.template is not None:
        if outbound.media_urls:
            raise Refused(FILES_WITH_TEMPLATE)
        return [("ContentSid", outbound.template.content_id), ("ContentVariables", json.dumps(dict(outbound.template.values)))]
    files = [("MediaUrl", url) for url in outbound.media_urls]
    if not outbound.text and not files:
        raise Refused(NOTHING_TO_SAY)
    return [*([("Body", outbound.text)] if outbound.text else []), *files]


def _encodable(form: Form) -> bool:
    try:
        "".join(value for _, value in form).encode()
    except UnicodeEncodeError:
        return False
    return True
