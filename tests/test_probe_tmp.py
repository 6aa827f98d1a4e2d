from __future__ import annotations
import asyncio, json, uuid
import httpx, websockets
from inbox.delivery import deliver_due
from inbox.product import open_product
from staff.sessions import csrf_token
from tests.counting import counting
from tests.running import Running, until

async def signed_in(running, who="ana"):
    async with httpx.AsyncClient(base_url=running.url) as c:
        a = await c.post("/sign-in", data={"email": f"{who}@trato.example", "password": running.password(f"{who}@trato.example")})
        assert a.status_code == 303
        name, _, rest = a.headers["set-cookie"].partition("=")
        secret = rest.split(";")[0]
    return httpx.AsyncClient(base_url=running.url, headers={"cookie": f"{name}={secret}", "x-csrf-token": csrf_token(running.settings.session_key, secret)}, timeout=20)

def show(name, c):
    print(f"\n=== {name}: requests {c.per_task('run_asgi')} units {c.units('run_asgi')} looks {c.per_task('_look')} / {c.per_unit('_look')} here {c.per_task('here')} deliver {c.per_task('deliver')}")
    print(c.told())

async def test_probe(running: Running):
    engine = running.product.db.engine
    client = await running.new_client("+573001234567")
    for name, phone, text, copies in [("first", "+573001234567", "hola", 1), ("known", "+573001234567", "hola", 1), ("dup", "+573001234567", "hola2", 2), ("STOP", "+573001234567", "BAJA", 1),("START", "+573001234567", "ALTA", 1), ("unknown", "+573009998877", "hola", 1)]:
        with counting(engine) as c:
            await running.client_writes(phone, text, copies=copies)
            await asyncio.sleep(0.3)
        show(name, c)
    async with running.api("ana") as api:
        with counting(engine) as c:
            a = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Con gusto"}, headers={"idempotency-key": "k1"})
            message = a.json()["id"]
        show("api send", c)
        product = await open_product(running.settings)
        with counting(product.db.engine) as c, counting(engine) as r:
            await deliver_due(product)
            async def delivered(): return (await running.rows("select state from message where id = :id", id=message))[0].state == "delivered"
            await until(delivered)
            await asyncio.sleep(0.2)
        show("deliver", c); show("receipts", r)
        for path in (f"/api/v1/debtors/{client['id']}/timeline", f"/api/v1/debtors/{client['id']}", f"/api/v1/messages/{message}", "/api/v1/conversations"):
            with counting(engine) as c:
                assert (await api.get(path)).status_code == 200
            show(path, c)
    conv = (await running.rows("select id from conversation where debtor_id = :d", d=uuid.UUID(client["id"])))[0].id
    async with await signed_in(running) as web:
        for path in ("/", "/queue", f"/c/{conv}", f"/c/{conv}/entries?before=3"):
            with counting(engine) as c:
                assert (await web.get(path)).status_code == 200
            show(path, c)
        for path in ("claim", "messages", "release", "read"):
            with counting(engine) as c:
                a = await web.post(f"/c/{conv}/{path}", data={"text": "uno", "channel": "sms", "client_token": str(uuid.uuid4()), "seen_revision": "50", "revision": "50"})
                assert a.status_code in (200, 204), a.text
            show(path, c)
        for topic, seen in ((f"conversation:{conv}", 20), ("queue:team", "")):
            async with websockets.connect(running.url.replace("http", "ws") + "/live", additional_headers={"cookie": web.headers["cookie"], "origin": running.url}) as ws:
                with counting(engine) as c:
                    await ws.send(json.dumps({"t": "hello", "seen": {topic: seen}}))
                    while json.loads(await ws.recv())["t"] != "ping": pass
                show("watch " + topic, c)
                with counting(engine) as c:
                    await running.client_writes("+573001234567", "viva")
                    while json.loads(await ws.recv())["t"] != "frame": pass
                show("look " + topic, c)
    await product.close()
