"""Two people become one and two again: nothing is lost, nothing is said twice, and everything finds its old place."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from base.errors import Conflict, Forbidden, NotFound, Raced
from channels.contract import Accepted
from inbox import drafts, mistakes, promises
from inbox.access import Reader, access_conversation, access_debtor, kept_of
from inbox.closing import close
from inbox.delivery import claim, prepare
from inbox.identifying import NewPerson, identify_as, make_known
from inbox.merging import merge, merges_of, undo
from inbox.outcomes import record_outcome
from inbox.product import open_product
from staff.models import Role
from tests.carrier import pending_of, queue
from tests.running import Running

OURS, NEW_NUMBER = "+573001110001", "+573001110002"


def reader(running: Running, who: str = "ana", role: Role = Role.AGENT, portfolios: tuple[UUID, ...] = ()) -> Reader:
    """One of the demo's people, with the portfolios that they serve."""
    return Reader(running.agents[who], who, f"{who}@trato.example", role, "es", "America/Bogota", portfolios)


async def ana_of(running: Running) -> Reader:
    (row,) = await running.rows("select id from creditor where org_id = :org and name = 'Banco Aurora'")
    return reader(running, portfolios=(row.id,))


async def stranger_of(running: Running, phone: str, *texts: str) -> Any:
    """Somebody unknown who wrote from a number: their debtor id and conversation id."""
    for text in texts:
        await running.client_writes(phone, text)
    rows = await running.rows(
        "select c.id, c.debtor_id from entry e join conversation c on c.org_id = e.org_id and c.id = e.conversation_id"
        " where e.org_id = :org and e.text = :text",
        text=texts[-1],
    )
    return rows[0]


TABLES = {
    "debtor": "id, kind, ref, merged_into",
    "conversation": "id, debtor_id, state, position, portfolios, assigned_agent_id, team_id, waiting_since, snoozed_until, last_entry_id, last_at,"
    " last_inbound_position, read_position, disposition",
    "entry": "id, conversation_id, position, first_revision, kind, text, detail, received_at",
    "message": "id, debtor_id, conversation_id, state, address_id",
    "contact_act": "id, debtor_id, entry_id",
    "address_link": "id, address_id, debtor_id, status, source, dialable_sealed",
    "debt": "id, debtor_id",
    "promise": "id, debtor_id",
    "payment": "id, debtor_id",
    "party": "id, debt_id, debtor_id, role",
    "notice": "id, conversation_id",
    "draft": "agent_id, conversation_id, debtor_id, revision",
    "name_word": "word, debtor_id",
}


async def picture(running: Running, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """All tables that a merge may touch; events of merging itself are left out, and what they alone moved on."""
    shown: dict[str, Any] = {}
    for table, columns in TABLES.items():
        if table in but:
            continue
        where = " and not (kind = 'event' and detail ->> 'event' in ('merged', 'unmerged'))" if table == "entry" else ""
        rows = await running.rows(f"select {columns} from {table} where org_id = :org{where} order by 1, 2")
        shown[table] = [
            tuple(value for name, value in row._mapping.items() if (table, name) != ("conversation", "position")) for row in rows
        ]
    return shown


async def test_merging_and_undoing_leaves_everything_as_it_was(running: Running) -> None:
    ana = await ana_of(running)
    client = await running.new_client(OURS)
    await running.client_writes(OURS, "buenas")
    stranger = await stranger_of(running, NEW_NUMBER, "hola, soy Rosa", "cambié de número")
    kept = UUID(client["id"])
    await queue(running, str(kept), "Con gusto.")
    async with running.product.work() as tx:
        row = await access_conversation(tx, ana, stranger.id)
        await drafts.keep(tx, ana, row, drafts.Writing(text="a medias"))
    before = await picture(running)
    async with running.product.work() as tx:
        merge_id = await identify_as(tx, ana, stranger.debtor_id, kept)
    timeline = await running.timeline(str(kept))
    assert [one["text"] for one in timeline if one["kind"] == "message"] == ["buenas", "Con gusto.", "hola, soy Rosa", "cambié de número"]
    during = await picture(running)
    assert during != before
    async with running.product.work() as tx:
        kept_draft = await drafts.kept(tx, ana, await access_debtor(tx, ana, kept))
    assert kept_draft is not None
    assert kept_draft.writing.text == "a medias"
    async with running.product.work() as tx:
        await undo(tx, ana, merge_id)
    after = await picture(running, but=("draft",))
    assert after == {name: rows for name, rows in before.items() if name != "draft"}
    async with running.product.work() as tx:
        again = await drafts.kept(tx, ana, await access_conversation(tx, ana, stranger.id))
    assert again is not None
    assert again.writing.text == "a medias"


async def test_what_a_merge_shows(running: Running) -> None:
    ana = await ana_of(running)
    client = await running.new_client(OURS)
    stranger = await stranger_of(running, NEW_NUMBER, "hola, soy Rosa")
    kept = UUID(client["id"])
    async with running.product.work() as tx:
        merge_id = await identify_as(tx, ana, stranger.debtor_id, kept)
        assert [row.id for row in await merges_of(tx, kept)] == [merge_id]
    async with running.product.work() as tx:
        row = await access_debtor(tx, ana, stranger.debtor_id)
        assert row.debtor_id == kept, "who asks for the one who is gone gets the one who is kept"
        assert (row.state, row.assigned_agent_id) == ("open", ana.agent_id)
        assert await kept_of(tx, ana, stranger.id) == row.id
        with pytest.raises(NotFound):
            await access_conversation(tx, ana, stranger.id)
    (link,) = await running.rows(
        "select status, source from address_link where org_id = :org and debtor_id = :kept and source is not null", kept=kept
    )
    assert (link.status, link.source) == ("claimed", "merge"), "an agent's word is a claim, not a proof"
    facts = await pending_of(running)
    assert sum(row.action == "client.merged" for row in facts) == 2
    await running.client_writes(NEW_NUMBER, "¿me confirman?")
    assert (await running.timeline(str(kept)))[-1]["text"] == "¿me confirman?", "from now on they write into the kept one's timeline"


async def test_what_came_meanwhile_goes_back_with_the_address(running: Running) -> None:
    ana = await ana_of(running)
    client = await running.new_client(OURS)
    stranger = await stranger_of(running, NEW_NUMBER, "hola")
    kept = UUID(client["id"])
    async with running.product.work() as tx:
        merge_id = await identify_as(tx, ana, stranger.debtor_id, kept)
    await running.client_writes(NEW_NUMBER, "sigo aquí")
    await running.client_writes(OURS, "y yo aquí")
    await queue(running, str(kept), "¿Quién es?", to=NEW_NUMBER)
    async with running.product.work() as tx:
        await undo(tx, ana, merge_id)
    assert [one["text"] for one in await running.timeline(str(stranger.debtor_id)) if one["kind"] == "message"] == [
        "hola",
        "sigo aquí",
        "¿Quién es?",
    ]
    assert [one["text"] for one in await running.timeline(str(kept)) if one["kind"] == "message"] == ["y yo aquí"]
    for debtor in (kept, stranger.debtor_id):
        rows = await running.rows(
            "select count(*) filter (where m.debtor_id <> :debtor) as strays, count(*) as acts from message m join contact_act a"
            " on a.org_id = m.org_id and a.entry_id = m.id and a.debtor_id = :debtor where m.org_id = :org and m.conversation_id ="
            " (select id from conversation where org_id = :org and debtor_id = :debtor)",
            debtor=debtor,
        )
        assert rows[0].strays == 0
        assert rows[0].acts > 0
    await running.client_writes(NEW_NUMBER, "otra vez")
    assert (await running.timeline(str(stranger.debtor_id)))[-1]["text"] == "otra vez"


@pytest.mark.parametrize("noted", ["before", "since"])
@pytest.mark.parametrize("kind", ["promise", "payment"])
async def test_what_was_noted_by_mistake_goes_back_with_the_line_that_says_so(running: Running, kind: mistakes.Kind, noted: str) -> None:
    admin, records = reader(running, "admin", Role.ADMIN), {"promise": promises.record_promise, "payment": promises.record_payment}
    kept, merged = [UUID((await running.new_client(phone))["id"]) for phone in (OURS, NEW_NUMBER)]

    async def note(debtor: UUID, of: UUID) -> UUID:
        async with running.product.work() as tx:
            debt = await tx.value(
                "select id from debt where org_id = :org and (debtor_id = :of or debtor_id = :debtor) order by id desc limit 1",
                of=of,
                debtor=debtor,
            )
            today = await promises.today_of(tx, debtor)
            return await records[kind](tx, admin, debtor, promises.Declared(Decimal(100), "COP", today, debt, uuid4()))

    own = await note(kept, kept)
    record = await note(merged, merged) if noted == "before" else None
    async with running.product.work() as tx:
        merge_id = await merge(tx, admin, kept, merged)
    record = record or await note(kept, merged)
    async with running.product.work() as tx:
        for one in (own, record):
            await mistakes.take_back(tx, admin, kept, kind, one)
    async with running.product.work() as tx:
        await undo(tx, admin, merge_id)
    for debtor, its in ((kept, own), (merged, record)):
        rows = await running.rows(
            "select e.detail ->> 'of' as of from entry e join conversation c on c.org_id = e.org_id and c.id = e.conversation_id"
            " where e.org_id = :org and c.debtor_id = :debtor and e.detail ->> 'event' = 'undone'",
            debtor=debtor,
        )
        assert [row.of for row in rows] == [str(its)], "each line stands with its money"


async def standing_of(running: Running, debtor: UUID) -> dict[str, Any]:
    """A conversation's whole row, but for what every change raises and the count of events."""
    (row,) = await running.rows("select * from conversation where org_id = :org and debtor_id = :id", id=debtor)
    return {name: value for name, value in row._mapping.items() if name not in ("revision", "card_revision", "position")}


async def said_at(running: Running, text: str) -> dict[str, Any]:
    """What a message makes of its conversation's row."""
    (row,) = await running.rows("select id, position, received_at from entry where org_id = :org and text = :text", text=text)
    return {"last_entry_id": row.id, "last_at": row.received_at, "last_inbound_position": row.position}


@pytest.mark.parametrize("answered", [False, True])
async def test_a_word_of_the_kept_ones_waits_after_the_undoing_though_the_stranger_was_answered(running: Running, answered: bool) -> None:
    ana, client = await ana_of(running), await running.new_client(OURS)
    kept = UUID(client["id"])
    await running.client_writes(OURS, "gracias")
    async with running.product.work() as tx:
        await close(tx, ana, kept, "information_given")
    stranger = await stranger_of(running, NEW_NUMBER, "hola")
    closed, waiting = await standing_of(running, kept), await standing_of(running, stranger.debtor_id)
    assert (closed["state"], closed["waiting_since"]) == ("closed", None)
    async with running.product.work() as tx:
        merge_id = await merge(tx, ana, kept, stranger.debtor_id)
    await running.client_writes(OURS, "¿me ayuda?")
    if answered:
        await queue(running, client["id"], "¿Quién es?", who="supervisora", to=NEW_NUMBER)
    async with running.product.work() as tx:
        await undo(tx, ana, merge_id)
    word = await said_at(running, "¿me ayuda?")
    mine = await standing_of(running, kept)
    assert mine == closed | word | {"state": "open", "disposition": None, "waiting_since": word["last_at"]}
    assert mine["read_position"] < mine["last_inbound_position"]
    theirs = await standing_of(running, stranger.debtor_id)
    if not answered:
        assert theirs == waiting
        return
    answer = await said_at(running, "¿Quién es?")
    spoken = {"last_entry_id": answer["last_entry_id"], "last_at": answer["last_at"], "read_position": answer["last_inbound_position"]}
    assert theirs == waiting | spoken | {"waiting_since": None}


async def test_merges_stand_on_each_other(running: Running) -> None:
    ana = await ana_of(running)
    first, second = await running.new_client(OURS), await running.new_client("+573001110003", "Rosa Márquez Gil")
    stranger = await stranger_of(running, NEW_NUMBER, "hola")
    one, two = UUID(first["id"]), UUID(second["id"])
    before = await picture(running)
    async with running.product.work() as tx:
        lower = await identify_as(tx, ana, stranger.debtor_id, one)
    async with running.product.work() as tx:
        upper = await merge(tx, ana, two, one)
    async with running.product.work() as tx:
        assert (await access_debtor(tx, ana, stranger.debtor_id)).debtor_id == two
    with pytest.raises(Conflict):
        async with running.product.work() as tx:
            await undo(tx, ana, lower)
    for one_merge in (upper, lower):
        async with running.product.work() as tx:
            await undo(tx, ana, one_merge)
    assert await picture(running) == before


async def test_a_known_client_is_never_merged_into_an_unknown_one(running: Running) -> None:
    ana = await ana_of(running)
    client = await running.new_client(OURS)
    stranger = await stranger_of(running, NEW_NUMBER, "hola")
    async with running.product.work() as tx:
        await merge(tx, ana, stranger.debtor_id, UUID(client["id"]))
    async with running.product.work() as tx:
        assert (await access_debtor(tx, ana, stranger.debtor_id)).debtor_id == UUID(client["id"])


async def test_a_file_of_the_merged_one_is_the_kept_ones(running: Running) -> None:
    ana = await ana_of(running)
    first, second = await running.new_client(OURS), await running.new_client("+573001110003", "Rosa M.")
    async with running.product.work() as tx:
        merge_id = await merge(tx, ana, UUID(first["id"]), UUID(second["id"]))
    debt = {"ref": "NUEVA-1", "creditor": "Banco Aurora", "total_due": "10", "currency": "COP"}
    told = await running.new_client("+573001110004", "Otro Nombre", ref=second["ref"], debts=[debt])
    assert (told["id"], told["name"]) == (first["id"], "Rosa Márquez")
    async with running.product.work() as tx:
        await undo(tx, ana, merge_id)
    (row,) = await running.rows("select debtor_id from debt where org_id = :org and ref = 'NUEVA-1'")
    assert row.debtor_id == UUID(second["id"])


async def test_strangers_to_a_portfolio_see_no_one_to_merge(running: Running) -> None:
    await running.new_client("+573001110009", "Otra Persona", "Tienda Sol")
    client = await running.new_client(OURS)
    other = await running.rows("select c.debtor_id from conversation c where c.org_id = :org and c.debtor_id <> :id", id=UUID(client["id"]))
    ana = await ana_of(running)
    for pair in ((UUID(client["id"]), other[0].debtor_id), (other[0].debtor_id, UUID(client["id"]))):
        with pytest.raises(NotFound):
            async with running.product.work() as tx:
                await merge(tx, ana, *pair)
    with pytest.raises(Forbidden):
        async with running.product.work() as tx:
            await merge(tx, reader(running, "revisora", Role.REVIEWER), UUID(client["id"]), other[0].debtor_id)
    admin = reader(running, "admin", Role.ADMIN)
    async with running.product.work() as tx:
        merge_id = await merge(tx, admin, UUID(client["id"]), other[0].debtor_id)
    with pytest.raises(Forbidden):
        async with running.product.work() as tx:
            await undo(tx, ana, merge_id)
    with pytest.raises(NotFound):
        async with running.product.work() as tx:
            await undo(tx, reader(running, "luis"), merge_id)


async def test_an_inbound_word_races_a_merge(running: Running) -> None:
    ana = await ana_of(running)
    for round_ in range(6):
        client = await running.new_client(f"+57300222000{round_}")
        number = f"+57300333000{round_}"
        stranger = await stranger_of(running, number, f"hola {round_}")

        async def join(stranger: Any = stranger, client: dict[str, Any] = client) -> None:
            async with running.product.work() as tx:
                await identify_as(tx, ana, stranger.debtor_id, UUID(client["id"]))

        await asyncio.gather(join(), *(running.client_writes(number, f"palabra {round_} {one}") for one in range(4)))
        texts = [one["text"] for one in await running.timeline(client["id"]) if one["kind"] == "message"]
        assert sorted(texts) == sorted([f"hola {round_}", *(f"palabra {round_} {one}" for one in range(4))])
        rows = await running.rows(
            "select position, revision, count(*) over (partition by conversation_id, position) as at_once from entry where org_id = :org"
        )
        assert all(row.at_once == 1 for row in rows)


async def test_two_merges_of_one_person_at_once(running: Running) -> None:
    ana = await ana_of(running)
    one, two = UUID((await running.new_client(OURS))["id"]), UUID((await running.new_client("+573001110003", "Rosa Gil"))["id"])

    async def join(kept: UUID, merged: UUID) -> bool:
        try:
            async with running.product.work() as tx:
                await merge(tx, ana, kept, merged)
        except (Conflict, Raced, NotFound):
            return False
        return True

    done = await asyncio.gather(*(join(*pair) for pair in [(one, two), (two, one)] * 4))
    assert sum(done) == 1
    rows = await running.rows("select id, merged_into from debtor where org_id = :org and merged_into is not null")
    assert len(rows) == 1


async def test_a_delivery_goes_on_with_the_person_who_is_kept(running: Running) -> None:
    """Claimed before the merge, called after it, recorded after its undoing: the message is sent once and stands where it belongs."""
    ana = await ana_of(running)
    client = await running.new_client(OURS)
    second = await running.new_client("+573001110003", "Rosa Gil")
    message = await queue(running, second["id"], "Hola, Rosa.")
    product = await open_product(running.settings)
    try:
        async with product.work() as tx:
            (held,) = await claim(tx, 10)
        async with running.product.work() as tx:
            merge_id = await merge(tx, ana, UUID(client["id"]), UUID(second["id"]))
        async with product.work() as tx:
            ready = await prepare(tx, product, held)
        assert ready is not None, "the claim still holds"
        assert ready.outbound.recipient == "+573001110003"
        async with running.product.work() as tx:
            await undo(tx, ana, merge_id)
        async with product.work() as tx:
            await record_outcome(tx, held, ready, Accepted(f"SM{uuid4().hex}", 1))
    finally:
        await product.close()
    (row,) = await running.rows("select debtor_id, state from message where org_id = :org and id = :id", id=UUID(str(message)))
    assert (row.debtor_id, row.state) == (UUID(second["id"]), "sent")


async def test_somebody_new_becomes_a_client(running: Running) -> None:
    ana = await ana_of(running)
    stranger = await stranger_of(running, NEW_NUMBER, "buenas tardes")
    async with running.product.work() as tx:
        await make_known(tx, ana, stranger.debtor_id, NewPerson("Élida Gómez", "CO", "es", "REF-9", ana.portfolios[0]))
    async with running.product.work() as tx:
        row = await access_conversation(tx, ana, stranger.id)
        assert (row.kind, row.state, row.ref, row.assigned_agent_id) == ("known", "open", "REF-9", ana.agent_id)
        with pytest.raises(NotFound):
            await access_conversation(tx, reader(running, "luis"), stranger.id)
    with pytest.raises(Conflict):
        async with running.product.work() as tx:
            await make_known(tx, ana, stranger.debtor_id, NewPerson("Otra"))
