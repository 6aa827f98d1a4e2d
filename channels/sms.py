"""SMS through Twilio: what comes in is proven and read, what goes out is handed over once."""

from __future__ import annotations

from base.settings import Settings
from base.words import N_
from channels.contract import Accepted, CarrierError, Channel, Outbound, Refused, Timeouts
from channels.twilio_line import TwilioLine, check_account

MOST_FILES = 10
WRONG_CHANNEL = CarrierError("channel", N_("This line sends SMS only."))


def create_sms_adapter(settings: Settings, timeouts: Timeouts | None = None) -> SmsAdapter:
    """The SMS adapter of one carrier account. Raises `SettingsError` without its keys."""
    check_account(settings)
    return SmsAdapter(settings, settings.twilio_sender, timeouts)


class SmsAdapter(TwilioLine):
    """The contract's `Adapter` for SMS through Twilio; with attachments it becomes MMS."""

    async def send(self, outbound: Outbound) -> Accepted:
        """Hand one message to the carrier, once. Raises `TryAgain`, `Refused` or `Unconfirmed`."""
        if outbound.channel is not Channel.SMS:
            raise Refused(WRONG_CHANNEL)
        return await self._hand_over(outbound, "", MOST_FILES)
