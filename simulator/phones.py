"""Whose phones the simulator plays: names and lines of clients, and what each device is set to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from simulator.addresses import PHONE, bare, channel_of, make_user_id, on_whatsapp
from simulator.database import Database
from simulator.records import Client, Phone


class Phones:
    """Clients and their devices, durably, by owner: a number, or the business-scoped id of somebody who never showed one."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def upsert_clients(self, clients: Iterable[Client]) -> None:
        """Learn who may write; known numbers get the new name and lines."""
        changed = set()
        for client in clients:
            self._db.write(
                """INSERT INTO client (number, name, lines) VALUES (?,?,?)
                   ON CONFLICT (number) DO UPDATE SET name = excluded.name, lines = excluded.lines""",
                (client.number, client.name, json.dumps(client.lines)),
            )
            changed.add(client.number)
        self._db.flush()
        self._db.notify(changed)

    def clients(self) -> dict[str, Client]:
        """Everyone known, by owner."""
        rows = self._db.rows("SELECT * FROM client ORDER BY name")
        return {row["number"]: Client(row["number"], row["name"], tuple(json.loads(row["lines"]))) for row in rows}

    def keep(self, phone: Phone) -> Phone:
        """Record what a device is set to."""
        values: dict[str, Any] = asdict(phone) | {"taken": json.dumps(phone.taken)}
        marks = ", ".join("?" * len(values))
        self._db.write(f"INSERT OR REPLACE INTO phone ({', '.join(values)}) VALUES ({marks})", values.values())
        self._db.flush()
        self._db.notify({phone.owner})
        return phone

    def get(self, owner: str) -> Phone:
        """A device as it is set, or as one comes from the shop: named after its owner, receipts on."""
        row = self._db.row("SELECT * FROM phone WHERE owner = ?", (owner,))
        if row:
            return _phone(row)
        named = self._db.row("SELECT name FROM client WHERE number = ?", (owner,))
        numbered = PHONE.fullmatch(owner) is not None
        name = named["name"] if named else ""
        return Phone(owner, name, make_user_id(owner) if numbered else owner, username_only=not numbered)

    def all(self) -> list[Phone]:
        """Every device that was set or used on WhatsApp."""
        return [_phone(row) for row in self._db.rows("SELECT * FROM phone ORDER BY owner")]

    def owner_of(self, address: str) -> str:
        """Whose phone an address rings."""
        name = bare(address)
        if channel_of(address) == "sms" or PHONE.fullmatch(name):
            return name
        row = self._db.row("SELECT owner FROM phone WHERE user_id = ?", (name,))
        return str(row["owner"]) if row else name

    def on_whatsapp(self, owner: str) -> list[str]:
        """Every address under which WhatsApp knows an owner."""
        phone = self.get(owner)
        return [on_whatsapp(name) for name in dict.fromkeys((phone.owner, phone.user_id)) if name]


def _phone(row: sqlite3.Row) -> Phone:
    values = dict(row)
    flags = {name: bool(values[name]) for name in ("username_only", "read_receipts")}
    return Phone(**values | flags | {"taken": json.loads(values["taken"])})
