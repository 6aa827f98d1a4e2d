"""The hot statements go through indexes: on tables with twenty thousand rows PostgreSQL plans no scan of a whole one for any of them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from base.crypto import Unreadable
from console.views import SHOWS
from inbox.access import reader_by_token
from inbox.delivery import deliver_due, settle_orphans
from inbox.lists import VIEWS
from inbox.nexting import take_next
from inbox.reconciling import reconcile
from tests.carrier import accept, another_product, post_receipt, post_signed, queue, words_of
from tests.counting import Counted, counting, plan_of, scanned_whole
from tests.doors import Visitor, signed_in
from tests.running import Running
from tests.servers import Servers

ROWS = 20_000
PHONE = "+573001234567"
BIG = {
    "debtor",
    "conversation",
    "address",
    "address_link",
    "entry",
    "message",
    "person_key",
    "carrier_event",
    "raw_event",
    "contact_act",
    "notice",
    "debt",
    "promise",
    "payment",
    "party",
    "name_word",
    "draft",
    "attachment",
    "merge",
}

# Copies of the one client who came through the doors, nameless (a name opens only in its own row), with ids made from the row's number; those of
# entries begin with their time, as real ones do.
# Half of the messages wait for tomorrow. The rows that others point to are counted at once: a plan for checking keys that was made for an empty
# table would read it whole for each row.
CROWD = """
create temporary table crowd as select number, md5('debtor' || number)::uuid as debtor, md5('conversation' || number)::uuid as conversation,
 (lpad(to_hex(cast(extract(epoch from now() - number * interval '1 minute') * 1000 as bigint)), 12, '0') || '7' || substr(md5('entry' || number), 1, 3)
 || '8' || substr(md5('entry' || number), 4, 15))::uuid as entry,
 md5('address' || number)::uuid as address, now() - number * interval '1 minute' as at from generate_series(1, {rows}) number;
insert into debtor (org_id, id, kind, ref, name_starts, created_at)
 select o.id, debtor, 'known', 'crowd-' || number,
 array[decode(md5('start' || number % 2000), 'hex'), decode(md5('start' || number), 'hex')], at from crowd, (select id from organisation) o;
analyze debtor;
insert into person_key (org_id, person_id, key_name, wrapped, created_at)
 select o.org_id, debtor, o.key_name, o.wrapped, at from crowd, (select * from person_key limit 1) o;
insert into conversation (org_id, id, debtor_id, state, revision, card_revision, position, portfolios, last_entry_id, last_at,
 last_inbound_position, read_position, created_at, waiting_since, assigned_agent_id, snoozed_until)
 select o.org_id, conversation, debtor, case when number % 10 = 0 then 'closed' when number % 100 = 1 then 'triage' else 'open' end, 3, 1, 1,
 o.portfolios, entry, at, 1, 0, at, case when number % 10 = 2 then at end, case when number % 3 = 1 then md5('agent' || number % 40)::uuid end,
 case when number % 50 = 3 then now() + interval '1 day' end from crowd, (select * from conversation limit 1) o;
analyze conversation;
insert into address (org_id, id, channel, match_index, deliverability, created_at)
 select o.org_id, address, 'sms', decode(md5('match' || number), 'hex'), 'good', at from crowd, (select * from address limit 1) o;
analyze address;
insert into address_link (org_id, id, address_id, debtor_id, dialable_sealed, number_ends, status, created_at)
 select o.org_id, address, address, debtor, o.dialable_sealed, array[decode(md5('end' || number % 9000), 'hex')], 'confirmed', at
 from crowd, (select * from address_link limit 1) o;
insert into entry (org_id, id, conversation_id, position, revision, first_revision, kind, channel, direction, text, detail, received_at)
 select o.id, entry, conversation, 1, 2, 2, 'message', 'sms', case when number % 2 = 0 then 'out' else 'in' end, 'Hola', '{{}}', at
 from crowd, (select id from organisation) o;
analyze entry;
insert into message (org_id, id, debtor_id, conversation_id, direction, channel, state, rank, address_id, due_at, token, attempts, state_at)
 select o.id, entry, debtor, conversation, case when number % 2 = 0 then 'out' else 'in' end, 'sms',
 case when number % 2 = 0 then 'queued' else 'received' end, case when number % 2 = 0 then 0 else 100 end, address,
 case when number % 2 = 0 then now() + interval '1 day' end, 0, 0, at from crowd, (select id from organisation) o;
insert into carrier_event (org_id, id, adapter, account, kind, external_id, state, entry_id, body_hash, at)
 select o.id, entry, 'twilio', 'AC', 'inbound', 'SM' || md5('event' || number), 'received', entry, 'x', at from crowd, (select id from organisation) o;
insert into raw_event (org_id, id, entry_id, person_id, sealed, body_hash, retention, at)
 select o.id, entry, entry, debtor, 'x', 'x', 'webhook', at from crowd, (select id from organisation) o;
insert into notice (org_id, id, agent_id, kind, conversation_id, at, seen_at, done_at)
 select o.id, entry, md5('agent' || number % 40)::uuid, case when number % 2 = 0 then 'mention' else 'assigned' end, conversation, at,
 case when number % 5 > 0 then at end, case when number % 5 > 1 then at end from crowd, (select id from organisation) o;
insert into contact_act (org_id, id, debtor_id, entry_id, channel, direction, at)
 select o.id, entry, debtor, entry, 'sms', 'in', at from crowd, (select id from organisation) o;
insert into debt (org_id, id, creditor_id, debtor_id, ref, product_last4, payment_reference, updated_at)
 select o.id, entry, c.id, debtor, 'crowd-' || number, lpad((number % 10000)::text, 4, '0'), '88' || number, at from crowd, (select id from organisation) o,
 (select id from creditor limit 1) c;
insert into promise (org_id, id, debtor_id, debt_id, creditor_id, amount, currency, due_on, state, entry_id, agent_id, made_at, state_at)
 select o.org_id, entry, debtor, entry, c.id, 1000, 'COP', cast(at as date), 'pending', entry, o.id, at, at from crowd,
 (select org_id, id from agent limit 1) o, (select id from creditor limit 1) c;
insert into payment (org_id, id, debtor_id, debt_id, creditor_id, amount, currency, paid_on, state, entry_id, agent_id, recorded_at)
 select o.org_id, entry, debtor, entry, c.id, 1000, 'COP', cast(at as date), 'declared', entry, o.id, at from crowd,
 (select org_id, id from agent limit 1) o, (select id from creditor limit 1) c;
insert into party (org_id, id, debt_id, debtor_id, role, created_at)
 select o.id, p.entry, p.entry, q.debtor, 'guarantor', p.at from crowd p join crowd q on q.number = p.number % 1000 + 1,
 (select id from organisation) o;
insert into name_word (org_id, word, debtor_id)
 select o.id, decode(md5('word' || number % 2000), 'hex'), debtor from crowd, (select id from organisation) o;
insert into attachment (org_id, id, entry_id, person_id, position, direction, state, content_type, attempts, created_at)
 select o.id, entry, entry, debtor, 0, 'in', 'kept', 'image/jpeg', 1, at from crowd, (select id from organisation) o;
insert into draft (org_id, agent_id, conversation_id, debtor_id, sealed, revision, updated_at)
 select o.org_id, o.id, conversation, debtor, 'x', 1, at from crowd, (select org_id, id from agent limit 1) o;
insert into merge (org_id, id, kept_id, merged_id, agent_id, at, undone_at, moved)
 select o.org_id, p.entry, p.debtor, q.debtor, o.id, p.at, p.at, '{{}}' from crowd p join crowd q on q.number = {rows} + 1 - p.number,
 (select org_id, id from agent limit 1) o;
"""


@pytest.mark.timeout(300)  # filling the tables takes a while on a busy machine
async def test_no_hot_statement_reads_a_whole_table(running: Running, servers: Servers) -> None:
    client = await running.new_client(PHONE)
    await crowd(servers)
    engine = running.product.db.engine
    async with another_product(running, accept) as (product, stand_in):
        with counting(engine, product.db.engine) as counted:
            message = await words_both_ways(running, client["id"])
            assert await deliver_due(product) == 1
            await settle_orphans(product)
            await reconcile(product, stand_in)
            await post_receipt(running, message, f"SM{uuid.UUID(message).hex}", "delivered")
            await desk(running, client["conversation_id"])
            await api(running, client["id"], client["ref"])
    assert len(counted.statements) > 80
    whole = await read_whole(running, counted)
    assert not whole, "\n".join(f"{sorted(tables)}: {sql}" for sql, tables in whole.items())


async def words_both_ways(running: Running, debtor: str) -> str:
    """A client writes (twice the same), a stranger writes, an agent answers; the answer's id."""
    fields = words_of(running, PHONE, "Hola")
    for told in (fields, fields, words_of(running, "+573119998877", "Hola")):
        assert (await post_signed(running, told)).status_code == 200
    return await queue(running, debtor)


async def desk(running: Running, conversation: str) -> None:
    """Everything that Ana does at her desk, with the live line open."""
    ana = await signed_in(running)
    for path in ("/", *(f"/queue?view={view}" for view in VIEWS), "/me/notices", "/me/today", f"/c/{conversation}"):
        assert (await ana.get(path)).status_code == 200
    assert (await ana.get(f"/c/{conversation}/entries?before=9000000000000000.1")).status_code == 200
    for query in ("after=0.0", "around=9000000000000000.1", "on=2026-11-21", *(f"show={kind}" for kind in SHOWS)):
        assert (await ana.get(f"/c/{conversation}/entries?{query}")).status_code == 200, query
    topics = {f"conversation:{conversation}": 1, "queue:team": "", "queue:mine": "", "me": ""}
    async with ana.line() as line:
        await line.say(t="hello", seen=topics)
        await line.hear("live")
        form = {"text": "Con gusto.", "channel": "sms", "client_token": str(uuid.uuid4()), "seen_revision": "99", "revision": "99"}
        for act in ("claim", "messages", "read", "notes", "unread", "snooze", "wake", "mentions-done", "release", "close", "reopen"):
            assert (await ana.post(f"/c/{conversation}/{act}", form)).status_code in (200, 204), act
        assert (await ana.post("/me/notices/seen")).status_code == 204
        assert (await ana.get(f"/c/{conversation}/acts/transfer")).status_code == 200
        await line.hear("frame", topic=f"conversation:{conversation}")
    await beside(running, ana, conversation)


async def beside(running: Running, ana: Visitor, conversation: str) -> None:
    """What she looks up beside a conversation: people, money, texts, colleagues; and what a supervisor sees of everybody's."""
    for part in ("people", "templates?channel=sms", "schedule?channel=sms", "presence", "promises/new", "payments/new", "acts/snooze"):
        assert (await ana.get(f"/c/{conversation}/{part}")).status_code == 200, part
    for asked in (
        f"/mentions?q=a&c={conversation}",
        *(f"/palette?q={text}" for text in ("rosa", "rosa marquez", "rosa mar", "3001234567", "4567", "R-1", "CC 123456")),
    ):
        assert (await ana.get(asked)).status_code == 200, asked
    soon = datetime.now(UTC).date() + timedelta(days=1)
    money = {"amount": "1000", "currency": "COP", "day": "other", "client_token": str(uuid.uuid4())}
    forms = {
        "draft": {"channel": "sms", "text": "a medias"},
        "people/search": {"q": "rosa"},
        "promises": money | {"on": str(soon)},
        "payments": money | {"on": str(soon - timedelta(days=2))},
        "addresses": {"channel": "sms", "value": "+573009998877"},
    }
    for door, form in forms.items():
        assert (await ana.post(f"/c/{conversation}/{door}", form)).status_code == 200, door
    [triage] = await running.rows("select id from conversation where org_id = :org and state = 'triage' and portfolios = '{}'")
    assert (await ana.get(f"/c/{triage.id}/identify")).status_code == 200
    async with running.product.work() as tx:
        reader = await reader_by_token(tx, running.tokens["ana"])
        assert reader is not None
        for here in (None, uuid.UUID(conversation)):
            with pytest.raises(Unreadable):  # the crowd's keys open nowhere: whoever is next was found, and cannot be shown
                await take_next(tx, reader, here=here)
    supervisor = await signed_in(running, "supervisora")
    for view in VIEWS:
        assert (await supervisor.get(f"/queue?view={view}")).status_code == 200


async def api(running: Running, debtor: str, ref: str) -> None:
    """Everything that programs read."""
    async with running.api("ana") as ana:
        for query in ("", "?state=open", "?state=triage", "?state=closed", f"?assigned={running.agents['ana']}"):
            page = (await ana.get(f"/api/v1/conversations{query}")).raise_for_status().json()
        page = (await ana.get("/api/v1/conversations?limit=2")).json()
        (await ana.get("/api/v1/conversations", params={"limit": 2, "cursor": page["next"]})).raise_for_status()
        for wanted in ({"phone": PHONE}, {"ref": ref}):
            (await ana.post("/api/v1/debtors/search", json=wanted)).raise_for_status()
        for path in (f"/api/v1/debtors/{debtor}", f"/api/v1/debtors/{debtor}/timeline"):
            (await ana.get(path)).raise_for_status()


async def crowd(servers: Servers) -> None:
    """Fill the tables, and let PostgreSQL learn how full they are."""
    connection = await asyncpg.connect(servers.env["MIGRATOR_DATABASE_URL"])
    try:
        await connection.execute(CROWD.format(rows=ROWS))
        await connection.execute(f"analyze {', '.join(sorted(BIG))}")
    finally:
        await connection.close()


async def read_whole(running: Running, counted: Counted) -> dict[str, set[str]]:
    """The statements that would read a big table from end to end, with those tables."""
    found: dict[str, set[str]] = {}
    for one in counted.statements:
        if not isinstance(one.parameters, list):
            found.setdefault(one.sql, set()).update(scanned_whole(await plan_of(running.product.db.engine, one)) & BIG)
    return {sql: tables for sql, tables in found.items() if tables}
