"""The errors that cross rooms. Each says what happened and what to do; the edges turn them into answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal


class TratoError(Exception):
    """Something expected went wrong; `str(error)` is fit for the person who caused it."""

    def told(self) -> tuple[str, Mapping[str, object]]:
        """What is said of it, as a msgid, and what stands in its places."""
        return str(self), {}


class NotFound(TratoError):
    """Missing or not yours: the two look the same (invariant I8)."""

    def __init__(self, what: str = "There is nothing here that you may see.") -> None:
        super().__init__(what)


class Forbidden(TratoError):
    """The caller is known, and their role may not do this."""


class Conflict(TratoError):
    """The same thing was asked with other content, or somebody was faster. `sentence` is a msgid, `values` stand in its places."""

    def __init__(self, sentence: str = "", **values: str) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values

    def told(self) -> tuple[str, Mapping[str, object]]:
        """See `TratoError`."""
        return self.sentence, self.values


class Raced(TratoError):
    """Two transactions met; doing this one again from the start settles it. Never shown to anybody."""


class InvalidField(TratoError):
    """One field of what was sent is wrong. `field` is its path, e.g. ``addresses[2].value``; `values` fill the sentence's places."""

    def __init__(self, field: str, problem: str, **values: int | Decimal | str) -> None:
        super().__init__(f"{field}: {_plain(problem, values)}")
        self.field = field
        self.problem = problem
        self.values = values

    def told(self) -> tuple[str, Mapping[str, object]]:
        """See `TratoError`; without the field's name, which screens show beside it."""
        return self.problem, self.values

    @property
    def plain(self) -> str:
        """The problem in English, for programs."""
        return _plain(self.problem, self.values)


class Unavailable(TratoError):
    """A part we need is down; asking again later is right."""


class TooMany(TratoError):
    """A limit was reached; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SettingsError(TratoError):
    """A setting is missing or wrong; the message names it and says what to set."""


def _plain(sentence: str, values: dict[str, int | Decimal | str]) -> str:
    return sentence % {name: value if isinstance(value, str) else f"{value:,}" for name, value in values.items()} if values else sentence
