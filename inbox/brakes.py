"""A brake on amounts: more than is owed is most often a zero too many, and what could be read in two ways may be wrong by a thousand, so they are
asked about once, and noted when somebody says that it is so."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.words import N_
from inbox.access import Reader


class MoreThanOwed(InvalidField):
    """An amount above what is `owed`, in the same currency. Nothing was written down; it is once the same amount comes back confirmed."""

    def __init__(self, owed: Decimal) -> None:
        super().__init__("amount", N_("It is more than what they owe: %(owed)s."), owed=owed)
        self.owed = owed


class CouldBeOther(InvalidField):
    """An amount that could be meant otherwise than it was read. Nothing was written down; it is once the same amount comes back confirmed."""

    def __init__(self) -> None:
        super().__init__("amount", N_("This amount could be read in two ways. Write it with its cents."))


async def require_owed(tx: Tx, reader: Reader, debtor: UUID, amount: Decimal, currency: str, debt: UUID | None) -> None:
    """Raise `MoreThanOwed` where an amount is above the balance of `debt`, or of all debts that the reader sees where none was named.

    Where no balance is known in that currency, there is nothing to compare with.
    """
    owed: Decimal | None = await tx.value(
        "select sum(total_due) from debt where org_id = :org and debtor_id = :debtor and currency = :currency"
        " and (cast(:debt as uuid) is null or id = :debt) and (:sees_all or creditor_id = any(cast(:portfolios as uuid[])))",
        debtor=debtor,
        currency=currency,
        debt=debt,
        **reader.rights,
    )
    if owed is not None and amount > owed:
        raise MoreThanOwed(owed)
