"""The rules before a contact, as pure functions of facts. The first that objects decides, so the order is from general to particular."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.words import N_

PACK = "trato-base-5"
# Free text on WhatsApp is let through until this long after the client's last word at the address.
WINDOW = timedelta(hours=24)
DEFAULT_ZONE = "America/Bogota"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A registered template that a contact uses, as it stands at that moment. `fits` says that it is of the contact's channel and creditor;
    a `session` one (a list, or buttons) needs no approval and answers a client's word only."""

    id: UUID
    approval: str
    active: bool
    fits: bool
    session: bool = False

    @property
    def ready(self) -> bool:
        """Whether the carrier has it and would let it through: approved, or made where no approval is needed."""
        return self.approval == ("unneeded" if self.session else "approved")

    def as_json(self) -> dict[str, Any]:
        """As kept with the verdict."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate knows at the moment it judges. `at` is when the message would leave, `last_word_at` the client's last word at the address;
    `third_party` says that WhatsApp may not be used for this creditor, `stranger` that no creditor of theirs is known, `reference` that they only
    stand as a reference beside somebody's account; `zone` is the client's; since `opt_out_doubt_at` they may not want to be written to there."""

    channel: str
    deliverability: str
    link_status: str
    opt_out_word: str | None
    opt_out_word_at: datetime | None
    opted_out_by: str | None
    opted_out_at: datetime | None
    killed: str | None
    at: datetime | None = None
    last_word_at: datetime | None = None
    third_party: bool | None = None
    template: Prepared | None = None
    stranger: bool | None = None
    reference: bool | None = None
    zone: str | None = None
    opt_out_doubt_at: datetime | None = None

    @property
    def window_ends(self) -> datetime | None:
        """Until when free text may be sent, on a channel that has such a window; None on the others, and where the client never wrote."""
        return self.last_word_at + WINDOW if self.channel == "whatsapp" and self.last_word_at is not None else None

    @property
    def was_just_heard(self) -> bool:
        """Whether they wrote at this address within the last day, on any channel."""
        return self.last_word_at is not None and (self.at is None or self.at < self.last_word_at + WINDOW)

    @property
    def answers(self) -> bool:
        """Whether the contact falls within such a window: it answers a word of the client's."""
        return self.window_ends is not None and (self.at is None or self.at < self.window_ends)

    def day(self, at: datetime | None) -> str:
        """The client's calendar day of a moment, in ISO."""
        try:
            zone = ZoneInfo(self.zone or DEFAULT_ZONE)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo(DEFAULT_ZONE)
        return at.astimezone(zone).date().isoformat() if at else ""

    def as_json(self) -> dict[str, Any]:
        """The facts to be kept with the verdict; absent ones are left out."""
        kept = {name: value for name in self.__slots__ if name != "template" and (value := getattr(self, name)) is not None}
        return kept if self.template is None else kept | {"template": self.template.as_json()}


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not: the rule's id, and a sentence (a msgid) with its variables."""

    rule: str
    sentence: str
    variables: Mapping[str, str]

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.sentence % self.variables


Rule = Callable[[Facts], Objection | None]


def kill_switch(facts: Facts) -> Objection | None:
    """Somebody stopped this channel for everybody."""
    if facts.killed is None:
        return None
    return Objection("kill_switch", N_("Sending on this channel is stopped for everybody: %(reason)s."), {"reason": facts.killed})


def wa_third_party(facts: Facts) -> Objection | None:
    """Meta's commerce policy bars collecting for others: off unless the creditor is a first party or an admin said otherwise (A12).

    Where no creditor of theirs is known, and not all may use WhatsApp, what they write is still answered.
    """
    if facts.channel != "whatsapp" or not facts.third_party or (facts.stranger and facts.answers):
        return None
    if facts.stranger:
        return Objection(
            "wa_third_party",
            N_(
                "WhatsApp is off: it is not known whom they owe, and not every creditor is a first party. Only what they write is answered."
            ),
            {},
        )
    return Objection("wa_third_party", N_("WhatsApp is off for this creditor, who is not a first party."), {})


def opt_out_word(facts: Facts) -> Objection | None:
    """The client wrote a word that means: do not write to me here."""
    if facts.opt_out_word is None:
        return None
    variables = {"word": facts.opt_out_word, "date": facts.day(facts.opt_out_word_at)}
    return Objection("opt_out_word", N_("The client asked not to be written to here: “%(word)s”, %(date)s."), variables)


def opted_out_address(facts: Facts) -> Objection | None:
    """The carrier, the creditor or an agent noted that this address opted out."""
    if facts.opted_out_by is None:
        return None
    variables = {"date": facts.day(facts.opted_out_at), "source": facts.opted_out_by}
    return Objection("opted_out_address", N_("This address opted out on %(date)s."), variables)


def bad_address(facts: Facts) -> Objection | None:
    """Nothing arrives there, or it is somebody else's."""
    if facts.link_status == "wrong_party":
        return Objection("bad_address", N_("This address belongs to somebody else."), {})
    if facts.deliverability == "invalid":
        return Objection("bad_address", N_("This number does not exist or cannot receive messages."), {})
    if facts.deliverability == "hard_bounce":
        return Objection("bad_address", N_("The carrier says that nothing can be delivered to this number."), {})
    return None


def opt_out_doubt(facts: Facts) -> Objection | None:
    """The client may have asked for no more messages, here or at another address of theirs: a person says whether they did, and nothing leaves before."""
    if facts.opt_out_doubt_at is None:
        return None
    sentence = N_("The client may have asked not to be written to, %(date)s: say first whether they did.")
    return Objection("opt_out_doubt", sentence, {"date": facts.day(facts.opt_out_doubt_at)})


def reference_only(facts: Facts) -> Objection | None:
    """References are not contacted (Colombia: Ley 2300 de 2023, art. 4; the strict profile asks it everywhere). What they write is answered."""
    if not facts.reference or facts.was_just_heard:
        return None
    return Objection(
        "reference_only", N_("This person is only a reference beside an account: what they write is answered, and nothing else."), {}
    )


def template_not_approved(facts: Facts) -> Objection | None:
    """A registered template leaves only while the carrier approves it, or has it where it needs no approval; and only where it belongs."""
    template = facts.template
    if template is None or (template.ready and template.active and template.fits):
        return None
    if not template.active:
        return Objection("template_not_approved", N_("This template is no longer in use."), {})
    if not template.fits:
        return Objection("template_not_approved", N_("This template belongs to another channel or creditor."), {})
    sentence = N_("The carrier has not approved this template.")
    if template.session:
        sentence = N_("The carrier does not have this list or these buttons.")
    return Objection("template_not_approved", sentence, {"approval": template.approval})


def wa_window(facts: Facts) -> Objection | None:
    """Free text on WhatsApp is an answer: it may be sent for 24 hours after the client's last word at that address. So is a list, or buttons, that
    nobody approved: it never opens a conversation."""
    session = facts.template is not None and facts.template.session
    if facts.channel != "whatsapp" or facts.answers or (facts.template is not None and not session):
        return None
    never, late = _ANSWERS_ONLY if session else _FREE_TEXT_ONLY
    return Objection("wa_window", never if facts.window_ends is None else late, {})


# What is said where the client never wrote, and where their 24 hours have passed.
_FREE_TEXT_ONLY = (
    N_("The client has not written here yet: only an approved template may be sent."),
    N_("24 hours have passed since their last message: only an approved template may be sent."),
)
_ANSWERS_ONLY = (
    N_("The client has not written here yet: a list or buttons without approval only answer them."),
    N_("24 hours have passed since their last message: a list or buttons without approval may not be sent any more."),
)
RULES: tuple[Rule, ...] = (
    kill_switch,
    wa_third_party,
    opt_out_word,
    opted_out_address,
    bad_address,
    opt_out_doubt,
    reference_only,
    template_not_approved,
    wa_window,
)
# What a client or an address says stays so; what these say may have passed by the time a held message is due.
PASSING = frozenset(rule.__name__ for rule in (kill_switch, opt_out_doubt, reference_only, wa_window, template_not_approved))


def first_objection(facts: Facts) -> Objection | None:
    """The first rule that objects, or None when the contact is allowed."""
    return next((objection for rule in RULES if (objection := rule(facts))), None)
