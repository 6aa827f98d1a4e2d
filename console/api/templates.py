"""Templates over the API: listed, recorded in versions, retired, and offered for one client with their own data filled in."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import Parameter

from base.db import Tx
from channels.contract import Channel
from compliance.wording import warnings
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.resources import Resource, answers
from console.api.shapes import TemplateIn
from inbox import reading, templates
from inbox.access import Reader, access_debtor
from inbox.product import Product


class Template(Resource):
    """One version of a prepared text. `places` are its named places in the order of the carrier's numbers; `approval` is the carrier's, and
    ``unneeded`` of a `session` text that it has; `warnings` are phrases that clients should rather not read."""

    id: str
    kind: str
    channel: str | None
    name: str
    language: str
    version: int
    category: str | None
    body: str
    places: list[str]
    buttons: list[Any]
    menu: str | None
    media_url: str | None
    legal: bool
    creditor: str | None
    approval: str
    approval_reason: str | None
    warnings: list[str]


class Retired(Resource):
    """A version that is offered no more."""

    id: str
    active: bool


class Templates(Resource):
    """Every version in use, by channel and name, the newest first."""

    items: list[Template]


class Piece(Resource):
    """A part of a preview: ``text`` as written, a ``value`` that was filled in, or a place that is ``missing`` one."""

    kind: str
    text: str
    place: str | None


class Offer(Resource):
    """A prepared text that fits a client, previewed with their own data; `missing` places need a value before it can be sent. A `session` one is
    sent while the client's 24 hours last, and refused otherwise."""

    id: str
    kind: str
    name: str
    language: str
    version: int
    category: str | None
    approval: str
    text: str
    pieces: list[Piece]
    missing: list[str]
    buttons: list[Any]
    menu: str | None


class Offers(Resource):
    """What fits a client on a channel, their language first."""

    items: list[Offer]


_Channel = Annotated[Channel, Parameter(description="The channel it would be sent on.")]


@get("/api/v1/templates", responses=answers(ok=Templates))
async def list_templates(product: Product, caller: Reader) -> Templates:
    """Every version in use that the caller may use, with its approval."""
    async with product.db.transaction() as tx:
        return Templates(items=[_tell(row) for row in await templates.in_use(tx, caller)])


@post("/api/v1/templates", status_code=201, responses=answers(403, 422, created=Template))
async def record_template(request: AnyRequest, data: TemplateIn, product: Product, caller: Reader) -> Response[bytes]:
    """Record a new version of a prepared text; for supervisors and admins. WhatsApp templates are then sent to the carrier for review."""

    async def effect(tx: Tx) -> Outcome:
        template = await templates.record_template(tx, caller, await _new(tx, caller, data))
        row = next(one for one in await templates.in_use(tx, caller) if one.id == template)
        return Outcome(201, msgspec.to_builtins(_tell(row)))

    return await once(product, caller, request, effect)


async def _new(tx: Tx, caller: Reader, data: TemplateIn) -> templates.NewTemplate:
    return templates.NewTemplate(
        kind=data.kind,
        name=data.name,
        language=data.language,
        body=data.body,
        channel=data.channel,
        category=data.category,
        buttons=[msgspec.to_builtins(button) for button in data.buttons],
        menu=data.menu,
        media_url=data.media_url,
        legal=data.legal,
        creditor_id=None if data.creditor is None else await templates.creditor_named(tx, caller, data.creditor),
    )


@delete("/api/v1/templates/{template_id:uuid}", status_code=200, responses=answers(403, 404, ok=Retired))
async def retire_template(product: Product, caller: Reader, template_id: UUID) -> Retired:
    """Take one version out of use; for supervisors and admins. What waits in the outbox with it is withheld when it is due."""
    async with product.work() as tx:
        await templates.retire(tx, caller, template_id)
    return Retired(id=str(template_id), active=False)


@get("/api/v1/debtors/{debtor_id:uuid}/templates", responses=answers(404, ok=Offers))
async def list_offers(
    product: Product, caller: Reader, debtor_id: UUID, channel: _Channel, q: str = "", debt_ref: str | None = None
) -> Offers:
    """What fits one client on a channel, previewed with their own data."""
    async with product.work() as tx:
        row = await access_debtor(tx, caller, debtor_id)
        await reading.record_viewing(tx, caller, row.debtor_id)
        found = await templates.offered(tx, caller, row, channel.value, q[:100], debt_ref)
    return Offers(items=[_tell_offer(one) for one in found])


def _tell(row: Any) -> Template:  # noqa: ANN401 - a row
    return Template(
        id=str(row.id),
        kind=row.kind,
        channel=row.channel,
        name=row.name,
        language=row.language,
        version=row.version,
        category=row.category,
        body=row.body,
        places=row.variables,
        buttons=row.buttons,
        menu=row.menu,
        media_url=row.media_url,
        legal=row.legal,
        creditor=row.creditor,
        approval=row.approval,
        approval_reason=row.approval_reason,
        warnings=[one.phrase for one in warnings(row.body, row.language, legal=row.legal)],
    )


def _tell_offer(offer: templates.Offer) -> Offer:
    return Offer(
        id=str(offer.id),
        kind=offer.kind,
        name=offer.name,
        language=offer.language,
        version=offer.version,
        category=offer.category,
        approval=offer.approval,
        text=offer.text,
        pieces=[Piece(kind=piece.kind, text=piece.text, place=piece.place) for piece in offer.pieces],
        missing=list(offer.missing),
        buttons=list(offer.buttons),
        menu=offer.menu,
    )
