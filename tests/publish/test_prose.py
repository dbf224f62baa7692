"""Words bound to data: what prose may say, and what stops the build with its file and line."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from observatory.problems import Problem, ProblemsError
from observatory.publish.inputs import ReportInputs
from observatory.publish.report import write

OneChapter = Callable[..., ReportInputs]
YES = 'figure("startup.relation_12m.share", option="yes")'


def refusal(inputs: ReportInputs) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        write(inputs)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def text_of(inputs: ReportInputs) -> str:
    return write(inputs).parts[0].chapter.html


def with_value(inputs: ReportInputs, value: float | None, statistic: str = "share", **more: object) -> pd.DataFrame:
    """The figures with one value changed: the share of start-ups that answered yes, or its change."""
    figures = inputs.figures.copy()
    row = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.relation_12m")
        & (figures["statistic"] == statistic)
        & (figures["option"] == "yes")
        & (figures["breakdown"] == "")
    )
    assert row.sum() == 1
    for name, content in {"value": value, **more}.items():
        figures.loc[row, name] = content
    return figures


@pytest.mark.parametrize(
    ("sentence", "found", "action"),
    [
        (
            '{{ figure("startup.relaton_12m.share", option="yes") | percent }}',
            "startup.relaton_12m.share",
            "relation_12m",
        ),
        ('{{ figure("startup.relation_12m.share", option="yess") | percent }}', "yess", "yes"),
        ('{{ figure("startup.relation_12m.share") | percent }}', "sans option", "précisez"),
        ('{{ figure("startup.obstacles.share", by="siz", category="x") }}', "siz", "vérifiez"),
        ('{{ figure("buyer.startup_purchases.total", year=1999) | euros }}', "1999", "prenez-la"),
        ("{{ figur('startup.respondents.count') }}", "figur", "corrigez"),
        ('{{ chart("pie", "startup.obstacles") }}', "pie", "corrigez"),
        ('{{ chart("ranked") }}', "indicator", "guide"),
        ('{{ chart("ranked", "startup.obstacles") }}', "sans titre", "ajoutez"),
        ("{% if %}", "Expected an expression", "vérifiez"),
        ("{{ obstaclesxx }}", "nom inconnu : obstaclesxx", "corrigez le nom"),
    ],
)
def test_what_prose_cannot_name_stops_the_build_with_file_and_line(
    one_chapter: OneChapter, sentence: str, found: str, action: str
) -> None:
    problem = refusal(one_chapter(f"# Titre\n\nUne phrase.\n\n{sentence}\n"))
    assert problem.file.endswith("report/fr/chapters/only.md")
    assert problem.line == 5
    assert found in problem.found
    assert action in problem.action


def test_a_withheld_figure_in_a_sentence_stops_the_build(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    hidden = with_value(inputs, None, suppressed=True, n=None)
    problem = refusal(one_chapter(f"# Titre\n\n{{{{ {YES} | percent }}}} des start-up.\n", hidden))
    assert "masqué" in problem.found
    assert problem.line == 3


def test_a_change_of_a_withheld_figure_is_refused_too(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    hidden = with_value(inputs, None, suppressed=True, n=None)
    sentence = YES.replace("figure", "change")
    assert "masqué" in refusal(one_chapter(f"# Titre\n\n{{{{ {sentence} | words }}}}\n", hidden)).found


def test_a_sentence_may_ask_whether_its_question_was_asked(one_chapter: OneChapter) -> None:
    text = '# Titre\n\n{% if asked("startup.unheard_of") %}{{ figure("startup.unheard_of.share") }}{% endif %}Rien.\n'
    assert "<p>Rien.</p>" in text_of(one_chapter(text))


def test_a_sentence_may_ask_whether_its_figure_is_published(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    text = f"# Titre\n\n{{% if {YES.replace('figure', 'published')} %}}Publié.{{% else %}}Retenu.{{% endif %}}\n"
    assert "Publié." in text_of(one_chapter(text))
    assert "Retenu." in text_of(one_chapter(text, with_value(inputs, None, suppressed=True, n=None)))


@pytest.mark.parametrize("typed", ["En 2024, tout va bien.", "Près de 42 % des start-up.", "Il y a 1,5 Md€ d'achats."])
def test_a_year_or_an_amount_typed_by_hand_stops_the_build(one_chapter: OneChapter, typed: str) -> None:
    problem = refusal(one_chapter(f"# Titre\n\nBonjour.\n{typed}\n"))
    assert problem.line == 4
    assert "à la main" in problem.found


def test_a_quoted_text_may_hold_a_year(one_chapter: OneChapter) -> None:
    assert "juin 2023" in text_of(one_chapter('# Titre\n\nLe plan de {{ verbatim("juin 2023") }}.\n'))


def test_every_chapter_is_tried_before_the_build_stops(one_chapter: OneChapter) -> None:
    with pytest.raises(ProblemsError) as caught:
        write(one_chapter("# Titre\n\nEn 2024 et en 2025.\n", annexes="[missing]"))
    assert [problem.line for problem in caught.value.problems] == [3, 3, None]


@pytest.mark.parametrize(
    ("value", "flag", "words"),
    [
        (0.032, "", ", en hausse de 3,2\u00a0points par rapport à l’édition"),
        (-0.014, "", ", en baisse de 1,4\u00a0point par rapport à l’édition"),
        (0.0001, "", ", stable par rapport à l’édition"),
        (None, "b", ", non comparable (rupture) par rapport à l’édition"),
        (None, "", ", sans comparaison publiée par rapport à l’édition"),
    ],
)
def test_the_word_for_a_change_says_what_was_measured_and_no_more(
    one_chapter: OneChapter, inputs: ReportInputs, value: float | None, flag: str, words: str
) -> None:
    sentence = f"# Titre\n\nA{{{{ {YES.replace('figure', 'change')} | words }}}}.\n"
    assert f"<p>A{words}" in text_of(one_chapter(sentence, with_value(inputs, value, "change", flag=flag)))


def test_without_an_earlier_edition_there_is_no_word_for_a_change(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    own = inputs.figures[(inputs.figures["edition"] == inputs.edition.name) & (inputs.figures["statistic"] != "change")]
    assert "<p>A.</p>" in text_of(
        one_chapter(f"# Titre\n\nA{{{{ {YES.replace('figure', 'change')} | words }}}}.\n", own)
    )


def test_a_label_is_never_taken_for_markup(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    strange = with_value(inputs, 0.5, label="Moins <b>cher</b> * ou [x] *")
    assert "Moins &lt;b&gt;cher&lt;/b&gt; * ou [x] *" in text_of(
        one_chapter(f"# Titre\n\n{{{{ {YES} | label }}}}\n", strange)
    )
