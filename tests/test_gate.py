"""The gate: each rule by itself, in their order, and no way to a client that does not pass it twice."""

from __future__ import annotations

import ast
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from base.errors import InvalidField
from compliance.gate import foresee
from compliance.rules import PACK, RULES, WINDOW, Facts, Prepared, first_objection
from compliance.switches import lift_kill_switch, set_kill_switch
from inbox.delivery import deliver_due
from tests.carrier import accept, another_product, pending_of, queue, send
from tests.running import Running

PHONE = "+573001234567"
CLEAN = Facts(
    channel="sms",
    deliverability="good",
    link_status="claimed",
    opt_out_word=None,
    opt_out_word_at=None,
    opted_out_by=None,
    opted_out_at=None,
    killed=None,
)
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
# On WhatsApp everything that concerns SMS counts as well, and more.
WRITING = replace(CLEAN, channel="whatsapp", at=NOW, last_word_at=NOW - timedelta(hours=1), third_party=False)
APPROVED = Prepared(uuid.uuid4(), "approved", active=True, fits=True)
# A list or buttons: nobody's approval is needed, and only the window lets it through.
SESSION = Prepared(uuid.uuid4(), "unneeded", active=True, fits=True, session=True)
OBJECTIONABLE: dict[str, dict[str, Any]] = {
    "kill_switch": {"killed": "mantenimiento"},
    "wa_third_party": {"third_party": True},
    "opt_out_word": {"opt_out_word": "BAJA", "opt_out_word_at": NOW},
    "opted_out_address": {"opted_out_by": "carrier", "opted_out_at": NOW},
    "bad_address": {"deliverability": "hard_bounce"},
    "opt_out_doubt": {"opt_out_doubt_at": NOW},
    "reference_only": {"reference": True, "last_word_at": NOW - WINDOW},
    "template_not_approved": {"template": replace(APPROVED, approval="pending")},
    "wa_window": {"last_word_at": NOW - WINDOW},
}
ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("deliverability", ["good", "unproven", "soft_bounce"])
def test_nothing_objectionable_is_allowed(deliverability: str) -> None:
    assert first_objection(replace(CLEAN, deliverability=deliverability)) is None


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        *OBJECTIONABLE.items(),
        ("bad_address", {"deliverability": "invalid"}),
        ("bad_address", {"link_status": "wrong_party"}),
        ("template_not_approved", {"template": replace(APPROVED, active=False)}),
        ("template_not_approved", {"template": replace(APPROVED, fits=False)}),
        ("template_not_approved", {"template": replace(SESSION, approval="unsubmitted")}),
        ("template_not_approved", {"template": replace(SESSION, approval="approved")}),
        ("template_not_approved", {"template": replace(SESSION, active=False)}),
        ("template_not_approved", {"template": replace(APPROVED, approval="unneeded")}),
        ("wa_window", {"last_word_at": None}),
        ("wa_window", {"last_word_at": None, "template": SESSION}),
        ("wa_window", {"last_word_at": NOW - WINDOW, "template": SESSION}),
    ],
)
def test_each_rule_objects_by_itself_and_says_why(rule: str, facts: dict[str, Any]) -> None:
    objection = first_objection(replace(WRITING, **facts))
    assert objection is not None
    assert objection.rule == rule
    assert objection.text.endswith(".")
    assert "%(" not in objection.text


def test_the_more_general_rule_speaks_first() -> None:
    assert [rule.__name__ for rule in RULES] == list(OBJECTIONABLE)
    rules = list(OBJECTIONABLE)
    for number, rule in enumerate(rules):
        everything = {name: value for left in rules[number:] for name, value in OBJECTIONABLE[left].items()}
        objection = first_objection(replace(WRITING, **everything))
        assert objection is not None
        assert objection.rule == rule


@pytest.mark.parametrize(("left", "is_open"), [(timedelta(microseconds=1), True), (timedelta(0), False), (-timedelta(days=30), False)])
def test_the_window_ends_to_the_microsecond_and_an_approved_template_needs_none(left: timedelta, is_open: bool) -> None:
    facts = replace(WRITING, last_word_at=NOW - WINDOW + left)
    assert (first_objection(facts) is None) is is_open
    assert (first_objection(replace(facts, template=SESSION)) is None) is is_open
    assert first_objection(replace(facts, template=APPROVED)) is None
    assert first_objection(replace(facts, channel="sms")) is None


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_reference_is_answered_for_a_day_and_never_addressed(channel: str) -> None:
    facts = replace(WRITING, channel=channel, reference=True)
    assert first_objection(facts) is None, "they wrote an hour ago"
    for silent in (None, NOW - WINDOW):
        objection = first_objection(replace(facts, last_word_at=silent, template=APPROVED))
        assert objection is not None
        assert objection.rule == "reference_only"


def test_a_closed_window_says_of_a_list_what_it_says_of_no_template() -> None:
    for silent in (None, NOW - WINDOW):
        said = [first_objection(replace(WRITING, last_word_at=silent, template=template)) for template in (None, SESSION)]
        free, listed = [objection.text if objection else "" for objection in said]
        assert "only an approved template" in free
        assert "list or buttons" in listed


def test_what_concerns_whatsapp_does_not_concern_sms() -> None:
    assert first_objection(replace(CLEAN, third_party=True, last_word_at=None)) is None


async def test_a_message_that_leaves_was_judged_twice_with_the_facts_of_each_moment(running: Running) -> None:
    client = await running.new_client(PHONE)
    message = await queue(running, client["id"])
    await running.client_writes(PHONE, "gracias")
    async with another_product(running, accept) as (product, carrier):
        await deliver_due(product)
        assert carrier.calls == [message]
    rows = await running.rows("select * from verdict where org_id = :org and message_id = :id order by id", id=uuid.UUID(message))
    assert [(row.stage, row.allowed, row.pack, row.facts["deliverability"]) for row in rows] == [
        ("composed", True, PACK, "unproven"),
        ("delivered", True, PACK, "good"),
    ]


async def test_the_kill_switch_holds_every_channel_or_one_until_it_is_lifted(running: Running) -> None:
    client = await running.new_client(PHONE)
    for channel, stops in (("sms", True), ("*", True), ("email", False)):
        async with running.product.work() as tx:
            await set_kill_switch(tx, channel, "prueba")
            await set_kill_switch(tx, channel, "otra razón")
        answer = await send(running, client["id"])
        assert answer.status_code == (422 if stops else 202)
        if stops:
            assert "prueba" in answer.json()["verdict"]["text"]
        async with running.product.work() as tx:
            await lift_kill_switch(tx, channel)
        assert (await send(running, client["id"])).status_code == 202
    told = [row.action for row in await pending_of(running)]
    assert (told.count("kill_switch.set"), told.count("kill_switch.lifted")) == (6, 3)
    async with running.product.work() as tx:
        with pytest.raises(InvalidField):
            await set_kill_switch(tx, "fax", "no")


async def test_what_the_gate_would_say_leaves_no_verdict(running: Running) -> None:
    client = await running.new_client(PHONE)
    await running.client_writes(PHONE, "BAJA")
    async with running.product.work() as tx:
        told = await foresee(tx, uuid.UUID(client["id"]), uuid.UUID(client["addresses"][0]["id"]), "sms")
    assert told.objection is not None
    assert (told.objection.rule, told.open_until) == ("opt_out_word", None)
    assert await running.rows("select id from verdict where org_id = :org") == []


def test_only_delivery_calls_a_carrier_and_only_sending_and_delivery_fill_the_outbox() -> None:
    """A new way to a client has to be added here, and asks the gate on its way."""
    assert _who_mentions("product.adapters") | _who_mentions("adapters[") <= {
        "inbox/delivery.py",
        "inbox/registering.py",
        "inbox/worker.py",
        "inbox/product.py",
        "console/webhooks.py",
        # They fetch what was received, read what is connected, and send nothing.
        "inbox/fetching.py",
        "console/app.py",
        "console/story.py",
    }
    assert _who_calls("judge") == {"inbox/sending.py", "inbox/delivery.py", "inbox/holding.py"}
    assert {path for path in _who_calls("send") if path.startswith("inbox/")} == {"inbox/delivery.py"}


def _programs() -> list[Path]:
    return [path for room in ("console", "inbox", "compliance", "identity", "debts", "staff") for path in (ROOT / room).rglob("*.py")]


def _who_mentions(words: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in _programs() if words in path.read_text()}


def _who_calls(name: str) -> set[str]:
    found = set()
    for path in _programs():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name == getattr(node.func, "id", getattr(node.func, "attr", None)):
                found.add(str(path.relative_to(ROOT)))
    return found
