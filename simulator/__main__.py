"""``python -m simulator``: reads the environment, serves until told to stop."""

from __future__ import annotations

import logging
import sys

from simulator.config import ConfigError, read_config
from simulator.server import make_server


def main() -> int:
    """Serve; 2 when a setting is wrong, 3 when the port or the folder is taken."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        config = read_config()
    except ConfigError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    server = make_server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
