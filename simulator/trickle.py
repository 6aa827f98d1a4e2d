"""Clients who write on their own, so that the screen lives: now and then one begins, and some answer. Nobody floods."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from simulator.addresses import PHONE, country_of, on_whatsapp
from simulator.carrier import Carrier
from simulator.inbound import Words, speak
from simulator.lines import fitting_replies, openers
from simulator.records import Client, Message

# Whoever spoke last waits for an answer this long (seconds) before speaking again.
PATIENCE = 1800.0
REMEMBERED = 20


class Chatter:
    """The clients' side of small talk, repeatable by the seed."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._rng = random.Random(carrier.config.seed + 2)
        self._thinking: set[str] = set()
        carrier.when_delivered(self._consider)

    async def run(self) -> None:
        """Let one client begin every now and then, for as long as the trickle is on."""
        while True:
            await asyncio.sleep(self._rng.uniform(*self._carrier.config.trickle_every))
            client = self._choose() if self._carrier.trickle else None
            if client:
                await self._say(self._address(client), self._own_line(client) or self._fresh(openers(country_of(client.number)), client))

    def _choose(self) -> Client | None:
        """One of the clients who may speak."""
        clients = [client for client in self._carrier.store.phones.clients().values() if self._may_speak(client)]
        return self._rng.choice(clients) if clients else None

    def _address(self, client: Client) -> str:
        """Where the client wrote or was written to last; at first by text message, where they have a number."""
        last = self._conversation(client, 1)
        if last:
            return last[-1].party
        return client.number if PHONE.fullmatch(client.number) else on_whatsapp(client.number)

    def _may_speak(self, client: Client) -> bool:
        last = self._conversation(client, 1)
        return (
            client.number not in self._thinking
            and not self._carrier.store.phones.get(client.number).script
            and (not last or last[-1].direction != "inbound" or self._carrier.clock.now() - last[-1].created_at > PATIENCE)
        )

    def _own_line(self, client: Client) -> str | None:
        said = self._said(client)
        return next((line for line in client.lines if line not in said), None)

    def _fresh(self, lines: Sequence[str], client: Client) -> str:
        said = self._said(client)
        return self._rng.choice([line for line in lines if line not in said] or list(lines))

    def _said(self, client: Client) -> set[str]:
        return {row.body for row in self._conversation(client, REMEMBERED) if row.direction == "inbound"}

    def _consider(self, message: Message) -> None:
        """A message of ours reached a phone: perhaps its owner answers in a while."""
        phones = self._carrier.store.phones
        client = phones.clients().get(phones.owner_of(message.recipient))
        scripted = client is not None and phones.get(client.number).script
        willing = self._rng.random() < self._carrier.config.reply_probability
        if self._carrier.trickle and client and not scripted and willing and client.number not in self._thinking:
            self._thinking.add(client.number)
            self._carrier.spawn(self._answer(client, message))

    async def _answer(self, client: Client, message: Message) -> None:
        try:
            await asyncio.sleep(self._rng.uniform(*self._carrier.config.reply_after))
            last = self._conversation(client, 1)
            if self._carrier.trickle and last[-1].direction != "inbound":
                await self._say(message.recipient, self._fresh(fitting_replies(message.body, country_of(client.number)), client))
        finally:
            self._thinking.discard(client.number)

    def _conversation(self, client: Client, limit: int) -> list[Message]:
        store = self._carrier.store
        return store.conversation([client.number, *store.phones.on_whatsapp(client.number)], limit=limit)

    async def _say(self, address: str, text: str) -> None:
        await speak(self._carrier, Words(sender=address, text=text))
