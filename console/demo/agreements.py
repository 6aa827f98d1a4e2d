"""What a client of the demo agrees to and pays: the day that a scene speaks of, promises and what came of them, payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from base.ids import new_id
from console.demo.book import Row
from console.demo.histories import Said
from console.demo.office import Office
from console.demo.scenes import PAYMENT, PROMISE
from console.demo.thread import Thread
from console.demo.voice import Voice


class Agreements:
    """The promises and payments of one story. `days` are those that its scenes speak of, by their numbers."""

    def __init__(self, office: Office, thread: Thread, voice: Voice, agent: UUID, days: Mapping[int, date]) -> None:
        self.office = office
        self.thread = thread
        self.voice = voice
        self.agent = agent
        self.days = days
        self._open: dict[int, tuple[Row, Row]] = {}

    def promise(self, said: Said) -> None:
        """The client will pay by the day of the scene. What is to be kept is settled by the scene's payment."""
        told, part, _ = said.text.split()
        promise, due = new_id(), self.days[said.scene]
        entry = self.thread.append("promise", said.at, channel=said.channel, agent=self.agent, detail={"promise": promise}, card=True)
        row = self.office.book.add(
            "promise", id=promise, **self._money(part), entry_id=entry["id"], agent_id=self.agent, channel=said.channel, due_on=due,
            state="pending", made_at=said.at, state_at=said.at,
        )  # fmt: skip
        self.office.book.tell(said.at, f"agent:{self.agent}", "promise.recorded", self.thread.debtor, promise=promise, entry=entry["id"])
        if told == "broken":
            days = due - _day(said.at, self.voice.client.zone) + timedelta(days=1)
            self._settle(row, entry, told, min(self.office.tx.now, said.at + days))
        elif told == "kept":
            self._open[said.scene] = row, entry

    def pay(self, said: Said) -> None:
        """The client says that they paid."""
        state, part = said.text.split()
        payment = new_id()
        entry = self.thread.append("payment", said.at, channel=None, agent=self.agent, detail={"payment": payment}, card=True)
        paid_on = _day(said.at, self.voice.client.zone)
        self.office.book.add(
            "payment", id=payment, **self._money(part), entry_id=entry["id"], agent_id=self.agent, paid_on=paid_on, state=state,
            recorded_at=said.at,
        )  # fmt: skip
        fact = {"payment": payment, "entry": entry["id"]}
        self.office.book.tell(said.at, f"agent:{self.agent}", "payment.declared", self.thread.debtor, **fact)
        if said.scene in self._open:
            self._settle(*self._open.pop(said.scene), "kept", said.at)

    def _settle(self, promise: Row, entry: Row, state: str, at: datetime) -> None:
        promise |= {"state": state, "state_at": at}
        self.thread.touch()
        entry["revision"] = self.thread.row["revision"]
        fact = {"promise": promise["id"], "state": state, "was": "pending"}
        self.office.book.tell(at, f"agent:{self.agent}", "promise.settled", self.thread.debtor, **fact)

    def _money(self, part: str) -> dict[str, object]:
        """Which debt, and how much of it."""
        debt = self.thread.debts[0]
        owner = {"debtor_id": self.thread.debtor, "debt_id": debt["id"], "creditor_id": debt["creditor_id"], "currency": debt["currency"]}
        return owner | {"amount": self.voice.part(part)}


def days_of(said: Sequence[Said], zone: str, now: datetime) -> dict[int, date]:
    """The one day that each scene speaks of: the promise's in it, else a working day soon after its beginning."""
    days: dict[int, date] = {}
    paid = {one.scene: _day(one.at, zone) for one in said if one.kind == PAYMENT}
    for one in said:
        if one.kind == PROMISE:
            days[one.scene] = _due(one, paid, _day(one.at, zone), _day(now, zone))
        elif one.scene not in days:
            soon = _day(one.at, zone) + timedelta(days=2 + one.scene % 3)
            days[one.scene] = soon + timedelta(days=max(0, 7 - soon.weekday()) if soon.weekday() > 4 else 0)
    return days


def _due(said: Said, paid: Mapping[int, date], made: date, today: date) -> date:
    told, _, days = said.text.split()
    due = made + timedelta(days=int(days))
    due += timedelta(days=7 - due.weekday() if told == "pending" and due.weekday() > 4 else 0)
    if told == "kept":
        return paid[said.scene]
    return {"pending": max(due, today + timedelta(days=1)), "today": today, "overdue": max(made, today - timedelta(days=2))}.get(told, due)


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
