"""The messages of one app as the phone shows them, with what may be pressed and words for their states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.addresses import channel_of
from simulator.carrier import Carrier
from simulator.records import File, Message
from simulator.view import addresses_of, clock_of, day_of

SHOWN_BUBBLES, QUOTED = 60, 90
OUT_WORDS = {
    "queued": ("clock", "En cola"), "accepted": ("clock", "En cola"), "scheduled": ("clock", "Programado"), "sent": ("check", "Enviado"),
    "delivered": ("checks", "Entregado"), "read": ("checks", "Leído"), "undelivered": ("alert", "No entregado"),
    "failed": ("alert", "Falló"),
}  # fmt: skip
# Media words: what a bubble says where it shows nothing.
KINDS = {"image": "Foto", "audio": "Nota de voz", "video": "Video"}


@dataclass(frozen=True, slots=True)
class State:
    """An icon and the word beside it; `tone` is ``""``, good, read or bad."""

    icon: str
    word: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium with the address of its bytes; empty while there are none."""

    kind: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button of ours. `value` is what the page sends when it is pressed; empty for one that leads out of the chat, to `target`."""

    title: str
    icon: str
    value: str = ""
    about: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as the phone shows it; `mine` is the client's own, `day` a mark before it."""

    key: str
    mine: bool
    text: str
    time: str
    state: State
    day: str = ""
    unanswered: bool = False
    media: tuple[Medium, ...] = ()
    presses: tuple[Press, ...] = ()
    menu: str = ""
    prepared: str = ""
    quoted: str = ""
    forwarded: bool = False
    place: str = ""


def list_bubbles(carrier: Carrier, owner: str, app: str) -> list[Bubble]:
    """The newest messages from and to one client in one app, oldest first."""
    rows = carrier.store.conversation(addresses_of(carrier, owner, app), limit=SHOWN_BUBBLES)
    answers = carrier.store.answers(row.sid for row in rows if row.direction == "inbound")
    bubbles, day, now = list[Bubble](), "", carrier.clock.now()
    for row in rows:
        mark = day_of(row.created_at, now)
        bubbles.append(_bubble(carrier, row, answers.get(row.sid, []), mark if mark != day else ""))
        day = mark
    return bubbles


def _bubble(carrier: Carrier, row: Message, answers: list[int | None], day: str) -> Bubble:
    mine, detail = row.direction == "inbound", row.detail
    quoted = carrier.store.find(str(detail.get("reply_to", "")))
    media = tuple(_medium(file) for file in carrier.store.files.of(row.sid)) if row.media else ()
    return Bubble(
        key=row.sid,
        mine=mine,
        text=_words(row, media),
        time=clock_of(row.created_at),
        state=_in_state(row, answers) if mine else _out_state(row),
        day=day,
        unanswered=not mine and not row.answered and carrier.clock.now() - row.created_at > 1,
        media=media,
        presses=_presses(row),
        menu=detail.get("list", {}).get("button", "") if not mine else "",
        prepared="" if mine else _prepared(carrier, detail),
        quoted=" ".join((quoted.body or "Adjunto").split())[:QUOTED] if quoted else "",
        forwarded=bool(detail.get("forwarded")),
        place=_place(detail.get("place")),
    )


def _prepared(carrier: Carrier, detail: dict[str, Any]) -> str:
    """What one of our prepared texts is to whoever reads it: reviewed, or a list or buttons that nobody reviewed."""
    if "content_sid" not in detail:
        return ""
    content = carrier.store.contents.find(str(detail["content_sid"]))
    if content is not None and content.status == "unsubmitted":
        return "Lista" if "list" in detail else "Botones" if "buttons" in detail else "Plantilla sin revisar"
    return "Plantilla"


def _words(row: Message, media: tuple[Medium, ...]) -> str:
    """What is read beside a medium: WhatsApp delivers our words with pictures and videos only, and a file's name is no word of anybody's."""
    if row.direction != "inbound" and channel_of(row.recipient) == "whatsapp" and any(one.kind in ("audio", "document") for one in media):
        return ""
    return "" if any(row.body == medium.name for medium in media) else row.body


def _presses(row: Message) -> tuple[Press, ...]:
    if row.direction == "inbound":
        return ()
    found, replies = list[Press](), 0
    for item in row.detail.get("buttons", ()):
        if item["kind"] == "QUICK_REPLY":
            found.append(Press(item["title"], "reply", f"{row.sid}:{replies}"))
            replies += 1
        else:
            found.append(Press(item["title"], "link" if item["kind"] == "URL" else "call", target=item["target"]))
    items = row.detail.get("list", {}).get("items", ())
    return (*found, *(Press(item["title"], "reply", f"{row.sid}:{at}", item["about"]) for at, item in enumerate(items)))


def _medium(file: File) -> Medium:
    kind = file.content_type.split("/")[0]
    elsewhere = file.content is None
    known = "wait" if elsewhere and file.content_type == "application/octet-stream" else kind if kind in KINDS else "document"
    return Medium(known, file.name or KINDS.get(kind, "Adjunto"), "" if elsewhere else f"/_simulator/media/{file.token}")


def _place(place: dict[str, Any] | None) -> str:
    return "" if place is None else place.get("label") or f"{place['latitude']:.4f}, {place['longitude']:.4f}"


def _in_state(row: Message, answers: list[int | None]) -> State:
    if row.lost:
        return State("alert", "Perdido en el camino", "bad")
    if "past" in row.detail or any(code is not None and 200 <= code < 300 for code in answers):
        return State("checks", "Recibido por Trato", "good")
    if not answers:
        return State("clock", "Enviando")
    code = answers[-1]
    return State("alert", "Trato no contestó" if code is None else f"Trato lo rechazó ({code})", "bad")


def _out_state(row: Message) -> State:
    icon, word = OUT_WORDS.get(row.status, ("clock", row.status))
    if row.error_code and row.status in ("failed", "undelivered"):
        return State(icon, f"{word} · {row.error_code}", "bad")
    return State(icon, word, {"delivered": "good", "read": "read"}.get(row.status, ""))
