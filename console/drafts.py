"""The draft's door: what is being typed is kept on the server, and phrases a client should rather not read are pointed out."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import FormMultiDict

from base.db import Tx
from compliance.wording import Warning, warnings
from console.desk import Desk
from console.desk.composers import warning_views
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox import drafts, reading, templates
from inbox.access import Reader, access_conversation
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
MOST_CHARACTERS = 10_000
_MOST_VALUES = 50


@post("/c/{conversation_id:uuid}/draft", status_code=200, include_in_schema=False)
async def keep_draft(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Keep what is being typed; answers with hints on its wording."""
    request.state.language = session.reader.language
    form = await request.form()
    writing = writing_of(form)
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        await drafts.keep(tx, session.reader, row, writing, _token(form.get("client_token")))
        found = await _hints(tx, session.reader, row, writing)
    desk = Desk(renderer, session.reader)
    return html(desk.render("parts/composer_hints.html", warnings=warning_views(desk, writing.text, found)))


async def _hints(tx: Tx, reader: Reader, row: Any, writing: drafts.Writing) -> list[Warning]:  # noqa: ANN401 - a row of access_conversation
    """Phrases of what is being written; those within a text that was approved word for word are left alone."""
    if writing.mode != drafts.MESSAGE or not writing.text.strip():
        return []
    found = warnings(writing.text, await reading.language_of(tx, row))
    offers = await templates.offered(tx, reader, row, writing.channel or "") if found else []
    legal = [offer.text for offer in offers if offer.legal and offer.kind == templates.CANNED]
    spans = [(at.start(), at.end()) for text in legal for at in re.finditer(re.escape(text), writing.text)]
    return [one for one in found if not any(start <= one.start and one.end <= end for start, end in spans)]


def _token(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def seen_in(form: FormMultiDict, revision: int) -> int:
    """What the writer's page had seen of a conversation that stands at `revision`: an answer that shows only their own act adds nothing to it."""
    said = str(form.get("seen_revision") or "")[:18]
    return min(revision, int(said)) if said.isdecimal() else revision


def writing_of(form: FormMultiDict) -> drafts.Writing:
    """What a composer's form holds, within bounds."""
    values = {name.removeprefix("var_"): str(value)[:1000] for name, value in form.multi_items() if name.startswith("var_")}
    return drafts.Writing(
        text=str(form.get("text", ""))[:MOST_CHARACTERS],
        mode=drafts.NOTE if form.get("mode") == drafts.NOTE else drafts.MESSAGE,
        channel=str(form.get("channel", ""))[:20] or None,
        template_id=str(form.get("template_id", ""))[:40] or None,
        variables=dict(list(values.items())[:_MOST_VALUES]),
        attachments=[str(value)[:40] for value in form.getall("attachment", [])][:10],
        to=str(form.get("to", ""))[:60] or None,
        tab=str(form.get("tab", ""))[:20],
        aside=str(form.get("aside", ""))[:MOST_CHARACTERS],
        not_before=str(form.get("not_before", ""))[:40],
        debt_ref=str(form.get("debt_ref", ""))[:100] or None,
    )
