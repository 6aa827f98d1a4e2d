"""The ledger: every change has its row, nothing can be altered unnoticed, and the tree is RFC 6962's own."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from base import audit, merkle
from base.clock import Clock
from base.crypto import Cipher
from base.db import Database
from console.cli import main
from inbox.worker import seal
from tests.carrier import environment_of, sequencer_of
from tests.running import Running


def key_of(running: Running) -> Any:
    return audit.private_key(running.settings.ledger_key)


async def write(running: Running, number: int) -> None:
    async with running.product.work() as tx:
        for one in range(number):
            await audit.record(tx, "system:test", "something.happened", tx.org, number=one, word="ñ \u2028 \"'\\")


async def sealed(running: Running, number: int = 20) -> None:
    """A ledger with entries on both sides of its newest checkpoint."""
    await write(running, number)
    async with sequencer_of(running) as database:
        await seal(database, key_of(running))
        await write(running, number)
        async with database.transaction() as tx:
            await audit.seal(tx, key_of(running), checkpoint_every=1)
        await write(running, 3)
        await seal(database, key_of(running))


async def verified(running: Running, pinned: tuple[str, ...] = ()) -> tuple[int, list[str]]:
    async with running.product.db.transaction() as tx:
        return await audit.verify(tx, key_of(running).public_key(), pinned)


def test_the_tree_is_rfc_6962s() -> None:
    """The eight leaves and roots that certificate transparency's own implementations are tested with."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tree = merkle.Tree()
    assert tree.root().hex() == hashlib.sha256(b"").hexdigest()
    for leaf, root in zip(leaves, roots, strict=True):
        tree.append(bytes.fromhex(leaf))
        assert tree.root().hex() == root
        assert merkle.Tree(tree.size, tree.edge).root() == tree.root()
    with pytest.raises(ValueError, match="edge nodes"):
        merkle.Tree(3, [b"x"])


def test_json_in_the_ledger_is_canonical_and_takes_nothing_that_is_not() -> None:
    assert audit.canonical({"b": [True, None, 1], "a": "ñ"}) == '{"a":"ñ","b":[true,null,1]}'
    with pytest.raises(TypeError, match="ledger"):
        audit.canonical({"a": b"bytes"})


async def test_changes_are_sealed_in_the_order_of_their_ids_and_verify(running: Running) -> None:
    await sealed(running)
    rows = await running.rows("select seq, id from audit_entry where org_id = :org order by seq")
    assert [row.seq for row in rows] == list(range(len(rows)))
    size, problems = await verified(running)
    assert problems == []
    assert size == len(rows) > 43


async def test_a_change_that_is_rolled_back_leaves_no_row(running: Running) -> None:
    await sealed(running)
    before, _ = await verified(running)

    async def change_and_fail() -> None:
        async with running.product.work() as tx:
            await audit.record(tx, "system:test", "never.happened")
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_and_fail()
    async with sequencer_of(running) as database:
        await seal(database, key_of(running))
    assert (await verified(running))[0] == before


async def test_a_second_sequencer_leaves_the_work_to_the_first(running: Running) -> None:
    await write(running, 5)
    async with sequencer_of(running) as one, sequencer_of(running) as two, one.transaction() as first:
        assert await audit.seal(first, key_of(running)) > 5
        async with asyncio.timeout(60), two.transaction() as second:
            assert await audit.seal(second, key_of(running)) == 0


async def test_four_sequencers_at_once_make_one_sequence(running: Running) -> None:
    async def sequencer() -> None:
        async with sequencer_of(running) as database:
            for _ in range(15):
                async with database.transaction() as tx:
                    await audit.seal(tx, key_of(running), checkpoint_every=7)
                await asyncio.sleep(0.005)

    await asyncio.gather(*(sequencer() for _ in range(4)), *(write(running, 11) for _ in range(10)))
    async with sequencer_of(running) as database:
        await seal(database, key_of(running))
    size, problems = await verified(running)
    assert problems == []
    assert size >= 110


TAMPERINGS = {
    "edit": "update audit_entry set body = replace(body, 'something.happened', 'nothing.happened') where seq = 30",
    "edit with its hash": "update audit_entry set body = body || ' ', leaf = sha256('\\x00'::bytea || convert_to(body || ' ', 'UTF8')) where seq = 12",
    "move to another subject": "update audit_entry set subject = gen_random_uuid() where seq = 30",
    "delete": "delete from audit_entry where seq = 12",
    "delete the last": "delete from audit_entry where seq = (select max(seq) from audit_entry)",
    "swap": "update audit_entry a set body = b.body, leaf = b.leaf, subject = b.subject from audit_entry b where a.seq in (30, 31) and b.seq = 61 - a.seq",
    "insert": "insert into audit_entry select org_id, seq + 1, gen_random_uuid(), subject, body, leaf from audit_entry order by seq desc limit 1",
    "cut": "delete from audit_entry where seq >= 25",
    "forget a checkpoint's signature": "update audit_checkpoint set note = replace(note, 'trato', 'trata')",
}


async def test_whatever_somebody_alters_in_the_tables_is_found(running: Running) -> None:
    await sealed(running)
    async with owner_of(running) as owner:
        for name, tampering in TAMPERINGS.items():
            async with owner.transaction() as tx:
                savepoint = await tx.connection.begin_nested()
                assert await tx.run(tampering) > 0, name
                _, problems = await audit.verify(tx, key_of(running).public_key())
                await savepoint.rollback()
            assert problems, name
    assert (await verified(running))[1] == []


async def test_a_tail_cut_off_with_its_checkpoints_is_found_by_one_that_was_pinned(
    running: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("console.cli.set_up_logging", lambda style: None)  # the run's own log outlives what this test captures
    for name, value in environment_of(running).items():
        monkeypatch.setenv(name, value)
    await sealed(running)
    pinned = tmp_path / "checkpoint"
    assert await asyncio.to_thread(main, ["ledger", "checkpoint"]) == 0
    pinned.write_text(capsys.readouterr().out)
    assert await asyncio.to_thread(main, ["ledger", "verify", "--pinned", str(pinned)]) == 0
    await cut_off(running, 20)
    assert await asyncio.to_thread(main, ["ledger", "verify"]) == 0
    capsys.readouterr()
    assert await asyncio.to_thread(main, ["ledger", "verify", "--pinned", str(pinned)]) == 1
    assert "promises entries that are not there" in capsys.readouterr().out
    pinned.write_text("nonsense")
    assert await asyncio.to_thread(main, ["ledger", "verify", "--pinned", str(pinned)]) == 1
    assert "cannot be read" in capsys.readouterr().out


async def cut_off(running: Running, size: int) -> None:
    """Forget everything after `size` entries, as somebody would who owns the tables and knows the tree, but not the key."""
    tree = merkle.Tree()
    for row in await running.rows("select body from audit_entry where org_id = :org and seq < :size order by seq", size=size):
        tree.append(row.body.encode())
    async with owner_of(running) as owner, owner.transaction() as tx:
        await tx.run("delete from audit_entry where org_id = :org and seq >= :size", size=size)
        await tx.run("delete from audit_checkpoint where org_id = :org and size > :size", size=size)
        await tx.run("update audit_head set size = :size, edge = cast(:edge as bytea[]) where org_id = :org", size=size, edge=tree.edge)


@asynccontextmanager
async def owner_of(running: Running) -> AsyncIterator[Database]:
    """The database as its owner sees it, who may do everything."""
    settings = running.settings
    database = Database(settings.migrator_database_url, Clock(), Cipher(settings.keys, settings.index_key), pool_size=1)
    database.org = running.product.db.org
    try:
        yield database
    finally:
        await database.close()
