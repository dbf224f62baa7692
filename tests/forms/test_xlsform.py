"""The workbook converts without a word of complaint, and its form asks what the questionnaire says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pyxform.xls2xform import convert

from observatory.editions.load import load_edition
from observatory.editions.model import Audience, Edition
from observatory.forms.step import export_forms
from observatory.forms.xlsform import xlsform
from observatory.problems import ProblemsError
from tests.forms.conftest import QUESTIONNAIRE, SCHEMAS, Write
from tests.forms.odk_tool import load, sheet

_XFORMS = "{http://www.w3.org/2002/xforms}"
_ROSA = "{http://openrosa.org/javarosa}"


def converted(edition: Edition, audience: Audience, folder: Path) -> ET.Element:
    """The XForm that pyxform makes of the workbook."""
    (form,) = export_forms(edition, "xlsform", [audience], folder)
    result = convert(str(form), validate=False)
    assert result.warnings == []
    return ET.fromstring(result.xform)


def binds(xform: ET.Element) -> dict[str, dict[str, str]]:
    """What binds each question, by its name; paths to other questions are shortened to their names."""
    found = {}
    for bind in xform.iter(f"{_XFORMS}bind"):
        attributes = {
            key.removeprefix(_ROSA): " ".join(word.rpartition("/")[2] for word in value.replace("(", "( ").split())
            for key, value in bind.attrib.items()
        }
        found[bind.attrib["nodeset"].rpartition("/")[2]] = attributes
    return found


def test_every_known_questionnaire_converts(questionnaire: tuple[Edition, Audience], tmp_path: Path) -> None:
    edition, audience = questionnaire
    asked = binds(converted(edition, audience, tmp_path))
    assert {question.id for question in edition.questionnaires[audience].questions} <= set(asked)


def test_routing_and_constraints_reach_the_form(tmp_path: Path) -> None:
    asked = binds(converted(load_edition(SCHEMAS, "2025"), "startup", tmp_path))
    assert asked["client_types"]["relevant"] == "relation_12m = 'yes'"
    assert asked["obstacles"]["relevant"] == "relation_12m = 'yes' or relation_12m = 'tried'"
    assert asked["obstacles"]["constraint"] == (
        "count-selected( .) <= 3 and not( selected( ., 'none') and count-selected( .) > 1)"
    )
    assert asked["revenue_large_last"]["constraint"] == (
        ". >= 0 and . <= 1000000000 and ( . = '' or revenue_total_last = '' or . <= revenue_total_last )"
    )
    assert asked["siren"]["constraint"] == "regex( ., '^[0-9]{9}$')"
    assert asked["siren"]["required"] == "true( )"
    assert asked["revenue_total_last"]["type"] == "decimal"
    assert asked["grid_satisfaction"]["relevant"] == "relation_12m = 'yes'"
    assert asked["first_contact_other_text"]["relevant"] == "first_contact = 'other'"
    assert asked["obstacles_other_text"]["relevant"] == "selected( obstacles , 'other')"


def test_the_form_speaks_every_language_of_the_edition(tmp_path: Path) -> None:
    xform = converted(load_edition(SCHEMAS, "2025"), "startup", tmp_path)
    texts = {
        translation.attrib["lang"]: {
            text.attrib["id"].partition("/data/")[2]: "".join(text.itertext()).strip()
            for text in translation.iter(f"{_XFORMS}text")
        }
        for translation in xform.iter(f"{_XFORMS}translation")
    }
    assert set(texts) == {"Français (fr)", "English (en)"}
    for language, question, told in (
        ("Français (fr)", "Quel a été votre chiffre d'affaires total en 2024 ?", "entre 0 et 1 000 000 000."),
        ("English (en)", "What was your total revenue in 2024?", "between 0 and 1,000,000,000."),
    ):
        place = "section_volumes/revenue_total_last"
        assert texts[language][f"{place}:label"].replace("\u202f", " ") == question
        assert texts[language][f"{place}:jr:constraintMsg"].replace("\u202f", " ").endswith(told)


def test_other_is_an_option_with_a_text_beside_it(every_type: Edition, tmp_path: Path) -> None:
    (form,) = export_forms(every_type, "xlsform", ["buyer"], tmp_path)
    names = [question.row["name"] for question in load(form)]
    assert names[names.index("size") + 1] == "size_other_text"
    assert {question.row["name"]: set(question.options.values()) for question in load(form)}["size"] == {
        "small",
        "very_very_large",
        "other",
    }
    assert not any("or_other" in row["type"] for row in sheet(form, "survey"))


def test_questions_that_offer_the_same_options_share_a_list(tmp_path: Path) -> None:
    (form,) = export_forms(load_edition(SCHEMAS, "2025"), "xlsform", ["startup"], tmp_path)
    kinds = {row["name"]: row["type"] for row in sheet(form, "survey")}
    assert kinds["sat_contact"] == kinds["sat_payment"] == "select_one sat_contact"
    assert len({(row["list_name"], row["name"]) for row in sheet(form, "choices")}) == len(sheet(form, "choices"))


def test_another_wording_makes_another_version(every_type: Edition, write_edition: Write) -> None:
    changed = load_edition(write_edition(QUESTIONNAIRE.replace("Anything else?", "Anything to add?")), "2031")
    versions = [xlsform(edition, "buyer").settings["version"] for edition in (every_type, changed)]
    assert len(set(versions)) == 2
    assert all(version.startswith("2031-") for version in versions)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("id: words, section: more, type: text", "id: size_other_text, section: more, type: text", "size_other_text"),
        ("id: words, section: more, type: text", "id: section_more, section: more, type: text", "section_more"),
        ("id: words, section: more, type: text", "id: today, section: more, type: text", "colonne today"),
        ("{fr: Petite, en: Small}", "{fr: Petite, en: Very_Very_Large}", "« very_very_large »"),
        ("{fr: Enfin, en: Last}", "{fr: 'Enfin ${words}', en: Last}", "« ${ »"),
        ("show_if: view = 'bad'", "show_if: view__state = 'answered'", "« view__state = 'answered' »"),
        ("show_if: view = 'bad'", """show_if: size__other_text = 'l''un "ou" l''autre'""", """l''un "ou" l''autre"""),
        ("type: ranking", "type: ranking\n    max_choices: 2", "2 réponses"),
    ],
)
def test_what_cannot_be_written_is_told_with_its_place(
    write_edition: Write, before: str, after: str, found: str, tmp_path: Path
) -> None:
    text = QUESTIONNAIRE.replace(before, after)
    assert text != QUESTIONNAIRE
    edition = load_edition(write_edition(text), "2031")
    with pytest.raises(ProblemsError) as refused:
        export_forms(edition, "xlsform", ["buyer"], tmp_path / "out")
    (problem,) = refused.value.problems
    assert problem.file == "2031/buyer.yaml" and problem.line is not None
    assert found in problem.found
    assert not (tmp_path / "out").exists()
