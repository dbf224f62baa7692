"""Each respondent once, under a key that is theirs whatever lies beside their file."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory.editions.model import Edition, Question
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


# One survey exported anew

TEXT_HEAD = [
    "ID de la réponse",
    "Date de soumission",
    "Dernière page",
    "Langue de départ",
    "Quel est votre numéro SIREN ?",
    "Avez-vous travaillé avec un grand compte ces 12 derniers mois ?",
    "Comment s'est fait le premier contact ?",
    "Vos remarques",
]
CODE_HEAD = ["id", "submitdate", "lastpage", "startlanguage", "siren", "relation_12m", "first_contact", "comment"]
TEXTS = {"A1": "Oui", "A2": "Non", "B1": "Un salon", "B2": "Par un ami"}
Drawn = tuple[int, str, str, str, str, str]
"""Id, moment, SIREN, two coded answers and a comment."""


def exported(rows: Sequence[Drawn], texts: bool, without: str = "") -> list[Row]:
    """The same answers as a tool writes them under codes or under texts, one column left out."""
    head = TEXT_HEAD if texts else CODE_HEAD
    table = [head] + [
        [str(id), moment, "5", "fr", siren, *((TEXTS[cell] if texts else cell) for cell in (one, other)), comment]
        for id, moment, siren, one, other, comment in rows
    ]
    left_out = CODE_HEAD.index(without) if without else -1
    return [[cell for at, cell in enumerate(row) if at != left_out] for row in table]


@pytest.fixture
def merged(edition: Edition, workspace: Workspace, drop: Drop) -> Callable[..., list[str]]:
    """The respondents' keys of an inbox that holds just these files, their headings included, in order."""

    def read(files: dict[str, list[Row]]) -> list[str]:
        folder = workspace.inbox("2025", "startup")
        for path in folder.glob("*"):
            path.unlink()
        for name, rows in files.items():
            drop(name, rows)
        ingested = read_inbox(edition, "startup", workspace)
        assert ingested.lost == 0
        return sorted(ingested.table["respondent"])

    return read


Merged = Callable[..., list[str]]


@st.composite
def surveys(draw: st.DrawFn, number: int) -> list[Drawn]:
    """Respondents with small ids, some without SIREN; no two sent at one moment."""
    size = draw(st.integers(1, 8))
    return [
        (
            id,
            f"2025-10-{number:02} {10 + id}:00:{draw(st.integers(10, 59))}",
            draw(st.sampled_from([siren(number, id), ""])),
            draw(st.sampled_from(["A1", "A2"])),
            draw(st.sampled_from(["B1", "B2"])),
            draw(st.sampled_from(["Bien", ""])),
        )
        for id in range(1, size + 1)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_snapshots_are_the_last_one_alone_whatever_the_headings_and_the_order(
    merged: Merged, data: st.DataObject
) -> None:
    kinds = st.tuples(st.booleans(), st.sampled_from(["", "comment", "relation_12m"]))
    rows, others = data.draw(surveys(1)), data.draw(surveys(2))
    sizes = [*sorted(data.draw(st.lists(st.integers(1, len(rows)), min_size=1, max_size=3))), len(rows)]
    names = data.draw(st.permutations([f"{letter}.csv" for letter in "abcd"]))
    snapshots = {name: exported(rows[:size], *data.draw(kinds)) for name, size in zip(names, sizes, strict=False)}
    last = names[len(sizes) - 1]
    alone = merged({last: snapshots[last]})
    assert len(alone) == len(rows)
    assert merged(snapshots) == alone
    beside = {"other.csv": exported(others, data.draw(st.booleans()))}
    assert merged(snapshots | beside) == sorted(alone + merged(beside))


def anonymous(survey: int, count: int = 12) -> list[Drawn]:
    """Neither moment nor SIREN: the answers alone tell."""
    chance = random.Random(survey)
    return [
        (id, "", "", chance.choice(["A1", "A2"]), chance.choice(["B1", "B2"]), chance.choice(["", "Bien", "Long"]))
        for id in range(1, count + 1)
    ]


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_answers_alone_tell_one_survey_under_codes_and_texts_from_two(merged: Merged, names: tuple[str, str]) -> None:
    one = {names[0]: exported(anonymous(1), texts=False), names[1]: exported(anonymous(1, 9), texts=True)}
    assert len(merged(one)) == 12
    two = {names[0]: exported(anonymous(1), texts=False), names[1]: exported(anonymous(3, 9), texts=True)}
    assert len(merged(two)) == 21


def test_answers_that_nearly_all_give_prove_nothing(merged: Merged) -> None:
    one, other = (
        [(id, "", "", "A1", "B1", "" if id % (7 + survey) else "Bien") for id in range(1, 20)] for survey in (1, 2)
    )
    assert len(merged({"a.csv": exported(one, True), "b.csv": exported(other, True, "first_contact")})) == 38


def test_small_ids_of_one_day_prove_nothing(merged: Merged) -> None:
    """Two surveys sent to partners on one day, whose exports tell the day alone."""
    one, other = (
        [(id, "2025-10-01", "", f"A{1 + id % 2}", f"B{1 + id % part}", f"Avis {part}") for id in range(1, 9)]
        for part in (1, 2)
    )
    assert len(merged({"a.csv": exported(one, False), "b.csv": exported(other, False, "relation_12m")})) == 16


def test_long_ids_are_one_survey_unless_the_sirens_differ(merged: Merged) -> None:
    rows = [(1140830000000 + id, "", siren(1, id), "A1", "B1", "") for id in range(1, 5)]
    others = [(id, moment, siren(2, at), *rest) for at, (id, moment, _, *rest) in enumerate(rows)]
    assert len(merged({"a.csv": exported(rows, False), "b.csv": exported(rows[:3], True, "comment")})) == 4
    assert len(merged({"a.csv": exported(rows, False), "b.csv": exported(others, True)})) == 8


def test_four_growing_snapshots_count_once(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    rows = [(id, f"2025-10-02 10:{id:02}:30", siren(1, id) if id % 3 else "", "A1", "B1", "") for id in range(1, 45)]
    for name, size, texts in (("d.csv", 17, True), ("c.csv", 22, False), ("a.csv", 26, True), ("b.csv", 44, False)):
        drop(name, exported(rows[:size], texts))
    ingested = read_inbox(edition, "startup", workspace)
    assert (ingested.rows, len(ingested.replaced)) == (44, 109 - 44)
    notes = dict(zip(ingested.files["file"], ingested.files["note"], strict=True))
    assert notes["d.csv"] == "entièrement contenu dans b.csv : 17 répondants repris"
    assert notes["b.csv"] == ""


def test_a_file_that_only_overlaps_is_not_said_to_be_contained(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [HEAD, *(answer(id, siren(1, id), 1) for id in (1, 2, 3))])
    drop("b.csv", [HEAD, *(answer(id, siren(1, id), day) for id, day in ((2, 1), (3, 1), (4, 9)))])
    files = read_inbox(edition, "startup", workspace).files
    assert list(files["note"]) == ["2 répondants repris de b.csv", ""]


def test_real_snapshots_of_a_typeform_wave(
    edition: Edition, workspace: Workspace, drop: Drop, shared: Callable[[str], Path]
) -> None:
    """Three of 91 headings were edited between the two exports."""
    asked = {"age": "Quel est votre âge ?", "france": "Vivez-vous en France ?", "you": "Vous êtes..."}
    questions = tuple(Question(id=id, section="all", type="text", label={"fr": label}) for id, label in asked.items())
    questionnaire = edition.questionnaires["startup"].model_copy(update={"questions": questions, "exclude": ()})
    wave = edition.model_copy(update={"questionnaires": {"startup": questionnaire}})
    for name in ("fr_wave_snapshot2_2021-04-10.csv", "fr_wave_snapshot1_old.csv"):
        drop(name, shared(f"forms/typeform/{name}").read_bytes())
    ingested = read_inbox(wave, "startup", workspace)
    assert (ingested.rows, len(ingested.replaced), ingested.lost) == (27, 6, 0)
    assert set(ingested.table["file"]) == {"fr_wave_snapshot2_2021-04-10.csv"}


# Partners


def test_the_partner_is_the_column_s_else_the_folder_s(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    head = [*HEAD, "partenaire"]
    drop("Réseau A/export.csv", [HEAD, answer(1, siren(1, 1))])
    drop("Région/Antenne/export.csv", [head, [*answer(1, siren(2, 1)), ""], [*answer(2, siren(2, 2)), "Réseau B"]])
    drop("export.csv", [HEAD, answer(1, siren(3, 1))])
    ingested = read_inbox(edition, "startup", workspace)
    table = ingested.table
    partners = dict(zip(table["siren"], table["partner"].fillna("-"), strict=True))
    assert partners == {
        siren(1, 1): "Réseau A",
        siren(2, 1): "Région/Antenne",
        siren(2, 2): "Réseau B",
        siren(3, 1): "-",
    }
    assert dict(zip(ingested.files["file"], ingested.files["partner"], strict=True)) == {
        "Réseau A/export.csv": "Réseau A",
        "Région/Antenne/export.csv": "Région/Antenne, Réseau B",
        "export.csv": "",
    }


def test_a_file_in_two_folders_has_the_partner_of_the_first(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    rows = [HEAD, answer(1, siren(1, 1))]
    older = drop("Réseau B/export.csv", rows)
    os.utime(older, (1, 1))
    drop("Réseau A/export.csv", rows)
    table = read_inbox(edition, "startup", workspace).table
    assert list(table["partner"]) == ["Réseau B"]
