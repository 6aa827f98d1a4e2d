"""Files are what their bytes say, and pictures lose what was hidden in them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from inbox import filetypes
from tests.files import OGG, PDF, photo


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        (photo(), "", "image/jpeg"),
        (photo("PNG"), "image/jpeg", "image/png"),
        (photo("GIF"), "", "image/gif"),
        (photo("WEBP"), "", "image/webp"),
        (PDF, "text/html", "application/pdf"),
        (OGG, "", "audio/ogg"),
        (b"ID3\x04\x00rest", "", "audio/mpeg"),
        (b"\xff\xfb\x90\x00frame", "", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom\x00", "audio/mp4", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom\x00", "video/mp4", "video/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4\x00", "", "video/3gpp"),
        (b"#!AMR\n\x04", "", "audio/amr"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "", "audio/wav"),
        (b"<html><script>alert(1)</script>", "image/png", filetypes.UNKNOWN),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", filetypes.UNKNOWN),
        (b"MZ\x90\x00", "application/pdf", filetypes.UNKNOWN),
        (b"", "image/png", filetypes.UNKNOWN),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, declared: str, found: str) -> None:
    assert filetypes.type_of(content, declared) == found


def test_pictures_are_made_anew_without_what_was_hidden_in_them() -> None:
    content, kind = filetypes.made_anew(photo(size=(4000, 1000)) + b"<script>alert(1)</script>")
    assert kind == "image/jpeg"
    assert b"Camera of Rosa" not in content
    assert b"<script>" not in content
    with Image.open(io.BytesIO(content)) as made:
        assert made.size == (2048, 512)
        assert not made.getexif()
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert filetypes.made_anew(out.getvalue())[1] == "image/png"


def test_a_picture_that_would_burst_is_not_opened() -> None:
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    for content in (bomb.getvalue(), photo()[:200], b"\xff\xd8\xff" + b"\x00" * 100):
        with pytest.raises(filetypes.BadPicture):
            filetypes.made_anew(content)
