"""Builds the lines of a timeline for one reader: other portfolios closed, events and errors in words, what a message carries in its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from console import views
from console.desk.happenings import DECISIONS, icon_of, sentence, shifts
from console.desk.teller import Desk
from inbox import filetypes
from inbox.lines import File, Line, microseconds
from inbox.rewriting import may_be_rewritten
from inbox.templates import SESSION
from inbox.windows import Window

_ERRORS = ("failed", "withheld")


def story_view(
    desk: Desk,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    window: Window,
    *,
    today: str,
    show: views.Show = "all",
    anchor: str | None = None,
) -> views.StoryView:
    """A part of a timeline that is put on the page whole. `today` is the reader's calendar day."""
    began = desk.day_of(window.began) if window.began else None
    return views.StoryView(
        conversation_id=str(row.id),
        revision=row.revision,
        entries=entry_views(desk, window.lines),
        older=window.older,
        newer=window.newer,
        show=show,
        anchor=anchor,
        zone=desk.reader.zone,
        first_day=began,
        last_day=today if began else None,
    )


def entry_views(desk: Desk, rows: Sequence[Any]) -> tuple[views.EntryView, ...]:
    """Lines as this reader may see them: of other portfolios only that a contact took place."""
    return tuple(_entry(desk, row) if desk.reader.sees_portfolio(row.creditor_id) else _hidden(desk, row) for row in rows)


def _hidden(desk: Desk, line: Line) -> views.EntryView:
    return views.EntryView(str(line.id), line.position, line.revision, "hidden", "", line.received_at, desk.reader.zone)


def _entry(desk: Desk, line: Line) -> views.EntryView:
    event = str(line.detail.get("event", "")) if line.kind == "event" else ""
    return views.EntryView(
        id=str(line.id),
        position=line.position,
        revision=line.revision,
        kind=line.kind,  # type: ignore[arg-type]
        text=sentence(desk, line) if event else line.text or "",
        at=line.received_at,
        zone=desk.reader.zone,
        channel=line.channel,
        direction=line.direction,  # type: ignore[arg-type]
        state=line.state,
        agent=line.agent,
        segments=line.segments,
        verdict_rule=_rule(line),
        error=_error(desk, line),
        can_retry=desk.reader.writes and _can_retry(line),
        language=line.template_language or (line.client_language if line.kind == "message" else None),
        conversation_id=str(line.conversation_id or ""),
        client_zone=line.client_zone,
        may_act=desk.reader.writes,
        decision=event in DECISIONS or line.state == "withheld",
        icon=icon_of(event),
        shifts=shifts(event),
        **_parts(desk, line),
    )


def _can_retry(line: Line) -> bool:
    """Whether it did not arrive and there is something to write again."""
    return may_be_rewritten(line.state, line.ruling) and bool(line.text or line.template or line.files or line.detail.get("freed"))


def _parts(desk: Desk, line: Line) -> dict[str, Any]:
    """What only some kinds of lines have."""
    if line.kind == "message":
        return _message(desk, line)
    if line.kind == "note":
        return {"pieces": tuple(_pieces(line.text or "", _called(line.mentioned or ())))}
    if line.kind == "call":
        seconds, outcome = line.detail.get("duration"), line.detail.get("outcome")
        return {"seconds": seconds if isinstance(seconds, int) else None, "outcome": str(outcome) if outcome else None}
    if line.amount is not None and line.currency and line.paid_on and line.money_state:
        return {"money": views.MoneyView(line.amount, line.currency, line.paid_on, line.money_state, line.origin)}
    return {}


def _message(desk: Desk, line: Line) -> dict[str, Any]:
    badge = _badge(line) if line.template else None
    buttons = tuple(
        views.ChoiceView(str(one.get("title", "")), str(one.get("description", "")))
        for one in line.template_buttons or ()
        if isinstance(one, Mapping)
    )
    return {
        "hold": line.hold if line.state == "queued" else None,
        "due_at": line.due_at,
        "ruling": _ruling(line),
        "template": badge,
        "buttons": buttons,
        "menu": str(line.detail.get("menu", "")) if badge else "",
        "press": _press(line.detail),
        "from_list": _is_from_list(line.detail),
        "spot": _spot(line.detail),
        "forwarded": bool(line.detail.get("forwarded")),
        "may_opt_out": bool(line.detail.get("may_opt_out")),
        "quote": _quote(desk, line),
        "media": tuple(_media(desk, one) for one in line.files),
    }


def _badge(line: Line) -> views.TemplateBadge:
    told = line.detail.get("template")
    told = told if isinstance(told, Mapping) else {}
    kind = "template" if told.get("kind") != SESSION else "list" if line.detail.get("menu") else "buttons"
    media = told.get("media_url")
    return views.TemplateBadge(
        line.template or "", line.template_language or "", line.template_category, str(media) if media else None, kind
    )


def _rule(line: Line) -> str | None:
    rule = line.error_code if line.state == "withheld" else line.detail.get("rule")
    return str(rule) if rule else None


def _error(desk: Desk, line: Line) -> str | None:
    if line.state not in _ERRORS or not line.error_reason:
        return None
    return desk.explain(line.error_reason, line.detail.get("variables", {}))


def _ruling(line: Line) -> views.RulingView | None:
    if line.ruling is None or line.ruled_at is None:
        return None
    return views.RulingView(line.ruled_by or "", line.ruling == "arrived", line.ruled_at, bool(line.detail.get("overruled")))


def _press(detail: Mapping[str, Any]) -> str | None:
    press = detail.get("press")
    return (str(press.get("title", "")) or None) if isinstance(press, Mapping) else None


def _is_from_list(detail: Mapping[str, Any]) -> bool:
    press = detail.get("press")
    return isinstance(press, Mapping) and bool(press.get("listed"))


def _spot(detail: Mapping[str, Any]) -> views.SpotView | None:
    place = detail.get("place")
    if not isinstance(place, Mapping) or not {"latitude", "longitude"} <= set(place):
        return None
    return views.SpotView(float(place["latitude"]), float(place["longitude"]), str(place.get("label") or ""))


def _quote(desk: Desk, line: Line) -> views.QuoteView | None:
    if line.quoted_id is None or line.quoted_at is None or not desk.reader.sees_portfolio(line.quoted_creditor_id):
        return None
    who = line.quoted_agent or ("" if line.quoted_direction == "in" else "Trato")
    return views.QuoteView(str(line.quoted_id), microseconds(line.quoted_at), line.quoted_position or 0, who, line.quoted_text or "")


def _media(desk: Desk, file: File) -> views.MediaView:
    kind = "photo" if file.content_type in filetypes.PICTURES else "sound" if file.content_type.startswith("audio/") else "file"
    name = file.name or f"{file.content_type.partition('/')[0]}.{filetypes.ending_of(file.content_type)}"
    return views.MediaView(str(file.id), kind, file.state, name, file.size, desk.say(file.error) if file.error else None)  # type: ignore[arg-type]


def _called(names: Sequence[str]) -> list[str]:
    """What colleagues may be called in a note: whole names and first names, the longest first, so that none is taken for a part of another."""
    return sorted({*names, *(name.split()[0] for name in names if name.split())}, key=len, reverse=True)


def _pieces(text: str, names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    if not names:
        yield text, False
        return
    for number, piece in enumerate(re.split("(" + "|".join("@" + re.escape(name) for name in names) + ")", text, flags=re.IGNORECASE)):
        if piece:
            yield piece, number % 2 == 1
