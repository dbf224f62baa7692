"""The structure is one that LimeSurvey reads: its rows, its codes, its languages, its conditions."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from observatory.editions.load import load_edition
from observatory.editions.model import Audience, Edition
from observatory.forms.step import export_forms
from observatory.problems import ProblemsError
from tests.forms.conftest import QUESTIONNAIRE, SCHEMAS, Write
from tests.forms.limesurvey_tool import load, rows_of


def made(edition: Edition, audience: Audience, folder: Path) -> Path:
    (form,) = export_forms(edition, "limesurvey", [audience], folder)
    return form


def test_codes_keep_to_limesurvey_s_limits(questionnaire: tuple[Edition, Audience], tmp_path: Path) -> None:
    edition, audience = questionnaire
    questions = load(made(edition, audience, tmp_path), edition.language)
    assert max(Counter(question.code.casefold() for question in questions).values()) == 1
    for question in questions:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", question.code)
        for codes, shape in ((question.subquestions, r"[A-Za-z0-9]{1,20}"), (question.answers, r"[A-Za-z0-9]{1,5}")):
            assert all(re.fullmatch(shape, code) for code in codes.values())
            assert len({code.casefold() for code in codes.values()}) == len(codes)
        assert not (question.row["other"] == "Y" and "other" in question.subquestions.values())


def test_each_language_repeats_the_same_rows_in_the_same_order(
    questionnaire: tuple[Edition, Audience], tmp_path: Path
) -> None:
    edition, audience = questionnaire
    rows = rows_of(made(edition, audience, tmp_path))
    assert [row["class"] for row in rows[:3]] == ["S", "S", "S"]
    blocks = {}
    for language in edition.config.languages:
        blocks[language] = [
            (row["class"], row["type/scale"], "" if row["class"] == "G" else row["name"], row["relevance"])
            for row in rows
            if row["language"] == language and row["class"] != "SL"
        ]
    assert len({tuple(block) for block in blocks.values()}) == 1
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert settings["language"] == edition.language
    assert settings.get("additional_languages", "").split() == list(edition.config.languages[1:])


def test_the_encoding_can_be_told_from_the_first_bytes(tmp_path: Path) -> None:
    start = made(load_edition(SCHEMAS, "2025"), "startup", tmp_path).read_bytes()[:1000]
    assert start.startswith(b"\xef\xbb\xbf") and start[3:].isascii()


def test_routing_and_constraints_reach_the_form(tmp_path: Path) -> None:
    form = made(load_edition(SCHEMAS, "2025"), "startup", tmp_path)
    questions = {question.code: question for question in load(form, "fr")}
    rows = {code: question.row for code, question in questions.items()}
    assert rows["clienttypes"]["relevance"] == 'relation12m.NAOK == "yes"'
    assert rows["obstacles"]["relevance"] == 'relation12m.NAOK == "yes" or relation12m.NAOK == "tried"'
    assert (rows["obstacles"]["type/scale"], rows["obstacles"]["max_answers"]) == ("M", "3")
    assert rows["obstacles"]["exclude_all_others"] == questions["obstacles"].subquestions["Aucun frein"] == "none"
    assert rows["obstacles"]["other"] == "Y"
    assert (rows["siren"]["mandatory"], rows["siren"]["validation"]) == ("Y", "/^[0-9]{9}$/")
    assert rows["revenuelargelast"]["em_validation_q"] == (
        "is_empty(revenuelargelast.NAOK) or is_empty(revenuetotallast.NAOK)"
        " or revenuelargelast.NAOK <= revenuetotallast.NAOK"
    )
    assert (rows["revenuetotallast"]["min_num_value_n"], rows["revenuetotallast"]["max_num_value_n"]) == (
        "0",
        "1000000000",
    )
    assert rows["satisfaction"]["type/scale"] == "F"
    assert rows["satisfaction"]["relevance"] == 'relation12m.NAOK == "yes"'
    assert len(questions["satisfaction"].subquestions) == 5
    assert len(questions["satisfaction"].answers) == 6


def test_a_broken_check_is_told_only_where_it_is_broken(every_type: Edition, tmp_path: Path) -> None:
    form = made(every_type, "buyer", tmp_path)
    tips = {}
    for language in ("fr", "en"):
        (saved,) = [question.row for question in load(form, language) if question.code == "saved"]
        tips[language] = saved["em_validation_q_tip"]
    rule = "is_empty(saved.NAOK) or is_empty(spent.NAOK) or saved.NAOK <= spent.NAOK"
    assert tips["fr"] == f'{{if({rule}, "", "Plus d\'« économies » que de dépenses")}}'
    assert tips["en"] == f'{{if({rule}, "", "More &quot;saved&quot; than spent")}}'


def test_conditions_call_a_row_of_a_grid_by_its_array(every_type: Edition, tmp_path: Path) -> None:
    rows = {question.code: question.row for question in load(made(every_type, "buyer", tmp_path), "fr")}
    assert rows["habit"]["relevance"] == 'views_view.NAOK == "bad"'
    reasons = next(code for code in rows if code.startswith("reasons"))
    assert len(reasons) == 20
    assert rows["saved"]["relevance"] == f'{reasons}_cost.NAOK == "Y" or (!is_empty(spent.NAOK) and spent.NAOK > 1000)'


def test_a_grid_whose_rows_are_not_asked_alike_is_a_text_and_its_questions(every_type: Edition, tmp_path: Path) -> None:
    questions = load(made(every_type, "buyer", tmp_path), "fr")
    kinds = [(question.row["type/scale"], question.text) for question in questions]
    place = kinds.index(("X", "À quel rythme ?"))
    assert kinds[place + 1 : place + 3] == [("L", "Lire"), ("L", "Marcher")]


def test_texts_are_html(every_type: Edition, tmp_path: Path) -> None:
    rows = rows_of(made(every_type, "buyer", tmp_path))
    (welcome,) = [row for row in rows if row["name"] == "surveyls_welcometext" and row["language"] == "en"]
    assert welcome["text"] == "R&amp;D: above 10% &lt; 20%?"


def test_a_code_stays_when_an_option_is_added_before_it(write_edition: Write, tmp_path: Path) -> None:
    codes = []
    for text in (
        QUESTIONNAIRE,
        QUESTIONNAIRE.replace(
            "- {code: small,", "- {code: very_small, label: {fr: Infime, en: Tiny}}\n        - {code: small,"
        ),
    ):
        form = made(load_edition(write_edition(text), "2031"), "buyer", tmp_path)
        codes.append(next(question.answers for question in load(form, "fr") if question.code == "size"))
    assert codes[0].items() < codes[1].items()


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("id: words, section: more, type: text", "id: ha_bit, section: more, type: text", "« habit » et « ha_bit »"),
        ("id: words, section: more, type: text", "id: views, section: more, type: text", "grille views"),
        ("code: cost,", "code: noth_ing,", "reasons_for_which_you_buy__nothing"),
        ("{fr: Ensuite, en: Second}", "{fr: C, en: Second}", "« c »"),
        ("{fr: Enfin, en: Last}", "{fr: 'Enfin {words}', en: Last}", "« { »"),
        ("show_if: view = 'bad'", "show_if: since > '2020-01-01'", "« since > '2020-01-01' »"),
        ("show_if: view = 'bad'", """show_if: size__other_text = 'l''un "ou" l''autre'""", """l''un "ou" l''autre"""),
    ],
)
def test_what_cannot_be_written_is_told_with_its_place(
    write_edition: Write, before: str, after: str, found: str, tmp_path: Path
) -> None:
    text = QUESTIONNAIRE.replace(before, after).replace("reasons_for_which_you_buy__cost or ", "")
    assert before in QUESTIONNAIRE
    edition = load_edition(write_edition(text), "2031")
    with pytest.raises(ProblemsError) as refused:
        made(edition, "buyer", tmp_path / "out")
    (problem,) = refused.value.problems
    assert problem.file == "2031/buyer.yaml" and problem.line is not None
    assert found in problem.found
    assert not (tmp_path / "out").exists()
