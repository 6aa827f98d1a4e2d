"""The words of codes: what a state, channel, status, role or event is called on a screen, with its icon and tone. Never colour alone.

Labels are English msgids, marked by `N_` for extraction and translated when a page is rendered.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from base.words import N_


class Word(NamedTuple):
    """How one code is shown. `icon` is a symbol of the sprite, `tone` one of quiet, ok, warn, bad, info."""

    icon: str
    label: str
    tone: str = "quiet"


CHANNELS: Final = {
    "sms": Word("sms", N_("SMS")),
    "whatsapp": Word("whatsapp", N_("WhatsApp")),
    "email": Word("mail", N_("Email")),
    "voice": Word("phone", N_("Call")),
}

MESSAGE_STATES: Final = {
    "received": Word("check", N_("Received")),
    "queued": Word("clock", N_("Queued")),
    "sent": Word("check", N_("Sent")),
    "delivered": Word("check-check", N_("Delivered"), "ok"),
    "read": Word("check-check", N_("Read"), "ok"),
    "failed": Word("circle-x", N_("Failed"), "bad"),
    "unconfirmed": Word("circle-help", N_("Unconfirmed"), "warn"),
    "withheld": Word("shield-x", N_("Not sent: not allowed right now"), "warn"),
    "cancelled": Word("ban", N_("Cancelled")),
}

ADDRESS_STATUSES: Final = {
    "good": Word("check", N_("Works"), "ok"),
    "unproven": Word("circle-help", N_("Not proven yet")),
    "soft_bounce": Word("triangle-alert", N_("Failed lately"), "warn"),
    "hard_bounce": Word("circle-x", N_("Does not receive"), "bad"),
    "opted_out": Word("ban", N_("Asked for no messages"), "bad"),
    "wrong_party": Word("user-x", N_("Someone else's"), "bad"),
    "invalid": Word("circle-x", N_("Not valid"), "bad"),
}

ROLES: Final = {
    "agent": Word("user", N_("Agent")),
    "supervisor": Word("user", N_("Supervisor")),
    "reviewer": Word("user", N_("Compliance reviewer")),
    "admin": Word("user", N_("Administrator")),
}

LANGUAGE_NAMES: Final = {
    "es": Word("languages", N_("Spanish")),
    "pt": Word("languages", N_("Portuguese")),
    "en": Word("languages", N_("English")),
}

EVENTS: Final = {
    "claimed": N_("%(agent)s took the conversation"),
    "released": N_("%(agent)s released the conversation"),
    "closed": N_("%(agent)s closed the conversation"),
    "reopened": N_("%(agent)s reopened the conversation"),
    "reopened_by_client": N_("The client wrote again: the conversation is open"),
    "refused": N_("Sending blocked: %(reason)s"),
    "opted_out": N_("Asked for no more messages by %(channel)s"),
    "opted_in": N_("Allows messages by %(channel)s again"),
    "address_failed": N_("The %(channel)s address stopped receiving: %(reason)s"),
}
