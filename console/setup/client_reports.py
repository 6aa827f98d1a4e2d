"""What a file of clients says when it is looked at: each cell as it was read, and what somebody must look at before it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from base.db import Tx
from base.money import money
from base.words import N_
from channels.phones import spoken_phone
from console.desk import Desk
from console.setup.client_columns import LABELS
from console.setup.client_rows import ReadRow
from console.setup.tables import Problem
from console.views.setup import FileReport, FileRow
from debts.addresses import holders
from debts.cards import OWN_NUMBER, DebtorCard

_SHOWN: Final = ("reference", "name", "tel1", "creditor", "account", "balance", "due", "days")
_MOST_SHOWN: Final = 200
_TWICE = N_("The account “%(value)s” stands in an earlier row already.")
_DOUBTFUL = N_("The balance “%(value)s” was read as %(amount)s.")
_SHARED_ROW = N_("The phone %(phone)s stands in row %(row)s too, for another client.")
_SHARED_KNOWN = N_("The phone %(phone)s belongs to a client who is here already, too: %(client)s.")
_NAMELESS = N_("without a reference")
Refs = tuple[str | None, ...]


def without_doubles(read: Sequence[ReadRow]) -> list[ReadRow]:
    """Several rows of one reference are one client with several accounts; an account that stands in two rows is a mistake."""
    seen: set[tuple[str, str]] = set()
    checked = []
    for one in read:
        account = (one.card.debts[0].creditor, one.card.debts[0].ref) if one.card is not None else None
        if account is not None and account in seen:
            checked.append(ReadRow(one.row, one.read, (Problem("account", _TWICE, {"value": account[1]}),)))
            continue
        seen |= {account} if account is not None else set()
        checked.append(one)
    return checked


async def notes_of(tx: Tx, desk: Desk, read: Sequence[ReadRow]) -> dict[int, list[str]]:
    """What somebody must look at, by the row's number: sums that could be meant otherwise, and phones of two clients (lawful, but rarely meant)."""
    notes: dict[int, list[str]] = defaultdict(list)
    rows_by_phone: dict[str, dict[str, int]] = defaultdict(dict)
    for one in read:
        if one.doubtful and not one.problems:
            told = desk.say(_DOUBTFUL, value=one.row.cell("balance"), amount=_balance(one.read))
            notes[one.row.number].append(told)
        for match in phones_of(one.read):
            rows_by_phone[match].setdefault(one.read.ref, one.row.number)
    known = await holders(tx, rows_by_phone)
    for one in read:
        for match, dialable in phones_of(one.read).items():
            notes[one.row.number] += _shared(desk, one.read.ref, spoken_phone(dialable), rows_by_phone[match], known.get(match, []))
    return {number: told for number, told in notes.items() if told}


def phones_of(card: DebtorCard) -> dict[str, str]:
    """The phones of a card: how each is dialled, by what it is compared by."""
    return {address.match: address.dialable for address in card.addresses if address.field == "phone"}


def _shared(desk: Desk, own: str, phone: str, rows: Mapping[str, int], known: Sequence[Refs]) -> list[str]:
    row = next((number for ref, number in rows.items() if ref != own), None)
    others = [refs[0] for refs in known if own not in refs and not (refs[0] or "").startswith(OWN_NUMBER)]
    told = [desk.say(_SHARED_ROW, phone=phone, row=row)] if row is not None else []
    return told + [desk.say(_SHARED_KNOWN, phone=phone, client=ref or desk.say(_NAMELESS)) for ref in others[:1]]


async def shared_phones(tx: Tx, desk: Desk, card: DebtorCard) -> list[str]:
    """Of one client that is added by a form: the phones that somebody else has, each with a sentence."""
    phones = phones_of(card)
    known = await holders(tx, phones)
    return [
        told for match, dialable in phones.items() for told in _shared(desk, card.ref, spoken_phone(dialable), {}, known.get(match, []))
    ]


def report_of(desk: Desk, read: Sequence[ReadRow], text: str, notes: Mapping[int, list[str]], unread: tuple[str, ...]) -> FileReport:
    """Rows that are wrong first, then those to look at; of very long files the rest is counted."""
    wrong, total = sum(one.card is None for one in read), len(read)
    ordered = sorted(read, key=lambda one: (one.card is not None, one.row.number not in notes, one.row.number))[:_MOST_SHOWN]
    return FileReport(
        columns=tuple(desk.say(LABELS[column]) for column in _SHOWN),
        rows=tuple(_row(desk, one, tuple(notes.get(one.row.number, ()))) for one in ordered),
        text=text,
        total=total,
        wrong=wrong,
        summary=_summary(desk, total, wrong),
        unread=unread,
        asked=0 if wrong else len(notes),
    )


def _summary(desk: Desk, total: int, wrong: int) -> str:
    if wrong:
        return desk.counted(
            "Nothing was imported: %(wrong)s of %(num)s row is to be corrected.",
            "Nothing was imported: %(wrong)s of %(num)s rows are to be corrected.",
            total,
            wrong=wrong,
        )
    return desk.counted(
        "%(num)s row can be imported. Nothing has been imported yet.", "%(num)s rows can be imported. Nothing has been imported yet.", total
    )


def _row(desk: Desk, one: ReadRow, notes: tuple[str, ...]) -> FileRow:
    outcome, tone = (N_("To correct"), "bad") if one.problems else (N_("Look at it"), "warn") if notes else (N_("Ready"), "ok")
    problems = tuple(f"{desk.say(LABELS[problem.column])}: {desk.say(problem.sentence, **problem.values)}" for problem in one.problems)
    told = _told(desk, one.read)
    cells = tuple(one.row.cell(column) if column in one.wrong else told[column] for column in _SHOWN)
    return FileRow(one.row.number, cells, desk.say(outcome), tone, problems, notes)


def _told(desk: Desk, card: DebtorCard) -> dict[str, str]:
    """The cells as they were read, written as the reader writes them."""
    [debt] = card.debts
    return {
        "reference": card.ref,
        "name": card.name,
        "tel1": _unbroken("\n".join(spoken_phone(dialable) for dialable in phones_of(card).values())),
        "creditor": debt.creditor,
        "account": debt.ref,
        "balance": _unbroken(_balance(card)),
        "due": _unbroken(desk.renderer.long_date(desk.reader.language, debt.due_on.isoformat(), "medium")) if debt.due_on else "",
        "days": "" if debt.days_past_due is None else str(debt.days_past_due),
    }


def _balance(card: DebtorCard) -> str:
    """With the currency's letters: the sign alone may be that of several."""
    [debt] = card.debts
    return f"{money(debt.total_due, debt.currency)} {debt.currency}" if debt.total_due is not None and debt.currency else ""


def _unbroken(text: str) -> str:
    """A number stays on one line."""
    return text.replace(" ", "\u00a0")
