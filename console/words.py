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

APPROVALS: Final = {
    "unsubmitted": Word("clock", N_("Not submitted yet")),
    "received": Word("clock", N_("In review"), "info"),
    "pending": Word("clock", N_("In review"), "info"),
    "approved": Word("check", N_("Approved"), "ok"),
    "rejected": Word("circle-x", N_("Rejected"), "bad"),
    "paused": Word("triangle-alert", N_("Paused by the carrier"), "warn"),
    "disabled": Word("ban", N_("Disabled by the carrier"), "bad"),
    "unneeded": Word("clock", N_("Without approval: only within the 24-hour window")),
    "preparing": Word("clock", N_("The carrier is preparing it"), "info"),
}

CATEGORIES: Final = {
    "UTILITY": Word("info", N_("Service")),
    "MARKETING": Word("info", N_("Marketing")),
    "AUTHENTICATION": Word("lock", N_("Security code")),
}

PLACES: Final = {
    "client_name": N_("Client's name"),
    "first_name": N_("First name"),
    "creditor": N_("Creditor"),
    "total_due": N_("Balance"),
    "minimum_due": N_("Minimum payment"),
    "due_on": N_("Due date"),
    "days_past_due": N_("Days late"),
    "payment_reference": N_("Payment reference"),
    "product_last4": N_("Last digits of the account"),
    "agent_name": N_("Agent's name"),
    "organisation": N_("Our name"),
}

PROMISE_STATES: Final = {
    "pending": Word("clock", N_("Pending"), "info"),
    "overdue": Word("triangle-alert", N_("Overdue"), "warn"),
    "kept": Word("check", N_("Kept"), "ok"),
    "broken": Word("circle-x", N_("Not kept"), "bad"),
    "cancelled": Word("ban", N_("Withdrawn")),
    "taken_back": Word("undo", N_("Undone, does not count")),
}

LEGAL_STATES: Final = {
    "disputed": Word("triangle-alert", N_("In dispute"), "warn"),
    "represented": Word("user", N_("Has a representative"), "warn"),
    "legal_hold": Word("lock", N_("Held for a legal matter"), "bad"),
    "litigation": Word("lock", N_("Before a court"), "bad"),
    "insolvency": Word("lock", N_("In insolvency"), "bad"),
}

CALL_OUTCOMES: Final = {
    "answered": Word("check", N_("Answered"), "ok"),
    "no_answer": Word("clock", N_("Nobody answered")),
    "busy": Word("ban", N_("Busy")),
    "voicemail": Word("sticky-note", N_("Voicemail")),
    "failed": Word("circle-x", N_("No connection was made"), "bad"),
    "cancelled": Word("ban", N_("Hung up before an answer")),
}

PAYMENT_STATES: Final = {
    "declared": Word("clock", N_("Declared by the client"), "info"),
    "confirmed": Word("check", N_("Confirmed"), "ok"),
    "rejected": Word("circle-x", N_("Not found"), "bad"),
    "taken_back": Word("undo", N_("Undone, not counted")),
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

# What came of a conversation (`inbox.closing.DISPOSITIONS`).
DISPOSITIONS: Final = {
    "promise_made": Word("check", N_("Promised to pay"), "ok"),
    "paid": Word("check-check", N_("Has paid"), "ok"),
    "will_call_back": Word("phone", N_("Will contact us again")),
    "information_given": Word("info", N_("Got the information")),
    "no_answer": Word("clock", N_("Does not answer")),
    "wrong_person": Word("user-x", N_("Wrong person"), "warn"),
    "dispute": Word("triangle-alert", N_("Does not agree"), "warn"),
    "hardship": Word("circle-help", N_("Cannot pay now"), "warn"),
    "other": Word("sticky-note", N_("Something else")),
}

NOTICES: Final = {
    "mention": Word("at-sign", N_("%(by)s mentioned you")),
    "assigned": Word("user", N_("%(by)s gave you a client")),
    "taken": Word("user", N_("%(by)s took over a client of yours")),
    "woke": Word("clock", N_("Back from its snooze")),
    "failed": Word("circle-x", N_("Your message did not arrive"), "bad"),
    "unconfirmed": Word("circle-help", N_("Nobody knows whether your message arrived"), "warn"),
}

# What an act did, as its toast says it and as the event of its undoing names it.
ACTS: Final = {
    "claimed": N_("Taken"),
    "released": N_("Released"),
    "transferred": N_("Transferred"),
    "transferred_to_team": N_("Transferred to the team"),
    "closed": N_("Closed"),
    "disposed": N_("Outcome noted"),
    "reopened": N_("Reopened"),
    "snoozed": N_("Snoozed"),
    "unsnoozed": N_("Snooze ended"),
    "marked_unread": N_("Marked as unread"),
    "mentions_done": N_("Mentions are done"),
    "wrong_person": N_("Wrong person"),
    "asked_no_more": N_("Noted: no more messages"),
    "not_asked": N_("Noted: they did not ask for it"),
    "promise_noted": N_("Promise noted"),
    "payment_noted": N_("Payment noted"),
    "undone": N_("Undone"),
}

EVENTS: Final = {
    "claimed": N_("%(agent)s took the conversation"),
    "released": N_("%(agent)s released the conversation"),
    "transferred": N_("%(agent)s gave the conversation to %(to)s"),
    "transferred_to_team": N_("%(agent)s gave the conversation to the team %(team)s"),
    "closed": N_("%(agent)s closed the conversation. %(disposition)s"),
    "disposed": N_("%(agent)s noted how it ended: %(disposition)s"),
    "snoozed": N_("%(agent)s snoozed the conversation until %(until)s"),
    "unsnoozed": N_("%(agent)s ended the snooze"),
    "woke": N_("The snooze is over"),
    "marked_unread": N_("%(agent)s marked it as unread"),
    "mentions_done": N_("%(agent)s has seen to the mention"),
    "undone": N_("%(agent)s took back: %(what)s"),
    "reopened": N_("%(agent)s reopened the conversation"),
    "reopened_by_client": N_("The client wrote again: the conversation is open"),
    "refused": N_("Sending blocked: %(reason)s"),
    "opted_out": N_("Asked for no more messages by %(channel)s"),
    "asked_no_more": N_("%(agent)s noted: the client asked not to be written to"),
    "not_asked": N_("%(agent)s noted: the client did not ask for no more messages by %(channel)s"),
    "opted_in": N_("Allows messages by %(channel)s again"),
    "address_failed": N_("The %(channel)s address stopped receiving: %(reason)s"),
    "identified": N_("%(agent)s identified the client"),
    "merged": N_("%(agent)s joined another conversation to this one (%(entries)s)"),
    "unmerged": N_("%(agent)s undid the joining of two clients"),
    "address_added": N_("%(agent)s added an address (%(channel)s)"),
    "wrong_person": N_("%(agent)s noted: someone else answers at this address (%(channel)s)"),
    "right_person": N_("%(agent)s took back: the address is the client's (%(channel)s)"),
}
