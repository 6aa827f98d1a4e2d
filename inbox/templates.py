"""Templates and canned replies: offered where they fit, previewed and filled with the client's own data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.words import N_
from channels.contract import Channel
from compliance.gate import foresee_each
from compliance.rules import Objection, Prepared
from inbox.access import Reader
from inbox.addressing import only_portfolio
from inbox.authoring import CANNED, COLUMNS, MOST_BODY, SESSION, NewTemplate, creditor_named, record_template, retire, visible_template
from inbox.filling import OF_DEBT, Known, Piece, complete, filled, known_of, pieces_of, places_of
from inbox.timeline import Thread

__all__ = [
    "CANNED",
    "READY",
    "SESSION",
    "Filled",
    "NewTemplate",
    "Offer",
    "closed_to_answers",
    "creditor_named",
    "fill",
    "in_use",
    "is_named",
    "named",
    "offer_of",
    "offered",
    "plain",
    "record_template",
    "retire",
]

MOST_OFFERS = 50
READY = "(t.kind = 'canned' or t.approval in ('approved', 'unneeded'))"
# A list or buttons that the carrier has: only the client's address can speak against it.
_ANY_ANSWER = Prepared(UUID(int=0), "unneeded", active=True, fits=True, session=True)


@dataclass(frozen=True, slots=True)
class Offer:
    """A prepared text that fits a client and a channel. `pieces` is its preview; it can be sent when nothing is `missing` and it is `usable`.
    Where it speaks of one of several `debts`, `debt_ref` is the one that it is filled with."""

    id: UUID
    kind: str
    name: str
    language: str
    version: int
    category: str | None
    approval: str
    approval_reason: str | None
    pieces: tuple[Piece, ...]
    buttons: Sequence[Mapping[str, str]]
    media_url: str | None
    legal: bool
    menu: str | None = None
    debts: tuple[Any, ...] = ()
    debt_ref: str | None = None

    @property
    def usable(self) -> bool:
        """Whether the carrier approves it, or has it where it needs no approval; canned replies need nobody's."""
        return self.kind == CANNED or self.approval == ("unneeded" if self.kind == SESSION else "approved")

    @property
    def missing(self) -> tuple[str, ...]:
        """The places that have no value yet."""
        return tuple(dict.fromkeys(piece.place for piece in self.pieces if piece.kind == "missing" and piece.place))

    @property
    def text(self) -> str:
        """The words as far as they are filled; missing places stand in double braces."""
        return "".join("{{" + piece.text + "}}" if piece.kind == "missing" else piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Filled:
    """A prepared text with every place filled: the words that the client will read, and the values by their places."""

    template: Any
    text: str
    values: Mapping[str, str]

    def prepared(self, channel: Channel, portfolio: UUID | None) -> Prepared | None:
        """What the gate is told of it; a canned reply is free text."""
        if self.template.kind == CANNED:
            return None
        fits = self.template.channel == channel.value and self.template.creditor_id in (None, portfolio)
        return Prepared(self.template.id, self.template.approval, self.template.active, fits, self.template.kind == SESSION)

    def creditor_among(self, portfolios: Sequence[UUID]) -> UUID | None:
        """The creditor whose template it is, where the client owes to them."""
        creditor: UUID | None = self.template.creditor_id
        return creditor if creditor in portfolios else None

    def detail(self) -> dict[str, Any]:
        """What the entry keeps of it, so that the timeline can show for ever what was used."""
        told = {name: getattr(self.template, name) for name in ("id", "kind", "name", "language", "category", "version", "media_url")}
        menu = {"menu": self.template.menu} if self.template.menu else {}
        return {"template": told | {"variables": dict(self.values)}, "buttons": list(self.template.buttons)} | menu


async def offered(tx: Tx, reader: Reader, row: Any, channel: str, query: str = "", debt_ref: str | None = None) -> list[Offer]:  # noqa: ANN401
    """What fits a client (a row of access_conversation) on a channel and a search: those of that name first, then those in whose words it stands,
    each in the client's language first, then by name; fifty at the most.

    Of each creditor, name and language the newest approved version is offered, or the newest where none is approved yet.
    """
    found = await tx.rows(
        f"select distinct on (t.channel, t.creditor_id, t.name, t.language) {COLUMNS} from template t where t.org_id = :org and t.active"
        " and (t.channel = :channel or t.channel is null and t.kind = 'canned')"
        " and (t.creditor_id is null or t.creditor_id = any(cast(:portfolios as uuid[])))"
        f" order by t.channel, t.creditor_id, t.name, t.language, {READY} desc, t.version desc",
        channel=channel,
        portfolios=[one for one in row.portfolios if reader.sees_portfolio(one)],
    )
    words = plain(query).split()
    fitting = [one for one in found if all(word in plain(f"{one.name} {one.body}") for word in words)]
    if not fitting:
        return []
    known = await known_of(tx, reader, row.debtor_id, debt_ref)
    fitting.sort(
        key=lambda one: (
            not is_named(one, words),
            _distance(one.language, row.language),
            not plain(one.name).startswith(plain(query)),
            one.name,
            one.language,
        )
    )
    return [_offer(one, known) for one in fitting[:MOST_OFFERS]]


async def offer_of(tx: Tx, reader: Reader, row: Any, template: UUID | None, debt_ref: str | None = None) -> Offer | None:  # noqa: ANN401
    """One prepared text as it would be offered for a client (a row of access_conversation); None where it is gone or not the reader's."""
    found = await visible_template(tx, reader, template) if template is not None else None
    if found is None or not found.active:
        return None
    known = await known_of(tx, reader, row.debtor_id, debt_ref)
    return _offer(found, known)


async def closed_to_answers(tx: Tx, reader: Reader, row: Any, address: UUID | None = None) -> Objection | None:  # noqa: ANN401
    """Why no list and no buttons may be sent to a client (a row of access_conversation) now, at an address or at any of theirs; None where
    they may, or where there is no address to ask of."""
    portfolio = only_portfolio(reader, row.portfolios) or row.creditor_id
    told = await foresee_each(tx, row.debtor_id, [Channel.WHATSAPP.value], portfolio, _ANY_ANSWER)
    said = [told[address]] if address in told else list(told.values())
    if any(one.objection is None for one in said):
        return None
    return said[0].objection if said else None


def plain(text: str) -> str:
    """Text for searching: small letters without accents."""
    return "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))


def is_named(row: Any, words: Sequence[str]) -> bool:  # noqa: ANN401 - a row of template
    """Whether a text's name has all of these plain words."""
    name = plain(row.name)
    return all(word in name for word in words)


def _distance(language: str, wanted: str | None) -> int:
    wanted = wanted or "es"
    return 0 if language == wanted else 1 if language.split("-")[0] == wanted.split("-")[0] else 2


def _offer(row: Any, known: Known) -> Offer:  # noqa: ANN401 - a row
    debts = known.debts_of(row.creditor_id)
    asks = len(debts) > 1 and row.kind != CANNED and not OF_DEBT.isdisjoint(places_of(row.body))
    return Offer(
        id=row.id,
        kind=row.kind,
        name=row.name,
        language=row.language,
        version=row.version,
        category=row.category,
        approval=row.approval,
        approval_reason=row.approval_reason,
        pieces=pieces_of(row.body, known.values(row.language, row.creditor_id)),
        buttons=row.buttons,
        media_url=row.media_url,
        legal=row.legal,
        menu=row.menu,
        debts=tuple(debts) if asks else (),
        debt_ref=known.debt_ref if asks else None,
    )


async def fill(
    tx: Tx, reader: Reader, thread: Thread, template: UUID, channel: Channel, given: Mapping[str, str], debt_ref: str | None = None
) -> Filled:
    """Fill one template for a client whose thread is locked. Raises `InvalidField` naming the template or the place that has no value."""
    row = await visible_template(tx, reader, template)
    if row is None:
        raise InvalidField("template", N_("there is no such template"))
    if row.kind == CANNED and not (row.active and row.channel in (None, channel.value)):
        raise InvalidField("template", N_("this reply is not offered on this channel"))
    known = await known_of(tx, reader, thread.debtor_id, debt_ref)
    values = complete(places_of(row.body), known.values(row.language, row.creditor_id), given)
    text = filled(row.body, values)
    if len(text) > MOST_BODY:
        raise InvalidField("template", N_("is longer than %(most)s characters with its values"), most=MOST_BODY)
    return Filled(row, text, values)


async def named(tx: Tx, reader: Reader, row: Any, name: str, channel: str) -> UUID:  # noqa: ANN401 - a row of access_debtor
    """The template that an API call names for a client: by id, or by name, of a creditor of theirs and in their language where there is one.
    Raises `InvalidField`."""
    found = await tx.rows(
        f"select {COLUMNS} from template t where t.org_id = :org and t.active and (t.name = :name or cast(t.id as text) = lower(:name))"
        " and (t.channel = :channel or t.channel is null) and (t.creditor_id is null or :sees_all or t.creditor_id = any(cast(:portfolios as uuid[])))"
        f" order by {READY} desc, t.version desc",
        name=name,
        channel=channel,
        **reader.rights,
    )
    if not found:
        raise InvalidField("template", N_("there is no such template"))
    best: UUID = min(found, key=lambda one: (one.creditor_id not in (None, *row.portfolios), _distance(one.language, row.language))).id
    return best


async def in_use(tx: Tx, reader: Reader) -> Sequence[Any]:
    """Every version in use that the reader may see, by channel and name, the newest first."""
    return await tx.rows(
        f"select {COLUMNS}, r.name as creditor from template t left join creditor r on r.org_id = t.org_id and r.id = t.creditor_id"
        " where t.org_id = :org and t.active and (t.creditor_id is null or :sees_all or t.creditor_id = any(cast(:portfolios as uuid[])))"
        " order by t.channel nulls last, t.name, t.language, t.version desc limit 1000",
        **reader.rights,
    )
