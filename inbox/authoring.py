"""Authoring: prepared texts are recorded in versions whose words never change, and only such as a carrier would take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Forbidden, InvalidField, NotFound
from base.ids import new_id
from base.signs import typed
from base.words import N_
from channels.contract import Channel
from inbox.access import Reader
from inbox.choices import LIST, ONLY_LISTS, as_kept, problems
from inbox.filling import places_of
from staff.models import Role

TEMPLATE, CANNED, SESSION = "template", "canned", "session"
# Those that a carrier knows by an id of its own.
REGISTERED = (TEMPLATE, SESSION)
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
MOST_BODY = 1024
MOST_NAME = 60
_NAME = re.compile(r"[a-z0-9_]{1,60}")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_EDGE = re.compile(r"^\s*\{\{|\}\}\W*$|\}\}\s*\{\{")
COLUMNS = (
    "t.id, t.kind, t.channel, t.name, t.language, t.version, t.category, t.body, t.variables, t.buttons, t.menu, t.media_url, t.legal, t.creditor_id,"
    " t.content_id, t.approval, t.approval_reason, t.active"
)


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A prepared text to be recorded; see `inbox.desk_models.Template` for what the fields mean."""

    kind: str
    name: str
    language: str
    body: str
    channel: str | None = None
    category: str | None = None
    buttons: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    menu: str | None = None
    media_url: str | None = None
    legal: bool = False
    creditor_id: UUID | None = None


async def record_template(tx: Tx, reader: Reader, new: NewTemplate) -> UUID:
    """Record a new version; returns its id. Only a WhatsApp template needs the carrier's approval, and a list or buttons of a session only that it
    has them: until then the version before it is offered.

    Raises `Forbidden` for agents, `InvalidField` for what no carrier would take.
    """
    _require_author(reader, new.creditor_id)
    new = _as_seen(new)
    _check(new)
    template = new_id()
    waits = new.kind != CANNED and new.channel == Channel.WHATSAPP.value
    await tx.run("select pg_advisory_xact_lock(hashtextextended(:name, 1))", name=f"{new.channel}/{new.name.casefold()}/{new.language}")
    if waits:
        await _require_own_name(tx, new)
    await tx.run(
        "insert into template (org_id, id, kind, channel, name, language, version, category, body, variables, buttons, menu, media_url, legal,"
        " creditor_id, approval, active, created_by, created_at) select :org, :id, :kind, cast(:channel as text), :name, :language,"
        " coalesce(max(version), 0) + 1, cast(:category as text), :body, cast(:variables as jsonb), cast(:buttons as jsonb), cast(:menu as text),"
        " cast(:media_url as text), :legal, cast(:creditor as uuid), :approval, true, :agent, :now from template where org_id = :org"
        " and channel is not distinct from cast(:channel as text) and name = :name and language = :language",
        id=template,
        kind=new.kind,
        channel=new.channel,
        name=new.name,
        language=new.language,
        category=new.category,
        body=new.body,
        variables=audit.canonical(places_of(new.body)),
        buttons=audit.canonical(as_kept(new.buttons)),
        menu=new.menu,
        media_url=new.media_url,
        legal=new.legal,
        creditor=new.creditor_id,
        approval="unsubmitted" if waits else "approved",
        agent=reader.agent_id,
    )
    await audit.record(tx, f"agent:{reader.agent_id}", "template.recorded", template, name=new.name, language=new.language)
    return template


async def _require_own_name(tx: Tx, new: NewTemplate) -> None:
    """A template and a list of one name would take turns in being offered, and the carrier could not tell them apart."""
    if await tx.value(
        "select true from template where org_id = :org and channel = :channel and lower(name) = :name and kind <> :kind and active limit 1",
        channel=new.channel,
        name=new.name.lower(),
        kind=new.kind,
    ):
        raise InvalidField("name", N_("Another kind of WhatsApp text has this name. Choose another one."))


async def retire(tx: Tx, reader: Reader, template: UUID) -> None:
    """Take one version out of use; what waits in the outbox with it is withheld when it is due. Raises `NotFound`."""
    row = await visible_template(tx, reader, template)
    if row is None:
        raise NotFound
    _require_author(reader, row.creditor_id)
    if await tx.run("update template set active = false where org_id = :org and id = :id and active", id=template):
        await audit.record(tx, f"agent:{reader.agent_id}", "template.retired", template)


async def creditor_named(tx: Tx, reader: Reader, name: str) -> UUID:
    """The creditor of that name, if the reader sees the portfolio. Raises `InvalidField`."""
    found: UUID | None = await tx.value("select id from creditor where org_id = :org and name = :name", name=name)
    if found is None or not reader.sees_portfolio(found):
        raise InvalidField("creditor", N_("there is no such creditor"))
    return found


def _require_author(reader: Reader, creditor: UUID | None) -> None:
    if reader.role not in (Role.ADMIN, Role.SUPERVISOR):
        raise Forbidden("Templates are written by supervisors and admins.")
    if not reader.sees_portfolio(creditor):
        raise InvalidField("creditor", N_("there is no such creditor"))


def _as_seen(new: NewTemplate) -> NewTemplate:
    """The same text without what nobody sees: the carrier approves, and clients read, what its author saw."""
    return replace(
        new, name=" ".join(typed(new.name, "name").split()), body=typed(new.body, "body")
    )  # rows are told one by one: `inbox.choices`


def _check(new: NewTemplate) -> None:
    if new.kind not in (TEMPLATE, CANNED, SESSION):
        raise InvalidField("kind", "must be template, session or canned")
    if not new.body.strip() or len(new.body) > MOST_BODY:
        raise InvalidField("body", N_("must have 1 to %(most)s characters"), most=MOST_BODY)
    if not _LANGUAGE.fullmatch(new.language):
        raise InvalidField("language", "must be a language such as es or pt-BR")
    if new.menu is not None and new.kind != SESSION:
        raise InvalidField("menu", ONLY_LISTS)
    bare = new.kind == CANNED or (new.kind == TEMPLATE and new.channel == Channel.SMS.value)
    if bare and new.buttons:
        raise InvalidField("buttons", N_("Only templates, lists and buttons of WhatsApp have something to choose. Leave it out."))
    if bare and new.media_url is not None:
        raise InvalidField("media_url", N_("Only a WhatsApp template has a file of its own. Leave it out."))
    if new.kind == TEMPLATE:
        _check_registered(new)
    elif not 0 < len(new.name.strip()) <= MOST_NAME:
        raise InvalidField("name", N_("must have 1 to 60 characters"))
    elif new.kind == SESSION:
        _check_session(new)


def _check_session(new: NewTemplate) -> None:
    """What WhatsApp asks of a list, or of buttons, that nobody reviews."""
    if new.channel != Channel.WHATSAPP.value:
        raise InvalidField("channel", "must be whatsapp")
    if new.category is not None:
        raise InvalidField("category", "belongs to templates that are reviewed; leave it out")
    if new.media_url is not None:
        raise InvalidField("buttons", N_("cannot stand beside a file: leave one of them out"))
    _check_choices(new, needed=True)


def _check_registered(new: NewTemplate) -> None:
    """What a carrier asks of a template."""
    if new.channel not in (Channel.SMS.value, Channel.WHATSAPP.value):
        raise InvalidField("channel", "must be sms or whatsapp")
    if not _NAME.fullmatch(new.name):
        raise InvalidField("name", N_("must be small letters without accents, digits and _, 60 at the most"))
    if new.channel == Channel.SMS.value:
        return
    if new.category not in CATEGORIES:
        raise InvalidField("category", "must be one of " + ", ".join(CATEGORIES))
    if _EDGE.search(new.body):
        raise InvalidField("body", N_("must not begin or end with a place, nor have two side by side: WhatsApp refuses such templates"))
    if new.media_url is not None and not new.media_url.startswith(("https://", "http://127.0.0.1")):
        raise InvalidField("media_url", N_("must begin with https://"))
    if any(button.get("type") == LIST for button in new.buttons):
        raise InvalidField("buttons", N_("WhatsApp approves no lists. Record it as a list, which needs no approval."))
    if new.media_url is not None and new.buttons:
        raise InvalidField("buttons", N_("cannot stand beside a file: leave one of them out"))
    _check_choices(new, needed=False)


def _check_choices(new: NewTemplate, *, needed: bool) -> None:
    wrong = next(problems(new.buttons, new.menu, needed=needed), None)
    if wrong is not None:
        raise wrong


async def visible_template(tx: Tx, reader: Reader, template: UUID) -> Any:  # noqa: ANN401 - a row or None
    """A version that the reader may use: everybody's, or of a creditor whose portfolio they see."""
    return await tx.row(
        f"select {COLUMNS} from template t where t.org_id = :org and t.id = :id"
        " and (t.creditor_id is null or :sees_all or t.creditor_id = any(cast(:portfolios as uuid[])))",
        id=template,
        **reader.rights,
    )
