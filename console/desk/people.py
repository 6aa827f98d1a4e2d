"""Builds the dialogs about people for one reader: names opened for those who may see them, numbers masked, reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from babel import Locale

from base.db import Tx
from base.words import N_
from console.desk.queues import UNKNOWN_CLIENT
from console.desk.teller import Desk
from console.rendering import LOCALES, known_language
from console.views import people as views
from console.words import CHANNELS, LANGUAGE_NAMES
from debts.people import open_name
from identity.masking import mask_address
from inbox import matching, merging, parties, reaching, reading, suggesting
from inbox.identifying import portfolios_for

COUNTRIES: Final = ("CO", "MX", "CL", "PE", "BR", "AR", "EC", "BO", "PY", "UY", "CR", "PA", "GT", "DO")
REASONS: Final = {
    suggesting.SAME_NUMBER: views.Said("phone", N_("Writes from a number of this client"), "ok"),
    suggesting.SAME_USER: views.Said("whatsapp", N_("WhatsApp calls it the same user"), "info"),
    suggesting.NAMED_DEBT: views.Said("check", N_("Wrote a reference of this client"), "ok"),
    suggesting.NAMED_ID: views.Said("check", N_("Wrote this client's ID number"), "ok"),
    suggesting.LAST_DIGITS: views.Said("check", N_("Wrote the last digits of an account"), "info"),
    suggesting.SAME_NAME: views.Said("user", N_("The profile has this name")),
    suggesting.WRONG_PARTY: views.Said("user-x", N_("It was noted: this number is someone else's"), "bad"),
}
STRENGTHS: Final = {
    "strong": views.Said("check-check", N_("Likely"), "ok"),
    "medium": views.Said("check", N_("Possible"), "info"),
    "weak": views.Said("circle-help", N_("Only a hint")),
}
WHYS: Final = {
    "ref": N_("By reference"),
    "national_id": N_("By ID number"),
    "phone": N_("By phone"),
    "email": N_("By email"),
    "debt_ref": N_("By the account's reference"),
    "payment_ref": N_("By the payment's reference"),
    "number_end": N_("By the last digits of the phone"),
    "name": N_("By name"),
    "name_start": N_("By name"),
}
ROLES: Final = {
    "co_debtor": views.Said("user", N_("Shares the account")),
    "guarantor": views.Said("shield-check", N_("Guarantor"), "info"),
    "reference": views.Said("ban", N_("Reference"), "warn"),
    "third": views.Said("user", N_("Third person")),
}
NOT_TO_BE_CONTACTED: Final = N_("No contact: reference")


def found_view(desk: Desk, act: str, label: str, text: str, found: Sequence[matching.Found]) -> views.FoundView:
    """People whom a search found."""
    people = tuple(person(desk, one, (views.Said("search", desk.say(WHYS[one.why])),)) for one in found)
    return views.FoundView(act, desk.say(label), text, people)


def person(desk: Desk, one: matching.Found, reasons: tuple[views.Said, ...], strength: views.Said | None = None) -> views.Person:
    """One of them."""
    name = one.name or desk.say(UNKNOWN_CLIENT)
    return views.Person(
        str(one.debtor_id), str(one.conversation_id), name, one.ref, one.address, ", ".join(one.portfolios), reasons, strength
    )


async def identify_view(
    desk: Desk,
    tx: Tx,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    values: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> views.IdentifyView:
    """Who an unknown sender may be, and the form of somebody new."""
    values = values or {}
    act, label = f"/c/{row.id}/identify", N_("It is this client")
    suggested = tuple(_suggested(desk, one) for one in await suggesting.suggestions(tx, desk.reader, row))
    reaches = await reading.addresses_of(tx, row)
    places = await portfolios_for(tx, desk.reader)
    chosen = values.get("creditor", str(places[0].id) if len(places) == 1 else "")
    return views.IdentifyView(
        conversation_id=str(row.id),
        address=next((mask_address(one.channel, one.dialable) for one in reaches), None),
        words=await _newest_words(tx, row.id),
        suggestions=views.FoundView(act, desk.say(label), "", suggested),
        found=views.FoundView(act, desk.say(label), ""),
        portfolios=tuple(views.Choice(str(one.id), one.name, str(one.id) == chosen) for one in places),
        countries=countries(desk, values.get("country", row.country or "")),
        languages=_languages(desk, values.get("language", row.language or known_language(desk.reader.language))),
        values=values,
        problems=problems or {},
    )


def _suggested(desk: Desk, one: suggesting.Suggestion) -> views.Person:
    reasons = tuple(_said(desk, REASONS[reason]) for reason in one.reasons)
    return person(desk, one.person, reasons, _said(desk, STRENGTHS["weak" if one.against else one.strength]))


def _said(desk: Desk, said: views.Said) -> views.Said:
    return views.Said(said.icon, desk.say(said.label), said.tone)


async def _newest_words(tx: Tx, conversation: UUID) -> str:
    lines = await reading.newest(tx, conversation, limit=10)
    return next(((line.text or "")[:200] for line in reversed(lines) if line.kind == "message" and line.direction == "in"), "")


def countries(desk: Desk, chosen: str) -> tuple[views.Choice, ...]:
    """Our countries by their names in the reader's language."""
    names = Locale.parse(LOCALES[known_language(desk.reader.language)]).territories
    return tuple(views.Choice(code, names[code], code == chosen) for code in sorted(COUNTRIES, key=lambda code: str(names[code])))


def _languages(desk: Desk, chosen: str) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(code, desk.say(word.label), code == chosen) for code, word in LANGUAGE_NAMES.items())


async def people_view(
    desk: Desk,
    tx: Tx,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    problem: str | None = None,
    values: dict[str, str] | None = None,
) -> views.PeopleView:
    """How a client is reached, who stands beside them, and who was joined with them."""
    debts = await reading.debts_of(tx, desk.reader, row.debtor_id)
    act = f"/c/{row.id}/merge"
    return views.PeopleView(
        conversation_id=str(row.id),
        name=open_name(tx, row) or desk.say(UNKNOWN_CLIENT),
        addresses=await _addresses(tx, row),
        channels=tuple(views.Choice(code, desk.say(CHANNELS[code].label)) for code in reaching.CHANNELS),
        parties=tuple(_party(desk, tx, one) for one in await parties.parties_of(tx, desk.reader, row.debtor_id)),
        roles=tuple(_party(desk, tx, one) for one in await parties.roles_of(tx, desk.reader, row.debtor_id)),
        role_choices=tuple(views.Choice(code, desk.say(ROLES[code].label)) for code in parties.ROLES),
        debts=tuple(views.Choice(str(debt.id), debt_label(debt)) for debt in debts),
        joined=await _joined(desk, tx, row.debtor_id),
        found=views.FoundView(act, desk.say(N_("Join")), ""),
        problem=problem,
        values=values or {},
    )


def debt_label(debt: Any) -> str:  # noqa: ANN401 - a row with creditor, product_last4, ref
    """What an agent calls a debt: «Banco Aurora ··4821»."""
    reference = getattr(debt, "debt_ref", None) or debt.ref
    return f"{debt.creditor} ··{debt.product_last4}" if debt.product_last4 else f"{debt.creditor} {reference}"


async def _addresses(tx: Tx, row: Any) -> tuple[views.Reach, ...]:  # noqa: ANN401 - a row of access_conversation
    told = {one.address_id: one for one in await reaching.told_of(tx, row.debtor_id)}
    return tuple(
        views.Reach(
            str(one.address_id),
            one.channel,
            mask_address(one.channel, one.dialable),
            one.status,
            one.best,
            confirmed=told[one.address_id].status == "confirmed",
            preferred=bool(told[one.address_id].preferred),
        )
        for one in await reading.addresses_of(tx, row)
    )


def _party(desk: Desk, tx: Tx, row: Any) -> views.PartyView:  # noqa: ANN401 - a row of inbox.parties
    return views.PartyView(
        party_id=str(row.id),
        name=open_name(tx, row) or desk.say(UNKNOWN_CLIENT),
        role=_said(desk, ROLES[row.role]),
        code=row.role,
        debt=debt_label(row),
        conversation_id=None if row.conversation_id is None else str(row.conversation_id),
        barred=desk.say(NOT_TO_BE_CONTACTED) if row.role == "reference" else None,
    )


async def _joined(desk: Desk, tx: Tx, debtor: UUID) -> tuple[views.Joined, ...]:
    return tuple(
        views.Joined(
            str(one.id),
            open_name(tx, one) or desk.say(UNKNOWN_CLIENT),
            one.agent or "",
            one.at,
            desk.reader.zone,
            merging.may_undo(desk.reader, one.agent_id),
        )
        for one in await merging.merges_of(tx, debtor)
    )
