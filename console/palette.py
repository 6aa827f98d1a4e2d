"""The door of the palette: what fits a few typed letters, clients among it as far as the reader may see them."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import Parameter

from console.desk import Desk
from console.desk.palette import palette_options
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
Typed = Annotated[str, Parameter(max_length=80)]


@get("/palette", include_in_schema=False)
async def palette_part(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, q: Typed = "", c: Typed = ""
) -> Response[str]:
    """The lines for what is typed. `c` is the open conversation: without one there is nothing to do with it."""
    request.state.language = session.reader.language
    desk = Desk(renderer, session.reader)
    async with product.work() as tx:
        palette = await palette_options(desk, tx, q, is_open=bool(c))
    return html(desk.render("parts/palette_found.html", palette=palette))
