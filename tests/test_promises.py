"""Declared money: amounts as people write them, days by the client's calendar, one press one record, and what came of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from base.errors import Conflict, InvalidField, NotFound
from console.desk.money import promise_days
from debts.money import read_amount
from inbox import promises
from inbox.about import about
from inbox.access import Reader, access_debtor
from inbox.promises import Declared, day_in
from staff.models import Role
from tests.running import Running
from tests.test_people import conversation_of, desk

OURS = "+573001110001"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("250000", "250000"),
        ("250.000", "250000"),
        ("250,000", "250000"),
        ("1.240.000,50", "1240000.50"),
        ("1,240,000.50", "1240000.50"),
        ("$ 1.240.000", "1240000"),
        ("R$ 1.250,00", "1250.00"),
        ("S/ 99.90", "99.90"),
        ("12,5", "12.5"),
        ("99.90", "99.90"),
        ("COP 1.000", "1000"),
        ("250 000", "250000"),
        ("1\u202f240\u00a0000,50", "1240000.50"),
        (" $ 1 240 000.5 ", "1240000.5"),
        ("250 000 COP", "250000"),
        ("'250000", "250000"),
        ("1'250'000", "1250000"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: str) -> None:
    assert read_amount(text).amount == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-5",
        "abc",
        "1.24.000",
        "1,2,3",
        "250 00",
        "1 2 3",
        "1  240",
        "25 0000",
        "0 240",
        "1. 240",
        "1 240 00",
        "2500 000",
        "250 000 00",
        "1.2345",
        "0.240",
        "1.000.00",
        "9" * 16,
        "1e9",
        "١٢٣٤٥.٦٧٨",
        "10.000.000.000.000",
    ],
)
def test_what_could_be_wrong_by_a_thousand_is_refused(text: str) -> None:
    with pytest.raises(InvalidField):
        read_amount(text)


def test_days_are_those_of_the_clients_calendar() -> None:
    late = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert day_in("America/Bogota", late) == date(2026, 11, 21)
    assert day_in("America/Sao_Paulo", late) == date(2026, 11, 22)
    assert day_in("Nowhere/Land", late) == date(2026, 11, 21)


class _Says:
    def say(self, text: str) -> str:
        return text


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2026, 11, 21), ["2026-11-21", "2026-11-27", "2026-11-30", "2026-12-15"]),
        (date(2026, 11, 27), ["2026-11-27", "2026-11-30", "2026-12-04", "2026-12-15"]),
        (date(2027, 1, 31), ["2027-01-31", "2027-02-05", "2027-02-15", "2027-02-28"]),
        (date(2026, 12, 31), ["2026-12-31", "2027-01-01", "2027-01-15", "2027-01-30"]),
    ],
)
def test_the_days_on_offer(today: date, days: list[str]) -> None:
    assert [day.on.isoformat() for day in promise_days(_Says(), today)] == days  # type: ignore[arg-type]


async def ana_of(running: Running) -> Reader:
    (row,) = await running.rows("select id from creditor where org_id = :org and name = 'Banco Aurora'")
    return Reader(running.agents["ana"], "ana", "ana@trato.example", Role.AGENT, "es", "America/Bogota", (row.id,))


def declared(on: date, token: UUID | None = None, debt: UUID | None = None, amount: str = "100") -> Declared:
    return Declared(Decimal(amount), "COP", on, debt, token or uuid4(), "sms")


async def test_one_press_is_one_promise_and_its_line_changes_with_it(running: Running) -> None:
    ana, client = await ana_of(running), await running.new_client(OURS)
    debtor, token = UUID(client["id"]), uuid4()
    (debt,) = await running.rows("select id from debt where org_id = :org")
    for _press in range(2):
        async with running.product.work() as tx:
            on = await promises.today_of(tx, debtor)
            made = await promises.record_promise(tx, ana, debtor, declared(on, token, debt.id))
    (entry,) = await running.rows(
        "select id, kind, text, detail, creditor_id, revision from entry where org_id = :org and kind = 'promise'"
    )
    assert (entry.text, entry.detail["promise"], entry.creditor_id) == (None, str(token), ana.portfolios[0])
    async with running.product.work() as tx:
        await promises.set_promise_state(tx, ana, debtor, made, "kept")
        await promises.set_promise_state(tx, ana, debtor, made, "kept")
    (after,) = await running.rows("select revision from entry where org_id = :org and kind = 'promise'")
    assert after.revision == entry.revision + 1, "twice pressed is once done"
    async with running.product.work() as tx:
        (told,) = (await about(tx, ana, await access_debtor(tx, ana, debtor))).promises
        assert (told.state, told.overdue, told.amount) == ("kept", False, Decimal("100.0000"))
        await promises.set_promise_state(tx, ana, debtor, made, "cancelled")
    with pytest.raises(Conflict):
        async with running.product.work() as tx:
            await promises.set_promise_state(tx, ana, debtor, made, "kept")


async def test_the_panel_begins_with_what_is_promised_next_and_has_the_rest_at_hand(running: Running) -> None:
    debt = {"ref": "D-1", "creditor": "Banco Aurora", "total_due": "250000", "currency": "COP", "legal_state": "disputed"}
    ana, client = await ana_of(running), await running.new_client(OURS, debts=[debt])
    debtor = UUID(client["id"])
    async with running.product.work() as tx:
        today = await promises.today_of(tx, debtor)
        for days in (9, 8, 7, 6, 5, 3, 0):
            made = await promises.record_promise(tx, ana, debtor, declared(today + timedelta(days=days), amount=str(700 + days)))
            if days > 3:
                await promises.set_promise_state(tx, ana, debtor, made, "cancelled")
    async with desk(running) as http:
        page = (await http.get(f"/c/{client['conversation_id']}")).text
    assert "En disputa" in page
    panel = page[page.index('id="promises-title"') :]
    shown, rest = panel.split('<details id="all-promises"')
    amounts = [re.findall(r'<li class="promise">.*?\$\s?(\d+)', part) for part in (shown, rest)]
    assert amounts == [["700", "703", "709", "708"], ["707", "706", "705"]]
    assert "Ver todas las promesas<" in rest


async def test_what_cannot_be_promised(running: Running) -> None:
    ana, client = await ana_of(running), await running.new_client(OURS)
    other = await running.new_client("+573001110008", creditor="Tienda Sol")
    debtor = UUID(client["id"])
    (foreign,) = await running.rows("select id from debt where org_id = :org and debtor_id = :id", id=UUID(other["id"]))
    async with running.product.work() as tx:
        today = await promises.today_of(tx, debtor)
    for wrong in (
        declared(today - timedelta(days=1)),
        declared(today + timedelta(days=400)),
        declared(today, debt=foreign.id),
        Declared(Decimal(1), "XXQ", today, None, uuid4()),
    ):
        with pytest.raises(InvalidField):
            async with running.product.work() as tx:
                await promises.record_promise(tx, ana, debtor, wrong)
    with pytest.raises(InvalidField):
        async with running.product.work() as tx:
            await promises.record_payment(tx, ana, debtor, declared(today + timedelta(days=1)))
    with pytest.raises(NotFound):
        async with running.product.work() as tx:
            await promises.set_promise_state(tx, ana, debtor, uuid4(), "kept")
    assert await running.rows("select id from entry where org_id = :org and kind in ('promise', 'payment')") == []


async def test_a_promise_whose_day_passed_is_overdue_and_not_broken(running: Running) -> None:
    ana, client = await ana_of(running), await running.new_client(OURS)
    debtor = UUID(client["id"])
    async with running.product.work() as tx:
        await promises.record_promise(tx, ana, debtor, declared(await promises.today_of(tx, debtor)))
        await tx.run("update promise set due_on = due_on - 3 where org_id = :org")
        (told,) = (await about(tx, ana, await access_debtor(tx, ana, debtor))).promises
    assert (told.state, told.overdue) == ("pending", True)


async def test_the_forms_say_what_is_wrong_and_keep_what_was_typed(running: Running) -> None:
    client = await running.new_client(OURS)
    conversation = await conversation_of(running, client["id"])
    (debt,) = await running.rows("select id from debt where org_id = :org")
    async with desk(running) as http:
        form = await http.get(f"/c/{conversation}/promises/new")
        assert form.status_code == 200
        assert "250.000" in form.text, "the whole balance is one press away"
        values = {
            "client_token": str(uuid4()),
            "debt": str(debt.id),
            "currency": "COP",
            "amount": "1.2.3",
            "day": "other",
            "on": "2020-01-01",
        }
        wrong = await http.post(f"/c/{conversation}/promises", data=values)
        assert wrong.status_code == 422
        assert 'value="1.2.3"' in wrong.text
        values["amount"] = "120.000"
        past = await http.post(f"/c/{conversation}/promises", data=values)
        assert (past.status_code, "hoy o un día posterior" in past.text) == (422, True)
        values["on"] = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
        done = await http.post(f"/c/{conversation}/promises", data=values)
        assert done.status_code == 200, done.text
        assert done.headers["hx-trigger"] == "people:done"
        assert "#timeline" in done.text
        again = await http.post(f"/c/{conversation}/promises", data=values)
        assert again.status_code == 200
        (promise,) = await running.rows("select id, amount from promise where org_id = :org")
        assert promise.amount == Decimal(120000)
        settled = await http.post(f"/c/{conversation}/promises/{promise.id}", data={"state": "broken"})
        assert settled.status_code == 200
        paid = values | {"client_token": str(uuid4()), "day": "other", "on": "2020-01-01"}
        assert (await http.post(f"/c/{conversation}/payments", data=paid)).status_code == 422
        paid["on"] = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
        assert (await http.post(f"/c/{conversation}/payments", data=paid)).status_code == 200
    (payment,) = await running.rows("select state from payment where org_id = :org")
    assert payment.state == "declared"


@pytest.mark.parametrize(
    ("kind", "currency", "written", "doubtful"),
    [
        ("promises", "MXN", "1.240", True),
        ("payments", "MXN", "1.240", True),
        ("promises", "MXN", "1,240", False),
        ("promises", "COP", "1.240", False),
    ],
)
async def test_what_could_be_wrong_by_a_thousand_is_asked_about(
    running: Running, kind: str, currency: str, written: str, doubtful: bool
) -> None:
    client = await running.new_client(OURS)
    conversation = await conversation_of(running, client["id"])
    await running.rows("update debt set currency = :currency, total_due = 5000 where org_id = :org returning id", currency=currency)
    (debt,) = await running.rows("select id from debt where org_id = :org")
    values = {"client_token": str(uuid4()), "debt": str(debt.id), "currency": currency, "amount": written, "day": "other"}
    values["on"] = (datetime.now(UTC) + timedelta(days=1 if kind == "promises" else -2)).date().isoformat()
    table = kind.removesuffix("s")
    async with desk(running) as http:
        asked = await http.post(f"/c/{conversation}/{kind}", data=values)
        if doubtful:
            assert (asked.status_code, "dos maneras" in asked.text, "1,240.00" in asked.text) == (422, True, True), asked.text
            assert await running.rows(f"select id from {table} where org_id = :org") == []
            other = await http.post(f"/c/{conversation}/{kind}", data=values | {"amount": "1.241", "confirmed": f"1240 MXN {debt.id}"})
            assert other.status_code == 422, "the yes was for another amount"
            asked = await http.post(f"/c/{conversation}/{kind}", data=values | {"confirmed": f"1240 MXN {debt.id}"})
        assert asked.status_code == 200, asked.text
    (record,) = await running.rows(f"select amount from {table} where org_id = :org")
    assert record.amount == Decimal(1240)


async def test_more_than_owed_is_asked_first_and_one_yes_is_for_both(running: Running) -> None:
    client = await running.new_client(OURS)
    conversation = await conversation_of(running, client["id"])
    await running.rows("update debt set currency = 'MXN', total_due = 500 where org_id = :org returning id")
    (debt,) = await running.rows("select id from debt where org_id = :org")
    values = {"client_token": str(uuid4()), "debt": str(debt.id), "currency": "MXN", "amount": "1.240", "day": "other"}
    values["on"] = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    async with desk(running) as http:
        asked = await http.post(f"/c/{conversation}/promises", data=values)
        assert (asked.status_code, "Es más de lo que debe" in asked.text, "1,240.00" in asked.text) == (422, True, True), asked.text
        done = await http.post(f"/c/{conversation}/promises", data=values | {"confirmed": f"1240 MXN {debt.id}"})
        assert done.status_code == 200, done.text
