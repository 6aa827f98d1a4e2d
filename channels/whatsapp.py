"""WhatsApp through Twilio: the same account and the same webhooks as SMS, and templates that are registered before they are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from base.errors import SettingsError
from base.settings import Settings
from base.words import N_
from channels.contract import Accepted, CarrierError, Channel, Outbound, Refused, Timeouts
from channels.templates import Registered, Registration
from channels.twilio_line import TwilioLine, check_account, check_url

if TYPE_CHECKING:
    from channels.twilio_content import TwilioContent

MOST_FILES = 1
PREFIX = "whatsapp:"
WRONG_CHANNEL = CarrierError("channel", N_("This line sends WhatsApp only."))


def create_whatsapp_adapter(settings: Settings, timeouts: Timeouts | None = None) -> WhatsAppAdapter:
    """The WhatsApp adapter of one carrier account. Raises `SettingsError` without its keys or a sender."""
    check_account(settings)
    check_url("TWILIO_CONTENT_URL", settings.twilio_content_url)
    if not settings.twilio_whatsapp_sender:
        raise SettingsError("TWILIO_WHATSAPP_SENDER is not set. Set it to the number that clients see, e.g. +573001234567.")
    return WhatsAppAdapter(settings, settings.twilio_whatsapp_sender, timeouts)


class WhatsAppAdapter(TwilioLine):
    """The contract's `Adapter` and `TemplateBook` for WhatsApp through Twilio. A recipient is a phone or a business-scoped id."""

    _book: TwilioContent | None = None

    async def send(self, outbound: Outbound) -> Accepted:
        """Hand one message to the carrier, once. Raises `TryAgain`, `Refused` or `Unconfirmed`."""
        if outbound.channel is not Channel.WHATSAPP:
            raise Refused(WRONG_CHANNEL)
        return await self._hand_over(outbound, PREFIX, MOST_FILES)

    async def register(self, registration: Registration) -> str:
        """Have a template made, and reviewed where that is asked; returns the carrier's id of it. Raises `TryAgain`, `Refused` or `Unconfirmed`."""
        return await self._content.register(registration)

    async def registered(self) -> AsyncIterator[Registered]:
        """Every template of the account with its approval. Raises `TryAgain` or `Refused`."""
        async for one in self._content.registered():
            yield one

    async def close(self) -> None:
        """Let go of connections."""
        await super().close()
        if self._book is not None:
            await self._book.close()

    @property
    def _content(self) -> TwilioContent:
        if self._book is None:
            from channels.twilio_content import TwilioContent
            from channels.twilio_http import TwilioWire

            wire = TwilioWire(self.account, self._tokens[0], self._settings.twilio_content_url, self._timeouts)
            self._book = TwilioContent(wire)
        return self._book
