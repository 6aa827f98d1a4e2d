"""What a screen shows, read from HTML: every part that has an id and can change, with its revision, its state and its visible text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

_PARTS = re.compile(r"e-.+|q-.+|count-.+|header|channels|panel")
_TOPICS = ("timeline", "queue-list")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use", "path"}

Part = dict[str, Any]


class _Reader(HTMLParser):
    """Collects parts, the topic's own `data-seen`, and in which order rows stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: dict[str, Part] = {}
        self.seen: dict[str, str] = {}
        self.is_cut = False
        self._open: list[str] = []
        self._part: Part | None = None
        self._part_depth = 0
        self._words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("id") or ""
        if name in _TOPICS:
            self.seen[str(given.get("data-topic"))] = str(given.get("data-seen"))
        self.is_cut = self.is_cut or name == "older-button"
        if tag in _VOID:
            return
        self._open.append(tag)
        # The hour on a screen moves by itself; what it was rendered from is in the attribute.
        self._silent += tag == "time"
        if self._part is None and _PARTS.fullmatch(name):
            self._part, self._part_depth, self._words = _part_of(given), len(self._open), []
            self.parts[name] = self._part
        if self._part is not None and given.get("datetime"):
            self._words.append(str(given["datetime"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or tag not in self._open:
            return
        while self._open.pop() != tag:
            continue
        self._silent -= tag == "time"
        if self._part is not None and len(self._open) < self._part_depth:
            self._part["text"] = " ".join(" ".join(self._words).split())
            self._part = None

    def handle_data(self, data: str) -> None:
        if self._part is not None and not self._silent:
            self._words.append(data)


def _part_of(given: dict[str, str | None]) -> Part:
    part: Part = {"text": ""}
    for name in ("revision", "position"):
        if given.get(f"data-{name}") is not None:
            part[name] = int(str(given[f"data-{name}"]))
    if given.get("data-state"):
        part["state"] = given["data-state"]
    return part


def read_page(html: str) -> _Reader:
    """The parts of a page, or of a frame."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def place(shown: dict[str, Part], incoming: dict[str, Part], *, is_cut: bool) -> None:
    """Change `shown` as a browser does: later revisions win, and what lies before the shown part of a story stays away."""
    first = min((part["position"] for part in shown.values() if "position" in part), default=0)
    for name, part in incoming.items():
        here = shown.get(name)
        if here is None and is_cut and part.get("position", first) < first:
            continue
        if here is None or part.get("revision", 0) >= here.get("revision", 0):
            shown[name] = part
