"""How cells are asked for."""

from __future__ import annotations

from observatory.ingest.cells import MappedColumns, MemoryColumns


def test_mapped_cells_read_otherwise_everywhere() -> None:
    columns = MappedColumns(MemoryColumns([("a(1)", "b", "a"), ("a(1)", "", "")], 3), {0: {"a(1)": "a"}})
    assert (list(columns[0]), list(columns[1])) == (["a", "b", "a"], ["a(1)", "", ""])
    assert columns.counts(0) == {"a": 2, "b": 1}
    assert columns.counts(1) == {"a(1)": 1, "": 2}
    left = columns.without({1})
    assert (left.rows, list(left[0])) == (2, ["a", "a"])
