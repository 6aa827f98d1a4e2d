"""The organisation of this installation, and what each database role may do.

Roles are made by whoever runs the database (`make run` makes its own); a server without them works with the one role it has.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LEDGER = ("audit_pending", "audit_entry", "audit_head", "audit_checkpoint")
_APPLICATION = """
grant usage on schema public to trato_app;
grant select, insert, update, delete on all tables in schema public to trato_app;
revoke all on audit_pending, audit_entry, audit_head, audit_checkpoint from trato_app;
grant insert on audit_pending to trato_app;
grant select on audit_entry, audit_head, audit_checkpoint to trato_app;
alter default privileges in schema public grant select, insert, update, delete on tables to trato_app;
"""
_SEQUENCER = """
grant usage on schema public to trato_sequencer;
grant select, delete on audit_pending to trato_sequencer;
grant select, insert on audit_entry, audit_checkpoint to trato_sequencer;
grant select, insert, update on audit_head to trato_sequencer;
grant select on organisation to trato_sequencer;
"""


def upgrade() -> None:
    op.execute("insert into organisation (id, name, created_at) values (gen_random_uuid(), 'Trato', now())")
    for role, grants in (("trato_app", _APPLICATION), ("trato_sequencer", _SEQUENCER)):
        op.execute(f"do $$ begin if exists (select from pg_roles where rolname = '{role}') then {grants} end if; end $$")


def downgrade() -> None:
    for role in ("trato_app", "trato_sequencer"):
        op.execute(f"do $$ begin if exists (select from pg_roles where rolname = '{role}') then drop owned by {role}; end if; end $$")
    op.execute("delete from organisation")
