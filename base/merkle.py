"""RFC 6962 Merkle trees that only grow: each append needs just the right edge, one node per bit of the size."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


class Tree:
    """A tree known by its size and the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(edge):
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} edge nodes, not {len(edge)}")
        self.size = size
        self.edge = list(edge)

    def append(self, content: bytes) -> bytes:
        """Add one leaf; returns its hash."""
        leaf = node = hashlib.sha256(b"\x00" + content).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(b"\x01" + self.edge.pop() + node).digest()
            size >>= 1
        self.edge.append(node)
        self.size += 1
        return leaf

    def root(self) -> bytes:
        """The tree's root; of nothing, the hash of nothing."""
        if not self.edge:
            return hashlib.sha256().digest()
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node
