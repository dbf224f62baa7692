"""Each respondent once, under a key that is theirs whatever lies beside their file."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory.editions.model import Edition
from observatory.ingest import read_inbox
from observatory.workspace import Workspace

Drop = Callable[..., Path]
Row = list[str]

HEAD = ["id", "submitdate", "lastpage", "startlanguage", "siren", "comment"]


def answer(id: int | str, siren: str, day: int | None = 1, comment: str = "Bien") -> Row:
    return [str(id), f"2025-10-{day:02} 10:00:00" if day else "", "5", "fr", siren, comment]


def siren(survey: int, number: int) -> str:
    return f"{survey}{number:08}"


@pytest.fixture
def keys(edition: Edition, workspace: Workspace, drop: Drop) -> Callable[..., dict[str, str]]:
    """The keys by SIREN (by comment without one) of an inbox that holds just these files."""

    def read(files: dict[str, Sequence[Row]], head: Row = HEAD) -> dict[str, str]:
        folder = workspace.inbox("2025", "startup")
        for path in folder.glob("*"):
            path.unlink()
        for name, rows in files.items():
            drop(name, [head, *rows])
        ingested = read_inbox(edition, "startup", workspace)
        assert ingested.lost == 0
        table = ingested.table
        assert table["respondent"].is_unique
        return dict(zip(table["siren"].fillna(table["comment"]), table["respondent"], strict=True))

    return read


Keys = Callable[..., dict[str, str]]


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
@pytest.mark.parametrize("days", [(1, 5), (5, 1), (1, 1)])
def test_small_ids_of_two_surveys_keep_their_keys_when_one_grows(
    keys: Keys, names: tuple[str, str], days: tuple[int, int]
) -> None:
    one, other = ([answer(id, siren(survey, id), days[survey - 1]) for id in (1, 2, 3)] for survey in (1, 2))
    before = keys(dict(zip(names, (one, other), strict=True)))
    assert len(before) == 6
    after = keys(dict(zip(names, ([*one, answer(4, siren(1, 4), 9)], other), strict=True)))
    assert after.items() > before.items()
    assert keys({"alone.csv": one}).items() < before.items()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_file_and_no_growth_moves_a_key(keys: Keys, data: st.DataObject) -> None:
    """Surveys alike but for their respondents; each step one is exported anew, or its last export removed."""
    count = data.draw(st.integers(1, 3))
    names = data.draw(st.permutations([f"{letter}.csv" for letter in "abcdefgh"]))
    surveys: list[list[Row]] = [[] for _ in range(count)]
    files: dict[str, list[Row]] = {}
    seen: dict[str, str] = {}
    for name in names[: data.draw(st.integers(2, 8))]:
        survey = data.draw(st.integers(0, count - 1))
        for _ in range(data.draw(st.integers(1, 3))):
            id = len(surveys[survey]) + 1
            surveys[survey].append(answer(id, siren(survey + 1, id), data.draw(st.integers(1, 28))))
        files[name] = list(surveys[survey])
        found = keys(files)
        assert set(found) == {row[4] for rows in files.values() for row in rows}
        assert {respondent: found[respondent] for respondent in seen if respondent in found} == {
            respondent: key for respondent, key in seen.items() if respondent in found
        }
        seen |= found
        if len(files) > 1 and data.draw(st.booleans()):
            del files[data.draw(st.sampled_from(sorted(files)))]
    assert len(set(seen.values())) == len(seen)


@pytest.mark.parametrize("names", list(itertools.permutations(["1.csv", "2.csv", "3.csv"])))
def test_completing_the_answers_keeps_the_key(keys: Keys, names: Sequence[str]) -> None:
    started = [answer(1, siren(1, 1)), answer(2, "", None, "Premier"), answer(3, siren(1, 3))]
    further = [*started[:1], answer(2, "", None, "Premier"), *started[2:], answer(4, siren(1, 4))]
    done = [*started[:1], answer(2, siren(1, 2), 7, "Premier"), *started[2:], answer(4, siren(1, 4))]
    key = keys({names[0]: started})["Premier"]
    assert keys({names[0]: started, names[1]: further})["Premier"] == key
    found = keys(dict(zip(names, (started, further, done), strict=True)))
    assert found[siren(1, 2)] == key
    assert len(found) == 4


def test_a_siren_typed_otherwise_is_the_same_respondent(keys: Keys) -> None:
    typed = keys({"a.csv": [answer(1, "012 345 678"), answer(2, "01234567900011")]})
    exported = keys({"a.csv": [answer(1, "12345678"), answer(2, "012345679")]})
    assert list(typed.values()) == list(exported.values())


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_same_id_and_siren_in_two_surveys_are_two_answers(
    edition: Edition, workspace: Workspace, drop: Drop, names: tuple[str, str]
) -> None:
    one = [answer(1, siren(1, 1), 1, "Un"), answer(2, siren(1, 2)), answer(3, siren(1, 3))]
    other = [answer(1, siren(1, 1), 2, "Deux"), answer(2, siren(2, 2)), answer(3, siren(2, 3))]
    found = []
    for pair in (names, names[::-1]):
        for name, rows in zip(pair, (one, other), strict=True):
            drop(name, [HEAD, *rows])
        table = read_inbox(edition, "startup", workspace).table
        found.append(dict(zip(zip(table["siren"], table["comment"], strict=True), table["respondent"], strict=True)))
    assert len(set(found[0].values())) == 6
    assert found[0] == found[1]


def test_an_id_met_twice_in_a_file_under_two_sirens_is_two_respondents(keys: Keys) -> None:
    rows = [answer(id, siren(1, id)) for id in range(1, 31)]
    assert keys({"a.csv": [*rows, answer(30, siren(1, 99))]}).items() > keys({"a.csv": rows}).items()


def test_long_ids_need_no_siren(keys: Keys) -> None:
    started = keys({"a.csv": [answer("114083000001", "", None, "Premier")]})
    done = keys({"a.csv": [answer("114083000001", siren(1, 1), 3, "Premier")]})
    assert list(started.values()) == list(done.values())


@pytest.mark.parametrize("prefix", ["R0000", "0000000", "réponse "])
def test_counters_are_no_long_ids(keys: Keys, prefix: str) -> None:
    one, other = ([answer(f"{prefix}{id}", siren(survey, id)) for id in (1, 2, 3)] for survey in (1, 2))
    assert len(keys({"a.csv": one, "b.csv": other})) == 6


def test_every_row_is_kept_or_told(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    first = [HEAD, answer(1, siren(1, 1)), answer(2, "", None)]
    second = [HEAD, answer(1, siren(1, 1)), answer(2, siren(1, 2), 4), answer(3, siren(1, 3))]
    bare = [["siren", "comment"], ["732829320", "Bien"], ["732829320", "Bien"]]
    for name, rows in {
        "1.csv": first,
        "2.csv": second,
        "2 (copie).csv": second,
        "3.csv": bare,
        "4.csv": [*bare, ["552100554", "Bien"]],
    }.items():
        drop(name, rows)
    ingested = read_inbox(edition, "startup", workspace)
    assert ingested.lost == 0
    assert (len(ingested.table), len(ingested.replaced)) == (6, 4)
    replaced = ingested.replaced
    assert list(zip(replaced["file"], replaced["row"], replaced["kept_file"], replaced["kept_row"], strict=True)) == [
        ("1.csv", 2, "2.csv", 2),
        ("1.csv", 3, "2.csv", 3),
        ("3.csv", 2, "4.csv", 2),
        ("3.csv", 3, "4.csv", 3),
    ]
    assert set(replaced["respondent"]) <= set(ingested.table["respondent"])


def test_rows_that_fell_out_are_counted(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [HEAD, answer(1, siren(1, 1)), answer(2, siren(1, 2))])
    ingested = read_inbox(edition, "startup", workspace)
    assert replace(ingested, rows=ingested.rows - 1).lost == 1
