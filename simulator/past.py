"""What clients wrote before the simulator began, as the demo tells of it: kept in the carrier's list, and nobody is called."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from simulator.addresses import channel_of, on_whatsapp
from simulator.carrier import Carrier
from simulator.inbound import Sid
from simulator.records import Message
from simulator.segments import count_parts


class PastWords(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A word of a client's that the product knows already. `at` is in seconds since 1970."""

    sid: Sid
    sender: Annotated[str, msgspec.Meta(max_length=200)] = msgspec.field(name="from")
    text: Annotated[str, msgspec.Meta(max_length=1600)]
    at: Annotated[float, msgspec.Meta(ge=0)]


@post("/past", status_code=200)
async def remember(request: Request[Any, Any, Any], data: JSONBody[list[PastWords]]) -> dict[str, int]:
    """Remember what was said, oldest first; known words stay as they are."""
    carrier: Carrier = request.app.state.carrier
    carrier.store.remember([_message(carrier, words) for words in data])
    return {"words": len(data)}


def _message(carrier: Carrier, words: PastWords) -> Message:
    whatsapp = channel_of(words.sender) == "whatsapp"
    return Message(
        sid=words.sid,
        direction="inbound",
        sender=words.sender,
        recipient=on_whatsapp(carrier.config.whatsapp_sender) if whatsapp else carrier.config.sender,
        body=words.text,
        status="received",
        num_segments=1 if whatsapp else count_parts(words.text).count,
        created_at=words.at,
        updated_at=words.at,
        sent_at=words.at,
        detail={"past": True},
    )


past = Router("/_simulator", route_handlers=[remember])
