"""Whether a file made of numbered blocks is whole: what its own tables count beside the bytes there are.

Belongs here: workbooks in the old format (.xls, an OLE container) and SQLite bases, whose readers look only at the
blocks they need, or stop the program, where the end is missing. Does not belong here: formats that tell themselves
(gzip, zip), what is inside a container.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_OLE_HEAD = 512
_FREE = 0xFFFFFFFF
_LAST_SECTOR = 0xFFFFFFFA
"""The numbers above it are no sectors."""

_SQLITE_HEAD = 100


def is_cut_ole(data: bytes) -> bool:
    """Whether an OLE container lacks a sector that its allocation table says is in use."""
    if len(data) < _OLE_HEAD:
        return True
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in {9, 12}:
        return True
    size = 1 << shift
    sectors = len(data) // size - 1
    for number, table in enumerate(_allocation_sectors(data, size)):
        if table >= sectors:
            return True
        entries = struct.unpack_from(f"<{size // 4}I", data, (table + 1) * size)
        first = number * len(entries)
        missing = entries[max(sectors - first, 0) :]
        if any(entry != _FREE for entry in missing):
            return True
    return False


def _allocation_sectors(data: bytes, size: int) -> Iterator[int]:
    """The sectors that hold the allocation table, in order: the first 109 in the head, the others in a chain."""
    following, chained = struct.unpack_from("<2I", data, 68)
    numbers = struct.unpack_from("<109I", data, 76)
    yield from (number for number in numbers if number <= _LAST_SECTOR)
    for _ in range(chained):
        yield following
        if (following + 2) * size > len(data):
            return
        *numbers_here, following = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        yield from (number for number in numbers_here if number <= _LAST_SECTOR)


def is_cut_sqlite(data: bytes) -> bool:
    """Whether an SQLite base is shorter than the pages that its head counts."""
    if len(data) < _SQLITE_HEAD:
        return True
    (size,) = struct.unpack_from(">H", data, 16)
    # A page of 65536 bytes does not fit in the field.
    size = 65536 if size == 1 else size
    changes, pages = struct.unpack_from(">2I", data, 24)
    (counted_at,) = struct.unpack_from(">I", data, 92)
    # The count is only valid if it was written with the last change.
    return len(data) < size * pages if pages and changes == counted_at else size == 0 or len(data) % size != 0
