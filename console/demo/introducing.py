"""The carrier's simulator learns whose phones it plays, what they said of late, and by which script each of them answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from base.log import log
from console.demo.clients import DemoClient, demo_clients
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
    "promises",
    "pays",
)
_RARE = {29: "wrong_person", 58: "long_sms", 87: "wrong_person"}
_WAYS_TO_STOP = 10


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
    return [{"number": client.phone, "script": script} for client in demo_clients() if (script := _script(client))]


def _script(client: DemoClient) -> str:
    if client.stands == "stop":
        return f"stop:{client.number % _WAYS_TO_STOP + 1}"
    if client.language == "pt":
        return ("portuguese", "pays_pt", "promises_pt")[client.number % 3]
    if client.stands not in ("waiting", "own"):
        return ""
    if client.number % 13 == 0:
        return f"stop:{client.number // 13 % _WAYS_TO_STOP + 1}"
    script = _RARE.get(client.number) or _SCRIPTS[client.number % len(_SCRIPTS)]
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
