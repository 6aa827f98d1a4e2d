"""The simulator as a server on the loopback, one that can also hang up on a caller in the middle of a request."""

from __future__ import annotations

from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.app import create_app
from simulator.config import Config


class DroppableProtocol(HttpToolsProtocol):
    """Hands each request the means to cut its own connection, which ASGI has no word for."""

    def on_message_begin(self) -> None:
        """Called by the parser when a request starts."""
        super().on_message_begin()
        extensions: dict[str, Any] = {"simulator.abort": self.transport.abort}
        self.scope["extensions"] = extensions


def make_server(config: Config) -> uvicorn.Server:
    """A server for one simulated account, bound to 127.0.0.1 only. Run it with ``run()`` or ``serve()``."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(config),
            host="127.0.0.1",
            port=config.port,
            http=DroppableProtocol,
            ws="none",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_level="warning",
            # Phones keep their live stream open; they are not waited for.
            timeout_graceful_shutdown=1,
        )
    )
