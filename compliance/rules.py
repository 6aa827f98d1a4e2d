"""The rules before a contact, as pure functions of facts. The first that objects decides, so the order is from general to particular."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from base.words import N_

PACK = "trato-base-1"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate knows at the moment it judges."""

    channel: str
    deliverability: str
    link_status: str
    opt_out_word: str | None
    opt_out_word_at: str | None
    opted_out_by: str | None
    opted_out_at: str | None
    killed: str | None

    def as_json(self) -> dict[str, Any]:
        """The facts to be kept with the verdict; absent ones are left out."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


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


def opt_out_word(facts: Facts) -> Objection | None:
    """The client wrote a word that means: do not write to me here."""
    if facts.opt_out_word is None:
        return None
    variables = {"word": facts.opt_out_word, "date": facts.opt_out_word_at or ""}
    return Objection("opt_out_word", N_("The client asked not to be written to here: “%(word)s”, %(date)s."), variables)


def opted_out_address(facts: Facts) -> Objection | None:
    """The carrier, the creditor or an agent noted that this address opted out."""
    if facts.opted_out_by is None:
        return None
    return Objection(
        "opted_out_address", N_("This address opted out on %(date)s."), {"date": facts.opted_out_at or "", "source": facts.opted_out_by}
    )


def bad_address(facts: Facts) -> Objection | None:
    """Nothing arrives there, or it is somebody else's."""
    if facts.link_status == "wrong_party":
        return Objection("bad_address", N_("This address belongs to somebody else."), {})
    if facts.deliverability == "invalid":
        return Objection("bad_address", N_("This number does not exist or cannot receive messages."), {})
    if facts.deliverability == "hard_bounce":
        return Objection("bad_address", N_("The carrier says that nothing can be delivered to this number."), {})
    return None


RULES: tuple[Rule, ...] = (kill_switch, opt_out_word, opted_out_address, bad_address)


def first_objection(facts: Facts) -> Objection | None:
    """The first rule that objects, or None when the contact is allowed."""
    return next((objection for rule in RULES if (objection := rule(facts))), None)
