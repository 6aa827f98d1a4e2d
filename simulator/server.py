"""The simulator as a server on the loopback, one that can also hang up on a caller in the middle of a request."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.app import create_app
from simulator.config import Config
from simulator.hub import Hub


class DroppableProtocol(HttpToolsProtocol):
    """Hands each request the means to cut its own connection, which ASGI has no word for."""

    def on_message_begin(self) -> None:
        """Called by the parser when a request starts."""
        super().on_message_begin()
        extensions: dict[str, Any] = {"simulator.abort": self.transport.abort}
        self.scope["extensions"] = extensions


class Server(uvicorn.Server):
    """Ends the live streams of open phones first, which would otherwise never end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called when the server is told to stop."""
        hub: Hub | None = self.config.app.state.get("hub") if isinstance(self.config.app, Litestar) else None
        if hub is not None:
            hub.close()
        await super().shutdown(sockets)


def make_server(config: Config) -> Server:
    """A server for one simulated account, bound to 127.0.0.1 only. Run it with ``run()`` or ``serve()``."""
    return Server(
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
            timeout_graceful_shutdown=2,
        )
    )
