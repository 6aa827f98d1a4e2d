"""Scripts by which a client answers by itself: rules by regular expression with a delay, from a file or set from outside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from simulator.inbound import Place
from simulator.records import Message
from simulator.whatsapp import press_of

FILE = Path(__file__).parent / "scripts.json"
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


class ScriptError(ValueError):
    """A script makes no sense or there is none of this name. The message says which."""


class Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One message of a client: one of several texts, a sample, a place or the press of a button (by its place), `after` seconds."""

    text: tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=1600)], ...] = ()
    repeat: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1
    sample: Literal["", "photo", "receipt", "voice", "letter", "pdf"] = ""
    place: Place | None = None
    press: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    after: Seconds = 0.0


class Rule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is said to words of ours in which `when` is found, `after` seconds, at most `times` to one client.

    `needs` press asks for a button in our message. `pick` is how one of several texts is chosen: in turn, or always the one of the client's
    own variant.
    """

    say: tuple[Line, ...]
    when: str = ""
    needs: Literal["", "press"] = ""
    after: Seconds = 0.0
    times: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    pick: Literal["turn", "variant"] = "turn"


class Script(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One way to answer. `opens` is said when the script starts with a word of the client's; `username_only` hides their number."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    rules: tuple[Rule, ...] = ()
    title: str = ""
    about: str = ""
    opens: tuple[Line, ...] = ()
    username_only: bool = False

    def check(self) -> None:
        """Raise `ScriptError` where a rule is no regular expression."""
        for rule in self.rules:
            try:
                re.compile(rule.when)
            except re.error as error:
                raise ScriptError(f"rules.when {rule.when!r} is no regular expression: {error}.") from error


def read_scripts() -> dict[str, Script]:
    """The scripts that come with the simulator, by name."""
    found = msgspec.json.decode(FILE.read_bytes(), type=list[Script])
    for script in found:
        script.check()
    return {script.name: script for script in found}


def split_choice(choice: str) -> tuple[str, int | None]:
    """A script's name and its variant, counted from 1: ``stop:3``."""
    name, _, number = choice.partition(":")
    return name, int(number) if number.isdecimal() and len(number) < 4 and int(number) else None


def find_rule(script: Script, message: Message, taken: dict[str, int]) -> tuple[str, Rule] | None:
    """The first rule that meets a message of ours and is not used up, with its key in `taken`."""
    for number, rule in enumerate(script.rules):
        key = f"{script.name}.{number}"
        if taken.get(key, 0) >= rule.times or not re.search(rule.when, message.body, re.IGNORECASE):
            continue
        if rule.needs == "press" and press_of(message, 0) is None:
            continue
        return key, rule
    return None
