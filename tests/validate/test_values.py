"""Raw columns read by the questionnaire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from observatory.editions.model import Edition
from observatory.validate.siren import is_siren, read_siren
from observatory.validate.values import read_question


@pytest.fixture
def read(edition: Edition) -> Callable[..., Any]:
    def run(question: str, **columns: list[str | None]) -> Any:
        raw = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
        return read_question(edition, edition.questionnaires["startup"].question(question), raw)

    return run


def values(frame: pd.DataFrame, column: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in frame[column]]


def test_a_choice_is_read_by_label_in_any_language_or_by_code(read: Callable[..., Any]) -> None:
    reading = read("relation", relation=["Non, mais nous avons essayé", "no, but we tried", "TRIED", " ", None])
    assert values(reading.columns, "relation") == ["tried", "tried", "tried", None, None]
    assert reading.refused.empty


def test_an_unknown_choice_is_refused_with_the_nearest_one(read: Callable[..., Any]) -> None:
    reading = read("relation", relation=["Non, mais nous avons esayé", "Peut-être"])
    assert values(reading.columns, "relation") == [None, None]
    assert reading.refused["kind"].tolist() == ["choice", "choice"]
    assert reading.refused["action"].iloc[0] == "vouliez-vous dire « Non, mais nous avons essayé » ?"


def test_free_text_is_the_other_answer_but_a_slip_of_the_pen_is_not(read: Callable[..., Any]) -> None:
    reading = read("first_contact", first_contact=["Autre : par mon oncle", "par mon oncle", "Un salon profesionnel"])
    assert values(reading.columns, "first_contact") == ["other", "other", None]
    assert values(reading.columns, "first_contact__other_text") == ["par mon oncle", "par mon oncle", None]
    assert reading.refused.index.tolist() == [2]


def test_a_bullet_before_an_option_is_no_other_answer(read: Callable[..., Any]) -> None:
    reading = read("first_contact", first_contact=["• Un salon professionnel", "1) Un salon professionnel"])
    assert values(reading.columns, "first_contact") == ["fair", "fair"]


def test_rows_whose_other_text_holds_an_option_are_told(read: Callable[..., Any]) -> None:
    packed = ["Lenteur des décisions / Délais de paiement", "les délais de paiement surtout", "le froid", None]
    reading = read("obstacles", obstacles=packed)
    assert values(reading.columns, "obstacles__other") == [False, True, True, None]
    assert list(reading.hiding) == [1]
    single = read(
        "first_contact", first_contact=["rencontre par un salon professionnel", "un salon professionnel à Lyon", None]
    )
    assert list(single.hiding) == [0, 1]


def test_text_in_the_column_beside_counts_as_other(read: Callable[..., Any]) -> None:
    reading = read(
        "first_contact", first_contact=["Autre", None, "fair"], first_contact__other_text=["oncle", "tante", "x"]
    )
    assert values(reading.columns, "first_contact") == ["other", "other", "fair"]
    assert values(reading.columns, "first_contact__other_text") == ["oncle", "tante", None]


def test_option_columns_hold_yes_no_a_cross_or_the_label(read: Callable[..., Any]) -> None:
    reading = read(
        "obstacles",
        obstacles__slow=["Oui", "X", "Lenteur des décisions", "1", "Non", None],
        obstacles__delays=["Non", None, None, "0", "Non", None],
    )
    assert values(reading.columns, "obstacles__slow") == [True, True, True, True, None, None]
    assert values(reading.columns, "obstacles__delays") == [False, False, False, False, None, None]
    assert values(reading.columns, "obstacles__none") == [None] * 6, "an option without a column was not offered"


def test_text_beside_other_ticks_it(read: Callable[..., Any]) -> None:
    reading = read(
        "obstacles", obstacles__slow=["Oui", "Non", None], obstacles__other_text=[None, "le froid", "la pluie"]
    )
    assert values(reading.columns, "obstacles__other") == [False, True, True]
    assert values(reading.columns, "obstacles__other_text") == [None, "le froid", "la pluie"]


def test_options_packed_in_one_cell_stay_when_the_other_text_has_a_column_of_its_own(read: Callable[..., Any]) -> None:
    """Qualtrics and many others: `Q7` holds the options chosen, `Q7_9_TEXT` what was typed beside « autre »."""
    label = "Lenteur des décisions"
    reading = read(
        "obstacles",
        obstacles=[f"{label}, Autre", f"{label};Délais de paiement", label, "Autre", None],
        obstacles__other_text=["le froid", "la pluie", None, "le vent", "la neige"],
    )
    assert values(reading.columns, "obstacles__slow") == [True, True, True, False, None]
    assert values(reading.columns, "obstacles__other") == [True, True, False, True, True]
    assert values(reading.columns, "obstacles__other_text") == ["le froid", "la pluie", None, "le vent", "la neige"]
    assert reading.refused.empty


def test_text_in_the_column_of_other_ticks_it(read: Callable[..., Any]) -> None:
    reading = read("obstacles", obstacles__slow=["Oui", "Oui"], obstacles__other=["le froid", "Non"])
    assert values(reading.columns, "obstacles__other") == [True, False]
    assert values(reading.columns, "obstacles__other_text") == ["le froid", None]


def test_one_unreadable_option_refuses_the_whole_answer(read: Callable[..., Any]) -> None:
    reading = read("obstacles", obstacles__slow=["Oui", "Oui"], obstacles__delays=["un peu", "Oui"])
    assert values(reading.columns, "obstacles__slow") == [None, True]
    assert reading.refused["column"].tolist() == ["obstacles__delays"]


def test_packed_answers_and_option_columns_may_meet_in_one_table(read: Callable[..., Any]) -> None:
    reading = read(
        "obstacles",
        obstacles=["Délais de paiement; le froid", None, None],
        obstacles__slow=[None, "Oui", None],
    )
    assert values(reading.columns, "obstacles__delays") == [True, None, None]
    assert values(reading.columns, "obstacles__slow") == [False, True, None]
    assert values(reading.columns, "obstacles__other_text") == ["le froid", None, None]


def test_a_ranking_is_read_from_ranks_or_from_an_order(read: Callable[..., Any]) -> None:
    ranks = read("channels", channels__fair=["2", "9"], channels__web=["1.0", None], channels__peer=[None, "1"])
    assert values(ranks.columns, "channels__fair") == [2, None]
    assert values(ranks.columns, "channels__web") == [1, None]
    assert ranks.refused["found"].tolist() == ["9"]
    order = read("channels", channels=["Pairs; Salons"])
    assert [values(order.columns, f"channels__{code}")[0] for code in ("fair", "web", "peer")] == [2, None, 1]


def test_a_question_not_shown_has_no_answer_and_no_refusal(read: Callable[..., Any]) -> None:
    reading = read("total", total=["n'importe quoi", "12 M€"], total__shown=["false", None])
    assert values(reading.columns, "total") == [None, 12e6]
    assert reading.shown.tolist() == [False, True]
    assert reading.refused.empty


def test_a_column_that_the_export_lacks_is_empty(read: Callable[..., Any]) -> None:
    reading = read("since", comment=["bonjour", None])
    assert values(reading.columns, "since") == [None, None]
    assert str(reading.columns["since"].dtype) == "datetime64[s]"


@pytest.mark.parametrize(
    "typed", ["732829320", "732 829 320", "732.829.320", "73282932000074", "732\u00a0829\u00a0320"]
)
def test_a_siren_is_read_without_its_spaces(typed: str) -> None:
    assert read_siren(typed) == "732829320"


@pytest.mark.parametrize(
    "typed",
    [
        *("'732829320", '="732829320"', "732829320.0", "732829320,00", "73282932000074.0", "732 829 320 00074"),
        *("SIREN 732829320", "siren : 732 829 320", "n°732829320", "N° SIREN : 732-829-320", "Siret n° 73282932000074"),
        *("FR44732829320", "FR 44 732 829 320", "N° TVA : FR44732829320", "fr44 732.829.320"),
        *("732\u202f829\u202f320", "732829320.", "(732829320)", "\ufeff732829320"),
    ],
)
def test_a_siren_is_read_out_of_what_stands_around_it(typed: str) -> None:
    assert read_siren(typed) == "732829320"


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("FR45732829320", "annuaire"),
        ("FR44732829321", "annuaire"),
        ("732829320 €", "annuaire"),
        ("732829320 puis 552100554", "annuaire"),
        ("732829320 / 552100554", "annuaire"),
        ("filiale de 732829320", "annuaire"),
        ("7,32829E+08", "Excel a arrondi"),
        ("7.32829E+08", "Excel a arrondi"),
        ("7,33E+13", "Excel a arrondi"),
        ("732829321", "clé de contrôle"),
        ("05520084", "annuaire"),
        ("000000000", "clé de contrôle"),
        ("ACME", "annuaire"),
    ],
)
def test_a_wrong_siren_is_refused(typed: str, action: str) -> None:
    refusal = read_siren(typed)
    assert not isinstance(refusal, str)
    assert action in refusal.action


def test_a_lost_leading_zero_is_told_not_mended() -> None:
    siren = next(f"0{number}" for number in range(10_000_000, 10_000_100) if is_siren(f"0{number}"))
    for lost in (siren, "005520507"):
        refusal = read_siren(lost.lstrip("0"))
        assert not isinstance(refusal, str)
        assert lost in refusal.action
