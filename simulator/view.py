"""What the phone page shows: clients, bubbles, words for states. Text for people is Spanish, and says "cliente"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import msgspec.structs

from simulator.carrier import Carrier
from simulator.lines import OPENERS
from simulator.records import Client, Message
from simulator.scenarios import Match, Scenario

# The phones lie in Colombia, which keeps one hour all year.
ZONE = timezone(timedelta(hours=-5))
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
PHONE = re.compile(r"\+[1-9]\d{6,14}")
SHOWN_CLIENTS, SHOWN_BUBBLES, QUICK_LINES = 150, 60, 6
# What a person may choose for the next message to a client; the words say what will happen.
RULES = {
    "throttled": ("Saturado", "La operadora contesta 429; Trato debe insistir.", Scenario("throttled")),
    "refused": ("Rechazado", "La operadora no lo acepta (30005, número desconocido).", Scenario("refused", code=30005)),
    "cut": ("Aceptado y cortado", "Lo acepta y corta la conexión sin responder.", Scenario("accept_then_drop")),
    "undelivered": ("No entregado", "Sale y vuelve con error 30003, teléfono apagado.", Scenario("fails_with", code=30003)),
    "late": ("Recibos tarde", "Los recibos llegan 10 segundos después.", Scenario("receipts", late=10)),
    "doubled": ("Recibos dobles", "Cada recibo llega dos veces.", Scenario("receipts", doubled=2)),
    "reversed": ("Recibos al revés", "Llega «entregado» antes que «enviado».", Scenario("receipts", reversed=True)),
    "never": ("Sin recibos", "El mensaje llega, los recibos nunca.", Scenario("receipts", never=True)),
}
OUT_WORDS = {
    "queued": ("clock", "En cola"), "accepted": ("clock", "En cola"), "scheduled": ("clock", "Programado"), "sent": ("check", "Enviado"),
    "delivered": ("checks", "Entregado"), "undelivered": ("alert", "No entregado"), "failed": ("alert", "Falló"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """An icon and the word beside it; `tone` is ``""``, good or bad."""

    icon: str
    word: str
    tone: str = ""


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
    media: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One client in the list."""

    number: str
    name: str
    initials: str
    hue: int
    preview: str = ""
    time: str = ""
    mine: bool = False
    waiting: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One choice of the panel."""

    key: str
    name: str
    about: str
    chosen: bool


def read_number(text: str) -> str | None:
    """A phone number as a person types it, in E.164; None when it is not whole."""
    number = re.sub(r"[\s().-]", "", text)
    return number if PHONE.fullmatch(number) else None


def list_clients(carrier: Carrier, search: str, current: str | None) -> list[Row]:
    """Clients who match, those with the newest words first."""
    clients, latest = carrier.store.clients(), {row.party: row for row in carrier.store.latest(SHOWN_CLIENTS)}
    numbers = [*latest, *(number for number in clients if number not in latest)]
    wanted = search.casefold().strip()
    digits = re.sub(r"[^\d+]", "", wanted)

    def matches(number: str) -> bool:
        name = clients[number].name.casefold() if number in clients else ""
        return not wanted or wanted in name or (len(digits) > 1 and digits in number)

    return [_row(number, clients.get(number), latest.get(number), current) for number in numbers if matches(number)][:SHOWN_CLIENTS]


def show_client(carrier: Carrier, number: str) -> Row:
    """The client whose phone is in hand."""
    return _row(number, carrier.store.clients().get(number), None, number)


def list_bubbles(carrier: Carrier, number: str) -> list[Bubble]:
    """The newest messages from and to one client, oldest first."""
    rows = carrier.store.conversation(number, limit=SHOWN_BUBBLES)
    answers = carrier.store.answers(row.sid for row in rows if row.direction == "inbound")
    bubbles, day = list[Bubble](), ""
    for row in rows:
        mark = _day(row.created_at)
        bubbles.append(_bubble(row, answers.get(row.sid, []), mark if mark != day else ""))
        day = mark
    return bubbles


def list_lines(carrier: Carrier, number: str) -> list[str]:
    """Things this client may say at a press: their own first."""
    client = carrier.store.clients().get(number)
    own = list(client.lines) if client else []
    return [*own, *(line for line in OPENERS if line not in own)][:QUICK_LINES]


def list_rules(carrier: Carrier, number: str) -> list[Rule]:
    """What may befall the next message to this client, and what was chosen."""
    chosen = next((key for rule in carrier.scenarios.waiting() for key in RULES if _is_for(rule, number, key)), "normal")
    normal = Rule("normal", "Normal", "Se acepta y se entrega en un segundo.", chosen == "normal")
    return [normal, *(Rule(key, name, about, key == chosen) for key, (name, about, _) in RULES.items())]


def choose_rule(carrier: Carrier, number: str, key: str) -> None:
    """Let this befall the next message to this client, instead of what was chosen before."""
    for rule in carrier.scenarios.waiting():
        if any(_is_for(rule, number, other) for other in RULES):
            carrier.scenarios.clear(rule.id)
    if key in RULES:
        carrier.scenarios.add(_rule(number, key))


def _is_for(rule: Scenario, number: str, key: str) -> bool:
    twin = _rule(number, key)
    twin.id, twin.taken = rule.id, rule.taken
    return rule == twin


def _rule(number: str, key: str) -> Scenario:
    return msgspec.structs.replace(RULES[key][2], match=Match(to=f"^{re.escape(number)}$"), times=1)


def _row(number: str, client: Client | None, last: Message | None, current: str | None) -> Row:
    name = client.name if client else number
    return Row(
        number=number,
        name=name,
        initials="".join(word[0] for word in name.split()[:2]).upper() if client else "",
        hue=sum(number.encode()) % 6,
        preview=" ".join(last.body.split())[:80] if last else "",
        time=_clock(last.created_at) if last and _day(last.created_at) == "Hoy" else _day(last.created_at) if last else "",
        mine=last is not None and last.direction == "inbound",
        waiting=last is not None and last.direction != "inbound" and last.status == "delivered",
        current=number == current,
    )


def _bubble(row: Message, answers: list[int | None], day: str) -> Bubble:
    mine = row.direction == "inbound"
    state = _in_state(row, answers) if mine else _out_state(row)
    silent = not mine and not row.answered and datetime.now(UTC).timestamp() - row.created_at > 1
    return Bubble(row.sid, mine, row.body, _clock(row.created_at), state, day, silent, len(row.media))


def _in_state(row: Message, answers: list[int | None]) -> State:
    if row.lost:
        return State("alert", "Perdido en el camino", "bad")
    if any(code is not None and 200 <= code < 300 for code in answers):
        return State("checks", "Recibido por Trato", "good")
    if not answers:
        return State("clock", "Enviando")
    code = answers[-1]
    return State("alert", "Trato no contestó" if code is None else f"Trato lo rechazó ({code})", "bad")


def _out_state(row: Message) -> State:
    icon, word = OUT_WORDS.get(row.status, ("clock", row.status))
    if row.error_code:
        return State(icon, f"{word} · {row.error_code}", "bad")
    return State(icon, word, "good" if row.status == "delivered" else "")


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, ZONE):%H:%M}"


def _day(at: float) -> str:
    then, now = datetime.fromtimestamp(at, ZONE).date(), datetime.now(ZONE).date()
    return {0: "Hoy", 1: "Ayer"}.get((now - then).days, f"{then.day} {MONTHS[then.month - 1]}")
