"""What a file really is, by its first bytes and never by its name; and pictures made anew, so that nothing hidden in them goes on."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from base.words import N_

MOST_BYTES = 16 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2048
UNKNOWN = "application/octet-stream"
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
SOUNDS = ("audio/ogg", "audio/mpeg", "audio/mp4", "audio/amr", "audio/wav")
NOT_A_PICTURE = N_("This picture is damaged and could not be opened.")
TOO_MANY_PIXELS = N_("This picture is too large to be opened safely.")
_JPEG_QUALITY = 86
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
)
_MP4_BRANDS = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"3gp": "video/3gpp", b"3g2": "video/3gpp"}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/amr": "amr",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
}


class BadPicture(ValueError):
    """A picture that cannot be made anew; the message is an English msgid."""


def type_of(content: bytes, declared: str = "") -> str:
    """The type by magic bytes; `application/octet-stream` for what is not known. `declared` only tells sound from moving pictures in MP4."""
    for beginning, found in _BEGINNINGS:
        if content.startswith(beginning):
            return found
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(content[8:12], UNKNOWN)
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        named = _MP4_BRANDS.get(brand) or _MP4_BRANDS.get(brand[:3])
        return named or ("audio/mp4" if declared.startswith("audio/") else "video/mp4")
    return "audio/mpeg" if _is_mpeg_frame(content) else UNKNOWN


def _is_mpeg_frame(content: bytes) -> bool:
    """An MPEG layer III frame: eleven set bits, a version that exists, layer three, and a bit rate and sampling rate that exist."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        return False
    version, layer = content[1] >> 3 & 3, content[1] >> 1 & 3
    return version != 1 and layer == 1 and content[2] >> 4 not in (0, 15) and content[2] >> 2 & 3 != 3


def ending_of(content_type: str) -> str:
    """The usual ending of a file's name, without its dot."""
    return _ENDINGS.get(content_type, "bin")


def made_anew(content: bytes) -> tuple[bytes, str]:
    """A picture decoded and written again: upright, at most `LONGEST_SIDE` pixels, without camera, place or text in it; moving ones stand still.

    Returns its bytes and type: PNG where something is transparent, else JPEG. Takes time: call it in a thread. Raises `BadPicture`.
    """
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")) as opened:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if opened.width * opened.height > MOST_PIXELS:
                raise BadPicture(TOO_MANY_PIXELS)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return _written(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise error if isinstance(error, BadPicture) else BadPicture(NOT_A_PICTURE) from error


def _written(picture: Image.Image) -> tuple[bytes, str]:
    """Only pixels are carried over: a new picture has no metadata to lose."""
    transparent = picture.has_transparency_data
    plain = picture.convert("RGBA" if transparent else "RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    plain.info = {}
    out = io.BytesIO()
    if transparent:
        plain.save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png"
    plain.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
    return out.getvalue(), "image/jpeg"
