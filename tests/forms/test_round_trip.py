"""A form that was made, answered in its tool and exported comes back as the same table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from observatory.editions.model import Audience, Edition
from observatory.forms.step import export_forms
from observatory.workspace import Workspace
from tests.forms import limesurvey_tool, odk_tool
from tests.forms.conftest import Answers, differences
from tests.forms.limesurvey_tool import Headings

Draw = Callable[[Edition, Audience], Answers]


@pytest.mark.parametrize("full_answers", [True, False], ids=["full-answers", "answer-codes"])
@pytest.mark.parametrize("headings", ["code", "code and text", "text"])
def test_every_type_of_question_comes_back_from_limesurvey(
    every_type: Edition, answers_to: Draw, workspace: Workspace, headings: Headings, full_answers: bool
) -> None:
    form, *_ = export_forms(every_type, "limesurvey", ["buyer"], workspace.forms("2031"))
    answers = answers_to(every_type, "buyer")
    export = workspace.inbox("2031", "buyer") / "results-survey.csv"
    limesurvey_tool.export(form, answers, export, headings=headings, full_answers=full_answers)
    assert differences(answers, workspace) == []


@pytest.mark.parametrize("full_answers", [True, False], ids=["full-answers", "answer-codes"])
def test_known_editions_come_back_from_limesurvey(
    questionnaire: tuple[Edition, Audience], answers_to: Draw, workspace: Workspace, full_answers: bool
) -> None:
    edition, audience = questionnaire
    form, *_ = export_forms(edition, "limesurvey", [audience], workspace.forms(edition.name))
    answers = answers_to(edition, audience)
    export = workspace.inbox(edition.name, audience) / "results-survey.csv"
    limesurvey_tool.export(form, answers, export, headings="code", full_answers=full_answers)
    assert differences(answers, workspace) == []


@pytest.mark.parametrize("tool", ["kobo", "kobo without groups", "odk central", "ona"])
def test_every_type_of_question_comes_back_from_an_xlsform(
    every_type: Edition, answers_to: Draw, workspace: Workspace, tool: odk_tool.Tool
) -> None:
    form, *_ = export_forms(every_type, "xlsform", ["buyer"], workspace.forms("2031"))
    answers = answers_to(every_type, "buyer")
    odk_tool.export(form, answers, workspace.inbox("2031", "buyer") / "export.csv", tool)
    assert differences(answers, workspace) == []


@pytest.mark.parametrize("tool", ["kobo", "odk central"])
def test_known_editions_come_back_from_an_xlsform(
    questionnaire: tuple[Edition, Audience], answers_to: Draw, workspace: Workspace, tool: odk_tool.Tool
) -> None:
    edition, audience = questionnaire
    form, *_ = export_forms(edition, "xlsform", [audience], workspace.forms(edition.name))
    answers = answers_to(edition, audience)
    odk_tool.export(form, answers, workspace.inbox(edition.name, audience) / "export.csv", tool)
    assert differences(answers, workspace) == []
