"""Ports on the loopback: free ones chosen once and kept, taken ones told before anything starts."""

from __future__ import annotations

import random
import socket
from collections.abc import Sequence
from pathlib import Path

from base.embedded.files import read_json, write_private_json

# Below the ports that the kernel gives to outgoing connections (from 32768 on Linux): one of those would take what a program binds later.
_DRAWN_FROM = range(15_000, 32_000)
_drawn: set[int] = set()


def free_port() -> int:
    """A TCP port that nobody listens on at this moment and no connection is given; never the same twice in a process."""
    while (port := random.SystemRandom().choice(_DRAWN_FROM)) in _drawn or not is_free(port):
        pass
    _drawn.add(port)
    return port


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
        ports[name] = port if port and is_free(port) else free_port()
    if ports != kept:
        write_private_json(file, ports)
    return ports
