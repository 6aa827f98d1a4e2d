"""The audit ledger's writing side: every change leaves a row in its own transaction; one sequencer gives it a place in the tree.

The ledger is one RFC 6962 Merkle tree over canonical JSON (RFC 8785: keys sorted, no spaces, only text, whole numbers, truth and null). The
detail of an entry holds ids and codes, never names, numbers or words of a person.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import text

from base import merkle
from base.db import Tx
from base.ids import new_id

ORIGIN = "trato/ledger"
_BATCH = 1000
_WAITING = (
    "insert into audit_pending (org_id, id, at, actor, action, subject, detail)"
    " values (:org, :id, :now, :actor, :action, :subject, cast(:detail as jsonb))"
)
_ENTRIES = text("select seq, id, subject, body, leaf from audit_entry where org_id = :org order by seq")


async def record(tx: Tx, actor: str, action: str, subject: UUID | None = None, **detail: Any) -> None:  # noqa: ANN401 - JSON values
    """Write one fact into the ledger, in the transaction of the change itself. `actor` is ``agent:ID``, ``carrier:NAME`` or ``system:PART``."""
    await tx.run(_WAITING, **fact(actor, action, subject, **detail))


async def record_each(tx: Tx, actors: Sequence[str], action: str, subject: UUID | None = None, **detail: Any) -> None:  # noqa: ANN401 - JSON values
    """The same fact for each of several actors, in one round trip."""
    await record_all(tx, [fact(actor, action, subject, **detail) for actor in actors])


async def record_all(tx: Tx, facts: Sequence[dict[str, Any]]) -> None:
    """Several facts of one change, in one round trip and in this order."""
    await tx.run_many(_WAITING, facts)


def fact(actor: str, action: str, subject: UUID | None = None, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    """One fact for `record_all`, as `record` takes it."""
    return {"id": new_id(), "actor": actor, "action": action, "subject": subject, "detail": canonical(detail)}


async def seal(tx: Tx, key: Ed25519PrivateKey, *, checkpoint_every: int = 1000, checkpoint_seconds: int = 60) -> int:
    """Give waiting facts their places in the tree; returns how many. Only one sequencer works at a time: a second one returns 0."""
    if not await tx.value("select pg_try_advisory_xact_lock(hashtextextended('trato.ledger', 0))"):
        return 0
    waiting = await tx.rows(
        "delete from audit_pending where org_id = :org and id in (select id from audit_pending where org_id = :org order by id limit :batch)"
        " returning id, at, actor, action, subject, detail",
        batch=_BATCH,
    )
    head = await tx.row("select size, edge from audit_head where org_id = :org")
    tree = merkle.Tree(head.size, [bytes(node) for node in head.edge]) if head else merkle.Tree()
    await _append(tx, tree, sorted(waiting, key=lambda row: row.id))
    await _checkpoint(tx, tree, key, checkpoint_every, checkpoint_seconds)
    return len(waiting)


async def _append(tx: Tx, tree: merkle.Tree, waiting: list[Any]) -> None:
    entries = []
    for row in waiting:
        body = canonical(
            {"action": row.action, "actor": row.actor, "at": stamp(row.at), "detail": row.detail, "id": row.id, "subject": row.subject}
        )
        entries.append({"seq": tree.size, "id": row.id, "subject": row.subject, "body": body, "leaf": tree.append(body.encode())})
    if not entries:
        return
    await tx.run_many(
        "insert into audit_entry (org_id, seq, id, subject, body, leaf) values (:org, :seq, :id, cast(:subject as uuid), :body, :leaf)",
        entries,
    )
    await tx.run(
        "insert into audit_head (org_id, size, edge) values (:org, :size, cast(:edge as bytea[]))"
        " on conflict (org_id) do update set size = excluded.size, edge = excluded.edge",
        size=tree.size,
        edge=tree.edge,
    )


async def _checkpoint(tx: Tx, tree: merkle.Tree, key: Ed25519PrivateKey, every: int, seconds: int) -> None:
    last = await tx.row(
        "select size, extract(epoch from clock_timestamp() - at) as age from audit_checkpoint where org_id = :org order by size desc limit 1"
    )
    grown = tree.size - (last.size if last else 0)
    if grown == 0 or (last is not None and grown < every and last.age < seconds):
        return
    await tx.run(
        "insert into audit_checkpoint (org_id, size, at, note) values (:org, :size, clock_timestamp(), :note)",
        size=tree.size,
        note=signed_note(key, tree),
    )


async def newest_note(tx: Tx) -> str | None:
    """The newest checkpoint, to be pinned outside; None while there is none."""
    note: str | None = await tx.value("select note from audit_checkpoint where org_id = :org order by size desc limit 1")
    return note


async def verify(tx: Tx, public_key: Ed25519PublicKey, pinned: Sequence[str] = ()) -> tuple[int, list[str]]:
    """Walk the whole ledger; returns its size and what is wrong with it (nothing, if all is well).

    `pinned` are checkpoints that were kept outside. Without one, a ledger whose end was cut off together with its checkpoints looks whole.
    """
    problems: list[str] = []
    tree = merkle.Tree()
    notes: dict[int, list[str]] = {}
    for note in (*pinned, *(row.note for row in await tx.rows("select note from audit_checkpoint where org_id = :org"))):
        notes.setdefault(_size_in(note), []).append(note)
    result = await tx.connection.stream(_ENTRIES, {"org": tx.org})
    async for row in result:
        if row.seq != tree.size:
            problems.append(f"entry {tree.size} is missing (the next one is {row.seq})")
            break
        if tree.append(row.body.encode()) != bytes(row.leaf) or not row.body.endswith(_end_of_body(row.id, row.subject)):
            problems.append(f"entry {row.seq} was altered")
        if not all(note_holds(public_key, note, tree) for note in notes.pop(tree.size, [])):
            problems.append(f"the checkpoint at {tree.size} does not fit the entries before it")
    problems += [_unreached(size) for size in sorted(notes)]
    head = await tx.row("select size, edge from audit_head where org_id = :org")
    if head is not None and (head.size, [bytes(node) for node in head.edge]) != (tree.size, tree.edge):
        problems.append(f"the head says {head.size} entries, and {tree.size} fit the tree")
    return tree.size, problems


def _size_in(note: str) -> int:
    """Of how many entries a checkpoint speaks; -1 where it cannot be read."""
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() and len(lines[1]) < 19 else -1


def _unreached(size: int) -> str:
    return "a checkpoint cannot be read" if size <= 0 else f"a checkpoint at {size} promises entries that are not there"


def _end_of_body(entry: UUID, subject: UUID | None) -> str:
    """How the JSON of an entry ends: what its columns say, so that nobody can move it to another subject's history."""
    return canonical({"id": entry, "subject": subject})[1:]


def signed_note(key: Ed25519PrivateKey, tree: merkle.Tree) -> str:
    """A checkpoint: origin, size and root, one per line, and an Ed25519 signature of those three lines."""
    lines = f"{ORIGIN}\n{tree.size}\n{base64.b64encode(tree.root()).decode()}\n"
    return f"{lines}\n{base64.b64encode(key.sign(lines.encode())).decode()}\n"


def note_holds(public_key: Ed25519PublicKey, note: str, tree: merkle.Tree) -> bool:
    """Whether a checkpoint was signed by the ledger's key and speaks of exactly this tree."""
    lines, _, signature = note.rpartition("\n\n")
    try:
        public_key.verify(base64.b64decode(signature), f"{lines}\n".encode())
    except Exception:  # noqa: BLE001 - InvalidSignature and malformed base64 mean the same here: it does not hold
        return False
    return lines.split("\n") == [ORIGIN, str(tree.size), base64.b64encode(tree.root()).decode()]


def canonical(value: Any) -> str:  # noqa: ANN401 - JSON values
    """RFC 8785 JSON of text, whole numbers, truth, null, lists and maps; ids and moments become text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def stamp(moment: datetime) -> str:
    """A UTC moment with microseconds, e.g. ``2026-11-21T15:04:05.000000Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> str:  # noqa: ANN401 - what json hands over
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not belong in the ledger")


def private_key(encoded: str) -> Ed25519PrivateKey:
    """The ledger's key from base64 of its 32 private bytes."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(encoded))
