"""Files as clients send them, and a carrier that keeps them and answers as a test says."""

from __future__ import annotations

import io
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from PIL import Image

from channels.contract import Channel, Fetched, Media
from inbox import filetypes
from inbox.attachments import announce
from inbox.fetching import fetch_due
from inbox.product import Product
from inbox.states import State
from inbox.timeline import NewEntry, NewMessage, append, lock_thread
from tests.carrier import another_product
from tests.doors import some_phone
from tests.running import Running

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
OGG = b"OggS" + bytes(range(256)) * 40


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    """A picture with a place and a camera in it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Camera of Rosa", {1: "N", 2: (4.0, 36.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **({"exif": exif} if kind == "JPEG" else {}), **more)
    return out.getvalue()


class Keeper:
    """A carrier that keeps files: what it answers to each asking is whatever a test says, the last answer for ever."""

    name, account = "twilio", "AC"

    def __init__(self, *answers: Fetched | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def fetch(self, url: str, most_bytes: int) -> Fetched:
        assert most_bytes == filetypes.MOST_BYTES
        self.asked.append(url)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing to let go of."""


@asynccontextmanager
async def keeping(running: Running, *answers: Fetched | Exception) -> AsyncIterator[tuple[Product, Keeper]]:
    async with another_product(running) as (product, _):
        for adapter in product.adapters.values():
            await adapter.close()
        keeper = Keeper(*answers)
        product.adapters = {Channel.WHATSAPP: keeper}  # type: ignore[dict-item]
        yield product, keeper


async def announced(running: Running, *types: str, direction: str = "in") -> tuple[dict[str, Any], list[uuid.UUID]]:
    """A client with a message whose files a carrier has announced; the files' ids."""
    client = await running.new_client(some_phone())
    async with running.product.work() as tx:
        thread = await lock_thread(tx, uuid.UUID(client["id"]))
        address = await tx.value("select address_id from address_link where org_id = :org and debtor_id = :debtor", debtor=thread.debtor_id)
        entry = NewEntry(kind="message", channel="whatsapp", direction=direction, text="")
        await append(tx, thread, entry, NewMessage(State.RECEIVED, address))
        media = [Media(f"https://api.twilio.com/m/{number}", kind) for number, kind in enumerate(types)]
        await announce(tx, entry.id, thread.debtor_id, media, "twilio")
        rows = await tx.rows("select id from attachment where org_id = :org and entry_id = :e order by position", e=entry.id)
    return client, [row.id for row in rows]


async def kept_file(running: Running, debtor: str, entry: str) -> str:
    """A photo of an entry, fetched; its id."""
    async with running.product.work() as tx:
        await announce(tx, uuid.UUID(entry), uuid.UUID(debtor), [Media("https://api.twilio.com/m/1", "image/jpeg")], "twilio")
        attachment = await tx.value("select id from attachment where org_id = :org and entry_id = :entry", entry=uuid.UUID(entry))
    async with keeping(running, Fetched(photo(), "image/jpeg")) as (product, _):
        await fetch_due(product)
    return str(attachment)


async def row_of(running: Running, attachment: uuid.UUID) -> Any:
    return (await running.rows("select state, error, attempts from attachment where org_id = :org and id = :id", id=attachment))[0]


async def fetched(running: Running, content: bytes, told: str = "image/jpeg") -> tuple[dict[str, Any], uuid.UUID]:
    client, (attachment,) = await announced(running, told)
    async with keeping(running, Fetched(content, told)) as (product, _):
        assert await fetch_due(product) == 1
    return client, attachment
