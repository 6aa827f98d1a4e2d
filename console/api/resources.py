"""What the API answers: every field named and typed, so that the description at /schema is the contract that programs read."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from console.answers import PROBLEM


class Resource(msgspec.Struct):
    """Base of all answers. Ids and moments are text, money is text with its currency beside it."""


class Creditor(Resource):
    """A creditor as recorded."""

    id: str
    name: str
    type: str
    first_party: bool
    country: str | None
    team: str | None


class Address(Resource):
    """An address; `value` is masked for everybody but admins, `status` the worst of what is known."""

    id: str
    channel: str
    value: str
    status: str


class Debt(Resource):
    """What is owed to one creditor."""

    id: str
    ref: str
    creditor: str
    product_last4: str | None
    total_due: str | None
    minimum_due: str | None
    currency: str | None
    due_on: str | None
    days_past_due: int | None
    payment_reference: str | None
    legal_state: str | None


class Debtor(Resource):
    """A client, as far as the caller's role and portfolios allow."""

    id: str
    ref: str | None
    name: str | None
    provisional: bool
    country: str | None
    region: str | None
    city: str | None
    language: str | None
    timezone: str | None
    conversation_id: str
    revision: int
    addresses: list[Address]
    debts: list[Debt]


class Debtors(Resource):
    """Clients that were found."""

    items: list[Debtor]
    next: str | None = None


class Failure(Resource):
    """Why a message did not arrive."""

    code: str
    text: str


class Entry(Resource, kw_only=True):
    """One entry of a timeline; of other portfolios' entries everything but the moment is null."""

    id: str
    position: int
    revision: int
    kind: str
    channel: str | None = None
    direction: str | None = None
    state: str | None = None
    text: str | None = None
    subject: str | None = None
    quoted: str | None = None
    attachments: list[Any] = []
    carrier_id: str | None = None
    carrier_at: str | None = None
    received_at: str
    agent: str | None = None
    error: Failure | None = None


class Timeline(Resource):
    """A page of entries by position. `next` is the following page's cursor; `revision` is what to ask `since` next time."""

    entries: list[Entry]
    next: str | None
    revision: int


class Message(Entry, kw_only=True):
    """A message's entry, and whose it is."""

    debtor_id: str
    conversation_id: str


class Accepted(Resource):
    """A message that is queued. `due_at` is when it leaves."""

    id: str
    state: str
    due_at: str


class Cancelled(Resource):
    """A message that was taken back before it left."""

    id: str
    state: str


class Conversation(Resource):
    """One conversation in a list; `assigned` is the id of the agent who attends it."""

    id: str
    debtor_id: str
    state: str
    revision: int
    assigned: str | None
    unread: bool
    last_at: str


class Conversations(Resource):
    """A page of conversations, the newest first. `next` is the following page's cursor."""

    items: list[Conversation]
    next: str | None


class Clock(Resource):
    """Where the product's clock was put; null when it runs free."""

    now: str | None


class FieldProblem(Resource):
    """One field of what was sent that is wrong."""

    field: str
    problem: str


class Verdict(Resource):
    """The gate's answer: `rule` names what objected, `text` says it in the caller's language."""

    id: str
    allowed: bool
    rule: str | None
    text: str


class Problem(Resource, omit_defaults=True):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
    reference: str = ""


class Refusal(Problem):
    """The gate refused a message."""

    verdict: Verdict | None = None


def answers(*statuses: int, **known: type[Resource]) -> dict[int, ResponseSpec]:
    """What a handler may answer, for the description: `known` are ``ok=`` (200), ``created=`` (201), ``accepted=`` (202), ``refused=`` (422)."""
    codes = {"ok": 200, "created": 201, "accepted": 202, "refused": 422}
    told = {codes[name]: _spec(shape, codes[name]) for name, shape in known.items()}
    return {status: _spec(Problem, status) for status in (400, 401, *statuses)} | told


def _spec(shape: type[Resource], status: int) -> ResponseSpec:
    media_type = PROBLEM if status >= 400 else "application/json"
    return ResponseSpec(shape, generate_examples=False, description=(shape.__doc__ or "").split(";")[0], media_type=media_type)
