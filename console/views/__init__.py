"""What the pages are given: plain values, already projected on the server for one reader. No rows, no sessions, no secrets.

Whoever fills these has masked and translated before: a template shows what it gets. Times are aware UTC datetimes, `zone` is the reader's
IANA zone, money is `Decimal` with its ISO 4217 currency.
"""

from __future__ import annotations

from console.views.composer import ChannelChoice, ComposerView
from console.views.entries import EntryKind, EntryView
from console.views.pages import ConversationView, DeskView, ErrorView, Reader, SignInView
from console.views.panel import AddressView, DebtView, PanelView
from console.views.queue import COUNT_CAP, QUEUES, Chip, ConversationState, Direction, QueueName, QueueRow, QueueView

__all__ = [
    "COUNT_CAP",
    "QUEUES",
    "AddressView",
    "ChannelChoice",
    "Chip",
    "ComposerView",
    "ConversationState",
    "ConversationView",
    "DebtView",
    "DeskView",
    "Direction",
    "EntryKind",
    "EntryView",
    "ErrorView",
    "PanelView",
    "QueueName",
    "QueueRow",
    "QueueView",
    "Reader",
    "SignInView",
]
