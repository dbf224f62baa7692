"""The questionnaires that the observatory fields are read back from their own wordings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from observatory.editions.columns import option_column
from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Audience, Edition
from observatory.validate.rules import rules
from observatory.validate.values import read_question

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"
EDITIONS = [load_edition(SCHEMAS, name) for name in edition_names(SCHEMAS)]
QUESTIONNAIRES = [
    pytest.param(edition, audience, id=f"{edition.name}-{audience}")
    for edition in EDITIONS
    for audience in edition.audiences
]


@pytest.mark.parametrize(("edition", "audience"), QUESTIONNAIRES)
def test_every_option_is_read_from_its_label_in_each_language_and_from_its_code(
    edition: Edition, audience: Audience
) -> None:
    for question in edition.questionnaires[audience].questions:
        choices = edition.choices(question)
        if not choices or question.personal:
            continue
        for texts in (
            *([edition.text(choice.label, language) for choice in choices] for language in edition.config.languages),
            [choice.code for choice in choices],
        ):
            reading = read_question(edition, question, pd.DataFrame({question.id: pd.Series(texts, dtype="str")}))
            assert reading.refused.empty, question.id
            for row, choice in enumerate(choices):
                if question.type in {"multiple", "ranking"}:
                    assert reading.columns[option_column(question.id, choice.code)].gt(0).tolist()[row]
                else:
                    assert reading.columns[question.id][row] == choice.code


@pytest.mark.parametrize(("edition", "audience"), QUESTIONNAIRES)
def test_all_options_of_a_multiple_question_are_read_from_one_packed_text(edition: Edition, audience: Audience) -> None:
    for question in edition.questionnaires[audience].questions:
        if question.type != "multiple" or question.personal:
            continue
        labels = [edition.text(choice.label) for choice in edition.choices(question)]
        for separator in (";", "; ", ", ", "\n"):
            packed = pd.DataFrame({question.id: pd.Series([separator.join(labels)], dtype="str")})
            reading = read_question(edition, question, packed)
            ticked = reading.columns[[option_column(question.id, choice.code) for choice in edition.choices(question)]]
            assert ticked.all(axis=None), (question.id, separator)


@pytest.mark.parametrize(("edition", "audience"), QUESTIONNAIRES)
def test_the_catalogue_describes_each_rule(edition: Edition, audience: Audience) -> None:
    catalogue = rules(edition, audience)
    assert all(rule.description_fr for rule in catalogue)
    assert len({rule.id for rule in catalogue}) == len(catalogue)
