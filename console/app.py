"""The web program: one Litestar application whose doors are all listed here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from litestar import Litestar, Request, Response, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from base.beats import Heart
from base.errors import TratoError
from base.settings import Settings
from console import (
    acts,
    drafts,
    health,
    held,
    live,
    me,
    media,
    messages,
    metrics,
    notes,
    pages,
    palette,
    people,
    preferences,
    prepared,
    presence,
    promises,
    reaching,
    rulings,
    signing_in,
    story,
    webhooks,
)
from console.answers import answer_error
from console.api import conversations, creditors, debtors
from console.api import messages as api_messages
from console.api import templates as api_templates
from console.api.bodies import JsonRequest
from console.headers import guarded
from console.hub import Hub
from console.rendering import ROOT, Renderer
from console.session import for_colleagues, provide_caller, provide_session
from console.setup import HANDLERS as SETUP_HANDLERS
from inbox.product import Product, open_product

MOST_BYTES = 1_000_000
HANDLERS = (
    health.health,
    health.ready,
    metrics.metrics,
    signing_in.sign_in_page,
    signing_in.sign_in_form,
    signing_in.sign_out_form,
    *SETUP_HANDLERS,
    pages.desk_page,
    pages.queue_part,
    pages.conversation_page,
    story.story_part,
    story.more_part,
    media.media_file,
    media.carriers_file,
    media.upload,
    media.remove_file,
    media.fetch_file_again,
    palette.palette_part,
    preferences.preferences_part,
    preferences.save_preferences,
    messages.send_message,
    drafts.keep_draft,
    prepared.template_picker,
    prepared.template_card,
    held.take_back,
    held.send_now,
    held.write_again,
    held.reschedule,
    held.schedule_part,
    presence.report_presence,
    presence.presence_part,
    rulings.rule_on_message,
    acts.act,
    acts.act_menu,
    acts.take_next,
    acts.read,
    notes.write_note,
    notes.mentions,
    people.identify_part,
    people.search_people,
    people.identify,
    people.identify_new,
    people.join,
    people.part,
    reaching.people_part,
    reaching.add,
    reaching.about_address,
    reaching.change_party,
    promises.money_form,
    promises.declare,
    promises.settle,
    promises.take_promise_back,
    promises.take_payment_back,
    me.my_notices,
    me.see_notices,
    me.my_day,
    live.live,
    webhooks.twilio_message,
    webhooks.twilio_receipt,
    creditors.record_creditor_card,
    debtors.record_debtor_card,
    debtors.search_debtors,
    debtors.read_debtor,
    debtors.read_timeline,
    api_messages.send_api_message,
    api_messages.cancel_message,
    api_messages.read_message,
    api_messages.read_raw,
    api_templates.list_templates,
    api_templates.record_template,
    api_templates.retire_template,
    api_templates.list_offers,
    conversations.list_conversations,
    conversations.move_clock,
)


def create_app(settings: Settings) -> Litestar:
    """The application for one process. It connects when it starts, and gives everything back when it stops."""

    app = Litestar(
        route_handlers=[*HANDLERS, bundle, _static()],
        lifespan=[_lifespan(settings)],
        dependencies={
            "product": Provide(_product, sync_to_thread=False),
            "renderer": Provide(_renderer, sync_to_thread=False),
            "hub": Provide(_hub, sync_to_thread=False),
            "session": Provide(provide_session),
            "caller": Provide(provide_caller),
        },
        exception_handlers={Exception: answer_error},
        middleware=[metrics.measured],
        request_class=JsonRequest,
        request_max_body_size=MOST_BYTES,
        openapi_config=_openapi(),
        state=State({"settings": settings}),
        logging_config=None,
        debug=False,
        signature_namespace={"Product": Product, "Renderer": Renderer, "Hub": Hub},
    )
    # Around everything: what has no route passes no middleware, and its answer needs these headers as well.
    app.asgi_handler = guarded(settings)(app.asgi_handler)
    return app


def _lifespan(settings: Settings) -> Callable[[Litestar], contextlib.AbstractAsyncContextManager[None]]:
    """What runs from the start of one process to its end."""

    @contextlib.asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        product = await open_product(settings)
        app.state.product = product
        app.state.renderer = Renderer(product.db.clock.now, connected=[channel.value for channel in product.adapters])
        app.state.hub = Hub(product, app.state.renderer)
        heart = app.state.heart = Heart(product.db, "web", seconds=0.25 if settings.simulated else 2.0)
        tasks = [asyncio.create_task(app.state.hub.run()), asyncio.create_task(heart.beat_for_ever())]
        try:
            yield
        finally:
            await app.state.hub.drain()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(TratoError):
                await heart.stop()
            await product.close()

    return running


def _product(state: State) -> Product:
    product: Product = state.product
    return product


def _renderer(state: State) -> Renderer:
    renderer: Renderer = state.renderer
    return renderer


def _hub(state: State) -> Hub:
    hub: Hub = state.hub
    return hub


@get("/assets/{name:str}", opt={"door": "open"}, include_in_schema=False)
async def bundle(request: Request[Any, Any, Any], name: str, renderer: Renderer) -> Response[bytes]:
    """A style sheet or the scripts, each under a name that changes with its bytes; packed for whoever can unpack it."""
    found = renderer.assets.bundle(name)
    if found is None:
        raise NotFoundException
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)


def _static() -> Any:  # noqa: ANN401 - Litestar's router
    return create_static_files_router("/static", directories=[ROOT / "static"], opt={"door": "open"}, include_in_schema=False)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Trato",
        version="1",
        description="One timeline per client over SMS, WhatsApp, email and calls. Errors are problem details; every POST takes an Idempotency-Key.",
        openapi_router=Router("/schema", route_handlers=[], guards=[for_colleagues], include_in_schema=False),
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
        operation_id_creator=lambda handler, _method, _path: str(handler.handler_name),
    )
