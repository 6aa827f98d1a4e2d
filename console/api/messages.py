"""Messages over the API: the same gate, the same outbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post

from base import audit
from base.audit import stamp
from base.db import Tx
from base.errors import InvalidField, NotFound
from channels.contract import Channel
from console.api.creditors import require_role
from console.api.entries import tell_entry
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.resources import Accepted, Cancelled, Message, Refusal, answers
from console.api.shapes import MessageIn
from console.desk import Desk
from console.rendering import Renderer
from inbox import holding, reading, templates
from inbox.access import Reader, access_debtor, access_message, require_writer
from inbox.originals import SEALED_UNDER
from inbox.product import Product
from inbox.sending import Draft, RefusedSend, connected, send
from staff.models import Role


@post("/api/v1/debtors/{debtor_id:uuid}/messages", status_code=202, responses=answers(403, 404, accepted=Accepted, refused=Refusal))
async def send_api_message(
    request: AnyRequest, data: MessageIn, product: Product, renderer: Renderer, caller: Reader, debtor_id: UUID
) -> Response[bytes]:
    """Queue a message, due at once or at `not_before`: free text, or a `template` by name or id with values for places that nothing is known of.

    Refused ones answer 422 with the gate's `verdict`.
    """
    require_writer(caller)
    if data.template is None and data.variables:
        raise InvalidField("variables", "belong to a template; name it, or leave them out")
    if data.template is not None and data.text:
        raise InvalidField("text", "comes from the template; leave it out")

    async def effect(tx: Tx) -> Outcome:
        row = await access_debtor(tx, caller, debtor_id)
        template = await templates.named(tx, caller, row, data.template, data.channel) if data.template is not None else None
        result = await send(tx, caller, debtor_id, _draft(data, template), connected(product.settings))
        if isinstance(result, RefusedSend):
            return Outcome(422, _refusal(Desk(renderer, caller), result))
        return Outcome(202, {"id": str(result.message_id), "state": result.state, "due_at": stamp(result.due_at)})

    return await once(product, caller, request, effect)


def _draft(data: MessageIn, template: UUID | None) -> Draft:
    return Draft(
        channel=Channel(data.channel),
        text=data.text,
        purpose=data.purpose,
        to=data.to,
        debt_ref=data.debt_ref,
        template_id=template,
        variables=data.variables or {},
        attachments=tuple(data.attachments),
        not_before=data.not_before,
    )


@delete("/api/v1/messages/{message_id:uuid}", status_code=200, responses=answers(403, 404, 409, ok=Cancelled))
async def cancel_message(product: Product, caller: Reader, message_id: UUID) -> Cancelled:
    """Take back a message that still waits for its time; its writer or a supervisor may, until its call has begun."""
    async with product.work() as tx:
        await holding.take_back(tx, caller, message_id)
    return Cancelled(id=str(message_id), state="cancelled")


def _refusal(desk: Desk, refused: RefusedSend) -> dict[str, Any]:
    objection = refused.verdict.objection
    text = desk.explain(objection.sentence, objection.variables) if objection else ""
    verdict = {"id": str(refused.verdict.id), "allowed": False, "rule": refused.verdict.rule, "text": text}
    return {"type": "about:blank", "title": "The gate refused this message", "status": 422, "detail": text, "verdict": verdict}


@get("/api/v1/messages/{message_id:uuid}", responses=answers(404))
async def read_message(product: Product, renderer: Renderer, caller: Reader, message_id: UUID) -> Message:
    """One message as it is now."""
    async with product.work() as tx:
        row = await access_message(tx, caller, message_id)
        await reading.record_viewing(tx, caller, row.debtor_id)
    entry = msgspec.structs.asdict(tell_entry(Desk(renderer, caller), row))
    return Message(**entry, debtor_id=str(row.debtor_id), conversation_id=str(row.conversation_id))


@get("/api/v1/messages/{message_id:uuid}/raw", media_type="application/octet-stream", responses=answers(403, 404))
async def read_raw(product: Product, caller: Reader, message_id: UUID) -> Response[bytes]:
    """The original bytes of a received message, as the carrier sent them; reading them is written into the ledger.

    They hold the whole number of the client, which everybody else is shown masked: they are for admins and reviewers.
    """
    require_role(caller, Role.ADMIN, Role.REVIEWER)
    async with product.work() as tx:
        row = await access_message(tx, caller, message_id)
        raw = await tx.row(
            "select r.id, r.sealed, r.person_id, k.key_name, k.wrapped from raw_event r join person_key k on k.org_id = r.org_id and k.person_id = r.person_id"
            " where r.org_id = :org and r.entry_id = :entry and r.flag is null order by r.retention <> 'webhook', r.id limit 1",
            entry=message_id,
        )
        if raw is None:
            raise NotFound("There are no original bytes of this message: it was written here.")
        await audit.record(tx, f"agent:{caller.agent_id}", "message.raw_read", row.debtor_id, message=message_id)
        # Sealed for whoever it came from; the message may have moved to another person's timeline since.
        content = tx.person(raw.person_id, raw.key_name, raw.wrapped).open_bytes(SEALED_UNDER, raw.id, "sealed", bytes(raw.sealed))
    return Response(content, media_type="application/octet-stream", headers={"content-disposition": "attachment"})
