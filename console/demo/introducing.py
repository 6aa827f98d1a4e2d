"""The carrier's simulator learns whose phones it plays, what they said of late, and by which script each of them answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from base.log import log
from console.demo.clients import DemoClient, demo_clients
from console.demo.people import ANDES, BRASIL, SUR, team_of
from console.demo.strangers import strangers
from console.demo.templates import PAUSED
from inbox.product import Product
from inbox.registering import register_due

# What the simulator is told of: enough for WhatsApp's window of 24 hours, and for its phones to look used.
_LATELY = timedelta(hours=36)
_SCRIPTS = (
    "pays",
    "promises",
    "",
    "hardship",
    "receipt_photo",
    "disputes",
    "emoji",
    "",
    "voice_note",
    "presses_button",
    "long_sms",
    "pays",
)
_SCRIPTS_PT = ("pays_pt", "promises_pt", "portuguese")
_WAYS_TO_STOP = 10
# Whose flags the script of that name has, in this order.
_FLAGS = ("CO", "MX", "CL", "PE")
# Whose clients are on an agent's desk, those first whom the agent meets first.
_ON_DESK = ("waiting", "own", "open")


async def introduce(product: Product, recent: Sequence[dict[str, Any]]) -> None:
    """Tell the simulator, and have the templates reviewed, so that the first agent who signs in can use them. Without it the demo works too."""
    try:
        async with httpx.AsyncClient(timeout=10, base_url=f"http://127.0.0.1:{product.settings.simulator_port}/_simulator") as http:
            await _tell(http, "clients", _people())
            await _tell(http, "past", _past(recent))
            await _tell(http, "scripts", casting())
            while await register_due(product):
                pass
            await _pause(http)
    except httpx.HTTPError as error:
        log.warning("seed.simulator_not_told", reason=type(error).__name__)


async def _tell(http: httpx.AsyncClient, what: str, told: object) -> Any:  # noqa: ANN401 - JSON
    answer = await http.post(f"/{what}", json=told)
    answer.raise_for_status()
    return answer.json()


def _people() -> list[dict[str, str]]:
    return [{"name": client.name, "number": client.phone} for client in demo_clients()]


def _past(recent: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    newest: datetime = max(word["at"] for word in recent)
    words = sorted((word for word in recent if word["at"] > newest - _LATELY), key=lambda word: word["at"])
    return [word | {"at": word["at"].timestamp()} for word in words]


def casting() -> list[dict[str, str]]:
    """Most of those who wait or are attended answer by a script; who asked for silence keeps to that, each in their own way."""
    clients = demo_clients()
    stopping = {number: way for team in (ANDES, SUR, BRASIL) for number, way in _stopping(clients, team)}
    cast = {client.phone: _script(client, stopping) for client in clients} | {one.sender: one.script for one in strangers(clients)}
    return [{"number": number, "script": script} for number, script in cast.items() if script]


def _stopping(clients: Sequence[DemoClient], team: str) -> Iterator[tuple[int, int]]:
    """Who of a team's clients will ask for silence, each in another way: spread over the desk, so that its agents meet all of them."""
    ours = [client for client in clients if team_of(client.debts[0].creditor) == team]
    desk = [client for stands in _ON_DESK for client in ours if client.stands == stands]
    step = max(2, sum(client.stands == "waiting" for client in desk) // _WAYS_TO_STOP)
    for way, client in enumerate(desk[1::step][:_WAYS_TO_STOP], 1):
        yield client.number, way


def _script(client: DemoClient, stopping: Mapping[int, int]) -> str:
    way = client.number % _WAYS_TO_STOP + 1 if client.stands == "stop" else stopping.get(client.number)
    if way is not None:
        return f"{'stop_pt' if client.language == 'pt' else 'stop'}:{way}"
    if client.language == "pt":
        return _SCRIPTS_PT[client.number % len(_SCRIPTS_PT)]
    if client.stands not in ("waiting", "own"):
        return ""
    script = _SCRIPTS[client.number % len(_SCRIPTS)]
    if script == "emoji":
        return f"emoji:{_FLAGS.index(client.country.code) + 1}"
    return "promises" if script in ("receipt_photo", "voice_note", "presses_button") and client.channel == "sms" else script


async def _pause(http: httpx.AsyncClient) -> None:
    """One template is paused, as a carrier does with one that clients block."""
    answer = await http.get("/templates")
    answer.raise_for_status()
    for template in answer.json()["templates"]:
        if str(template["name"]).startswith(PAUSED):
            paused = await http.post(
                f"/templates/{template['sid']}", json={"status": "paused", "reason": "Low quality: clients blocked it."}
            )
            paused.raise_for_status()
