"""Guards the face: it renders in every language, executes nothing foreign, and shows no more than it was given."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest

from base.money import money
from console.catalogs import LANGUAGES
from console.desk import Desk
from console.desk.shell import shell_of
from console.rendering import Renderer, capped, hue, initials, known_language, zone_of
from console.views import (
    QUEUES,
    AddressView,
    ChannelChoice,
    Chip,
    ChoiceView,
    ComposerView,
    ConversationView,
    DebtView,
    DeskView,
    EntryView,
    ErrorView,
    MediaView,
    MoneyView,
    MoreView,
    PanelView,
    QueueRow,
    QueueView,
    QuoteView,
    Reader,
    RulingView,
    SignInView,
    SpotView,
    StepView,
    StoryView,
    TemplateBadge,
)
from console.views.palette import ShellView
from console.words import ADDRESS_STATUSES, CHANNELS, EVENTS, MESSAGE_STATES, PAYMENT_STATES, PROMISE_STATES
from inbox.access import Reader as Agent
from staff.models import Role
from staff.preferences import Preferences, Seat

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 21, 15, 46, tzinfo=UTC)
ZONE = "America/Bogota"
ID = "0198f0a0-0000-7000-8000-000000000001"
HOSTILE = '<script>alert(1)</script><hx-partial hx-target="body">x</hx-partial>" onmouseover="x" {{ 7*7 }} \x00 \u202e'


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(lambda: NOW)


def row(**changes: object) -> QueueRow:
    base = QueueRow(
        ID, 7, "Rosa Márquez", "¿Puedo pagar la mitad?", "in", "sms", NOW, ZONE, True, "open", "Luis", False, Chip("bad", "Baja")
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def queue(*rows: QueueRow, **changes: object) -> QueueView:
    return replace(QueueView("team", "team", rows, "d41d", {"mine": 0, "unassigned": 104, "team": 2, "triage": 1}, ID), **changes)  # type: ignore[arg-type]


def entry(position: int = 1, **changes: object) -> EntryView:
    base = EntryView(f"e{position}", position, position, "message", "Buenas tardes", NOW, ZONE, "sms", "in", "received")
    return replace(base, **changes)  # type: ignore[arg-type]


def entries() -> tuple[EntryView, ...]:
    states = [
        entry(i, direction="out", state=state, agent="Ana", segments=2, error="Motivo", can_retry=True)
        for i, state in enumerate(MESSAGE_STATES, 10)
    ]
    others = [
        entry(1),
        entry(2, kind="note", direction=None, agent="Ana"),
        entry(3, kind="call", direction=None, channel="voice"),
        entry(4, kind="hidden", direction=None, text=""),
        entry(5, kind="event", direction=None, text="Envío bloqueado", verdict_rule="opted_out"),
        entry(6, at=NOW + timedelta(days=1), language="pt"),
        *everything("x"),
    ]
    return (*others, *states)


def everything(text: str) -> tuple[EntryView, ...]:
    """Every kind of line with all that it can carry, in somebody's words."""
    kept = [MediaView(f"m-{kind}", kind, "kept", text, 1_500_000) for kind in ("photo", "sound", "file")]  # type: ignore[arg-type]
    media = (*kept, MediaView("m-wait", "file", "pending", text), MediaView("m-lost", "photo", "failed", text, None, text))
    money = [MoneyView(Decimal(250000), "COP", date(2026, 11, 30), state, "whatsapp") for state in (*PROMISE_STATES, *PAYMENT_STATES)]
    ours = {"direction": "out", "agent": text, "conversation_id": ID, "may_act": True}
    return (
        entry(31, text=text, media=media, quote=QuoteView("e1", 1, 1, text, text), forwarded=True, conversation_id=ID, may_act=True),
        entry(32, text=text, press=text, spot=SpotView(4.6, -74.1, text), client_zone="America/Lima", channel="whatsapp"),
        entry(33, text=text, template=TemplateBadge(text, "es", text), buttons=(text, text), channel="whatsapp", state="read", **ours),
        entry(34, text=text, state="queued", hold="undo", due_at=NOW, **ours),
        entry(35, text=text, state="queued", hold="schedule", due_at=NOW, **ours),
        entry(36, text=text, state="unconfirmed", **ours),
        entry(37, text=text, state="delivered", ruling=RulingView(text, arrived=False, at=NOW, overruled=True), **ours),
        entry(38, text=text, kind="note", direction=None, pieces=((text, False), (text, True))),
        entry(39, text=text, kind="call", channel="voice", seconds=252, outcome=text),
        *(entry(40 + i, text=text, kind="promise" if i < 4 else "payment", direction=None, money=one) for i, one in enumerate(money)),
        entry(50, text=text, kind="promise", direction=None),
        entry(51, text=text, kind="event", direction=None, shifts=True, decision=True, verdict_rule=text),
    )


def more() -> MoreView:
    steps = (StepView("delivered", NOW), StepView("something-new", NOW))
    return MoreView(NOW, ZONE, "America/Lima", NOW, "carrier-1", "GSM-7", 2, steps, "opted_out", "30003")


def composer(**changes: object) -> ComposerView:
    choices = (ChannelChoice("sms", "SMS", True), ChannelChoice("whatsapp", "WhatsApp", False, "No autorizó este canal.", "CO-2300-2"))
    return replace(ComposerView(ID, "0198f0a0-1111-7000-8000-000000000001", 40, choices, "··4471", revision=40), **changes)  # type: ignore[arg-type]


def conversation(**changes: object) -> ConversationView:
    addresses = tuple(AddressView(channel, "··4471", status) for channel in CHANNELS for status in ADDRESS_STATUSES)
    debt = DebtView("Banco Aurora", "4471", Decimal("2480000"), Decimal("1240000"), "COP", date(2026, 11, 14), 38, "0042-8813")
    unseen = DebtView("Almacén", None, None, None, "", None, None, None)
    panel = PanelView(ID, 40, "Rosa Márquez", "AUR-004217", ZONE, "Bogotá", addresses, (debt, unseen), "es", True)
    base = ConversationView(
        ID, 40, "Rosa Márquez", "··4471", "open", "Ana", True, "Banco Aurora", "es", ZONE, story(entries()), composer(), panel
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def story(shown: tuple[EntryView, ...], **changes: object) -> StoryView:
    base = StoryView(ID, 40, shown, older=True, zone=ZONE, first_day="2026-03-02", last_day="2026-11-21")
    return replace(base, **changes)  # type: ignore[arg-type]


def shell(renderer: Renderer, language: str) -> ShellView:
    """The frame of an agent who has chosen nothing yet."""
    agent = Agent(UUID(int=1), "Ana Restrepo", "ana@trato.example", Role.AGENT, language, "America/Bogota", ())
    return shell_of(Desk(renderer, agent), Seat(Preferences(), 43_200))


def reader(language: str) -> Reader:
    return Reader("a1", "Ana Restrepo", "ana@trato.example", "agent", language, "token-of-the-session")


def pages(renderer: Renderer, language: str) -> dict[str, str]:
    """Every page, part and frame, with everything that can be in it."""
    open_, triage, closed = (
        conversation(),
        conversation(state="triage", assignee=None, mine=False),
        conversation(state="closed", mine=False, may_act=False),
    )
    error = ErrorView("Título", "Mensaje", "r-1")

    def desk(view: QueueView, shown: ConversationView | None) -> str:
        return renderer.render("desk.html", language, desk=DeskView(reader(language), view, shown, shell=shell(renderer, language)))

    beside = {"conversation_id": ID, "entries": entries()[:2], "side": "older", "beside": "e9", "more": True, "revision": 40}
    return {
        "desk": desk(
            queue(row(), row(id="2", unread=False, preview_direction="out", at=None, channel=None, chip=None, state="triage")), open_
        ),
        "triage": desk(queue(name="triage"), triage),
        "closed": desk(queue(row(at=NOW - timedelta(days=3)), row(id="3", left="La tomó Luis", assignee="Luis", at=NOW)), closed),
        **{name: desk(queue(name=name), None) for name in QUEUES},
        "opened": renderer.render("parts/opened.html", language, conversation=open_),
        "neighbours": renderer.render("parts/neighbours.html", language, **beside),
        "story": renderer.render("parts/story.html", language, story=story((), show="payments", newer=True, anchor="e1")),
        "more": renderer.render("parts/entries/more.html", language, more=more()),
        "refused": renderer.render(
            "parts/send_result.html",
            language,
            composer=composer(text="x", problem="No", problem_rule="r"),
            entries=entries()[:1],
            refused=True,
        ),
        "sent": renderer.render("parts/send_result.html", language, composer=composer(), entries=entries()[:1], refused=False),
        "part-error": renderer.render("parts/error.html", language, error=error, shown=True),
        "error": renderer.render("error.html", language, error=error),
        "sign-in": renderer.render("sign_in.html", language, sign_in=SignInView("t", "No coinciden.", "ana@trato.example", "/c/1")),
        "frame": renderer.render("frames/conversation.html", language, conversation_id=ID, entries=entries(), conversation=open_),
        "rows": renderer.render("frames/queue.html", language, key="team", rows=[row()], counts={"mine": 100}, longer="team:100"),
    }


class Elements(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def of_id(html: str, id_: str) -> str:
    """The start tag of an element."""
    found = re.search(rf'<[a-z]+ [^>]*id="{id_}"[^>]*>', html)
    assert found, f"no element #{id_}"
    return found[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_renders_without_anything_inline(renderer: Renderer, language: str) -> None:
    for name, html in pages(renderer, language).items():
        for tag, attributes in Elements(html).found:
            assert "style" not in (tag, *attributes), f"{name}: the policy allows no inline style"
            served = str(attributes.get("src")).startswith(("/static/", "/assets/"))
            assert tag != "script" or served, f"{name}: the policy allows no inline script"
            assert not [key for key in attributes if key.startswith(("on", "hx-on")) or "js:" in (attributes[key] or "")], (
                f"{name}: no code in attributes"
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_ids_are_unique_and_names_are_there(renderer: Renderer, language: str) -> None:
    for name in ("desk", "triage", "closed", "mine", "sign-in"):
        found = Elements(pages(renderer, language)[name]).found
        ids = [attributes["id"] for _, attributes in found if "id" in attributes]
        assert len(ids) == len(set(ids)), name
        for _, attributes in found:
            for key in ("aria-labelledby", "aria-describedby", "popovertarget", "for"):
                assert set((attributes.get(key) or "").split()) <= set(ids), f"{name}: {key}={attributes.get(key)} names nothing"


def test_hostile_text_stays_text(renderer: Renderer) -> None:
    hostile = conversation(
        debtor_name=HOSTILE,
        portfolio=HOSTILE,
        assignee=HOSTILE,
        mine=False,
        story=story((entry(text=HOSTILE, agent=HOSTILE, error=HOSTILE), entry(2, kind="event", text=HOSTILE), *everything(HOSTILE))),
        composer=composer(text=HOSTILE, problem=HOSTILE, channels=(ChannelChoice("sms", "SMS", False, HOSTILE, HOSTILE),)),
    )
    view = DeskView(reader("es"), queue(row(name=HOSTILE, preview=HOSTILE, assignee=HOSTILE)), hostile, shell=shell(renderer, "es"))
    html = renderer.render("desk.html", "es", desk=view) + renderer.render("parts/opened.html", "es", conversation=hostile)
    tags = Elements(html).found
    assert "<script>alert" not in html
    assert html.count("<hx-partial") == 2, "only the template's own parts"
    assert "7*7" in html
    assert not [attributes for _, attributes in tags if "onmouseover" in attributes]


def test_client_is_never_called_a_debtor(renderer: Renderer) -> None:
    for language in LANGUAGES:
        for name, html in pages(renderer, language).items():
            assert not re.search(r"deudor|devedor|debtor|moroso|inadimplente", html, re.IGNORECASE), f"{name} in {language}"


def test_a_contact_of_another_portfolio_shows_nothing_of_it(renderer: Renderer) -> None:
    hidden = entry(4, kind="hidden", direction=None, text="saldo 2.480.000", agent="Luis", error="secreto")
    html = renderer.render("frames/conversation.html", "es", conversation_id=ID, entries=[hidden], conversation=None)
    assert "Hubo una comunicación de otra cartera" in html
    assert not re.search("2.480.000|secreto|>Luis<", html)


def test_states_have_icon_and_word(renderer: Renderer) -> None:
    html = renderer.render("frames/conversation.html", "es", conversation_id=ID, entries=entries(), conversation=None)
    for word in (
        "En cola",
        "Enviado",
        "Entregado",
        "Leído",
        "Falló",
        "Sin confirmar",
        "No enviado: por ahora no se puede",
        "Cancelado",
    ):
        assert re.search(rf'<span class="state [a-z]+"[^>]*><svg [^>]+><use [^>]+></use></svg>{word}</span>', html), word


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_state_blames_the_law(renderer: Renderer, language: str) -> None:
    said = [renderer.translate(language, word.label) for word in MESSAGE_STATES.values()]
    assert [label for label in said if re.search(r"\b(ley|lei|law)\b", label, re.IGNORECASE)] == [], (
        "a template or a switch may be the cause"
    )


def test_states_agree_with_the_message_in_portuguese(renderer: Renderer) -> None:
    said = [renderer.translate("pt", word.label) for word in MESSAGE_STATES.values()]
    assert [label for label in said if re.match(r"(Enviad|Recebid|Lid|Cancelad|Não enviad)o\b", label)] == []


def test_a_closed_channel_is_shown_with_its_reason(renderer: Renderer) -> None:
    html = renderer.render("parts/composer.html", "es", composer=composer())
    assert 'aria-disabled="true" aria-describedby="reason-whatsapp"' in of_id(html, "channel-whatsapp")
    assert 'aria-pressed="true"' in of_id(html, "channel-sms")
    assert "No autorizó este canal." in html
    assert "CO-2300-2" not in html, "a rule's code is for reviewers"
    none = renderer.render(
        "parts/composer.html", "es", composer=composer(channels=(ChannelChoice("sms", "SMS", False, "Pidió no recibir"),))
    )
    assert 'aria-disabled="true"' in of_id(none, "send")


def test_words_in_another_language_say_which(renderer: Renderer) -> None:
    quote = QuoteView("0198f0a0-0000-7000-8000-000000000002", 1, 1, "Rosa", "Posso pagar?")
    said = entry(7, text="Claro", language="pt_BR", quote=quote, press="Sim, quero", buttons=(ChoiceView("Sim"), ChoiceView("Depois")))
    gone = entry(8, text="Até logo", language="pt_BR", state="cancelled")
    for language, marks in (("es", 6), ("pt", 0)):
        html = renderer.render("frames/conversation.html", language, conversation_id=ID, entries=[said, gone], conversation=None)
        assert html.count(' lang="pt-BR"') == marks, language
        for words in ("Claro", "Posso pagar?", "Sim, quero", "Depois", "Até logo"):
            assert bool(re.search(rf'lang="pt-BR">{re.escape(words)}<', html)) == (language == "es"), words


def test_a_refused_text_comes_back_with_the_reason(renderer: Renderer) -> None:
    again = composer(text="Quedo atenta", problem="Ya hubo un contacto hoy")
    html = renderer.render("parts/send_result.html", "es", composer=again, entries=[], refused=True)
    assert "#composer-problem" in html
    assert "Ya hubo un contacto hoy" in html
    assert "<textarea" not in html, "somebody may be typing there"


def test_first_paint_and_live_frames_are_the_same_html(renderer: Renderer) -> None:
    page = renderer.render("parts/conversation.html", "es", conversation=conversation())
    frame = renderer.render("frames/conversation.html", "es", conversation_id=ID, entries=entries(), conversation=conversation())
    for block in (r'<header id="header".*?</header>', r'<div id="channels".*?(?=\s*(?:<div id="template-slot"|</hx-partial>))'):
        parts = [re.findall(block, html, re.DOTALL) for html in (page, frame)]
        assert parts[0] == parts[1]
        assert len(parts[0]) == 1
    plain = re.compile(r"\s+(starts-day|grouped)")  # marks.js gives these two to what came live
    texts = [re.findall(r'<li id="e-.*?</li>', plain.sub("", html), re.DOTALL) for html in (page, frame)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == len(entries())


def test_frames_reach_only_their_own_conversation_and_list(renderer: Renderer) -> None:
    frame = renderer.render("frames/conversation.html", "es", conversation_id=ID, entries=entries(), conversation=conversation())
    targets = re.findall(r"<hx-partial hx-target='([^']+)' hx-swap=\"place\">", frame)
    assert targets == [f'#{part}[data-id="{ID}"]' for part in ("timeline", "header", "channels", "doubt", "panel")]
    rows = renderer.render("frames/queue.html", "es", key="team", rows=[row()], counts={}, longer=None)
    assert "hx-target='#queue-list[data-topic=\"queue:team\"]'" in rows
    assert f"/c/{ID}?view=team" in rows


@pytest.mark.parametrize(("legal", "shown"), [("disputed", "En disputa"), ("en remate", "en remate"), (None, None)])
def test_an_account_says_its_legal_state(renderer: Renderer, legal: str | None, shown: str | None) -> None:
    debt = DebtView("Banco Aurora", "4471", None, None, "COP", None, None, None, legal)
    html = renderer.render("parts/panel.html", "es", panel=PanelView(ID, 1, "Rosa", None, ZONE, None, (), (debt,)))
    assert re.findall(r'<p class="debt-legal">.*</svg>(.*?)</span></p>', html) == ([shown] if shown else [])


def test_what_came_of_a_call_is_said_in_words(renderer: Renderer) -> None:
    for language, words in (("es", "Nadie contestó"), ("pt", "Ninguém atendeu"), ("en", "Nobody answered")):
        call = entry(kind="call", direction="out", channel="voice", outcome="no_answer")
        html = renderer.render("frames/conversation.html", language, conversation_id=ID, entries=[call], conversation=None)
        assert words in html
        assert "no_answer" not in html


def test_every_line_has_its_exact_moment_for_ears(renderer: Renderer) -> None:
    for kind in ("message", "note", "call", "promise", "payment", "event", "hidden"):
        html = renderer.render(
            "frames/conversation.html", "es", conversation_id=ID, entries=[entry(kind=kind, client_zone="Europe/Madrid")], conversation=None
        )
        assert re.search(r'<span class="exact">[^<]*10:46, tu hora · 16:46 para el cliente</span>', html), kind


def test_days_and_groups_are_marked(renderer: Renderer) -> None:
    spoken = (
        entry(1),
        entry(2, at=NOW + timedelta(minutes=4)),
        entry(3, at=NOW + timedelta(minutes=20)),
        entry(4, at=NOW + timedelta(days=1)),
    )
    html = renderer.render("parts/timeline.html", "es", conversation=conversation(story=story(spoken)))
    classes = re.findall(r'<li id="e-e\d" class="([^"]+)"', html)
    assert classes == ["entry message in starts-day", "entry message in grouped", "entry message in", "entry message in starts-day"]
    assert '<span class="day-near">Hoy</span><span>sábado 21 de noviembre</span>' in html


def test_times_are_the_readers(renderer: Renderer) -> None:
    late = datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
    html = renderer.render("frames/conversation.html", "es", conversation_id=ID, entries=[entry(at=late)], conversation=None)
    assert ">22:05</time>" in html
    assert 'data-day="2026-11-21"' in html
    rows = renderer.render("frames/queue.html", "es", key="mine", rows=[row(), row(at=NOW - timedelta(days=1))], counts={}, longer=None)
    assert ">10:46</time>" in rows
    assert ">20 nov</time>" in rows


def test_money_is_written_as_at_home() -> None:
    written = [
        money(Decimal(amount), currency)
        for amount, currency in (("2480000.0000", "COP"), ("312450.5", "COP"), ("1240", "MXN"), ("1234.5", "BRL"))
    ]
    assert [text.replace("\xa0", " ") for text in written] == ["$ 2.480.000", "$ 312.450,50", "$ 1,240.00", "R$ 1.234,50"]


def test_small_words() -> None:
    assert [capped(count) for count in (0, 99, 100)] == ["0", "99", "99+"]
    assert [initials(name) for name in ("Rosa Márquez", "óscar", "+57 ··· 8821", "María Fernanda de los Ríos", "")] == [
        "RM",
        "Ó",
        "#",
        "MR",
        "#",
    ]
    spanish = (
        "Marta Quintero Ruiz",
        "Ana María de la Cruz",
        "José Luis Peña",
        "Óscar Pérez Gómez",
        "Marta de la Cruz Ruiz",
        "Juan Carlos Díaz Soto",
    )
    assert [initials(name) for name in spanish] == ["MQ", "AC", "JP", "ÓP", "MC", "JD"]
    assert [known_language(tag) for tag in ("es-CO", "pt_BR", "en", "fr", None)] == ["es", "pt", "en", "es", "es"]
    assert zone_of("Mars/Olympus").key == "UTC"
    assert hue(ID) == hue(ID) < 8


def test_events_are_sentences(renderer: Renderer) -> None:
    names = ("agent", "channel", "reason", "to", "team", "disposition", "until", "what", "entries")
    values = dict.fromkeys(names, "Luis")
    for event in EVENTS:
        assert "%(" not in renderer.event_text("es", event, **values)
    assert renderer.event_text("es", "claimed", agent="Luis") == "Luis tomó la conversación"
