"""Clients are found by the beginnings of their names, the last digits of their numbers and the reference of a payment.

What older rows lack is null until the worker has filled it in (`inbox.indexing`): only the application can open what is sealed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PARTS = {
    "debtor": ("name_starts", "name_sealed is not null and name_starts is null"),
    "address_link": ("number_ends", "number_ends is null"),
}

# Without a list of what is still to be sorted in, which every search would read from end to end.
_AT_ONCE = {"fastupdate": "off"}


def upgrade() -> None:
    for table, (column, missing) in _PARTS.items():
        op.add_column(table, sa.Column(column, sa.ARRAY(sa.LargeBinary()), nullable=True))
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="gin", postgresql_with=_AT_ONCE)
        op.create_index(f"ix_{table}_unindexed", table, ["org_id", "id"], postgresql_where=missing)
    op.create_index("ix_debt_payment_reference", "debt", ["org_id", "payment_reference"])


def downgrade() -> None:
    op.drop_index("ix_debt_payment_reference", table_name="debt")
    for table, (column, _) in _PARTS.items():
        op.drop_index(f"ix_{table}_unindexed", table_name=table)
        op.drop_index(f"ix_{table}_{column}", table_name=table)
        op.drop_column(table, column)
