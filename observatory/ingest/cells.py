"""The answers of one file, column by column.

Belongs here: how cells are kept and asked for. Does not belong here: what stands above a column (headers.py) or what a
cell means.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import overload

Cells = Sequence[str]


class Columns(Sequence[Cells]):
    """`columns[c][r]` is the cell of column c in answer row r. Large files are not read into memory until asked for."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many answer rows there are."""

    @abstractmethod
    def column(self, position: int) -> Cells:
        """Every cell of one column, in order."""

    @abstractmethod
    def counts(self, position: int) -> Mapping[str, int]:
        """Each different cell of a column, and how often it stands there: cheaper than reading the column."""

    @abstractmethod
    def without(self, rows: Collection[int]) -> Columns:
        """The same columns, those answer rows left out."""

    def filled(self, position: int) -> bool:
        """Whether any cell of a column holds more than spaces."""
        return any(cell and not cell.isspace() for cell in self.counts(position))

    @overload
    def __getitem__(self, position: int) -> Cells: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Cells]: ...
    def __getitem__(self, position: int | slice) -> Cells | Sequence[Cells]:
        if isinstance(position, slice):
            return [self.column(index) for index in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        return self.column(position % len(self))


class MemoryColumns(Columns):
    """Columns held in memory."""

    def __init__(self, columns: Sequence[Cells], rows: int) -> None:
        self._columns, self._rows = columns, rows

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        return self._rows

    def column(self, position: int) -> Cells:
        return self._columns[position]

    def counts(self, position: int) -> Mapping[str, int]:
        return Counter(self._columns[position])

    def without(self, rows: Collection[int]) -> MemoryColumns:
        left = [row for row in range(self._rows) if row not in rows]
        return MemoryColumns([tuple(cells[row] for row in left) for cells in self._columns], len(left))


class MappedColumns(Columns):
    """Columns some of whose cells read otherwise: `texts[c]` gives for a cell of column c what it stands for."""

    def __init__(self, columns: Columns, texts: Mapping[int, Mapping[str, str]]) -> None:
        self._columns, self._texts = columns, texts

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        return self._columns.rows

    def column(self, position: int) -> Cells:
        cells = self._columns.column(position)
        texts = self._texts.get(position)
        return cells if texts is None else [texts.get(cell, cell) for cell in cells]

    def counts(self, position: int) -> Mapping[str, int]:
        counts = self._columns.counts(position)
        texts = self._texts.get(position)
        if texts is None:
            return counts
        mapped = Counter[str]()
        for cell, count in counts.items():
            mapped[texts.get(cell, cell)] += count
        return mapped

    def without(self, rows: Collection[int]) -> MappedColumns:
        return MappedColumns(self._columns.without(rows), self._texts)
