"""Registering: WhatsApp templates go to the carrier, each once - for review, or to be made only -, and what it says of them comes back.

The intent is written down before the call: a template that was being registered when a process died is looked for in the carrier's own list,
by the name that only this version has, before it is registered again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from base import audit
from base.db import Tx
from base.log import log
from base.words import N_
from channels.contract import Channel, Refused, SendFailed
from channels.templates import APPROVALS, ListLine, Registered, Registration, TemplateBook
from inbox.authoring import SESSION
from inbox.choices import LIST
from inbox.filling import PLACE, places_of
from inbox.product import Product

_AT_ONCE = 20
_LOOK_AGAIN_SECONDS = 60
_SIMULATED_LOOK_AGAIN_SECONDS = 10
_ACTOR = "system:templates"
OTHER_WORDS = N_("The carrier has other words under this name. Save the text as a new version.")
# What a reviewer at the carrier imagines the template by; nobody's own data.
SAMPLES = {
    "client_name": "Rosa Márquez",
    "first_name": "Rosa",
    "creditor": "Banco Aurora",
    "total_due": "$ 2.480.000",
    "minimum_due": "$ 240.000",
    "due_on": "15 de mayo de 2026",
    "days_past_due": "12",
    "payment_reference": "0042-8813",
    "product_last4": "4471",
    "agent_name": "Ana Torres",
    "organisation": "Andes Servicios",
}


async def register_due(product: Product) -> int:
    """Register every template that waits for it; returns how many the carrier took."""
    return sum([await _register_with(product, channel, book) for channel, book in _books(product)])


def _books(product: Product) -> Iterator[tuple[Channel, TemplateBook]]:
    for channel, adapter in product.adapters.items():
        if hasattr(adapter, "register") and hasattr(adapter, "registered"):
            yield channel, cast(TemplateBook, adapter)


async def _register_with(product: Product, channel: Channel, book: TemplateBook) -> int:
    async with product.work() as tx:
        rows = await _claim(tx, channel)
    return sum([await _register(product, book, row) for row in rows])


async def _claim(tx: Tx, channel: Channel) -> list[Any]:
    """Unsubmitted templates, written down as being registered: no other worker takes them, and none takes them again before the list was read."""
    rows = await tx.rows(
        "with due as (select id from template where org_id = :org and kind in ('template', 'session') and channel = :channel and active"
        " and approval = 'unsubmitted' and content_id is null and approval_at is null order by created_at limit :limit for update skip locked)"
        " update template t set approval_at = clock_timestamp() from due where t.org_id = :org and t.id = due.id"
        " returning t.id, t.kind, t.name, t.version, t.language, t.category, t.body, t.buttons, t.menu, t.media_url",
        channel=channel.value,
        limit=_AT_ONCE,
    )
    return list(rows)


async def _register(product: Product, book: TemplateBook, row: Any) -> int:  # noqa: ANN401 - a row
    try:
        content_id = await book.register(registration_of(row))
    except Refused as refused:
        async with product.work() as tx:
            await _approve(tx, row.id, "rejected", refused.error.reason, None)
        return 0
    except SendFailed as failure:
        # Perhaps taken, perhaps not: the carrier's list will tell, and what it does not have is registered again.
        log.warning("templates.not_registered", template=str(row.id), reason=str(failure))
        return 0
    async with product.work() as tx:
        await _approve(tx, row.id, "unneeded" if row.kind == SESSION else "received", None, content_id)
    return 1


def registration_of(row: Any) -> Registration:  # noqa: ANN401 - a row of template
    """A template as the carrier takes it: numbers in the place of names, in the order of their first appearance."""
    numbers = {place: str(number) for number, place in enumerate(places_of(row.body), 1)}
    listed = any(button["type"] == LIST for button in row.buttons)
    return Registration(
        name=carrier_name(row),
        language=row.language.replace("-", "_"),
        category=row.category or ("" if row.kind == SESSION else "UTILITY"),
        body=PLACE.sub(lambda found: "{{" + numbers[found[1]] + "}}", row.body),
        samples={number: SAMPLES.get(place, place.replace("_", " ")) for place, number in numbers.items()},
        buttons=() if listed else tuple((button["id"], button["title"]) for button in row.buttons),
        media_url=row.media_url or "",
        lines=tuple(ListLine(one["id"], one["title"], one.get("description", "")) for one in row.buttons) if listed else (),
        menu=row.menu or "",
        reviewed=row.kind != SESSION,
    )


def carrier_name(row: Any) -> str:  # noqa: ANN401 - a row of template
    """The name that the carrier knows a version by: each version is a template of its own there."""
    return f"{row.name}_v{row.version}"


async def sync_registered(product: Product) -> int:
    """Read every carrier's list of templates and note what it says of ours; returns how many changed."""
    return sum([await _sync_with(product, channel, book) for channel, book in _books(product)])


async def _sync_with(product: Product, channel: Channel, book: TemplateBook) -> int:
    try:
        listed = [one async for one in book.registered()]
    except SendFailed as failure:
        log.warning("templates.list_broken_off", channel=channel.value, reason=str(failure))
        return 0
    async with product.work() as tx:
        rows = await tx.rows(
            "select id, kind, name, version, language, category, body, buttons, menu, media_url, content_id, approval, approval_reason from template"
            " where org_id = :org and kind in ('template', 'session')"
            " and channel = :channel and (content_id is not null or approval_at is not null and approval = 'unsubmitted')",
            channel=channel.value,
        )
        changed = sum([await _note(tx, row, listed) for row in rows])
        await _let_go_of_lost(tx, channel, _SIMULATED_LOOK_AGAIN_SECONDS if product.settings.simulated else _LOOK_AGAIN_SECONDS)
    return changed


async def _note(tx: Tx, row: Any, listed: list[Registered]) -> int:  # noqa: ANN401 - a row
    theirs = next((one for one in listed if _is_same(row, one)), None)
    if theirs is None or theirs.approval not in APPROVALS:
        return 0
    if not _says_the_same(row, theirs):
        # Whoever made it there, its review was of other words: what a client would read is not what is shown here.
        if (row.approval, row.approval_reason) == ("rejected", OTHER_WORDS):
            return 0
        await _approve(tx, row.id, "rejected", OTHER_WORDS, None)
        return 1
    # A carrier that took it and has not begun its review says "unsubmitted"; to us it is received. What needs no review has none to wait for.
    approval = "unneeded" if row.kind == SESSION else "received" if theirs.approval == "unsubmitted" else theirs.approval
    category = theirs.category.upper() if theirs.category else row.category
    if (row.approval, row.approval_reason, row.content_id, row.category) == (approval, theirs.reason, theirs.content_id, category):
        return 0
    await _approve(tx, row.id, approval, theirs.reason, theirs.content_id, category)
    return 1


def _says_the_same(row: Any, theirs: Registered) -> bool:  # noqa: ANN401 - a row of template
    """Whether a client would read there what is shown here. No reviewer looked at a list or at a session's buttons: their words are compared, too."""
    if row.kind == SESSION and theirs.titles != tuple(button["title"] for button in row.buttons):
        return False
    return _plain(theirs.body) == _plain(registration_of(row).body)


def _plain(body: str) -> str:
    """Words as they are compared: how lines end is the carrier's affair."""
    return "\n".join(line.rstrip() for line in body.strip().splitlines())


def _is_same(row: Any, one: Registered) -> bool:  # noqa: ANN401 - a row
    if row.content_id is not None:
        return bool(row.content_id == one.content_id)
    # A template without a review is what a call left behind that broke off in its middle.
    begun = row.kind == SESSION or one.approval != "unsubmitted"
    return begun and one.name == carrier_name(row) and one.language.replace("_", "-") == row.language


async def _approve(tx: Tx, template: UUID, approval: str, reason: str | None, content_id: str | None, category: str | None = None) -> None:
    await tx.run(
        "update template set approval = :approval, approval_reason = cast(:reason as text), approval_at = clock_timestamp(),"
        " content_id = coalesce(cast(:content as text), content_id), category = coalesce(cast(:category as text), category) where org_id = :org and id = :id",
        id=template,
        approval=approval,
        reason=reason,
        content=content_id,
        category=category,
    )
    tx.changed("templates")
    await audit.record(tx, _ACTOR, "template.approval", template, approval=approval, content_id=content_id)


async def _let_go_of_lost(tx: Tx, channel: Channel, seconds: int) -> None:
    """Registrations of which the carrier knows nothing a while after the call: they did not reach it, and are made again."""
    await tx.run(
        "update template set approval_at = null where org_id = :org and channel = :channel and approval = 'unsubmitted' and content_id is null"
        " and approval_at < clock_timestamp() - make_interval(secs => :seconds)",
        channel=channel.value,
        seconds=seconds,
    )
