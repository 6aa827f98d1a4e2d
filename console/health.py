"""Whether this process lives, and whether the whole is ready: the database and a worker are needed, Redis is only reported."""

from __future__ import annotations

from litestar import Response, get

from base.beats import alive
from base.errors import Unavailable
from inbox.product import Product


@get("/health", opt={"door": "open"}, include_in_schema=False)
async def health() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@get("/ready", opt={"door": "open"}, include_in_schema=False)
async def ready(product: Product) -> Response[dict[str, str]]:
    """200 when work gets done, 503 with the missing part when not."""
    try:
        async with product.db.transaction() as tx:
            workers = await alive(tx, "worker")
        parts = {"database": "ok", "worker": "ok" if workers else "not seen in the last 30 seconds"}
    except Unavailable:
        parts = {"database": "does not answer", "worker": "unknown"}
    is_ready = set(parts.values()) == {"ok"}
    parts["redis"] = "ok" if await product.bus.alive() else "does not answer"
    return Response({"status": "ok" if is_ready else "not ready", **parts}, status_code=200 if is_ready else 503)
