"""Words bound to data: what prose may say, and what stops the build with its file and line."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from observatory.problems import Problem, ProblemsError
from observatory.publish.inputs import ReportInputs
from observatory.publish.numbers import percent
from observatory.publish.report import write
from observatory.publish.typography import unbroken

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


def test_a_sentence_may_ask_whether_its_figure_rests_on_enough_respondents(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    text = f"# Titre\n\n{{% if {YES.replace('figure', 'reliable')} %}}Solide.{{% else %}}Fragile.{{% endif %}}\n"
    assert "Solide." in text_of(one_chapter(text, with_value(inputs, 0.5, flag="")))
    assert "Fragile." in text_of(one_chapter(text, with_value(inputs, 0.5, flag="u")))
    assert "Fragile." in text_of(one_chapter(text, with_value(inputs, None, suppressed=True, n=None)))


@pytest.mark.parametrize(("shares", "n", "leads"), [((0.30, 0.27), 200, False), ((0.50, 0.27), 200, True)])
def test_a_title_names_a_first_answer_only_ahead_of_chance(
    one_chapter: OneChapter, inputs: ReportInputs, shares: tuple[float, float], n: int, leads: bool
) -> None:
    figures = inputs.figures.copy()
    own = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.obstacles")
        & (figures["statistic"] == "share")
        & (figures["breakdown"] == "")
    )
    rows = figures.index[own]
    figures.loc[rows, ["value", "n"]] = [0.01, n]
    figures.loc[rows[3], "value"], figures.loc[rows[5], "value"] = shares
    text = '# Titre\n\n{% if leads("startup.obstacles.share") %}Premier.{% else %}À égalité.{% endif %}\n'
    assert ("Premier." if leads else "À égalité.") in text_of(one_chapter(text, figures))


def test_the_yes_answers_are_counted_together(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    name, options = "startup.relation_12m.share", '"yes", "tried"'
    expected = sum(
        value
        for value, option in inputs.figures.loc[
            (inputs.figures["edition"] == inputs.edition.name)
            & (inputs.figures["indicator"] == "startup.relation_12m")
            & (inputs.figures["statistic"] == "share")
            & (inputs.figures["breakdown"] == ""),
            ["value", "option"],
        ].itertuples(index=False)
        if option in {"yes", "tried"}
    )
    text = f'# Titre\n\n{{{{ together("{name}", {options}) | percent(1) }}}}\n'
    assert f"<p>{percent(expected, 1)}</p>" in text_of(one_chapter(text))


@pytest.mark.parametrize(
    ("shares", "middle"),
    [((0.4, 0.2, 0.2, 0.1, 0.1), 1), ((0.1, 0.1, 0.2, 0.2, 0.4), 3), ((0.6, 0.1, 0.1, 0.1, 0.1), 0)],
)
def test_the_middle_answer_is_the_bracket_of_the_median(
    one_chapter: OneChapter, inputs: ReportInputs, shares: tuple[float, ...], middle: int
) -> None:
    figures = inputs.figures.copy()
    own = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.revenue_share_public")
        & (figures["statistic"] == "share")
        & (figures["breakdown"] == "")
    )
    rows = figures.index[own]
    assert len(rows) == len(shares)
    figures.loc[rows, "value"] = shares
    figures.loc[rows, "label"] = [f"tranche {place}" for place in range(len(rows))]
    text = '# Titre\n\n{{ middle("startup.revenue_share_public.share") | label }}\n'
    assert f"<p>tranche {middle}</p>" in text_of(one_chapter(text, figures))


def test_an_edition_whose_previous_has_no_figures_compares_with_none(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    text = "# Titre\n\n{% if compared %}Face à {{ compared }}.{% else %}Seule.{% endif %}\n"
    own = inputs.figures[inputs.figures["edition"] == inputs.edition.name]
    assert "Face à" in text_of(one_chapter(text))
    assert "Seule." in text_of(one_chapter(text, own))


def test_a_word_with_a_hyphen_stays_whole_and_addresses_and_drawings_stay_as_they_are() -> None:
    image, link = '<img src="data:<text>start-up</text>" alt="une start-up">', '<a href="#a">Les <em>start-up</em></a>'
    html = f"{image}<p>Des start-up : où va-t-elle ? {link}</p>"
    whole = '<span class="unbroken">{}</span>'.format
    assert unbroken(html) == f"{image}<p>Des {whole('start-up')} : où {whole('va-t-elle')} ? {link}</p>"
