"""Ports on the loopback: free ones chosen once and kept, taken ones told before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

from base.embedded.files import read_json, write_private_json


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this port, on the loopback and on all addresses alike."""
    with socket.socket() as probe:
        # Connections of an earlier server that still wind down must not count as somebody listening.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - closed again at once; it also sees listeners on single addresses
        except OSError:
            return False
        return True


def kept_ports(file: Path, names: Sequence[str]) -> dict[str, int]:
    """A port for each name: the one kept in `file` while it is free, else a new one, then kept."""
    kept = {name: int(port) for name, port in read_json(file).items() if port.isdecimal()}
    ports: dict[str, int] = {}
    for name in names:
        port = kept.get(name, 0)
        ports[name] = port if port and is_free(port) else _another(set(ports.values()))
    if ports != kept:
        write_private_json(file, ports)
    return ports


def _another(taken: set[int]) -> int:
    while (port := free_port()) in taken:
        pass
    return port
