"""A voice note without a voice: a hummed tune of three seconds, as FLAC in an Ogg file, which every browser plays."""

from __future__ import annotations

import math
import struct
from array import array

RATE, BLOCK = 8000, 4096
TUNE = ((196.0, 0.45), (220.0, 0.4), (247.0, 0.55), (0.0, 0.2), (220.0, 0.4), (196.0, 0.9))
SERIAL = 0x7261746F


def make_voice_note() -> bytes:
    """The bytes of the file."""
    samples = _hum()
    info = struct.pack(">HH", BLOCK, BLOCK) + b"\0" * 6 + ((RATE << 44) | (15 << 36) | len(samples)).to_bytes(8, "big") + b"\0" * 16
    head = b"\x7fFLAC\x01\x00" + struct.pack(">H", 1) + b"fLaC" + bytes([0]) + len(info).to_bytes(3, "big") + info
    vendor = b"trato"
    comment = struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    pages = [_page(head, 0, 0, 2), _page(bytes([0x84]) + len(comment).to_bytes(3, "big") + comment, 0, 1, 0)]
    starts = range(0, len(samples), BLOCK)
    for number, start in enumerate(starts):
        block = samples[start : start + BLOCK]
        last = 4 if number == len(starts) - 1 else 0
        pages.append(_page(_frame(number, block), start + len(block), number + 2, last))
    return b"".join(pages)


def _hum() -> list[int]:
    samples = list[int]()
    for pitch, seconds in TUNE:
        count = int(seconds * RATE)
        for at in range(count):
            swell = math.sin(math.pi * at / count) ** 0.6
            phase = 2 * math.pi * pitch * at / RATE
            samples.append(int(9000 * swell * (math.sin(phase) + 0.4 * math.sin(2 * phase) + 0.2 * math.sin(3 * phase)) / 1.6))
    return samples


def _frame(number: int, block: list[int]) -> bytes:
    """One block of sound, stored as it is."""
    # Fixed block size given in 16 bits, 8 kHz, mono, 16 bits a sample.
    head = b"\xff\xf8\x74\x08" + bytes([number]) + struct.pack(">H", len(block) - 1)
    head += bytes([_crc(head, 8, 0x07)])
    body = array("h", block)
    if struct.pack("=H", 1) != struct.pack(">H", 1):
        body.byteswap()
    frame = head + b"\x02" + body.tobytes()
    return frame + struct.pack(">H", _crc(frame, 16, 0x8005))


def _page(packet: bytes, position: int, number: int, kind: int) -> bytes:
    """One Ogg page that holds one packet; `kind` is 2 for the first page and 4 for the last."""
    laces = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = b"OggS\0" + bytes([kind]) + struct.pack("<QIII", position, SERIAL, number, 0) + bytes([len(laces)]) + laces
    page = head + packet
    return page[:22] + struct.pack("<I", _crc(page, 32, 0x04C11DB7)) + page[26:]


def _crc(data: bytes, width: int, polynomial: int) -> int:
    table, top, mask = list[int](), 1 << (width - 1), (1 << width) - 1
    for byte in range(256):
        value = byte << (width - 8)
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    crc = 0
    for byte in data:
        crc = ((crc << 8) & mask) ^ table[(crc >> (width - 8)) ^ byte]
    return crc
