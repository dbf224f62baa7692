"""The answers of one file, column by column.

Belongs here: how cells are kept, in memory or in DuckDB, and what can be asked of them. Does not belong here: what
stands above a column (headers.py) or what a cell means.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, islice
from typing import overload

import duckdb
import pandas as pd

Cells = Sequence[str]

_MOST_KEPT = 1000
"""Different cells, or about, up to which a column's counts are kept: those of a question with options are."""

_SAMPLE = 5000
_MOST_RUNS = 50

_COUNTED_AT_ONCE = 50
"""Columns counted in one statement, whose parts run at once: a table of less than 122,880 rows is otherwise read by one
thread. A statement of thousands of parts takes long to plan, and much memory."""

_BETWEEN_CELLS = "\x1f"
_DIGITS = 12

_names = count(1)


def scratch_database() -> duckdb.DuckDBPyConnection:
    """A database in memory for cells that are looked at and forgotten; nothing of it is ever written to a disk."""
    connection = duckdb.connect(config={"temp_directory": ""})
    connection.execute("SET enable_progress_bar = false")
    return connection


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
    def sample(self, position: int) -> Mapping[str, int]:
        """The counts of the first thousands of cells of a column that are not empty: for a look at what it holds."""

    @abstractmethod
    def blanks(self, position: int) -> frozenset[str]:
        """The different cells of a column that hold nothing but spaces, and the empty one."""

    @abstractmethod
    def holds(self, position: int, texts: frozenset[str]) -> bool:
        """Whether any cell of a column is one of these texts."""

    @abstractmethod
    def among(self, position: int, texts: frozenset[str]) -> Mapping[str, int]:
        """The cells of a column that read like one of these short texts in lower case, with their counts."""

    @abstractmethod
    def may_hold_contacts(self, position: int) -> bool:
        """Whether any cell of a column holds an `@`, or something that begins like a telephone number: few do."""

    @abstractmethod
    def filled(self, position: int) -> bool:
        """Whether any cell of a column holds more than spaces."""

    @abstractmethod
    def all_among(self, positions: Sequence[int], texts: Collection[str]) -> bool:
        """Whether on some row every one of these columns holds one of these texts."""

    @abstractmethod
    def answered(self, positions: Sequence[int], nothing: Collection[str]) -> Sequence[int]:
        """For each row, how many of these columns hold more than spaces or a text that says nothing."""

    @abstractmethod
    def some(self, rows: Sequence[int], positions: Sequence[int]) -> Sequence[Sequence[str]]:
        """The cells of a few rows in these columns, row by row."""

    @abstractmethod
    def hashes(self, positions: Sequence[int]) -> Sequence[str]:
        """For each row, 12 hexadecimal digits that stand for the cells of these columns."""

    @abstractmethod
    def relations(self, connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[str, int]]:
        """SQL queries over the same rows in order, `c0`, `c1`, …, one after the other, each with its number of rows;
        what they read lives as long as the connection. Two queries are read by two threads."""

    @abstractmethod
    def without(self, rows: Collection[int]) -> Columns:
        """The same columns, those answer rows left out."""

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
        self._counts: dict[int, Mapping[str, int]] = {}

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        return self._rows

    def column(self, position: int) -> Cells:
        return self._columns[position]

    def counts(self, position: int) -> Mapping[str, int]:
        if position not in self._counts:
            self._counts[position] = Counter(self._columns[position])
        return self._counts[position]

    def sample(self, position: int) -> Mapping[str, int]:
        return Counter(islice(filter(None, self._columns[position]), _SAMPLE))

    def blanks(self, position: int) -> frozenset[str]:
        return frozenset({"", *filter(str.isspace, self.counts(position))})

    def holds(self, position: int, texts: frozenset[str]) -> bool:
        return not texts.isdisjoint(self.counts(position))

    def among(self, position: int, texts: frozenset[str]) -> Mapping[str, int]:
        return _among(self.counts(position), texts)

    def may_hold_contacts(self, position: int) -> bool:
        return any(map(_may_be_contact, self.counts(position)))

    def filled(self, position: int) -> bool:
        return any(cell and not cell.isspace() for cell in self.counts(position))

    def all_among(self, positions: Sequence[int], texts: Collection[str]) -> bool:
        return any(all(cell in texts for cell in record) for record in self._records(positions))

    def answered(self, positions: Sequence[int], nothing: Collection[str]) -> Sequence[int]:
        return [
            sum(1 for cell in record if cell and not cell.isspace() and cell not in nothing)
            for record in self._records(positions)
        ]

    def some(self, rows: Sequence[int], positions: Sequence[int]) -> Sequence[Sequence[str]]:
        return [[self._columns[position][row] for position in positions] for row in rows]

    def hashes(self, positions: Sequence[int]) -> Sequence[str]:
        # MD5, as DuckDB has it: a file that grows large must not give its respondents other keys.
        return [
            hashlib.md5(_BETWEEN_CELLS.join(record).encode(), usedforsecurity=False).hexdigest()[:_DIGITS]
            for record in self._records(positions)
        ]

    def _records(self, positions: Sequence[int]) -> Iterator[Sequence[str]]:
        if not positions:
            return iter([()] * self._rows)
        return zip(*(self._columns[position] for position in positions), strict=True)

    def relations(self, connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[str, int]]:
        name = f"cells_{next(_names)}"
        columns = {f"c{position}": pd.array(list(cells), dtype="str") for position, cells in enumerate(self._columns)}
        connection.register(name, pd.DataFrame(columns))
        return [(f"SELECT * FROM {name}", self._rows)]

    def without(self, rows: Collection[int]) -> MemoryColumns:
        left = [row for row in range(self._rows) if row not in rows]
        return MemoryColumns([tuple(cells[row] for row in left) for cells in self._columns], len(left))


class StoredColumns(Columns):
    """Columns of a table in DuckDB, `c0`, `c1`, …, in the order in which it was filled; `left` are rowids left out."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        width: int,
        rows: int,
        first: int = 0,
        left: frozenset[int] = frozenset(),
    ) -> None:
        self._connection, self._table, self._width = connection, table, width
        self._rows, self._first, self._left = rows, first, left

    @classmethod
    def stored(cls, connection: duckdb.DuckDBPyConnection, source: str, width: int) -> StoredColumns:
        """The columns of a SQL source, kept in that connection's database in memory. Raises duckdb.Error."""
        table = f"memory.main.cells_{next(_names)}"
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {source}")
        try:
            blank = " AND ".join(f"trim(c{position}, {_SPACES}) = ''" for position in range(width))
            left = connection.execute(f"SELECT rowid FROM {table} WHERE {blank}").fetchall()
            ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            blanks = frozenset(rowid for (rowid,) in left)
            if len(_runs(blanks)) > _MOST_RUNS:
                raise duckdb.InvalidInputException("too many blank rows here and there for a condition")
        except duckdb.Error:
            # It would take the room of the files that are read after it.
            connection.execute(f"DROP TABLE {table}")
            raise
        return cls(connection, table, width, rows - len(blanks), left=blanks)

    def drop(self) -> None:
        """Give back the room that the cells take; nothing can be asked of them any more."""
        self._connection.execute(f"DROP TABLE {self._table}")

    def __len__(self) -> int:
        return self._width

    @property
    def rows(self) -> int:
        return self._rows

    def below(self, records: int) -> StoredColumns:
        """The same columns without the first records, blank ones counted."""
        left = frozenset(rowid for rowid in self._left if rowid >= records)
        rows = self._rows - (records - self._first - (len(self._left) - len(left)))
        return StoredColumns(self._connection, self._table, self._width, rows, records, left)

    def numbers(self) -> Sequence[int]:
        """The number of each row in the file, the first being 1."""
        every = range(self._first + 1, self._first + 1 + self._rows + len(self._left))
        return [number for number in every if number - 1 not in self._left] if self._left else every

    def column(self, position: int) -> Cells:
        return list(self._connection.execute(f"SELECT c{position} AS c {self._from}").fetchnumpy()["c"])

    def counts(self, position: int) -> Mapping[str, int]:
        return self._few[position] if position in self._few else self._counted([position])[position]

    @cached_property
    def _few(self) -> Mapping[int, Mapping[str, int]]:
        """The counts of the columns with few different cells, which answer whatever else is asked of these."""
        # DuckDB estimates how many there are in each table that it fills.
        estimates = ", ".join(f"stats(c{position})['approx_unique']::INT" for position in range(self._width))
        found = self._connection.execute(f"SELECT {estimates} FROM {self._table} LIMIT 1").fetchall()
        return self._counted([at for row in found for at, estimate in enumerate(row) if estimate <= _MOST_KEPT])

    def _counted(self, positions: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
        counts: dict[int, dict[str, int]] = {position: {} for position in positions}
        for start in range(0, len(positions), _COUNTED_AT_ONCE):
            query = " UNION ALL ".join(
                f"SELECT {at}, c{at}, count(*) {self._from} GROUP BY c{at}"
                for at in positions[start : start + _COUNTED_AT_ONCE]
            )
            for position, cell, number in self._connection.execute(query).fetchall():
                counts[position][cell] = number
        return counts

    def sample(self, position: int) -> Mapping[str, int]:
        if position in self._few:
            counts = {cell: number for cell, number in self._few[position].items() if cell}
            if sum(counts.values()) <= _SAMPLE:
                return counts
        first = f"SELECT c{position} AS c {self._from} AND c{position} <> '' ORDER BY rowid LIMIT {_SAMPLE}"
        return dict(self._connection.execute(f"SELECT c, count(*) FROM ({first}) GROUP BY 1").fetchall())

    def blanks(self, position: int) -> frozenset[str]:
        if position in self._few:
            return frozenset({"", *filter(str.isspace, self.counts(position))})
        condition = _BEGINS_BLANK.format(f"c{position}")
        found = self._connection.execute(f"SELECT DISTINCT c{position} {self._from} AND ({condition})").fetchall()
        return frozenset({"", *(cell for (cell,) in found if cell.isspace())})

    def may_hold_contacts(self, position: int) -> bool:
        if position in self._few:
            return any(map(_may_be_contact, self._few[position]))
        return self._is_there(f"({_MAY_BE_CONTACT.format(f'c{position}')})")

    def holds(self, position: int, texts: frozenset[str]) -> bool:
        if position in self._few:
            return not texts.isdisjoint(self.counts(position))
        return bool(texts) and self._is_there(is_among(f"c{position}", texts))

    def among(self, position: int, texts: frozenset[str]) -> Mapping[str, int]:
        if position in self._few:
            return _among(self._few[position], texts)
        if position not in self._with_short:
            return {}
        cell = f"c{position}"
        condition = f"{_is_short(cell)} AND {is_among(f'lower(trim({cell}, {_SPACES}))', texts)}"
        return dict(
            self._connection.execute(f"SELECT {cell}, count(*) {self._from} AND {condition} GROUP BY 1").fetchall()
        )

    @cached_property
    def _with_short(self) -> frozenset[int]:
        """The columns with many different cells of which some are short and begin like no number: most have none."""
        many = [position for position in range(self._width) if position not in self._few]
        found = ", ".join(f"bool_or({_is_short(f'c{position}')})" for position in many)
        rows = self._connection.execute(f"SELECT {found} {self._from}").fetchall() if many else []
        return frozenset(position for row in rows for position, some in zip(many, row, strict=True) if some)

    def _is_there(self, condition: str) -> bool:
        return bool(self._connection.execute(f"SELECT 1 {self._from} AND {condition} LIMIT 1").fetchall())

    def filled(self, position: int) -> bool:
        return self._is_there(f"{is_among(f'c{position}', self.blanks(position))} IS FALSE")

    def all_among(self, positions: Sequence[int], texts: Collection[str]) -> bool:
        condition = " AND ".join(is_among(f"c{position}", texts) for position in positions)
        return self._is_there(condition)

    def answered(self, positions: Sequence[int], nothing: Collection[str]) -> Sequence[int]:
        counted = " + ".join(
            f"(NOT {is_among(f'c{position}', self.blanks(position).union(nothing))})::INT" for position in positions
        )
        found = self._connection.execute(f"SELECT {counted or 0} AS n {self._from}").fetchnumpy()
        return [int(number) for number in found["n"]]

    def some(self, rows: Sequence[int], positions: Sequence[int]) -> Sequence[Sequence[str]]:
        numbers = self.numbers()
        rowids = [numbers[row] - 1 for row in rows]
        selected = ", ".join(["rowid", *(f"c{position}" for position in positions)])
        among = ", ".join(map(str, rowids)) or "NULL"
        query = f"SELECT {selected} FROM {self._table} WHERE rowid IN ({among})"
        found = {rowid: cells for rowid, *cells in self._connection.execute(query).fetchall()}
        return [found[rowid] for rowid in rowids]

    def hashes(self, positions: Sequence[int]) -> Sequence[str]:
        cells = ", ".join(f"c{position}" for position in positions) or "''"
        query = f"SELECT left(md5(concat_ws({sql_text(_BETWEEN_CELLS)}, {cells})), {_DIGITS}) AS hash {self._from}"
        return list(self._connection.execute(query).fetchnumpy()["hash"])

    def relations(self, connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[str, int]]:
        if connection is not self._connection:
            raise ValueError("stored cells are read by the connection that stored them")
        if self._rows < 2:
            return [(f"SELECT * {self._from}", self._rows)]
        half = self._rows // 2
        middle = self.numbers()[half] - 1
        return [
            (f"SELECT * {self._from} AND rowid < {middle}", half),
            (f"SELECT * {self._from} AND rowid >= {middle}", self._rows - half),
        ]

    def without(self, rows: Collection[int]) -> StoredColumns:
        numbers = self.numbers()
        left = self._left | {numbers[row] - 1 for row in rows}
        fewer = self._rows - len(set(rows))
        return StoredColumns(self._connection, self._table, self._width, fewer, self._first, left)

    @property
    def _from(self) -> str:
        left = "".join(f" AND rowid NOT BETWEEN {start} AND {end}" for start, end in _runs(self._left))
        return f"FROM {self._table} WHERE rowid >= {self._first}{left}"


def _is_short(cell: str) -> str:
    return f"({cell} <> '' AND strlen({cell}) <= {_SHORT} AND NOT ({cell} >= '0' AND {cell} < ':'))"


def _runs(numbers: Collection[int]) -> list[tuple[int, int]]:
    """Numbers as the runs they make: blank rows mostly follow one another, thousands of them."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs


_EVERY_SPACE = [character for character in map(chr, range(0x3001)) if character.isspace()]
_SPACES = "'" + "".join(_EVERY_SPACE) + "'"
_WIDE_SPACES = ", ".join(f"'{character}'" for character in _EVERY_SPACE if character > "~")
_SHORTEST_PHONE = 10
_BEFORE_PHONE = (" 0", "\u00a00", "\u202f0", "(0", "+")
_FOR_AT = ("＠", "(at)", "[at]")
_MAY_BE_CONTACT = (
    f"contains({{0}}, '@') OR strlen({{0}}) >= {_SHORTEST_PHONE} AND ({{0}} >= '0' AND {{0}} < '1' OR "
    + " OR ".join(f"contains({{0}}, '{sign}')" for sign in (*_BEFORE_PHONE, *_FOR_AT))
    + ")"
)


def _may_be_contact(cell: str) -> bool:
    return "@" in cell or (
        len(cell) >= _SHORTEST_PHONE and (cell[0] == "0" or any(sign in cell for sign in (*_BEFORE_PHONE, *_FOR_AT)))
    )


_SHORT = 24
"""Bytes that a text looked for by `among` may take with spaces around it."""


def _among(counts: Mapping[str, int], texts: frozenset[str]) -> Mapping[str, int]:
    short = ((cell, count) for cell, count in counts.items() if len(cell.encode()) <= _SHORT)
    return {cell: count for cell, count in short if cell.strip().lower() in texts}


_BEGINS_BLANK = "{0} < '!' AND {0} <> '' OR {0} >= chr(128) AND {0}[1] IN (" + _WIDE_SPACES + ")"


def is_among(column: str, texts: Collection[str]) -> str:
    """The SQL condition that a cell is one of these texts."""
    return f"({column} IN ({', '.join(map(sql_text, sorted(texts)))}))"


def sql_text(text: str) -> str:
    """A text of any kind as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def mapped(columns: Columns, texts: Mapping[int, Mapping[str, str]]) -> Columns:
    """Columns some of whose cells read otherwise: `texts[c]` gives for a cell of column c what it stands for.

    They are held in memory: tools whose cells need it write small files.
    """
    read = [
        [texts[position].get(cell, cell) for cell in cells] if position in texts else cells
        for position, cells in enumerate(columns)
    ]
    return MemoryColumns(read, columns.rows)
