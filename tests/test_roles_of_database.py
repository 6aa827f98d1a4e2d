"""The database's own walls: what the application cannot do to the ledger, and the sequencer to people, even if its program wanted to."""

from __future__ import annotations

import asyncpg
import pytest

from base.settings import Settings
from tests.running import Running

LEDGER = ("audit_entry", "audit_head", "audit_checkpoint")


async def refused(url: str, *statements: str) -> None:
    """Each of these statements is refused for want of rights, not for anything else."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            try:
                await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError:
                continue
            pytest.fail(f"was allowed: {statement}")
    finally:
        await connection.close()


async def test_the_application_only_adds_to_the_ledgers_door(running: Running) -> None:
    await refused(
        running.settings.database_url,
        "select * from audit_pending",
        "delete from audit_pending",
        "update audit_pending set actor = 'x'",
        "insert into audit_pending (org_id) values (gen_random_uuid()) returning id",
        "truncate audit_pending",
        *(
            statement
            for table in LEDGER
            for statement in (
                f"insert into {table} select * from {table}",
                f"update {table} set org_id = org_id",
                f"delete from {table}",
                f"truncate {table}",
                f"drop table {table}",
                f"alter table {table} disable trigger all",
            )
        ),
        "create table mine (id int)",
        "create role another",
        "copy debtor to program 'true'",
    )


async def test_the_sequencer_sees_no_people(running: Running) -> None:
    tables = await running.rows("select tablename from pg_tables where schemaname = 'public'")
    others = [row.tablename for row in tables if not row.tablename.startswith("audit_") and row.tablename != "organisation"]
    assert {"debtor", "person_key", "message", "entry", "agent", "raw_event"} <= set(others)
    await refused(
        running.settings.sequencer_database_url,
        *(statement for table in others for statement in (f"select * from {table}", f"delete from {table}")),
        "update audit_entry set body = 'x'",
        "delete from audit_entry",
        "update audit_checkpoint set note = 'x'",
        "delete from audit_checkpoint",
        "delete from audit_head",
        "insert into audit_pending (org_id) values (gen_random_uuid())",
        "update audit_pending set actor = 'x'",
        "update organisation set name = 'x'",
    )


def test_three_roles_are_three(settings: Settings) -> None:
    assert len({settings.database_url, settings.sequencer_database_url, settings.migrator_database_url}) == 3
