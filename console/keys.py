"""The one table of keys: what each action is called, which key it has until somebody chooses another, and what it needs.

The sheet, the palette, the tooltips and the scripts all read this table; `static/keymap.js` says how a control is bound to an action.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from base.words import N_
from staff.preferences import fitting

Scope = Literal["list", "conversation", "go", "anywhere", "composer"]

NEEDS_CONVERSATION: Final = N_("Open a conversation first.")
NO_DOUBT: Final = N_("No doubt is open.")
NOT_NOW: Final = N_("That cannot be done here right now.")


@dataclass(frozen=True, slots=True)
class Key:
    """One action. `fixed` keys are not single letters and cannot be changed; `acts` are not for those who only read.

    `key` is matched with what the keyboard says was typed; "" is none until the agent gives it one. Those of scope ``go`` follow after the key
    of ``go``. `none` is said when the action has no control on the page.
    """

    action: str
    key: str
    label: str
    icon: str
    scope: Scope
    fixed: bool = False
    acts: bool = False
    none: str = NOT_NOW


KEYS: Final[tuple[Key, ...]] = (
    Key("next", "j", N_("Next conversation"), "arrow-down", "list"),
    Key("previous", "k", N_("Previous conversation"), "arrow-up", "list"),
    Key("open", "Enter", N_("Open it"), "corner-down-left", "list", fixed=True),
    Key("next-client", "x", N_("Next client"), "skip-forward", "list", acts=True, none=N_("Nobody is waiting.")),
    Key("filter", "f", N_("Filter the conversation"), "filter", "list", none=NEEDS_CONVERSATION),
    Key("mentions-done", "m", N_("Mentions are done"), "check-check", "list", none=N_("No mention is open.")),
    Key("reply", "r", N_("Write"), "reply", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("note", "n", N_("Internal note"), "sticky-note", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("channel", "c", N_("Change the channel"), "sms", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key(
        "identify", "y", N_("Identify"), "user-check", "conversation", acts=True, none=N_("Open a conversation of somebody unknown first.")
    ),
    Key("promise", "p", N_("Record a promise"), "handshake", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("payment", "q", N_("Record a payment"), "banknote", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("people", "", N_("Addresses and people"), "users", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("attach", "", N_("Attach files"), "paperclip", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("assign", "a", N_("Assign"), "user-plus", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("claim", "i", N_("Take it, or release it"), "claim", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("snooze", "s", N_("Snooze"), "alarm-clock", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("snooze-until", "b", N_("Snooze until…"), "clock", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("close", "e", N_("Close, or reopen"), "close", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("close-as", "o", N_("Close with…"), "close", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("unread", "u", N_("Mark as unread"), "mail", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("wrong-person", "w", N_("Wrong person"), "user-x", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("no-more", "", N_("Asked not to be written to"), "ban", "conversation", acts=True, none=NEEDS_CONVERSATION),
    Key("doubt-yes", "1", N_("They did ask for no more messages"), "ban", "conversation", acts=True, none=NO_DOUBT),
    Key("doubt-no", "2", N_("They did not ask for it"), "check", "conversation", acts=True, none=NO_DOUBT),
    Key("context", "d", N_("About the client"), "panel", "conversation", none=NEEDS_CONVERSATION),
    Key("jump", "t", N_("Jump to a date"), "calendar", "conversation", none=NEEDS_CONVERSATION),
    Key("go", "g", N_("Go to…"), "arrow-right", "anywhere"),
    Key(
        "undo",
        "z",
        N_("Undo"),
        "undo",
        "anywhere",
        acts=True,
        none=N_("There is nothing to undo here. A promise or a payment noted by mistake is undone beside it."),
    ),
    Key("notices", "", N_("Your notices"), "bell", "anywhere"),
    Key("palette", "Ctrl+K", N_("Search or run anything"), "search", "anywhere", fixed=True),
    Key("keys", "?", N_("Keyboard shortcuts"), "keyboard", "anywhere", fixed=True),
    Key("go-queue", "q", N_("My queue"), "inbox", "go"),
    Key("go-clients", "d", N_("Find a client"), "search", "go"),
    Key("go-settings", "s", N_("Settings"), "settings", "go"),
    Key("go-review", "r", N_("Whom we have to identify"), "circle-help", "go"),
    Key("send", "Ctrl+Enter", N_("Send"), "send", "composer", fixed=True, acts=True),
    Key("schedule", "Ctrl+Shift+S", N_("Send later"), "calendar-clock", "composer", fixed=True, acts=True, none=NEEDS_CONVERSATION),
    Key("templates", "/", N_("Templates and quick replies"), "template", "composer", fixed=True, acts=True, none=NEEDS_CONVERSATION),
    Key("back", "Esc", N_("Back to the list, the draft is kept"), "arrow-left", "composer", fixed=True),
)
BY_ACTION: Final[Mapping[str, Key]] = {key.action: key for key in KEYS}
# What may be changed, by the rule that no two actions of one group share a key: those after `go` are a group of their own.
GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "single": {key.action: key.key for key in KEYS if not key.fixed and key.scope != "go"},
    "go": {key.action: key.key for key in KEYS if not key.fixed and key.scope == "go"},
}
# Letters that the guide gives to identity, calls and a raised hand: nobody binds them to anything else.
RESERVED: Final = frozenset("vlh")
ALL_FIXED: Final = frozenset(key.action for key in KEYS if key.fixed)
SCOPES: Final[Mapping[Scope, str]] = {
    "list": N_("List"),
    "conversation": N_("Conversation"),
    "composer": N_("While writing"),
    "go": N_("Go to…"),
    "anywhere": N_("Anywhere"),
}


def own_keys(stored: Mapping[str, str]) -> dict[str, str]:
    """The keys that an agent chose, as far as they still fit the table."""
    return fitting(stored, GROUPS, RESERVED)
