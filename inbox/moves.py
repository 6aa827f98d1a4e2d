"""One act on a conversation: who may do it, what was before and what is after, kept in the event so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict
from base.ids import new_id
from base.words import N_
from inbox.access import Reader, require_writer
from inbox.timeline import NewEntry, Thread, append, lock_thread
from staff.models import Role

# Of a conversation `c`. What was taken back or withheld is no answer.
UNANSWERED = (
    "(select min(i.received_at) from entry i where i.org_id = c.org_id and i.conversation_id = c.id and i.kind = 'message' and i.direction = 'in'"
    " and i.received_at > coalesce((select max(o.received_at) from entry o join message m on m.org_id = o.org_id and m.id = o.id"
    " where o.org_id = c.org_id and o.conversation_id = c.id and o.direction = 'out' and m.state not in ('cancelled', 'withheld')), '-infinity'))"
)
NOT_YOURS = N_("%(name)s attends this client.")
# What acts may change of a conversation, with the type that a value has when it comes out of an event's JSON.
COLUMNS: Mapping[str, str] = {
    "assigned_agent_id": "uuid",
    "team_id": "uuid",
    "state": "text",
    "snoozed_until": "timestamptz",
    "waiting_since": "timestamptz",
    "disposition": "text",
    "read_position": "bigint",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation under its debtor's lock: whose it is and how it stands, read after the lock was taken.

    `heard` is the revision at which the client's last word came, 0 where there is none.
    """

    thread: Thread
    kind: str
    position: int
    last_inbound_position: int
    heard: int
    values: Mapping[str, Any]

    @property
    def owner(self) -> UUID | None:
        """The agent who attends it."""
        owner: UUID | None = self.values["assigned_agent_id"]
        return owner

    @property
    def state(self) -> str:
        """``open``, ``triage``, ``closed``, or ``own``: a test message to a phone of our own."""
        return str(self.values["state"])

    @property
    def put_away(self) -> Mapping[str, Any]:
        """What closing changes. A test of our own stays its tester's, who is to see what comes back to it, and becomes no client's."""
        ends = {"team_id": None, "snoozed_until": None, "waiting_since": None}
        return ends if self.state == "own" else {"state": "closed", "assigned_agent_id": None, **ends}

    @property
    def is_put_away(self) -> bool:
        """Whether nobody has anything left to do here: closed, or a test of our own to which no answer waits."""
        return self.state == "closed" or (self.state == "own" and self.values["waiting_since"] is None)


async def stand(tx: Tx, reader: Reader, debtor: UUID) -> Standing:
    """Lock a debtor for an act. Raises `Forbidden` for who only reads, and what `lock_thread` raises."""
    require_writer(reader)
    return await standing_of(tx, await lock_thread(tx, debtor))


async def standing_of(tx: Tx, thread: Thread) -> Standing:
    """How a locked conversation stands."""
    row = await tx.row(
        f"select c.position, c.last_inbound_position, d.kind, {', '.join(f'c.{name}' for name in COLUMNS)}, coalesce((select e.first_revision"
        " from entry e where e.org_id = c.org_id and e.conversation_id = c.id and e.position = c.last_inbound_position), 0) as heard"
        " from conversation c"
        " join debtor d on d.org_id = c.org_id and d.id = c.debtor_id where c.org_id = :org and c.id = :conversation",
        conversation=thread.conversation_id,
    )
    if row is None:
        raise LookupError("a locked conversation vanished")
    return Standing(thread, row.kind, row.position, row.last_inbound_position, row.heard, {name: getattr(row, name) for name in COLUMNS})


async def require_hold(tx: Tx, reader: Reader, owner: UUID | None) -> None:
    """Raise `Conflict`, with the name, where a colleague attends the conversation."""
    if not may_act(reader, owner):
        name = await tx.value("select name from agent where org_id = :org and id = :owner", owner=owner)
        raise Conflict(NOT_YOURS, name=name)


def may_act(reader: Reader, owner: UUID | None) -> bool:
    """Whether a reader may act on a conversation that `owner` attends: they themselves, nobody, or whom a supervisor stands in for."""
    return reader.writes and (owner in (None, reader.agent_id) or takes_over(reader))


def takes_over(reader: Reader) -> bool:
    """Whether the role may take or close what a colleague attends: somebody must be able to when that colleague is away."""
    return reader.role in (Role.SUPERVISOR, Role.ADMIN)


def require_client(thread: Thread, own_test: bool = False) -> None:
    """Raise `Conflict` for a phone of our own, which nothing goes to but an `own_test`, and for an `own_test` to anything else."""
    if (thread.state == "own") != own_test:
        raise Conflict(N_("This is a test to a phone of your own, and no client. Test again in the settings."))


def require_open(standing: Standing) -> None:
    """Raise `Conflict` for a closed conversation."""
    if standing.state == "closed":
        raise Conflict(N_("This conversation is closed. Reopen it first."))


def require_seen(standing: Standing, seen: int | None) -> None:
    """Raise `Conflict` where the client wrote something that was not on the screen: `seen` is its revision, None where there was no screen."""
    if seen is not None and standing.heard > seen:
        raise Conflict(N_("The client wrote meanwhile. Read it first."))


async def move(
    tx: Tx,
    actor: Reader | None,
    standing: Standing,
    event: str,
    changes: Mapping[str, Any],
    detail: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    channel: str | None = None,
) -> UUID:
    """Change some `COLUMNS` of a conversation, with the event that tells of it and can be undone; returns the event's id.

    `actor` is None where the product itself acts. `detail` is what the event's sentence needs, `facts` are further ids and codes for the ledger.
    """
    await write(tx, standing.thread, changes)
    before = {name: plain(standing.values[name]) for name in changes}
    after = {name: plain(value) for name, value in changes.items()}
    told = {"event": event, **(detail or {}), "before": before, "after": after}
    return await tell(tx, actor, standing.thread, event, told, facts or {}, channel)


async def unanswered_since(tx: Tx, thread: Thread) -> datetime | None:
    """Since when the client has been waiting for an answer: the first word of theirs after our last one."""
    since: datetime | None = await tx.value(
        f"select {UNANSWERED} from conversation c where c.org_id = :org and c.id = :id", id=thread.conversation_id
    )
    return since


async def write(tx: Tx, thread: Thread, changes: Mapping[str, Any]) -> None:
    """Set columns of a conversation whose debtor is locked. Values are of their own types, never text from an event."""
    if changes:
        await tx.run(
            f"update conversation set {', '.join(f'{name} = cast(:{name} as {COLUMNS[name]})' for name in changes)}"
            " where org_id = :org and id = :conversation",
            conversation=thread.conversation_id,
            **changes,
        )


async def tell(
    tx: Tx,
    actor: Reader | None,
    thread: Thread,
    event: str,
    detail: Mapping[str, Any],
    facts: Mapping[str, Any],
    channel: str | None = None,
) -> UUID:
    """An event in the timeline and its fact in the ledger; returns the event's id."""
    entry = new_id()
    agent = actor.agent_id if actor else None
    await append(tx, thread, NewEntry(kind="event", id=entry, channel=channel, agent_id=agent, detail=detail))
    name = f"agent:{agent}" if agent else "system:worker"
    await audit.record(tx, name, f"conversation.{event}", thread.debtor_id, conversation=thread.conversation_id, entry=entry, **facts)
    return entry


def plain(value: object) -> object:
    """A column's value as an event keeps it: ids and moments as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def typed(name: str, value: Any) -> Any:  # noqa: ANN401 - a JSON value in, a column's value out
    """A value that an event kept, as its column takes it."""
    if value is None:
        return None
    if COLUMNS[name] == "timestamptz":
        return datetime.fromisoformat(value)
    return UUID(value) if COLUMNS[name] == "uuid" else value
