"""The rows of the demo, gathered in memory and copied into the tables: with one statement a row a first start would take a minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from base import audit
from base.db import Tx
from base.ids import new_id

Row = dict[str, Any]
# Tables in the order in which they need each other, with their columns.
COLUMNS: Final[Mapping[str, str]] = {
    "debtor": "id kind ref name_sealed name_starts national_id_sealed national_id_index country region city language zone created_at",
    "person_key": "person_id key_name wrapped created_at",
    "name_word": "word debtor_id",
    "address": "id channel match_index deliverability deliverability_at created_at",
    "address_link": "id address_id debtor_id dialable_sealed number_ends profile_name_sealed source status since consent created_at",
    "address_kin": "address_id kin_id at",
    "debt": "id debtor_id creditor_id ref product_last4 total_due minimum_due currency due_on days_past_due payment_reference legal_state updated_at",
    "party": "id debt_id debtor_id role created_at",
    "conversation": "id debtor_id state revision card_revision position portfolios assigned_agent_id snoozed_until waiting_since disposition"
    " last_entry_id last_at last_inbound_position read_position created_at",
    "entry": "id conversation_id position revision first_revision kind channel direction creditor_id agent_id text detail received_at",
    "message": "id debtor_id conversation_id direction channel state rank address_id purpose adapter carrier_id agent_id client_token verdict_id"
    " template_id segments hold due_at expires_at lease_until token attempts attempt_at error_code error_reason state_at",
    "carrier_event": "id adapter account kind external_id state entry_id body_hash at",
    "raw_event": "id entry_id person_id sealed body_hash retention at",
    "verdict": "id debtor_id message_id stage at allowed pack facts",
    "contact_act": "id debtor_id entry_id address_id channel direction purpose at",
    "opt_out": "id address_id source wording entry_id at",
    "promise": "id debtor_id debt_id creditor_id amount currency due_on state channel entry_id agent_id made_at state_at",
    "payment": "id debtor_id debt_id creditor_id amount currency paid_on state entry_id agent_id recorded_at",
    "notice": "id agent_id kind conversation_id entry_id by_id at seen_at done_at",
    "attachment": "id entry_id person_id position direction state content_type adapter source_url size sha256 attempts created_at",
    "blob": "id sealed",
    "audit_pending": "id at actor action subject detail",
}


class Book:
    """Rows by table. What a row does not say is null."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)

    def add(self, table: str, **values: Any) -> Row:  # noqa: ANN401 - whatever a column holds
        """One row more; it may still be changed before it is written."""
        self.rows[table].append(values)
        return values

    def tell(self, at: datetime, actor: str, action: str, subject: UUID, **detail: Any) -> None:  # noqa: ANN401 - JSON values
        """One fact for the ledger, as it was told at that moment."""
        self.add("audit_pending", **audit.fact(actor, action, subject, **detail), at=at)

    def event(
        self, *, adapter: str, account: str, kind: str, external_id: str, state: str, entry: UUID, body_hash: bytes, at: datetime
    ) -> None:
        """Something that the carrier told. A word of the client's is known by its entry's id."""
        self.add(
            "carrier_event",
            id=entry if kind == "inbound" else new_id(),
            adapter=adapter,
            account=account,
            kind=kind,
            external_id=external_id,
            state=state,
            entry_id=entry,
            body_hash=body_hash,
            at=at,
        )

    async def write(self, tx: Tx) -> None:
        """Everything, table by table, in the transaction that has begun: PostgreSQL copies rows several times as fast as it inserts them."""
        driver = (await tx.connection.get_raw_connection()).driver_connection
        if driver is None:
            raise LookupError("the transaction has no connection")
        for table, columns in COLUMNS.items():
            names = columns.split()
            records = [(tx.org, *(row.get(name) for name in names)) for row in self.rows[table]]
            await driver.copy_records_to_table(table, records=records, columns=["org_id", *names])
