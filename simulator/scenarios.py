"""What is to go wrong: rules that a test or a person sets, tried in order against each message of the product."""

from __future__ import annotations

import random
import re
from typing import Any, Literal

import msgspec

ANSWERS = ("throttled", "server_error", "accepted_then_500", "refused", "accept_then_drop", "drop", "slow", "no_id")
Kind = Literal[
    "throttled",
    "server_error",
    "accepted_then_500",
    "refused",
    "accept_then_drop",
    "drop",
    "slow",
    "no_id",
    "receipts",
    "fails_with",
    "held",
]


class ScenarioError(ValueError):
    """A scenario makes no sense. The message says why."""


class Match(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which messages a scenario meets: regular expressions searched in the recipient and in the text."""

    to: str = ""
    body: str = ""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an accepted message fares. Times are in seconds; `signature` says how its receipts are signed.

    `read` is whether a WhatsApp message is read in the end; None leaves it to the phone.
    """

    held: float = 0.0
    late: float = 0.0
    doubled: int = 1
    reversed: bool = False
    before_answer: bool = False
    never: bool = False
    signature: Literal["good", "bad", "old_token", "fragment"] = "good"
    error_code: int | None = None
    read: bool | None = None


class Scenario(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One rule. `times` is how often it still applies (None: for ever), `probability` how often it does when it could.

    `code` is the error of `refused` and `fails_with`; `seconds` the wait of `slow` and `held`; `retry_after` goes with
    `throttled`; `accepted` false lets `slow` end in a 500 without acceptance. The rest shapes `receipts`.
    """

    kind: Kind
    match: Match = Match()
    times: int | None = None
    probability: float = 1.0
    code: int | None = None
    seconds: float = 0.0
    retry_after: int = 1
    accepted: bool = True
    late: float = 0.0
    doubled: int = 1
    reversed: bool = False
    before_answer: bool = False
    never: bool = False
    bad_signature: bool = False
    old_token: bool = False
    sign_fragment: bool = False
    read: bool | None = None
    id: int = 0
    taken: int = 0

    def check(self, *, has_old_token: bool) -> None:
        """Raise `ScenarioError` unless the rule can be carried out."""
        for name in ("to", "body"):
            try:
                re.compile(getattr(self.match, name))
            except re.error as error:
                raise ScenarioError(f"match.{name} is no regular expression: {error}.") from error
        if not 0 <= self.probability <= 1:
            raise ScenarioError("probability must be from 0 to 1.")
        if self.kind in ("refused", "fails_with") and not self.code:
            raise ScenarioError(f"{self.kind} needs code, an error code of the carrier.")
        if not 1 <= self.doubled <= 20 or not all(0 <= value <= 86_400 for value in (self.late, self.seconds)):
            raise ScenarioError("doubled goes from 1 to 20, late and seconds from 0 to 86400.")
        if self.old_token and not has_old_token:
            raise ScenarioError("old_token needs TWILIO_AUTH_TOKEN_OLD in the simulator's environment.")

    def to_plan(self) -> Plan:
        """The course that this rule gives to an accepted message."""
        if self.kind == "fails_with":
            return Plan(error_code=self.code)
        if self.kind == "held":
            return Plan(held=self.seconds)
        signature: Literal["good", "bad", "old_token", "fragment"] = (
            "bad" if self.bad_signature else "old_token" if self.old_token else "fragment" if self.sign_fragment else "good"
        )
        return Plan(
            late=self.late,
            doubled=self.doubled,
            reversed=self.reversed,
            before_answer=self.before_answer,
            never=self.never,
            signature=signature,
            read=self.read,
        )


class Scenarios:
    """The rules in force. One rule at most decides the answer of a request, and one at most the course of what was accepted."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rules: list[Scenario] = []
        self._last_id = 0

    def add(self, scenario: Scenario) -> Scenario:
        """Put a rule behind those already set."""
        self._last_id += 1
        scenario.id, scenario.taken = self._last_id, 0
        self._rules.append(scenario)
        return scenario

    def clear(self, number: int | None = None) -> None:
        """Forget all rules, or the one with this id."""
        self._rules = [] if number is None else [rule for rule in self._rules if rule.id != number]

    def show(self) -> list[dict[str, Any]]:
        """All rules, worn-out ones included, with how often each was taken."""
        return [msgspec.to_builtins(rule) | {"taken": rule.taken} for rule in self._rules]

    def waiting(self) -> list[Scenario]:
        """Rules that may still apply."""
        return [rule for rule in self._rules if rule.times is None or rule.taken < rule.times]

    def take_answer(self, to: str, body: str) -> Scenario | None:
        """The rule that decides how this request is answered."""
        return self._take(to, body, answers=True)

    def take_plan(self, to: str, body: str) -> Plan:
        """How the message fares once it is accepted."""
        rule = self._take(to, body, answers=False)
        return rule.to_plan() if rule else Plan()

    def _take(self, to: str, body: str, *, answers: bool) -> Scenario | None:
        for rule in self.waiting():
            if (rule.kind in ANSWERS) is not answers or not re.search(rule.match.to, to) or not re.search(rule.match.body, body):
                continue
            if rule.probability < 1 and self._rng.random() >= rule.probability:
                continue
            rule.taken += 1
            return rule
        return None
