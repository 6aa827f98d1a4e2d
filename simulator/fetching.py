"""Fetches the media that the product attached, as a carrier would: over its public address, on this machine only."""

from __future__ import annotations

import asyncio

import httpx

from simulator.config import is_loopback
from simulator.records import File, Message
from simulator.store import Store

TIMEOUT = 10.0
LIMITS = {"whatsapp": 16_000_000, "sms": 5_000_000}
KINDS = ("image/", "audio/", "video/", "application/", "text/")
NOT_FETCHED = {"whatsapp": 63019, "sms": 11200}
NOT_SHOWN = {"whatsapp": 63021, "sms": 12300}


class Fetcher:
    """Reads media of the product; nothing is followed to another address."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT, headers={"User-Agent": "TwilioProxy/1.1"})

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def collect(self, message: Message) -> int | None:
        """Fetch all media of a message; the delivery error when one cannot be had or is of no kind that a phone shows."""
        faults = [await self._fetch(file, message.channel) for file in self._store.files.of(message.sid) if file.content is None]
        self._store.flush()
        return next((fault for fault in faults if fault), None)

    async def _fetch(self, file: File, channel: str) -> int | None:
        if not is_loopback(file.url):
            return NOT_FETCHED[channel]
        try:
            async with asyncio.timeout(TIMEOUT), self._http.stream("GET", file.url) as answer:
                kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
                content = await self._read(answer, LIMITS[channel]) if answer.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return NOT_FETCHED[channel]
        if not content:
            return NOT_FETCHED[channel]
        if not kind.startswith(KINDS):
            return NOT_SHOWN[channel]
        self._store.files.fill(file, content, kind)
        return None

    async def _read(self, answer: httpx.Response, most: int) -> bytes | None:
        content = bytearray()
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > most:
                return None
        return bytes(content)
