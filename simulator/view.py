"""What the phone page shows around the messages: clients, quick lines, choices. Text for people is Spanish, and says "cliente"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import msgspec.structs

from simulator.addresses import PHONE, USER_ID, bare, country_of
from simulator.carrier import Carrier
from simulator.lines import openers
from simulator.records import Message, Phone
from simulator.scenarios import Match, Scenario
from simulator.whatsapp import window_ends

# The phones lie in Colombia, which keeps one hour all year.
ZONE = timezone(timedelta(hours=-5))
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
APPS = {"sms": "SMS", "whatsapp": "WhatsApp"}
SHOWN_CLIENTS, QUICK_LINES = 150, 6
# What a person may choose for the next message to a client; the words say what will happen.
RULES = {
    "throttled": ("Saturado", "La operadora contesta 429; Trato debe insistir.", Scenario("throttled")),
    "refused": ("Rechazado", "La operadora no lo acepta (30005, número desconocido).", Scenario("refused", code=30005)),
    "cut": ("Aceptado y cortado", "Lo acepta y corta la conexión sin responder.", Scenario("accept_then_drop")),
    "undelivered": ("No entregado", "Sale y vuelve con error 30003, teléfono apagado.", Scenario("fails_with", code=30003)),
    "no_account": ("Sin WhatsApp", "Sale y vuelve con error 63024, ese usuario no existe.", Scenario("fails_with", code=63024)),
    "limit": ("Límite de WhatsApp", "Sale y vuelve con error 63018, demasiados envíos.", Scenario("fails_with", code=63018)),
    "unread": ("Sin leer", "Llega y nadie lo lee.", Scenario("receipts", read=False)),
    "late": ("Recibos tarde", "Los recibos llegan 10 segundos después.", Scenario("receipts", late=10)),
    "doubled": ("Recibos dobles", "Cada recibo llega dos veces.", Scenario("receipts", doubled=2)),
    "reversed": ("Recibos al revés", "Llega «entregado» antes que «enviado».", Scenario("receipts", reversed=True)),
    "never": ("Sin recibos", "El mensaje llega, los recibos nunca.", Scenario("receipts", never=True)),
}
NOT_ON = {"sms": ("no_account", "limit", "unread"), "whatsapp": ("refused", "undelivered")}


@dataclass(frozen=True, slots=True)
class Row:
    """One client in the list."""

    owner: str
    name: str
    initials: str
    hue: int
    app: str
    preview: str = ""
    time: str = ""
    mine: bool = False
    waiting: bool = False
    current: bool = False
    scripted: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Whether free words of ours may still reach a client on WhatsApp, in words."""

    open: bool
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of the panel."""

    key: str
    name: str
    about: str
    chosen: bool


def read_owner(text: str) -> str | None:
    """A phone number as a person types it, in E.164, or an id of WhatsApp; None when it is not whole."""
    number = re.sub(r"[\s()-]", "", text)
    plain = number.replace(".", "")
    return plain if PHONE.fullmatch(plain) else number if USER_ID.fullmatch(number) else None


def list_clients(carrier: Carrier, search: str, current: str | None) -> list[Row]:
    """Clients who match, those with the newest words first."""
    phones, latest = carrier.store.phones, dict[str, Message]()
    for message in carrier.store.latest(2 * SHOWN_CLIENTS):
        latest.setdefault(phones.owner_of(message.party), message)
    clients, devices = phones.clients(), {phone.owner: phone for phone in phones.all()}
    owners = [*latest, *(owner for owner in clients if owner not in latest)]
    wanted = search.casefold().strip()
    digits = re.sub(r"[^\d+]", "", wanted)

    def called(owner: str) -> str:
        device = devices.get(owner)
        return clients[owner].name if owner in clients else device.profile_name if device else ""

    def matches(owner: str) -> bool:
        return not wanted or wanted in f"{called(owner)} {owner}".casefold() or (len(digits) > 1 and digits in owner)

    found = [owner for owner in owners if matches(owner)][:SHOWN_CLIENTS]
    return [_row(owner, called(owner), latest.get(owner), devices.get(owner), current) for owner in found]


def show_client(carrier: Carrier, owner: str) -> Row:
    """The client whose phone is in hand."""
    phones = carrier.store.phones
    client = phones.clients().get(owner)
    return _row(owner, client.name if client else phones.get(owner).profile_name, None, None, owner)


def addresses_of(carrier: Carrier, owner: str, app: str) -> list[str]:
    """Under which addresses a client has the messages of one app."""
    return [owner] if app == "sms" else carrier.store.phones.on_whatsapp(owner)


def app_of(carrier: Carrier, owner: str) -> str:
    """The app in which a client's last message stands."""
    last = carrier.store.conversation([owner, *carrier.store.phones.on_whatsapp(owner)], limit=1)
    return last[0].channel if last and last[0].channel in APPS else "sms" if PHONE.fullmatch(owner) else "whatsapp"


def show_window(carrier: Carrier, owner: str) -> Window:
    """How long Trato may still write freely."""
    ends, now = window_ends(carrier.store, carrier.config, owner), carrier.clock.now()
    if ends is None or ends <= now:
        return Window(False, "Ventana cerrada: solo plantillas")
    return Window(True, f"Ventana abierta hasta {day_of(ends, now).lower()} {clock_of(ends)}")


def list_lines(carrier: Carrier, owner: str) -> list[str]:
    """Things this client may say at a press: their own first."""
    client = carrier.store.phones.clients().get(owner)
    own = list(client.lines) if client else []
    return [*own, *(line for line in openers(country_of(owner)) if line not in own)][:QUICK_LINES]


def list_rules(carrier: Carrier, owner: str, app: str) -> list[Choice]:
    """What may befall the next message to this client, and what was chosen."""
    twins = {key: _rule(carrier, owner, key) for key in RULES}
    chosen = next((key for rule in carrier.scenarios.waiting() for key in RULES if _same(rule, twins[key])), "normal")
    normal = Choice("normal", "Normal", "Se acepta y se entrega en un segundo.", chosen == "normal")
    shown = ((key, *about) for key, about in RULES.items() if key not in NOT_ON[app])
    return [normal, *(Choice(key, name, about, key == chosen) for key, name, about, _ in shown)]


def choose_rule(carrier: Carrier, owner: str, key: str) -> None:
    """Let this befall the next message to this client, instead of what was chosen before."""
    twins = [_rule(carrier, owner, other) for other in RULES]
    for rule in carrier.scenarios.waiting():
        if any(_same(rule, twin) for twin in twins):
            carrier.scenarios.clear(rule.id)
    if key in RULES:
        carrier.scenarios.add(_rule(carrier, owner, key))


def clock_of(at: float) -> str:
    """Hour and minute where the phones lie."""
    return f"{datetime.fromtimestamp(at, ZONE):%H:%M}"


def day_of(at: float, now: float) -> str:
    """The day where the phones lie, as people say it."""
    then, today = datetime.fromtimestamp(at, ZONE).date(), datetime.fromtimestamp(now, ZONE).date()
    return {0: "Hoy", 1: "Ayer", -1: "Mañana"}.get((today - then).days, f"{then.day} {MONTHS[then.month - 1]}")


def _same(rule: Scenario, twin: Scenario) -> bool:
    return rule == msgspec.structs.replace(twin, id=rule.id, taken=rule.taken)


def _rule(carrier: Carrier, owner: str, key: str) -> Scenario:
    names = "|".join(re.escape(bare(name)) for name in carrier.store.phones.on_whatsapp(owner))
    return msgspec.structs.replace(RULES[key][2], match=Match(to=f"^(whatsapp:)?({names})$"), times=1)


def _row(owner: str, name: str, last: Message | None, device: Phone | None, current: str | None) -> Row:
    now = last.created_at if last else 0.0
    today = datetime.now(ZONE).timestamp()
    return Row(
        owner=owner,
        name=name or owner,
        initials="".join(word[0] for word in name.split()[:2]).upper(),
        hue=sum(owner.encode()) % 6,
        app=last.channel if last and last.channel in APPS else "" if PHONE.fullmatch(owner) else "whatsapp",
        preview=(" ".join(last.body.split())[:80] or "Adjunto") if last else "",
        time=(clock_of(now) if day_of(now, today) == "Hoy" else day_of(now, today)) if last else "",
        mine=last is not None and last.direction == "inbound",
        waiting=last is not None and last.direction != "inbound" and last.status in ("delivered", "read"),
        current=owner == current,
        scripted=device is not None and bool(device.script),
    )
