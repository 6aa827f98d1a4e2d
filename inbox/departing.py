"""Departing: which of our own numbers a message leaves from, so that clients know who writes and their answer comes back to where they asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from base.settings import MAGIC_SENDER, Settings

# Of a held message `h` and its template `t`, in this order: the number that the client last wrote to at this address (for free text: on WhatsApp
# no other number may answer them), the creditor's own, one that is for all creditors - first that of the settings -, or none: then the settings'.
SENDER: Final = (
    "(select s.address from sender s left join lateral (select x.detail ->> 'to' as number from message w join entry x on x.org_id = w.org_id"
    " and x.id = w.id where w.org_id = h.org_id and w.address_id = h.address_id and w.direction = 'in' and w.debtor_id = h.debtor_id"
    " and t.kind is distinct from 'template' order by w.id desc limit 1) told on true"
    " where s.org_id = h.org_id and s.channel = h.channel and s.active and s.address <> all(cast(:never as text[]))"
    " and (s.address = told.number or s.creditor_id is null or s.creditor_id = h.creditor_id)"
    " order by (s.address = told.number) is true desc, s.creditor_id is null, s.address = any(cast(:ours as text[])) desc, s.created_at, s.id limit 1)"
)


def numbers_of(settings: Settings) -> Mapping[str, Any]:
    """The variables of `SENDER`: the settings' numbers, and the carrier's number for tests, which a live installation must never write from."""
    return {
        "never": [] if settings.simulated else [MAGIC_SENDER],
        "ours": [one for one in (settings.twilio_sender, settings.twilio_whatsapp_sender) if one],
    }
