"""Creditors over the API."""

from __future__ import annotations

from litestar import Response, post

from base import audit
from base.db import Tx
from base.errors import Forbidden
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.resources import Creditor, answers
from console.api.shapes import CreditorIn
from debts.creditors import record_creditor
from inbox.access import Reader
from inbox.product import Product
from staff.models import Role


@post("/api/v1/creditors", status_code=200, responses=answers(403, 422, ok=Creditor))
async def record_creditor_card(request: AnyRequest, data: CreditorIn, product: Product, caller: Reader) -> Response[bytes]:
    """Insert or update a creditor by name; `team` is the team that serves its portfolio. Who sees what is set up by admins alone."""
    require_role(caller, Role.ADMIN)

    async def effect(tx: Tx) -> Outcome:
        card = data.card()
        creditor = await record_creditor(tx, card)
        await audit.record(tx, f"agent:{caller.agent_id}", "creditor.recorded", creditor)
        row = await tx.row("select name, type, first_party, country from creditor where org_id = :org and id = :id", id=creditor)
        return Outcome(200, {"id": str(creditor), "team": card.team} | (dict(row._mapping) if row else {}))

    return await once(product, caller, request, effect)


def require_role(caller: Reader, *roles: Role) -> None:
    """Raise `Forbidden` for every other role."""
    if caller.role not in roles:
        raise Forbidden("Your role may not do this. It needs " + " or ".join(role.value for role in roles) + ".")
