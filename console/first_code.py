"""The file with the code of the first run: there while nobody works here, gone afterwards."""

from __future__ import annotations

import contextlib

from base.embedded.files import write_private
from base.log import log
from base.settings import Settings
from inbox.product import Product
from staff.founding import start_code

CODE_FILE = "first-run-code.txt"


def forget_code(settings: Settings) -> None:
    """The first person is in: the code is worth nothing any more, and its file goes."""
    # On a machine whose folder is read-only there was never one.
    with contextlib.suppress(OSError):
        (settings.var / CODE_FILE).unlink(missing_ok=True)


def keep_code(product: Product, *, unclaimed: bool) -> None:
    """The code in a file of its own, for whoever did not see what the launcher printed. A folder that cannot be written to is no reason to fail."""
    settings = product.settings
    if not unclaimed:
        forget_code(settings)
        return
    try:
        write_private(settings.var / CODE_FILE, start_code(settings.session_key, product.db.org) + "\n")
    except OSError as error:
        log.warning("seed.code_not_kept", reason=type(error).__name__)
