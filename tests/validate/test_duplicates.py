"""Which answers are one respondent's, and that the team sees and overrules each decision."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory.editions.model import Edition
from observatory.validate.corrections import read_corrections
from observatory.validate.organisations import families
from observatory.validate.pipeline import Validated
from observatory.validate.quarantine import quarantine

Check = Callable[..., Validated]
A, B = "732829320", "552008443"
MAIL, OTHER_MAIL = "5f0c" * 8, "77aa" * 8
Row = dict[str, Any]


def row(**cells: Any) -> Row:
    return {"comment": "présent", **cells}


def sent(*rows: Row) -> list[Row]:
    """The rows sent one a day, so that the last counts."""
    return [{**cells, "submitted_at": f"2030-10-{day:02}"} for day, cells in enumerate(rows, start=1)]


def removed(validated: Validated) -> dict[str, tuple[str, str]]:
    frame = validated.removed
    return dict(zip(frame["respondent"], zip(frame["reason"], frame["kept"], strict=True), strict=True))


def to_decide(validated: Validated) -> dict[str, str]:
    return dict(zip(validated.decisions["respondent"], validated.decisions["reason"], strict=True))


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (row(siren=A), row(siren=A), "même SIREN"),
        (row(siren=A, email_hash=MAIL), row(siren=None, email_hash=MAIL), "même adresse électronique"),
        (row(email_hash=MAIL), row(email_hash=MAIL), "même adresse électronique"),
        (row(firm="Boulangerie Dupont SARL"), row(firm="BOULANGERIE  DUPONT"), "nom presque identique"),
        (row(firm="S.A.S. Énergies Nouvelles"), row(firm="Energies nouvelle"), "nom presque identique"),
        (row(siren=A, firm="Kraken Robotics"), row(firm="Kraken-Robotics, Inc."), "nom presque identique"),
    ],
)
def test_one_respondent_counts_once_and_the_reason_is_told(checked: Check, one: Row, other: Row, reason: str) -> None:
    validated = checked(*sent(one, other))
    assert removed(validated) == {"r1": (f"Doublon : {reason}", "r2")}
    assert validated.duplicates["situation"].tolist() == ["removed", "kept"]
    assert validated.decisions.empty


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (row(siren=A, email_hash=MAIL), row(siren=B, email_hash=MAIL)),
        (row(siren=A, firm="Kraken Robotics"), row(siren=B, firm="Kraken Robotics")),
        (row(firm="Usine Verte 12"), row(firm="Usine Verte 13")),
        (row(firm="Chambre de métiers de l'Ain"), row(firm="Chambre de métiers de l'Aisne")),
        (row(firm="Mairie"), row(firm="mairie")),
        (row(firm="SAS"), row(firm="SARL")),
        (row(firm="Alan"), row(firm="Alma")),
        (row(firm=None), row(firm=None)),
    ],
)
def test_what_contradicts_keeps_two_respondents_apart(checked: Check, one: Row, other: Row) -> None:
    validated = checked(one, other)
    assert removed(validated) == {}
    assert validated.duplicates.empty


def test_one_name_under_two_addresses_is_put_to_the_team(checked: Check) -> None:
    validated = checked(
        row(firm="Kraken Robotics", email_hash=MAIL), row(firm="Kraken Robotics", email_hash=OTHER_MAIL)
    )
    assert removed(validated) == {}
    assert to_decide(validated) == {"r1": "nom presque identique", "r2": "nom presque identique"}


def test_who_could_be_either_of_two_is_put_to_the_team(checked: Check) -> None:
    validated = checked(row(siren=A, email_hash=MAIL), row(siren=B, email_hash=MAIL), row(email_hash=MAIL))
    assert removed(validated) == {}
    assert set(to_decide(validated)) == {"r1", "r2", "r3"}


def test_answers_tied_through_others_are_one_respondent_s(checked: Check) -> None:
    validated = checked(*sent(row(siren=A), row(siren=A, email_hash=MAIL), row(email_hash=MAIL), row(siren=B)))
    assert removed(validated) == {
        "r1": ("Doublon : même SIREN (de proche en proche)", "r3"),
        "r2": ("Doublon : même adresse électronique", "r3"),
    }


def test_a_chain_never_ties_two_sirens(checked: Check) -> None:
    validated = checked(
        row(siren=A, email_hash=MAIL),
        row(email_hash=MAIL, firm="Kraken Robotics"),
        row(siren=B, firm="Kraken Robotics"),
    )
    assert removed(validated) == {"r1": ("Doublon : même adresse électronique", "r2")}
    assert to_decide(validated) == {"r2": "nom presque identique", "r3": "nom presque identique"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_neither_order_nor_chance_decides_who_are_one(checked: Check, data: st.DataObject) -> None:
    """Every group left has one SIREN at most, whatever ties its answers, and is the same in any order of rows."""
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "siren": st.sampled_from([A, B, None]),
                    "email_hash": st.sampled_from([MAIL, OTHER_MAIL, None]),
                    "firm": st.sampled_from(["Kraken Robotics", "Kraken Robotics SA", "Velours", None]),
                }
            ),
            min_size=2,
            max_size=6,
        )
    )
    named = [{**row(), **cells, "respondent": f"k{at}"} for at, cells in enumerate(rows)]
    counts = set()
    for order in itertools.islice(itertools.permutations(named), 0, 720, 119):
        validated = checked(*order)
        kept = {cells["respondent"]: cells["siren"] for cells in named}
        for gone, (_, counted) in removed(validated).items():
            assert kept[gone] in {None, kept[counted]} or kept[counted] is None
        sirens = {cells["siren"] for cells in named} - {None}
        assert sirens <= set(validated.table["siren"].dropna()) | {
            kept[gone] for gone, (_, counted) in removed(validated).items() if kept[counted] is None
        }
        counts.add(len(validated.table))
    assert len(counts) == 1


PERIMETERS = ("L'entité", "Un service")


@pytest.mark.parametrize(
    ("one", "other", "gone", "waiting"),
    [
        (PERIMETERS[0], PERIMETERS[0], True, False),
        (PERIMETERS[0], PERIMETERS[1], False, True),
        (PERIMETERS[0], None, True, False),
    ],
)
def test_one_address_for_two_perimeters_is_two_buyers(
    checked: Check, one: str, other: str | None, gone: bool, waiting: bool
) -> None:
    validated = checked(row(email_hash=MAIL, perimeter=one), row(email_hash=MAIL, perimeter=other), audience="buyer")
    assert bool(removed(validated)) == gone
    assert bool(to_decide(validated)) == waiting


def test_the_name_alone_decides_nothing_of_buyers_without_perimeter(checked: Check) -> None:
    validated = checked(row(siren=A, firm="Ville de Lyon"), row(siren=A, firm="Ville de Lyon"), audience="buyer")
    assert removed(validated) == {}
    assert to_decide(validated)["r1"] == "même SIREN, nom presque identique"


def test_one_response_in_two_exports_without_ids_counts_once(checked: Check) -> None:
    sent = "2030-10-01T10:00:07"
    answers = [
        row(file="a.csv", submitted_at=sent, total="1000", size="De 1 à 9"),
        row(file="a.csv", submitted_at=sent, total="1000", size="De 1 à 9"),
        row(file="b.csv", submitted_at=sent, total="1000.0", size="1 to 9"),
        row(file="b.csv", submitted_at=sent, total="1001", size="1 to 9"),
    ]
    assert removed(checked(*answers)) == {"r1": ("Doublon : mêmes réponses, même envoi", "r3")}
    days = [cells | {"submitted_at": sent[:10]} for cells in answers]
    assert removed(checked(*days)) == {}


# The team's spreadsheet


HEADERS = ["Date", "Initiales", "Public", "Répondant", "Question", "Valeur corrigée", "Décision", "Motif"]


def listed(content: bytes, folder: Path, sheet: str = "Doublons") -> list[dict[str, object]]:
    path = folder / "q.xlsx"
    path.write_bytes(content)
    head, *lines = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), line, strict=True)) for line in lines]


def decided(folder: Path, **decisions: str) -> pd.DataFrame:
    folder.mkdir(exist_ok=True)
    lines = [["12/11/2031", "MD", "start-up", who, "", "", word, ""] for who, word in decisions.items()]
    text = "\n".join(";".join(cells) for cells in [HEADERS, *lines])
    (folder / "decisions.csv").write_text(text + "\n", encoding="utf-8")
    frame, problems = read_corrections(folder)
    assert problems == []
    return frame


def test_every_decision_is_listed_with_the_answer_kept(edition: Edition, checked: Check, tmp_path: Path) -> None:
    validated = checked(
        *sent(
            row(siren=A, firm="Kraken", file="a.csv", row=5),
            row(siren=A, email_hash=MAIL, file="b.csv", row=9),
            row(firm="Velours", email_hash=MAIL.replace("5", "6")),
            row(firm="Velours", email_hash=OTHER_MAIL),
            row(consent="Non"),
        )
    )
    content = quarantine(edition, [validated])
    lines = listed(content, tmp_path)
    shown = [
        tuple(line[name] for name in ("Groupe", "Répondant", "Situation", "Pourquoi", "Réponse retenue"))
        for line in lines
    ]
    assert shown == [
        (1, "r1", "retirée", "même SIREN", "r2"),
        (1, "r2", "retenue", None, None),
        (2, "r3", "à décider", "nom presque identique", None),
        (2, "r4", "à décider", "nom presque identique", None),
    ]
    assert (lines[0]["Fichier retenu"], lines[0]["Rangée retenue"], lines[0]["Organisation"]) == ("b.csv", 9, "Kraken")
    assert [line["Répondant"] for line in listed(content, tmp_path, "Répondants retirés")] == ["r5"]
    everything = "".join(str(cell) for line in lines for cell in line.values())
    assert MAIL not in everything and OTHER_MAIL not in everything


def test_the_team_overrules_each_decision_and_its_effect_is_told(checked: Check, tmp_path: Path) -> None:
    answers = (
        row(siren=A),
        row(siren=A),
        row(firm="Velours", email_hash=MAIL),
        row(firm="Velours", email_hash=OTHER_MAIL),
    )
    words = decided(tmp_path / "c", r1="garder", r2="retirer", r3="retirer", r4="garder")
    validated = checked(*answers, corrections=words)
    assert validated.table["respondent"].tolist() == ["r1", "r4"]
    assert validated.duplicates.empty
    assert dict(zip(validated.corrections["respondent"], validated.corrections["effect"], strict=True)) == {
        "r1": "répondant gardé",
        "r2": "répondant retiré",
        "r3": "répondant retiré",
        "r4": "doublon tranché",
    }
    both = checked(*answers, corrections=decided(tmp_path / "d", r1="garder", r2="garder", r3="garder", r4="garder"))
    assert len(both.table) == 4
    assert both.duplicates.empty, "what the team has decided is not asked again"


def test_no_message_shows_a_name_or_a_hash(checked: Check) -> None:
    validated = checked(row(firm="Kraken Robotics", email_hash=MAIL), row(firm="Kraken Robotics", email_hash=MAIL))
    stored = validated.removed.to_string() + validated.corrections.to_string() + validated.steps.to_string()
    assert "Kraken" not in stored and MAIL not in stored
    assert MAIL not in validated.duplicates.to_string()


# Names


@pytest.mark.parametrize(
    "names",
    [
        ("Société Générale", "SOCIETE GENERALE SA"),
        ("O.D.C. Conseil", "ODC Conseil"),
        ("Aéro-Drone Systèmes", "Aerodrone Systemes"),
        ("Val de Saône Numérique", "Val de Saône Numériques"),
        ("EURL Martin", "Martin"),
    ],
)
def test_names_that_are_one(names: tuple[str, str]) -> None:
    one, other = names
    found = families(names)
    assert found[one] == found[other]


@settings(deadline=None)
@given(
    st.text("abcdefghij", min_size=12, max_size=30),
    st.integers(0, 29),
    st.lists(st.text("abcdefghij", min_size=12, max_size=30), max_size=5),
)
def test_a_letter_too_many_is_seen_wherever_it_stands(name: str, at: int, others: list[str]) -> None:
    mistyped = name[: at % len(name)] + "z" + name[at % len(name) :]
    found = families([*others, name, mistyped])
    assert found[name] == found[mistyped]
