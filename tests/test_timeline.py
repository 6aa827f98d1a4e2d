"""The timeline: windows by time in both directions, what each kind of line says, and nothing to those who may not see it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from inbox.access import Reader, reader_by_token
from inbox.lines import Cursor, microseconds
from inbox.states import State
from inbox.timeline import NewEntry, NewMessage, append, lock_thread
from inbox.windows import WINDOW, earlier, later, latest
from tests.doors import NOBODY, open_portfolio, signed_in, stranger
from tests.running import Running
from tests.stories import story


async def ana_reads(running: Running) -> Reader:
    async with running.product.db.transaction() as tx:
        reader = await reader_by_token(tx, running.tokens["ana"])
    assert reader is not None
    return reader


def texts(html: str) -> list[str]:
    """The words of the lines in an answer, in their order."""
    return re.findall(r'<p class="text"[^>]*>([^<]*)</p>', html)


def numbers(html: str) -> list[int]:
    """The numbers of the lines in an answer."""
    return [int(number) for number in re.findall(r'<p class="text"[^>]*>(?:línea|nota) (\d+)</p>', html)]


def place_of(html: str, which: int) -> tuple[str, str]:
    """The place of a line in an answer, and its id."""
    found = re.findall(r'data-id="([^"]+)" data-at="(\d+)" data-position="(\d+)"', html)[which]
    return f"{found[1]}.{found[2]}", found[0]


@pytest.mark.parametrize("lines", [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 2 * WINDOW + 1])
async def test_windows_meet_at_every_boundary(house: Running, lines: int) -> None:
    """Walked from either end, a story of any length is told whole, once and in order, and says rightly whether there is more."""
    client = await story(house, lines)
    conversation, reader = uuid.UUID(client["conversation_id"]), await ana_reads(house)
    async with house.product.db.transaction() as tx:
        window = await latest(tx, reader, conversation)
        backwards = list(window.lines)
        while window.older:
            window = await earlier(tx, reader, conversation, Cursor(microseconds(backwards[0].received_at), backwards[0].position))
            assert window.lines, "an empty window was promised"
            backwards = [*window.lines, *backwards]
        window, forwards = await later(tx, reader, conversation, Cursor(0, 0)), []
        forwards += window.lines
        while window.newer:
            window = await later(tx, reader, conversation, Cursor(microseconds(forwards[-1].received_at), forwards[-1].position))
            assert window.lines, "an empty window was promised"
            forwards += window.lines
    assert [line.position for line in backwards] == list(range(1, lines + 1)) == [line.position for line in forwards]


async def test_lines_of_one_moment_are_told_apart_by_their_position(house: Running) -> None:
    client = await story(house, WINDOW + 3, every=timedelta(0))
    ana = await signed_in(house)
    base = f"/c/{client['conversation_id']}"
    page = (await ana.get(base)).text
    first, beside = place_of(page, 0)
    assert len(re.findall(r'<li id="e-', page)) == WINDOW
    older = (await ana.get(f"{base}/entries?before={first}&beside={beside}")).text
    assert texts(older) == ["línea 0", "línea 1", "línea 2"]
    assert f"older:{beside} more:false" in older


async def test_a_part_of_the_story_in_the_past(house: Running) -> None:
    client = await story(house, 200, every=timedelta(hours=1))
    ana = await signed_in(house)
    base = f"/c/{client['conversation_id']}/entries"
    part = (await ana.get(f"{base}?on=2026-03-06")).text
    anchor = re.search(r'data-anchor="([^"]+)"', part)
    assert anchor
    days = re.findall(r'<li id="e-([^"]+)".*?data-day="([^"]+)"', part)
    assert [day for entry, day in days if entry == anchor[1]] == ["2026-03-06"]
    assert next(entry for entry, day in days if day == "2026-03-06") == anchor[1], "the day's first line"
    assert len(days) == WINDOW
    assert part.count("hidden>") == 0, "it goes on in both directions"
    last, beside = place_of(part, -1)
    newer = (await ana.get(f"{base}?after={last}&beside={beside}")).text
    assert f"newer:{beside} more:true" in newer
    assert numbers(newer)[0] == numbers(part)[-1] + 1
    end = (await ana.get(f"{base}?on=2027-01-01")).text
    assert 'data-loads="after" hidden' in end
    assert "nota 195" in end


async def test_strange_places_are_refused_and_far_days_are_borne(house: Running) -> None:
    client = await story(house, 3)
    ana = await signed_in(house)
    base = f"/c/{client['conversation_id']}/entries"
    for query in ("before=x", "before=1", "before=-1.2", "after=1.2.3", "around=", "on=yesterday", "show=secrets", "beside=x"):
        assert (await ana.get(f"{base}?{query}")).status_code in (400, 422), query
    for query in ("on=0001-01-01", "on=9999-12-31", f"before={'9' * 17}.1", "after=0.0", "around=0.0"):
        assert (await ana.get(f"{base}?{query}")).status_code in (200, 422), query


async def test_a_kind_is_shown_alone_and_tells_nothing_of_other_portfolios(house: Running) -> None:
    client = await story(house, 30)
    await stranger(house, "sol", team="Equipo Sol")
    await open_portfolio(house, "Almacén Sol", "Equipo Sol")
    async with house.product.work() as tx:
        other = await tx.value("select id from creditor where org_id = :org and name = 'Almacén Sol'")
        thread = await lock_thread(tx, uuid.UUID(client["id"]))
        await append(tx, thread, NewEntry(kind="note", text="nota ajena", agent_id=house.agents["luis"], portfolio=other))
        await append(tx, thread, NewEntry(kind="event", channel="sms", detail={"event": "opted_out"}))
    ana = await signed_in(house)
    base = f"/c/{client['conversation_id']}/entries"
    notes = (await ana.get(f"{base}?show=notes")).text
    assert texts(notes) == ["nota 6", "nota 13", "nota 20", "nota 27"]
    assert "otra cartera" not in notes
    assert "otra cartera" in (await ana.get(base)).text
    decisions = (await ana.get(f"{base}?show=decisions")).text
    assert decisions.count("<li id=") == 1
    assert "Pidió no recibir" in decisions
    assert (await ana.get(f"{base}?show=payments")).text.count("<li id=") == 0


async def test_another_teams_story_is_not_there(house: Running) -> None:
    client = await story(house, 3)
    await stranger(house, "eva", team="Equipo Lejano")
    await open_portfolio(house, "Banco Lejano", "Equipo Lejano")
    eva, ana = await signed_in(house, "eva"), await signed_in(house)
    message = (await ana.get(f"/c/{client['conversation_id']}")).text
    _, entry = place_of(message, 0)
    for path in (f"/c/{client['conversation_id']}/entries", f"/c/{client['conversation_id']}/entries/{entry}/more", f"/c/{NOBODY}/entries"):
        assert (await eva.get(path)).status_code == 404, path
    assert (await ana.get(f"/c/{client['conversation_id']}/entries/{entry}/more")).status_code == 200


async def test_every_kind_of_line_says_what_it_is(house: Running) -> None:
    client = await story(house, 1)
    async with house.product.work() as tx:
        thread = await lock_thread(tx, uuid.UUID(client["id"]))
        address = await tx.value("select address_id from address_link where org_id = :org and debtor_id = :debtor", debtor=thread.debtor_id)
        first = await tx.value("select id from entry where org_id = :org and conversation_id = :c", c=thread.conversation_id)
        # A day that is not over before these tests are: a promise past its day is no longer pending.
        for kind, table, day, on in (("promise", "promise", "due_on", "2099-11-30"), ("payment", "payment", "paid_on", "2026-11-30")):
            money = NewEntry(kind=kind, agent_id=house.agents["ana"])
            await append(tx, thread, money)
            moment = "made_at, state_at) values" if table == "promise" else "recorded_at) values"
            ends = ":now, :now)" if table == "promise" else ":now)"
            await tx.run(
                f"insert into {table} (org_id, id, debtor_id, amount, currency, {day}, state, entry_id, {moment}"
                f" (:org, :id, :debtor, 250000, 'COP', '{on}', :state, :entry, {ends}",
                id=uuid.uuid4(),
                debtor=thread.debtor_id,
                state="pending" if table == "promise" else "declared",
                entry=money.id,
            )
        detail = {
            "reply_to": str(first),
            "forwarded": True,
            "press": {"title": "Sí, pago hoy", "id": "yes"},
            "place": {"latitude": 4.60971, "longitude": -74.08175, "label": "Oficina"},
        }
        said = NewEntry(kind="message", channel="whatsapp", direction="in", text="Sí, pago hoy", detail=detail)
        await append(tx, thread, said, NewMessage(State.RECEIVED, address))
        unsure = NewEntry(kind="message", channel="sms", direction="out", text="¿Llegó?", agent_id=house.agents["ana"])
        await append(tx, thread, unsure, NewMessage(State.UNCONFIRMED, address))
        gone = NewEntry(kind="message", channel="sms", direction="out", text="No va", agent_id=house.agents["ana"])
        await append(tx, thread, gone, NewMessage(State.CANCELLED, address))
        note = NewEntry(kind="note", text="Mira, @Luis", agent_id=house.agents["ana"], detail={"mentions": [str(house.agents["luis"])]})
        await append(tx, thread, note)
        await append(tx, thread, NewEntry(kind="event", detail={"event": "a_thing_of_tomorrow"}))
    ana = await signed_in(house)
    html = (await ana.get(f"/c/{client['conversation_id']}")).text
    for words in ("Promesa de pago", "250.000", "Pendiente", "para el 30 nov", "Declarado por el cliente"):
        assert words in html, words
    for words in ("Reenviado", "Tocó: ", "Sí, pago hoy", "Oficina", "4.60971, -74.08175", "Ver en el mapa", f'data-goes="{first}"'):
        assert words in html, words
    assert html.count('<p class="text">Sí, pago hoy</p>') == 0, "a press is said once"
    assert "no sabemos si llegó" in html
    assert f"/messages/{unsure.id}/ruling" in html
    assert re.search(r'<div class="line"><span class="state quiet".*?Cancelado</span><span class="gone text"[^>]*>No va</span>', html)
    assert '<mark class="mention">@Luis</mark>' in html
    assert "Algo cambió en esta conversación" in html
