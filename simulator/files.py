"""The media of messages: bytes that clients sent or that were fetched from the product."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, replace

from simulator.database import Database
from simulator.records import File


class Files:
    """Media on disk, by message and by the token in the address under which they are read without a password."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, files: Iterable[File]) -> None:
        """Record media; the message that follows brings them to disk. What is known already stays as it is."""
        for file in files:
            if self.find(file.sid) is None:
                self._db.insert("file", asdict(file))

    def fill(self, file: File, content: bytes, content_type: str) -> File:
        """What was fetched for a medium."""
        self._db.write("UPDATE file SET content = ?, content_type = ? WHERE sid = ?", (content, content_type, file.sid))
        return replace(file, content=content, content_type=content_type)

    def find(self, sid: str) -> File | None:
        """One medium by SID."""
        row = self._db.row("SELECT * FROM file WHERE sid = ?", (sid,))
        return File(**dict(row)) if row else None

    def by_token(self, token: str) -> File | None:
        """One medium by the secret in its open address."""
        row = self._db.row("SELECT * FROM file WHERE token = ?", (token,))
        return File(**dict(row)) if row else None

    def of(self, message_sid: str) -> list[File]:
        """The media of a message in their order."""
        return [File(**dict(row)) for row in self._db.rows("SELECT * FROM file WHERE message_sid = ? ORDER BY position", (message_sid,))]

    def remove(self, file: File) -> None:
        """Forget a medium."""
        self._db.write("DELETE FROM file WHERE sid = ?", (file.sid,))
        self._db.flush()


def new_file(message_sid: str, position: int, content_type: str, *, name: str = "", url: str = "", content: bytes | None = None) -> File:
    """A medium with a SID and a token of its own."""
    return File("ME" + uuid.uuid4().hex, message_sid, position, content_type, name, uuid.uuid4().hex, url, content)
