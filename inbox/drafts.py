"""Drafts: what an agent is writing, kept on the server so that no tab, device or lost network takes it away; sealed like everything of a person."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.db import Tx
from inbox.access import Reader, require_writer

MESSAGE, NOTE = "message", "note"
_SEALED_UNDER = "draft"


@dataclass(frozen=True, slots=True)
class Writing:
    """What is being written: words for the client, or a note for colleagues, as `mode` says; `aside` are the words of the other mode, which
    never become these. `variables` are values that the agent gave to a template's places, `debt_ref` the debt that it is filled with,
    `not_before` a moment chosen for it as the form says it, and `tab` names the browser's tab that wrote it last."""

    text: str = ""
    mode: str = MESSAGE
    channel: str | None = None
    template_id: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    attachments: list[str] = field(default_factory=list)
    to: str | None = None
    tab: str = ""
    aside: str = ""
    not_before: str = ""
    debt_ref: str | None = None

    @property
    def is_note(self) -> bool:
        """Whether a note for colleagues is being written, which must never reach the client."""
        return self.mode == NOTE and bool(self.text.strip())

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.text.strip() or self.aside.strip() or self.template_id or self.attachments)

    def turned(self, mode: str) -> Writing:
        """The same with the words of this mode in the field."""
        return self if self.mode == mode else replace(self, mode=mode, text=self.aside, aside=self.text)


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft, and when it was kept."""

    writing: Writing
    at: datetime


async def keep(tx: Tx, reader: Reader, row: Any, writing: Writing, token: UUID | None = None) -> None:  # noqa: ANN401 - a row
    """Keep a draft in the place of the one before; an empty one lets it go. What was sent with `token` meanwhile is no draft any more."""
    require_writer(reader)
    if writing.empty:
        await drop(tx, reader, row.id)
        return
    person = tx.person(row.debtor_id, row.key_name, row.wrapped)
    await tx.run(
        "insert into draft (org_id, agent_id, conversation_id, debtor_id, sealed, revision, updated_at)"
        " select :org, :agent, :conversation, :debtor, :sealed, 1, :now where not exists (select from message m where m.org_id = :org"
        " and m.agent_id = :agent and m.client_token = cast(:token as uuid)) on conflict (org_id, agent_id, conversation_id) do update"
        " set sealed = excluded.sealed, debtor_id = excluded.debtor_id, revision = draft.revision + 1, updated_at = excluded.updated_at",
        agent=reader.agent_id,
        conversation=row.id,
        debtor=row.debtor_id,
        token=token,
        sealed=person.seal(_SEALED_UNDER, row.id, str(reader.agent_id), canonical(asdict(writing))),
    )


async def kept(tx: Tx, reader: Reader, row: Any) -> KeptDraft | None:  # noqa: ANN401 - a row of access_conversation
    """The reader's own draft in a conversation. Its key is that of the person it was written to, who may have been merged since."""
    found = await tx.row(
        "select d.sealed, d.updated_at, d.debtor_id, k.key_name, k.wrapped from draft d"
        " join person_key k on k.org_id = d.org_id and k.person_id = d.debtor_id"
        " where d.org_id = :org and d.agent_id = :agent and d.conversation_id = :conversation",
        agent=reader.agent_id,
        conversation=row.id,
    )
    if found is None:
        return None
    person = tx.person(found.debtor_id, found.key_name, found.wrapped)
    fields = json.loads(person.open(_SEALED_UNDER, row.id, str(reader.agent_id), bytes(found.sealed)))
    return KeptDraft(Writing(**fields), found.updated_at)


async def drop(tx: Tx, reader: Reader, conversation: UUID) -> None:
    """Let a draft go: it was sent, or emptied."""
    await tx.run(
        "delete from draft where org_id = :org and agent_id = :agent and conversation_id = :conversation",
        agent=reader.agent_id,
        conversation=conversation,
    )
