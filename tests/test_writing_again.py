"""Writing again: what the carrier refused comes back into the composer whole; and how long what was pressed waits before it leaves."""

from __future__ import annotations

import uuid

import pytest

from channels.contract import Accepted, Channel, Outbound, Refused
from channels.twilio_words import error_of
from inbox.delivery import deliver_due
from tests.carrier import another_product, state_of
from tests.doors import signed_in
from tests.files import photo
from tests.running import Running
from tests.test_attachments import upload
from tests.test_composer import presses, sent
from tests.test_templates import recorded
from tests.writing import may_take_back_for, rosa


async def refuse(_outbound: Outbound) -> Accepted:
    raise Refused(error_of("30003"))


async def fails(running: Running) -> str:
    """The last message is refused by the carrier."""
    message = str((await sent(running))[-1].id)
    async with another_product(running, refuse) as (product, carrier):
        product.adapters = {Channel.SMS: carrier, Channel.WHATSAPP: carrier}  # type: ignore[dict-item]
        assert await deliver_due(product) == 1
    assert await state_of(running, message) == "failed"
    return message


async def test_what_failed_is_written_again_whole(running: Running) -> None:
    client, ana = await rosa(running), await signed_in(running)
    marta, revisora = await signed_in(running, "supervisora"), await signed_in(running, "revisora")
    path = f"/c/{client['conversation_id']}"
    uploaded = (await upload(ana, client["conversation_id"], photo(), "Recibo.jpg")).text.split('value="')[1].split('"')[0]
    assert (await presses(ana, client, channel="whatsapp", text="", attachment=uploaded)).status_code == 200
    picture = await fails(running)
    again = await marta.post(f"{path}/messages/{picture}/again", {"text": "Y además", "mode": "message", "channel": "sms"})
    assert again.status_code == 200
    copied = again.text.split('name="attachment" value="')[1].split('"')[0]
    assert (copied != uploaded, "Recibo.jpg" in again.text, "Y además" in again.text) == (True, True, True)
    assert (await marta.get(f"/media/{copied}")).content == (await ana.get(f"/media/{uploaded}")).content
    assert (await presses(marta, client, channel="whatsapp", text="", attachment=copied)).status_code == 200
    template = await recorded(running, name="acuerdo", body="Hola {{first_name}}, te proponemos {{cuotas}} cuotas. ¿Te sirve?")
    form = {"channel": "whatsapp", "text": "", "template_id": template["id"], "var_cuotas": "tres"}
    async with another_product(running) as (product, _):
        await deliver_due(product)
    assert (await presses(ana, client, **form)).status_code == 200
    prepared = await fails(running)
    door = f"{path}/messages/{prepared}/again"
    again = await ana.post(door, {"text": "Nota a medias", "aside": "", "mode": "note"})
    assert f'name="template_id" value="{template["id"]}"' in again.text
    assert 'value="tres"' in again.text
    assert 'name="aside" value="Nota a medias"' in again.text
    assert 'name="mode" value="message"' in again.text
    assert f'hx-post="{door}"' in (await ana.get(path)).text
    assert (await revisora.post(door)).status_code == 403
    assert (await ana.post(f"{path}/messages/{uuid.uuid4()}/again")).status_code == 404
    assert (await presses(ana, client)).status_code == 200
    waits = str((await sent(running))[-1].id)
    refused = await ana.post(f"{path}/messages/{waits}/again")
    assert (refused.status_code, bool(refused.headers["x-problem"])) == (409, True)


@pytest.mark.parametrize(
    ("own", "heard", "form", "seconds"),
    [
        (None, False, {}, 5),
        (None, True, {}, 2),
        (None, True, {"template": "yes", "channel": "whatsapp"}, 10),
        (7, True, {}, 7),
        (0, False, {}, 0),
    ],
)
async def test_the_door_holds_a_message_for_its_seconds(
    running: Running, own: int | None, heard: bool, form: dict[str, str], seconds: int
) -> None:
    async with running.product.work() as tx:
        await tx.run("update agent set preferences = preferences - 'undo_seconds' where org_id = :org")
    if own is not None:
        await may_take_back_for(running, own)
    client, ana = await rosa(running, heard=heard), await signed_in(running)
    if form.pop("template", None):
        form = form | {"text": "", "template_id": (await recorded(running, name="saludo", body="Hola {{first_name}}, ¿te sirve?"))["id"]}
    answer = await presses(ana, client, **form)
    assert answer.status_code == 200
    [row] = await running.rows(
        "select extract(epoch from m.due_at - e.received_at) as seconds from message m join entry e on e.org_id = m.org_id and e.id = m.id"
        " where m.org_id = :org and m.direction = 'out'"
    )
    assert row.seconds == seconds
    assert ('id="held"' in answer.text) is bool(seconds)
