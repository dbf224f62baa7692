"""A text copied as UTF-8 from whatever encoding it is in, a part at a time: DuckDB reads nothing else.

Belongs here: telling the encoding of a text too large to be held, and its copy. Does not belong here: small texts and
the refusals of any (files.py, which tells encodings in the same order), taking a text out of an archive (documents.py).
"""

from __future__ import annotations

import codecs
from typing import IO

_SAMPLE = 4000
_PART = 8_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CUT = "unexpected end of data"


def utf8_copy(content: IO[bytes], copy: IO[bytes], most: int) -> str | None:
    """Write the text into `copy`, without its byte order mark; the encoding it was in.

    None where it is no text, or one cut within a character: what stands in `copy` is then worth nothing.
    Raises OverflowError when there are more than `most` bytes of it, and what reading and writing raise.
    """
    sample = content.read(_SAMPLE)
    for encoding, skipped in _encodings(sample):
        content.seek(skipped)
        copy.seek(0)
        copy.truncate()
        try:
            _copied(content, copy, encoding, most)
        except UnicodeDecodeError as error:
            if error.reason == _CUT:
                return None
        else:
            copy.flush()
            return encoding
    return None


def is_utf8(content: IO[bytes]) -> bool:
    """Whether the whole text is in UTF-8; it is then read from its start again."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # In UTF-16, a text without accents would pass.
        if "utf-8" not in dict(_encodings(content.read(_SAMPLE))):
            return False
        content.seek(0)
        while part := content.read(_PART):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        content.seek(0)
    return True


def _encodings(sample: bytes) -> list[tuple[str, int]]:
    """What the text may be in, likeliest first, with the length of its mark."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return [(encoding, len(mark))]
    if b"\x00" in sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        # Latin text is zero on one side, of every other byte.
        if max(even, odd) < len(sample) / 8:
            return []
        return [("utf-16-le" if odd >= even else "utf-16-be", 0)]
    if sum(byte < 32 and byte not in b"\t\r\n\x0b\x0c" for byte in sample) > 3:
        return [("utf-8", 0)]
    return [("utf-8", 0), ("cp1252", 0)]


def _copied(content: IO[bytes], copy: IO[bytes], encoding: str, most: int) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    size = 0
    while part := content.read(_PART):
        size += len(part)
        if size > most:
            raise OverflowError("more than what a file may hold")
        copy.write(decoder.decode(part).encode())
    copy.write(decoder.decode(b"", final=True).encode())
