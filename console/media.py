"""Files through the web: seen by whoever may see their entry, sandboxed and never kept by a cache; uploaded, let go, and fetched by carriers."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.datastructures import UploadFile

from base.errors import InvalidField, NotFound
from base.words import N_
from channels.contract import Channel
from console import views
from console.desk import Desk
from console.drafts import writing_of
from console.pages import debtor_of, html
from console.rendering import Renderer
from console.session import Session
from inbox import attachments, drafts, filetypes, reading
from inbox.access import access_conversation, require_writer
from inbox.media_links import attachment_in
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
# The file, and the form around it.
MOST_UPLOADED = filetypes.MOST_BYTES + 64 * 1024
_SANDBOX = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'none'; sandbox; frame-ancestors 'none'"
_SHOWN = (*filetypes.PICTURES, *filetypes.SOUNDS)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.IGNORECASE)


@get("/media/{attachment_id:uuid}", include_in_schema=False)
async def media_file(request: AnyRequest, product: Product, session: Session, attachment_id: UUID) -> Response[bytes]:
    """One file, whole or a part of it. Looking at it is looking at its client, and is written into the ledger as such."""
    async with product.work() as tx:
        row = await attachments.access_attachment(tx, session.reader, attachment_id)
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        content = await attachments.content_of(tx, row)
        name = attachments.name_of(tx, row)
    return _answer(content, row.content_type, name, request.headers.get("range", ""))


@get("/m/{token:str}", opt={"door": "open"}, include_in_schema=False)
async def carriers_file(product: Product, token: str) -> Response[bytes]:
    """A file that we send, for the carrier that was given its link. Whatever is wrong with a link looks the same."""
    async with product.work() as tx:
        attachment = attachment_in(product.settings, token, tx.now)
        if attachment is None:
            raise NotFound
        row = await attachments.outbound(tx, attachment)
        content = await attachments.content_of(tx, row)
    return _answer(content, row.content_type, f"file.{filetypes.ending_of(row.content_type)}")


@post("/c/{conversation_id:uuid}/attachments", status_code=201, request_max_body_size=MOST_UPLOADED, include_in_schema=False)
async def upload(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Keep a file that the agent will send; the answer is its chip for the composer."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    require_writer(session.reader)
    async with product.db.transaction() as tx:
        await debtor_of(tx, session, conversation_id)
    try:
        ready = await _read(request)
        async with product.work() as tx:
            row = await access_conversation(tx, session.reader, conversation_id)
            draft = await drafts.kept(tx, session.reader, row)
            beside = writing_of(await request.form()).attachments + (draft.writing.attachments if draft else [])
            kept = await attachments.keep_upload(tx, session.reader, row, ready, beside)
    except InvalidField as wrong:
        return _complaint(desk.told(wrong))
    file = views.FileView(str(kept), ready.name, ready.content_type, len(ready.content))
    return html(desk.render("parts/file_kept.html", file=file, conversation_id=str(conversation_id)), 201)


async def _read(request: AnyRequest) -> attachments.Ready:
    form = await request.form()
    given = form.get("file")
    if not isinstance(given, UploadFile):
        raise InvalidField("file", N_("Choose a file."))
    try:
        channel = Channel(str(form.get("channel") or Channel.WHATSAPP))
    except ValueError as error:
        raise InvalidField("channel", N_("choose a channel that is open")) from error
    return await attachments.look_at(channel, given.filename, await given.read(), given.content_type)


def _complaint(problem: str) -> Response[str]:
    answer = html("", 422)
    answer.headers["x-problem"] = quote(problem)
    return answer


@delete("/c/{conversation_id:uuid}/attachments/{attachment_id:uuid}", status_code=200, include_in_schema=False)
async def remove_file(product: Product, session: Session, conversation_id: UUID, attachment_id: UUID) -> Response[str]:
    """Let go of a file before it was sent."""
    async with product.work() as tx:
        debtor = await debtor_of(tx, session, conversation_id)
        await attachments.remove_upload(tx, session.reader, debtor, attachment_id)
    return html("")


@post("/c/{conversation_id:uuid}/attachments/{attachment_id:uuid}/again", status_code=204, include_in_schema=False)
async def fetch_file_again(product: Product, session: Session, conversation_id: UUID, attachment_id: UUID) -> None:
    """Ask the carrier once more for a file that could not be fetched; the live screen shows how it goes."""
    async with product.work() as tx:
        debtor = await debtor_of(tx, session, conversation_id)
        await attachments.fetch_again(tx, session.reader, debtor, attachment_id)


def _answer(content: bytes, content_type: str, name: str, wanted: str = "") -> Response[bytes]:
    """A file's bytes, or the one range of them that was asked for (RFC 9110 §14)."""
    headers = {
        "content-security-policy": _SANDBOX,
        "cache-control": "private, no-store",
        "accept-ranges": "bytes",
        "content-disposition": f"{'inline' if content_type in _SHOWN else 'attachment'}; filename*=UTF-8''{quote(name)}",
    }
    part = _range(wanted, len(content))
    if part is None:
        return Response(content, media_type=content_type, headers=headers)
    start, end = part
    if start >= end:
        return Response(b"", status_code=416, media_type=content_type, headers=headers | {"content-range": f"bytes */{len(content)}"})
    headers["content-range"] = f"bytes {start}-{end - 1}/{len(content)}"
    return Response(content[start:end], status_code=206, media_type=content_type, headers=headers)


def _range(wanted: str, size: int) -> tuple[int, int] | None:
    """Where a range begins and ends (exclusive); an empty one cannot be given. None where none was asked for that is understood."""
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        return max(0, size - int(found[2])), size if int(found[2]) else 0
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    return start, min(size, int(found[2]) + 1 if found[2] else size)
