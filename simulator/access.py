"""Who may call the carrier's REST doors: the account, by its SID and token."""

from __future__ import annotations

import base64
import hmac
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from simulator.errors import TwilioError

REFUSED = {"WWW-Authenticate": 'Basic realm="Twilio API"'}


def check_account(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in only the account's own SID and token, to its own folder. Raises `TwilioError` 20003 otherwise."""
    check_token(connection, handler)
    if connection.path_params.get("account") != connection.app.state.carrier.config.account_sid:
        raise TwilioError(20003, status=401, headers=REFUSED)


def check_token(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let in only the account's own SID and token. Raises `TwilioError` 20003 otherwise."""
    config = connection.app.state.carrier.config
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    given = b""
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(encoded, validate=True)
        except ValueError:
            given = b""
    if not hmac.compare_digest(given, f"{config.account_sid}:{config.auth_token}".encode()):
        raise TwilioError(20003, status=401, headers=REFUSED)
