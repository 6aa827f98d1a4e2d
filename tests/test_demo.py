"""The demo is written in bulk, so it is compared with what the doors write: the same shapes, the same invariants, and nothing at night."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from channels.phones import parse_phone
from channels.twilio_words import ERRORS
from compliance.optouts import is_stop
from compliance.wording import warnings
from console.demo.book import COLUMNS
from console.demo.calendar import is_working_time, last_working_time
from console.demo.clients import DemoClient, demo_clients
from console.demo.countries import COUNTRIES, is_feminine
from console.demo.holidays import is_holiday
from console.demo.introducing import casting, introduce
from console.demo.people import ANDES, BRASIL, COLLEAGUES, CREDITORS, DEMO_PEOPLE, PEOPLE, SUR, team_of
from console.demo.scenes import CLIENT, OURS, TEMPLATE, chosen, pools
from console.demo.templates import PAUSED, REJECTED, prepared_texts
from console.demo.writing import FAILURES, write_demo
from console.setting_up import people_lines
from inbox.authoring import TEMPLATE as REGISTERED
from inbox.filling import PLACE
from inbox.product import open_product
from simulator.scripts import read_scripts
from tests.running import Running, until, working
from tests.servers import Servers

ROOT = Path(__file__).parent.parent
FILES = ROOT / "console" / "demo" / "files"
# What somebody may read who has not said that they are the client, and what it never says.
NEUTRAL = {
    REGISTERED: ("primer_saludo", "verificacion", "disculpa_persona", "primeira_saudacao", "verificacao", "desculpa_pessoa"),
    "canned": ("saludo", "verificar", "persona equivocada", "saudação", "pessoa errada"),
}
MATTER = re.compile(r"\b(cuenta|conta|saldo|pago|pagamento|cuota|parcela|tarjeta)", re.IGNORECASE)
# What is said in one country only.
ONLY_THERE = {
    "CO": r"\bextracto|paz y salvo|consigné|la prima\b|PSE\b|me regalan|corresponsal",
    "MX": r"OXXO|SPEI|\bsale\b,",
    "CL": r"cartola|Servipag|licencia médica|\bRUT\b",
    "PE": r"Yape|gratificación|\bDNI\b",
    "BR": r"\bPix\b|boleto|décimo terceiro",
}
# Words by which a woman (False) or a man (True) calls themselves.
OF_THE_OTHER = {
    False: re.compile(r"\b(obrigada|atenta|segura de|desempregada|incapacitada|clienta)\b|, sí, con ella", re.IGNORECASE),
    True: re.compile(r"\b(obrigado|atento|desempregado|incapacitado)\b|, sí, con él", re.IGNORECASE),
}
TO_A_FRIEND = {
    "es": re.compile(r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|quieres|escríbeme|dime|avísame)\b", re.IGNORECASE),
    "pt": re.compile(r"\b(tu|teu|tua|contigo|o senhor|a senhora)\b", re.IGNORECASE),
}


@pytest.fixture(scope="module")
async def demo(house: Running) -> Running:
    """The demo beside the five people that every test has."""
    agents = {f"{name}@trato.example": agent for name, agent in house.agents.items()}
    began = datetime.now(UTC)
    recent = await write_demo(house.product, agents)
    house.wrote = (recent, began)  # type: ignore[attr-defined]
    return house


async def test_three_hundred_clients_of_five_countries_and_who_serves_them(demo: Running) -> None:
    rows = await demo.rows(
        "select country, count(*) as number from debtor where org_id = :org and ref is not null and ref not like '%-B' group by 1"
    )
    assert {row.country for row in rows} == set(COUNTRIES)
    assert sum(row.number for row in rows) == 300
    teams = await demo.rows("select t.name, count(m.agent_id) as members from team t join team_member m on m.team_id = t.id group by 1")
    assert len(teams) == 3
    roles = Counter(person.role.value for person in (*PEOPLE, *DEMO_PEOPLE, *COLLEAGUES))
    assert (roles["agent"], roles["reviewer"], roles["admin"]) == (12, 1, 1)
    third = [card.name for card in CREDITORS if not card.first_party]
    assert len(third) == 1
    assert len(await demo.rows("select debtor_id from debt b join creditor c on c.id = b.creditor_id where not c.first_party")) > 8


async def test_writing_it_again_changes_nothing(demo: Running) -> None:
    before = await _sizes(demo)
    assert await write_demo(demo.product, {}) is None
    assert await _sizes(demo) == before


async def test_twenty_and_more_wait_for_ana(demo: Running) -> None:
    async with demo.api("ana") as api:
        answer = await api.get("/api/v1/conversations?limit=200")
        assert answer.status_code == 200, answer.text
        shown = {one["id"] for one in answer.json()["items"]}
    waiting = await demo.rows(
        "select c.id, c.waiting_since, c.last_inbound_position, c.read_position from conversation c join agent a on a.email = 'ana@trato.example'"
        " where c.state = 'open' and c.assigned_agent_id is null and c.waiting_since is not null and c.portfolios &&"
        " array(select v.creditor_id from team_member t join serving v on v.team_id = t.team_id where t.agent_id = a.id)"
    )
    assert len(waiting) >= 25
    assert {str(row.id) for row in waiting} <= shown
    assert all(row.last_inbound_position > row.read_position for row in waiting)
    oldest = min(row.waiting_since for row in waiting)
    assert datetime.now(UTC) - oldest < timedelta(days=4)


async def test_anas_windows_are_of_different_length(demo: Running) -> None:
    rows = await demo.rows(
        "select max(w.at) as heard from conversation c join contact_act w on w.debtor_id = c.debtor_id and w.direction = 'in'"
        " and w.channel = 'whatsapp' where c.assigned_agent_id = cast(:ana as uuid) and c.snoozed_until is null group by c.id",
        ana=demo.agents["ana"],
    )
    began: datetime = demo.wrote[1]  # type: ignore[attr-defined]
    left = sorted((timedelta(hours=24) - (began - row.heard)).total_seconds() / 3600 for row in rows)
    assert len(left) == 8
    assert left[0] < 0
    assert any(0.3 < hours < 1 for hours in left)
    assert any(2.5 < hours < 3.2 for hours in left)


async def test_positions_revisions_reading_and_waiting_are_as_the_timeline_keeps_them(demo: Running) -> None:
    wrong = await demo.rows(
        "select c.id from conversation c join lateral (select count(*) as number, max(e.position) as last, max(e.revision) as revised,"
        " bool_and(e.revision >= e.first_revision and e.first_revision >= e.position) as grows,"
        " coalesce(max(e.position) filter (where e.direction = 'in'), 0) as heard,"
        " coalesce(max(e.position) filter (where e.direction = 'out'), 0) as said,"
        " (select x.id from entry x where x.conversation_id = c.id and x.kind <> 'event' order by x.position desc limit 1) as newest"
        " from entry e where e.conversation_id = c.id) s on true where s.number > 0 and not (s.number = s.last and c.position = s.last"
        " and c.revision >= s.revised and c.card_revision <= c.revision and s.grows and c.last_inbound_position = s.heard"
        " and c.read_position >= s.said and c.last_entry_id = s.newest)"
    )
    assert wrong == []
    waiting = await demo.rows(
        "select c.id from conversation c where c.state in ('open', 'triage') and c.waiting_since is distinct from (select min(e.received_at) from entry e"
        " where e.conversation_id = c.id and e.direction = 'in' and e.position > coalesce((select max(o.position) from entry o"
        " where o.conversation_id = c.id and o.direction = 'out'), 0))"
    )
    assert waiting == []
    assert (
        await demo.rows("select id from conversation where state = 'closed' and (disposition is null or waiting_since is not null)") == []
    )


async def test_portfolios_are_those_of_the_debts_and_opted_out_addresses_have_their_word(demo: Running) -> None:
    assert (
        await demo.rows(
            "select c.id from conversation c join debtor d on d.id = c.debtor_id where d.ref is not null and c.portfolios is distinct from"
            " array(select distinct b.creditor_id from debt b where b.debtor_id = d.id order by 1)"
        )
        == []
    )
    stopped = await demo.rows(
        "select e.text, o.id from entry e join message m on m.id = e.id left join opt_out o on o.entry_id = e.id where e.direction = 'in'"
    )
    assert all(is_stop(row.text) == (row.id is not None) for row in stopped)
    ways = {row.text for row in stopped if row.id is not None}
    assert len(ways) >= 8
    after = "select m.id from message m join opt_out o on o.address_id = m.address_id where m.direction = 'out' and m.due_at > o.at"
    assert await demo.rows(after) == []


async def test_we_write_by_day_on_working_days_and_only_what_the_gate_let_through(demo: Running) -> None:
    rows = await demo.rows(
        "select m.due_at, d.country, d.zone, v.allowed, v.stage, m.id from message m join debtor d on d.id = m.debtor_id join verdict v on v.message_id = m.id"
        " where m.direction = 'out'"
    )
    assert len(rows) > 5000
    assert all(is_working_time(row.due_at, row.country, row.zone) and row.allowed for row in rows)
    assert Counter(row.stage for row in rows)["composed"] == Counter(row.stage for row in rows)["delivered"]
    unjudged = "select id from message m where direction = 'out' and not exists (select from verdict v where v.id = m.verdict_id)"
    assert await demo.rows(unjudged) == []
    future = "select id from entry where received_at > now() + interval '1 minute'"
    assert await demo.rows(future) == []


async def test_everything_said_is_told_to_the_ledger(demo: Running, servers: Servers) -> None:
    connection = await asyncpg.connect(servers.env["MIGRATOR_DATABASE_URL"])
    try:
        await connection.execute(
            "create temporary table told as select distinct coalesce(detail->>'entry', detail->>'message') as id from audit_pending"
        )
        assert (
            await connection.fetchval("select count(*) from message m where not exists (select from told where told.id = m.id::text)") == 0
        )
        words = await connection.fetchval(
            "select string_agg(distinct k, ' ') from audit_pending, jsonb_object_keys(detail) k where action not like 'template.%'"
        )
        assert not {"text", "name", "phone", "wording"} & set(words.split())
    finally:
        await connection.close()


async def test_the_simulator_is_told_who_answers_and_how(demo: Running) -> None:
    await introduce(demo.product, demo.wrote[0])  # type: ignore[attr-defined]
    product = await open_product(demo.settings)
    try:
        async with working(product):
            await _answers_by_a_script(demo)
    finally:
        await product.close()
        async with demo.simulator() as simulator:
            nobody = [one | {"script": ""} for one in casting()]
            (await simulator.post("/_simulator/scripts", json=nobody)).raise_for_status()


async def _answers_by_a_script(demo: Running) -> None:
    script = read_scripts()["pays"].rules[0].say[0].text
    phones = {one["number"] for one in casting() if one["script"] == "pays"}
    client = next(one for one in demo_clients() if one.phone in phones and one.stands == "waiting" and one.country.code in ("CO", "MX"))
    row = (await demo.rows("select id from debtor where ref = :ref", ref=client.ref))[0]
    began = datetime.now(UTC)
    async with demo.api("supervisora") as api:
        body = {"channel": "sms", "text": "Con gusto le ayudo.", "purpose": "collection"}
        sent = await api.post(f"/api/v1/debtors/{row.id}/messages", json=body)
        assert sent.status_code in (200, 201, 202), sent.text

    async def answered() -> bool:
        heard = await demo.rows("select text from entry where direction = 'in' and received_at > :at", at=began)
        return any(one.text in script for one in heard)

    async def reviewed() -> bool:
        rows = await demo.rows("select name, approval from template where name in (:one, :other)", one=PAUSED, other=REJECTED)
        return {row.name: row.approval for row in rows} == {PAUSED: "paused", REJECTED: "rejected"}

    await until(answered)
    await until(reviewed)


# How a row of each table is told from the others of its table, and which columns are a matter of chance.
KINDS = {
    "entry": ("kind, direction, channel", {"carrier_at"}),
    # The composer gives each message a token; the API has its own way to know a second press.
    "message": ("direction, channel, state", {"client_token"}),
    "carrier_event": ("kind", set()),
    "raw_event": ("retention", set()),
    "contact_act": ("direction, channel", set()),
    "verdict": ("stage", set()),
    "address": ("channel, deliverability", set()),
    "address_link": ("status", set()),
    "debt": ("currency", set()),
    # Over the API the zone is learnt from numbers and cities, not told.
    "debtor": ("kind", {"zone"}),
    "person_key": ("destroyed_at", set()),
    "conversation": ("state", set()),
}


async def test_rows_have_the_shape_that_the_doors_give_them(demo: Running, house_worker: None) -> None:
    before = datetime.now(UTC)
    client = await demo.new_client("+573990099001", **_card())
    await demo.client_writes("+573990099001", "Buenas, ¿cuánto debo pagar?")
    async with demo.api("ana") as api:
        sent = await api.post(
            f"/api/v1/debtors/{client['id']}/messages",
            json={"channel": "sms", "text": "Con gusto lo reviso.", "purpose": "collection"},
        )
        assert sent.status_code in (200, 201, 202), sent.text

    async def delivered() -> bool:
        rows = await demo.rows("select state from message where debtor_id = cast(:id as uuid) and direction = 'out'", id=client["id"])
        return [row.state for row in rows] == ["delivered"]

    await until(delivered)
    for table, (key, chance) in KINDS.items():
        ours, theirs = await _shapes(demo, table, key, client, chance, before)
        for kind, shapes in theirs.items():
            assert kind in ours, f"the demo has no {table} like {kind}"
            assert shapes <= ours[kind], f"{table} {kind}: the doors write {shapes - ours[kind]}, the demo {ours[kind]}"


def _card() -> dict[str, Any]:
    """A client of whom everything is told that the demo tells of its own."""
    debt = {
        "ref": f"D-{uuid.uuid4().hex[:8]}",
        "creditor": "Banco Aurora",
        "product_last4": "1234",
        "total_due": "250000",
        "minimum_due": "30000",
    }
    return {
        "city": "Bogotá",
        "region": "DC",
        "language": "es",
        "national_id": "1099887766",
        "debts": [debt | {"currency": "COP", "due_on": "2026-10-01", "days_past_due": 12, "payment_reference": "8812"}],
        "addresses": [{"channel": "sms", "value": "+573990099001", "consent": {"source": "contrato"}}],
    }


async def _shapes(
    demo: Running, table: str, key: str, client: dict[str, Any], chance: set[str], before: datetime
) -> tuple[dict[Any, set[frozenset[str]]], dict[Any, set[frozenset[str]]]]:
    """Which columns are filled in the demo's rows and in those of one client of the doors, by kind."""
    columns = await demo.rows("select column_name from information_schema.columns where table_name = :table", table=table)
    names = {row.column_name for row in columns}
    at = next(one for one in ("created_at", "received_at", "at", "updated_at", "state_at") if one in names)
    rows = await demo.rows(f"select to_jsonb(t) as row, t.{at} as at, row({key})::text as kind from {table} t")
    person = {str(client["id"])}
    own = await demo.rows(
        "select e.id from entry e join conversation c on c.id = e.conversation_id where c.debtor_id = cast(:id as uuid)", id=client["id"]
    )
    person |= {str(row.id) for row in own}
    person |= {
        str(row.address_id)
        for row in await demo.rows("select address_id from address_link where debtor_id = cast(:id as uuid)", id=client["id"])
    }
    found: tuple[dict[Any, set[frozenset[str]]], dict[Any, set[frozenset[str]]]] = ({}, {})
    for row in rows:
        theirs = bool(person & {str(row.row.get(name)) for name in ("id", "debtor_id", "person_id", "entry_id", "address_id")})
        if theirs or row.at < before:
            shape = frozenset(name for name, value in row.row.items() if value is not None and name not in chance)
            found[theirs].setdefault(row.kind, set()).add(shape)
    return found


async def _sizes(demo: Running) -> dict[str, int]:
    tables = (*(table for table in COLUMNS if table != "audit_pending"), "agent", "team", "team_member", "template", "creditor", "serving")
    return {table: (await demo.rows(f"select count(*) as number from {table}"))[0].number for table in tables}


async def test_states_and_people_are_as_various_as_in_life(demo: Running) -> None:
    states = {
        row.state: row.number for row in await demo.rows("select state, count(*) as number from message where direction = 'out' group by 1")
    }
    assert {"delivered", "read", "sent", "failed", "unconfirmed"} <= set(states)
    promises = Counter(row.state for row in await demo.rows("select state from promise"))
    assert promises["kept"] > 10
    assert promises["broken"] > 2
    assert promises["pending"] > 10
    long = await demo.rows("select c.id from conversation c where c.position >= 120")
    assert len(long) == 2
    usual = sorted(
        row.position
        for row in await demo.rows("select c.position from conversation c join debtor d on d.id = c.debtor_id where d.ref is not null")
    )
    assert 10 <= usual[len(usual) // 2] <= 25
    assert len(await demo.rows("select id from party")) >= 12
    assert len(await demo.rows("select id from conversation where state = 'triage'")) >= 5
    assert len(await demo.rows("select id from conversation where snoozed_until > now()")) >= 10
    assert await demo.rows(
        "select id from notice where kind = 'mention' and done_at is null and agent_id = cast(:ana as uuid)", ana=demo.agents["ana"]
    )


@dataclass
class Told:
    """A client with all that was said with them, oldest first, each thing at the client's own hour."""

    client: DemoClient
    entries: list[Any]

    @property
    def messages(self) -> list[Any]:
        return [entry for entry in self.entries if entry.kind == "message"]

    @property
    def ours(self) -> list[Any]:
        return [entry for entry in self.messages if entry.direction == "out"]

    @property
    def openings(self) -> list[Any]:
        """What we began: neither an answer to a word of theirs, nor what we said within four hours of it."""
        before = [None, *self.messages]
        return [
            one
            for one, last in zip(self.messages, before, strict=False)
            if one.direction == "out" and (last is None or (last.direction == "out" and one.at - last.at > timedelta(hours=4)))
        ]


@pytest.fixture(scope="module")
async def told(demo: Running) -> list[Told]:
    """All three hundred."""
    rows = await demo.rows(
        "select d.ref, e.id, e.kind, e.direction, e.channel, coalesce(e.text, '') as text, e.received_at at time zone d.zone as at, e.detail, g.name as agent"
        " from entry e join conversation c on c.id = e.conversation_id join debtor d on d.id = c.debtor_id left join agent g on g.id = e.agent_id"
        " where d.ref is not null and d.ref not like '%-B' and e.received_at < :written order by d.ref, e.position",
        written=demo.wrote[1],  # type: ignore[attr-defined]
    )
    entries: dict[str, list[Any]] = {}
    for row in rows:
        entries.setdefault(row.ref, []).append(row)
    return [Told(client, entries[client.ref]) for client in demo_clients()]


def _names_the_matter(text: str, client: DemoClient) -> bool:
    """Whether words say to whom something is owed, how much, or on which account."""
    debt = client.debts[0]
    return any(word in text for word in (debt.creditor, debt.last4, debt.reference, "$", "S/")) or bool(MATTER.search(text))


def test_who_may_be_somebody_else_reads_nothing_of_the_matter(told: list[Told]) -> None:
    by_name = {(new.kind, new.name): new.body for new in prepared_texts()}
    neutral = [by_name[kind, name] for kind, names in NEUTRAL.items() for name in names]
    for body in neutral:
        assert set(PLACE.findall(body)) <= {"agent_name", "first_name"}, body
        assert not MATTER.search(body), body
    for one in told:
        first_word = next((at for at, entry in enumerate(one.messages) if entry.direction == "in"), len(one.messages))
        assert all(not _names_the_matter(entry.text, one.client) for entry in one.messages[:first_word]), one.client.ref


async def test_the_wrong_person_was_never_told_anything(demo: Running, told: list[Told]) -> None:
    rows = await demo.rows(
        "select distinct d.ref from address_link l join debtor d on d.id = l.debtor_id where l.status = 'wrong_party' and d.ref is not null"
    )
    assert len(rows) > 5
    by_ref = {one.client.ref: one for one in told}
    for one in (by_ref[row.ref] for row in rows):
        assert [entry.direction for entry in one.messages] == ["out", "in", "out"]
        assert all(not _names_the_matter(entry.text, one.client) for entry in one.ours)
        assert not any(entry.kind in ("promise", "payment") for entry in one.entries)


def test_who_denies_the_account_has_said_nothing_before(told: list[Told]) -> None:
    deny = re.compile("nunca saqué|nunca he tenido nada|nunca tive conta")
    denying = [one for one in told if any(deny.search(entry.text) for entry in one.messages)]
    assert denying
    for one in denying:
        assert deny.search(one.entries[0].text), one.client.ref


def test_we_keep_our_word_not_to_write(told: list[Told]) -> None:
    waiting = re.compile(
        "no le escribiremos|no vamos escrever|en pausa|em pausa|esperamos a que usted|a la espera de que usted|à espera de você"
        "|Abrimos el reclamo|Abrimos a contestação|[Nn]o escribirle|[Nn]ão escrever|sin gestión"
    )
    held = 0
    for one in told:
        promised = next((entry.at for entry in one.entries if waiting.search(entry.text)), None)
        if promised is not None:
            held += 1
            assert [entry.text for entry in one.openings if entry.at > promised] == [], one.client.ref
    assert held > 20


# When each country lets one write, by the widest of its laws: the days from Monday (0), the hours.
LAWFUL = {"CO": (range(5), 7, 19), "MX": (range(5), 7, 22), "CL": (range(6), 8, 20), "PE": (range(5), 7, 20), "BR": (range(5), 9, 18)}
# Some holidays of these years on which Colombia bars any contact, and the others' of the same season.
HOLIDAYS = {
    "CO": "2026-10-12 2026-11-02 2026-11-16 2026-12-08 2026-12-25 2027-01-01 2027-01-11 2027-03-22 2027-03-25 2027-03-26",
    "MX": "2026-11-16 2026-12-25 2027-01-01 2027-02-01",
    "CL": "2026-09-18 2026-10-12 2026-10-31 2026-12-08 2026-12-25 2027-01-01 2027-03-26",
    "PE": "2026-10-08 2026-12-08 2026-12-09 2026-12-25 2027-01-01 2027-03-25",
    "BR": "2026-10-12 2026-11-02 2026-11-20 2026-12-25 2027-01-01 2027-02-08 2027-02-09 2027-03-26",
}


# Thanks for a payment are no collection: they come where the client pays from.
RECEIPTS = ("gracias_pago", "obrigado_pagamento")


def test_we_begin_within_the_law(told: list[Told]) -> None:
    for one in told:
        days, opens, closes = LAWFUL[one.client.country.code]
        assert all(entry.at.weekday() in days and opens <= entry.at.hour < closes for entry in one.ours), one.client.ref
        began = [entry.at.date() for entry in one.openings]
        assert not {str(day) for day in began} & set(HOLIDAYS[one.client.country.code].split()), one.client.ref
        assert len(set(began)) == len(began), one.client.ref
        assert all(later - earlier >= timedelta(days=3) for earlier, later in pairwise(began)), one.client.ref
        for opening in one.openings:
            if ((opening.detail or {}).get("template") or {}).get("name") in RECEIPTS:
                continue
            lately = [entry for entry in one.ours if timedelta() < opening.at - entry.at < timedelta(days=6)]
            assert {entry.channel for entry in lately} <= {opening.channel}, one.client.ref


@pytest.mark.parametrize("country", sorted(HOLIDAYS))
def test_holidays_are_known(country: str) -> None:
    assert [day for day in HOLIDAYS[country].split() if not is_holiday(date.fromisoformat(day), country)] == []
    assert not is_holiday(date(2026, 11, 17), country)


async def test_a_kept_promise_was_paid(demo: Running) -> None:
    kept = await demo.rows(
        "select p.id, p.due_on, p.made_at, exists (select from payment m where m.debt_id = p.debt_id and m.amount = p.amount and m.state = 'confirmed'"
        " and m.recorded_at > p.made_at and m.paid_on <= p.due_on and m.recorded_at = p.state_at) as paid from promise p where p.state = 'kept'"
    )
    assert len(kept) > 10
    assert all(row.paid for row in kept)
    broken = "select id from promise where state = 'broken' and (state_at::date <= due_on or state_at > now())"
    assert await demo.rows(broken) == []
    assert await demo.rows("select id from promise where state = 'pending' and due_on < current_date - 3") == []


async def test_a_day_of_payment_is_told_as_it_stood(demo: Running, told: list[Told]) -> None:
    due = {
        row.ref: row.due_on
        for row in await demo.rows(
            "select d.ref, min(b.due_on) filter (where b.ref like '%1') as due_on from debt b join debtor d on d.id = b.debtor_id group by 1"
        )
    }
    seen = Counter[str]()
    for one in told:
        for entry in one.ours:
            found = re.search(r"pag(?:o|amento) de \S+ ?\S+ (vence|venció|venceu) (?:el|em)? ?(\d+) de", entry.text)
            if found:
                seen[found[1]] += 1
                assert int(found[2]) == due[one.client.ref].day
                assert (found[1] == "vence") == (entry.at.date() <= due[one.client.ref]), (one.client.ref, entry.text)
    assert len(seen) >= 2
    assert not any(
        "vence mañana" in entry.text or "vence pronto" in entry.text or "vence amanhã" in entry.text for one in told for entry in one.ours
    )


def test_no_story_says_the_same_again_and_again(told: list[Told]) -> None:
    for one in told:
        sentences = Counter(
            sentence.strip() for entry in one.ours for sentence in re.split(r"[.!?]", entry.text) if len(sentence.split()) >= 4
        )
        assert [(sentence, number) for sentence, number in sentences.items() if number > 2] == [], one.client.ref
        texts = Counter(entry.text for entry in one.ours)
        assert max(texts.values(), default=0) <= 2, one.client.ref


def test_histories_are_as_long_as_the_readme_says(told: list[Told]) -> None:
    span = datetime.now(UTC).replace(tzinfo=None) - min(entry.at for one in told for entry in one.entries)
    assert timedelta(days=45) < span < timedelta(days=61)
    assert "sixty days of history" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_people_speak_as_who_they_are(told: list[Told]) -> None:
    for one in told:
        country = one.client.country.code
        foreign = re.compile("|".join(word for other, word in ONLY_THERE.items() if other != country), re.IGNORECASE)
        assert [entry.text for entry in one.entries if foreign.search(entry.text)] == [], one.client.ref
        for entry in one.entries:
            who = one.client.name if entry.direction == "in" else entry.agent
            if entry.kind == "message":
                assert not OF_THE_OTHER[is_feminine(who)].search(entry.text), (who, entry.text)
            assert not re.search(r"[{}\[\]|]", entry.text), entry.text
    for country in COUNTRIES.values():
        assert all(is_feminine(name) for name in country.first if name.endswith("a")), country.code


async def test_files_come_from_everywhere(demo: Running) -> None:
    rows = await demo.rows(
        "select d.country, d.language, a.content_type, a.sha256 from attachment a join debtor d on d.id = a.person_id where a.state = 'kept'"
    )
    files = Counter(row.country for row in rows)
    assert set(files) == set(COUNTRIES)
    assert all(2 <= number <= 6 for number in files.values()), files
    assert {row.content_type for row in rows} == {"image/jpeg", "audio/ogg"}
    letters = [name for name in FILES.iterdir() if name.suffix == ".jpg"]
    pictures = {hashlib.sha256(path.read_bytes()).digest(): path.stem.split("_")[1] for path in letters}
    assert all(pictures[row.sha256] in (row.country, row.language) for row in rows if row.content_type == "image/jpeg")


def test_nobody_can_have_the_numbers() -> None:
    clients = demo_clients()
    phones = [phone for client in clients for phone in (client.phone, client.second) if phone]
    assert len(set(phones)) == len(phones)
    assert all(
        phone.startswith(client.country.prefix) and parse_phone(phone).dialable == phone for client in clients for phone in [client.phone]
    )
    assert {country.prefix for country in COUNTRIES.values()} == {"+57399", "+52550", "+5690", "+5189", "+551190"}


@pytest.mark.parametrize("language", ["es", "pt"])
def test_what_we_say_is_kind_and_keeps_to_usted(language: str) -> None:
    chance = Random(3)
    ours = [chosen(beat.text, chance) for pool in pools(language).values() for scene in pool for beat in scene if beat.kind in OURS]
    ours += [new.body for new in prepared_texts() if new.language == language]
    assert len(ours) > 30
    for text in ours:
        assert warnings(text, language) == [], text
        assert not any(word in text.casefold() for word in ("deuda", "deudor", "dívida", "devedor", "moros")), text
        assert not TO_A_FRIEND[language].search(text), text


def test_every_way_to_stop_is_understood_and_every_template_is_there() -> None:
    names = {(new.name, new.language) for new in prepared_texts() if new.kind == REGISTERED}
    assert {PAUSED, REJECTED} <= {name for name, _ in names}
    for language in ("es", "pt"):
        known = pools(language)
        stops = [beat.text for scene in known["stop"] for beat in scene[-1:] if beat.kind == CLIENT]
        assert all(is_stop(word) for text in stops for word in text.strip("[]").split("|")), stops
        used = {beat.text for pool in known.values() for scene in pool for beat in scene if beat.kind == TEMPLATE}
        assert {(name, language) for name in used} <= names


def test_failures_are_the_carriers_own() -> None:
    told = json.loads(FAILURES.read_text(encoding="utf-8"))
    assert all((ERRORS[one["code"]].reason, ERRORS[one["code"]].effect.value) == (one["reason"], one["effect"]) for one in told)


def test_who_answers_by_a_script_has_one_that_there_is() -> None:
    cast = casting()
    scripts = read_scripts()
    assert all(one["script"].split(":")[0] in scripts for one in cast)
    assert len({one["script"].split(":")[0] for one in cast}) >= 12
    people = {client.phone: client for client in demo_clients()}
    known = [(people[one["number"]], one["script"]) for one in cast if one["number"] in people]
    assert all(
        (client.language == "pt") == (script.startswith("portuguese") or script.split(":")[0].endswith("_pt")) for client, script in known
    )
    flags = {script.rules[1].say[0].text[number] for script in [scripts["emoji"]] for number in range(4)}
    assert len(flags) == 4
    for client, script in known:
        if script.startswith("emoji"):
            flag = scripts["emoji"].rules[1].say[0].text[int(script.split(":")[1]) - 1]
            assert flag.endswith("".join(chr(ord(letter) + 127397) for letter in client.country.code))


def test_an_agent_of_each_team_meets_every_way_to_say_stop() -> None:
    people = {client.phone: client for client in demo_clients()}
    ways = {(people[one["number"]], one["script"]) for one in casting() if one["script"].startswith("stop") and one["number"] in people}
    for team, name, waiting in ((ANDES, "stop", 10), (SUR, "stop", 5), (BRASIL, "stop_pt", 4)):
        met = [
            (client, way)
            for client, way in ways
            if team_of(client.debts[0].creditor) == team and client.stands in ("waiting", "own", "open")
        ]
        assert sorted(way for _, way in met) == sorted(f"{name}:{number}" for number in range(1, 11))
        assert sum(client.stands == "waiting" for client, _ in met) >= waiting


@pytest.mark.parametrize(
    ("at", "expected_day"),
    [
        ("2026-11-22T20:00", 20),
        ("2026-11-21T10:00", 20),
        ("2026-11-23T07:30", 20),
        ("2026-11-24T19:30", 24),
        ("2026-11-24T09:00", 24),
        ("2026-11-16T11:00", 13),
    ],
)
def test_what_we_write_at_night_was_written_the_day_before(at: str, expected_day: int) -> None:
    moment = datetime.fromisoformat(f"{at}-05:00")
    found = last_working_time(moment, "CO", "America/Bogota", Random(1))
    assert found <= moment
    assert found.day == expected_day
    assert is_working_time(found, "CO", "America/Bogota")


async def test_the_start_names_five_and_counts_the_others(demo: Running) -> None:
    demo.product.settings = replace(demo.settings, demo=True)
    try:
        lines = await people_lines(demo.product)
    finally:
        demo.product.settings = demo.settings
    assert len(lines) == 6
    assert f"{len(COLLEAGUES)} colleagues" in lines[-1]
