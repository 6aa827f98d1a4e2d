"""Who can be contacted today, in words: the number, and each reason with how many and who."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from base.db import Tx
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.office import AnyRequest, enter, setup_page
from console.views.setup import ContactableView, PersonLink, ReasonView
from inbox.contactable import Contactable, contactable, names_of
from inbox.product import Product
from inbox.sending import connected
from staff.models import Role

# The gate's sentences speak of one client; these speak of a list of them. A rule without one is told by its first client's sentence.
TITLES = {
    "kill_switch": N_("Sending is stopped"),
    "opt_out_word": N_("They asked not to be written to"),
    "opted_out_address": N_("Their address is noted as opted out"),
    "opt_out_doubt": N_("They may have asked not to be written to"),
    "bad_address": N_("Their number does not work, or is somebody else's"),
    "reference_only": N_("They are only a reference beside somebody's account"),
    "no_address": N_("No number to write to"),
    "wa_third_party": N_("WhatsApp is off for their creditor"),
    "wa_window": N_("WhatsApp needs an approved template first"),
}
_TELLING = ("kill_switch", "no_address", "wa_third_party")


@get("/setup/contactable", include_in_schema=False)
async def contactable_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The number, its channels and its reasons."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    async with product.db.transaction() as tx:
        reach = await reach_view(tx, desk, product)
    return setup_page(request, desk, session, "contactable", reach=reach)


async def reach_view(tx: Tx, desk: Desk, product: Product) -> ContactableView:
    """Who can be contacted, as the reader may know it."""
    found = await contactable(tx, desk.reader, connected(product.settings))
    names = await names_of(tx, desk.reader, [one for reason in found.reasons for one in reason.samples])
    return ContactableView(
        total=found.total,
        now=found.now,
        share=round(100 * found.now / found.total) if found.total else 0,
        channels=tuple(found.by_channel.items()),
        reasons=_reasons(desk, found, names),
        first=str(found.first) if found.first else None,
    )


def _reasons(desk: Desk, found: Contactable, names: dict[Any, str]) -> tuple[ReasonView, ...]:
    views = []
    for reason in found.reasons:
        sentence = desk.explain(reason.sentence, reason.variables)
        title = desk.say(TITLES[reason.rule]) if reason.rule in TITLES else sentence
        people = tuple(PersonLink(str(one), names.get(one, "")) for one in reason.samples)
        views.append(ReasonView(reason.rule, title, sentence if reason.rule in _TELLING else "", reason.count, people))
    return tuple(views)


HANDLERS: tuple[Any, ...] = (contactable_page,)
