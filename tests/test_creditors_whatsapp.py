"""WhatsApp for third parties: off until somebody confirms it by name, shown at once where agents write, and taken back as easily."""

from __future__ import annotations

from tests.carrier import pending_of, send
from tests.doors import signed_in, some_phone
from tests.running import Running

FORM = {"name": "Recupera", "type": "other", "party": "third", "country": "CO", "tax_id": "", "destinations": ""}


async def test_a_third_party_may_use_whatsapp_only_after_somebody_confirmed_it(running: Running) -> None:
    admin, boss = await signed_in(running, "admin"), await signed_in(running, "supervisora")
    assert (await admin.post("/setup/creditors", FORM)).status_code == 303
    (creditor,) = await running.rows("select id from creditor where org_id = :org and name = 'Recupera'")
    path = f"/setup/creditors/{creditor.id}"
    phone = some_phone()
    client = await running.new_client(phone, creditor="Recupera", addresses=[{"channel": "whatsapp", "value": phone}])

    async def refused_by() -> str:
        answer = await send(running, client["id"], who="admin", channel="whatsapp")
        assert answer.status_code == 422
        return str(answer.json()["verdict"]["rule"] if "verdict" in answer.json() else answer.text)

    async def revision() -> int:
        (row,) = await running.rows("select max(revision) as revision from conversation where org_id = :org")
        return int(row.revision)

    assert "wa_third_party" in await refused_by()
    before = await revision()
    assert (await boss.post(path, FORM | {"whatsapp": "1"})).status_code == 404
    assert (await admin.post(path, FORM | {"whatsapp": "1"})).status_code == 303
    assert await revision() > before, "open screens show it"
    assert "wa_window" in await refused_by(), "the law still has its say"
    page = (await admin.get(path)).text
    assert 'name="whatsapp" value="1" checked' in page
    assert (await admin.post(path, FORM | {"whatsapp": "1", "name": ""})).status_code == 422
    assert (await admin.post(path, FORM | {"whatsapp": "1"})).status_code == 303
    assert (await admin.post(path, FORM)).status_code == 303
    assert "wa_third_party" in await refused_by()
    facts = [(row.action, row.actor) for row in await pending_of(running) if row.action.startswith("creditor.whatsapp")]
    who = f"agent:{running.agents['admin']}"
    assert facts == [("creditor.whatsapp_allowed", who), ("creditor.whatsapp_withdrawn", who)]
    assert (await admin.post(path, FORM | {"party": "first", "whatsapp": "1"})).status_code == 303
    assert "wa_window" in await refused_by(), "a first party needs no word"
    before = await revision()
    assert (await admin.post(path, FORM)).status_code == 303
    assert await revision() > before, "also where the money became somebody else's"
    assert "wa_third_party" in await refused_by()
    (row,) = await running.rows("select whatsapp from creditor where org_id = :org and name = 'Recupera'")
    assert row.whatsapp is None
