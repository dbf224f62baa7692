"""A condition says the same in a form tool's language as in SQL, whatever was answered or left blank."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pandas as pd
import pytest

from observatory.editions.expressions import condition
from observatory.editions.form_codes import answer_code
from observatory.editions.load import load_edition
from observatory.editions.model import Edition, Question
from observatory.forms import limesurvey, xlsform
from observatory.forms.translate import UntranslatableError, Vocabulary, translate, translate_rule
from observatory.validate.conditions import FALSE, UNKNOWN, evaluate
from tests.forms.conftest import Write

QUESTIONNAIRE = """
audience: buyer
title: {fr: Conditions, en: Conditions}
sections: [{id: all, title: {fr: Tout, en: All}}]
questions:
  - id: relation
    section: all
    type: single
    label: {fr: Relation, en: Relation}
    choices:
      other: true
      options: [{code: yes_often, label: {fr: Oui, en: Yes}}, {code: never, label: {fr: Non, en: No}}]
  - id: reasons
    section: all
    type: multiple
    label: {fr: Raisons, en: Reasons}
    choices: {options: [{code: cost_of_it, label: {fr: Coût, en: Cost}}, {code: risk, label: {fr: Risque, en: Risk}}]}
  - {id: bought, section: all, type: amount, label: {fr: Achats, en: Bought}}
  - {id: total, section: all, type: amount, label: {fr: Total, en: Total}}
  - {id: since, section: all, type: date, label: {fr: Depuis, en: Since}}
  - {id: words, section: all, type: text, label: {fr: Mots, en: Words}}
  - id: order
    section: all
    type: ranking
    label: {fr: Ordre, en: Order}
    choices: {options: [{code: a, label: {fr: A, en: A}}, {code: b, label: {fr: B, en: B}}]}
"""

CONDITIONS = (
    "relation = 'yes_often'",
    "relation <> 'yes_often'",
    "'never' = relation",
    "not (relation = 'yes_often')",
    "relation in ('yes_often', 'other')",
    "relation not in ('yes_often', 'other')",
    "relation is null",
    "relation is not null and bought > 0",
    "not (relation = 'never' and bought > 5)",
    "not (relation = 'never' or reasons__risk)",
    "reasons__risk",
    "not reasons__risk",
    "reasons__risk is null",
    "reasons__risk is not true",
    "coalesce(reasons__cost_of_it, false)",
    "not coalesce(reasons__cost_of_it, true)",
    "reasons__risk or relation = 'other' and total > 0",
    "(reasons__risk or relation = 'other') and total > 0",
    "bought <= total",
    "bought - 5 < total * 2",
    "bought / 4 > 0.5",
    "-bought < total + 1",
    "bought between 5 and total",
    "not (bought between 5 and total)",
    "coalesce(bought, 0) + coalesce(total, 0) > 9",
    "(bought + total) is null",
    "(bought > total) is true",
    "(bought > total) is not false",
    "bought = total",
    "true and relation = 'never'",
)
ANSWERS = [
    {"relation": relation, "reasons": reasons, "bought": bought, "total": total}
    for relation, reasons, bought, total in itertools.product(
        (None, "yes_often", "never", "other"),
        (None, {"cost_of_it"}, {"risk"}, {"cost_of_it", "risk"}),
        (None, 0.0, 5.0, 10.0),
        (None, 0.0, 10.0),
    )
]


class Value(str):
    """An answer as form tools hold it, a text, that compares as a number with what is a number."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        try:
            return float(self) == float(str(other))
        except ValueError:
            return str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Any) -> bool:
        return _number(self) < _number(other)

    def __le__(self, other: Any) -> bool:
        return _number(self) <= _number(other)

    def __gt__(self, other: Any) -> bool:
        return _number(self) > _number(other)

    def __ge__(self, other: Any) -> bool:
        return _number(self) >= _number(other)

    def __add__(self, other: Any) -> float:  # type: ignore[override]
        return _number(self) + _number(other)

    def __radd__(self, other: Any) -> float:
        return _number(self) + _number(other)

    def __sub__(self, other: Any) -> float:
        return _number(self) - _number(other)

    def __rsub__(self, other: Any) -> float:
        return _number(other) - _number(self)

    def __mul__(self, other: Any) -> float:  # type: ignore[override]
        return _number(self) * _number(other)

    def __truediv__(self, other: Any) -> float:
        return _number(self) / (_number(other) or float("nan"))


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return float("nan")


def in_xpath(text: str, answers: Mapping[str, Any]) -> bool:
    """Whether an XPath expression holds."""
    held = {name: Value(_held(value)) for name, value in answers.items()}
    python = re.sub(r"\$\{(\w+)\}", r"held['\1']", text).replace(" div ", " / ").replace("true()", "True")
    python = re.sub(r"(?<![!<>=])=(?!=)", "==", python).replace("not(", "not_(")
    functions = {
        "selected": lambda value, code: code in value.split(),
        "coalesce": lambda one, other: one if one != "" else Value(other),
        "not_": lambda value: not value,
    }
    return bool(eval(python, {"held": held, **functions}))


def in_expression_script(text: str, answers: Mapping[str, Any]) -> bool:
    """Whether an ExpressionScript holds."""
    reasons = answers["reasons"] or ()
    short = {"yes_often": answer_code("yes_often"), "other": "-oth-"}
    held = {
        "relation": Value(short.get(answers["relation"], answers["relation"] or "")),
        "reasons_costofit": Value("Y" if "cost_of_it" in reasons else ""),
        "reasons_risk": Value("Y" if "risk" in reasons else ""),
        **{name: Value(_held(answers[name])) for name in ("bought", "total")},
    }
    python = re.sub(r"(\w+)\.NAOK", r"held['\1']", text).replace("!is_empty", "not is_empty").replace("if(", "if_(")
    functions = {
        "is_empty": lambda value: value == "",
        "count": lambda *values: sum(value != "" for value in values),
        "if_": lambda condition, one, other: one if condition else other,
    }
    return bool(eval(python, {"held": held, **functions}))


def _held(value: Any) -> str:
    return "" if value is None else " ".join(sorted(value)) if isinstance(value, set) else str(value)


def in_sql(edition: Edition, text: str) -> list[int]:
    """The verdict of SQL on each of ANSWERS: 1, 0 or -1 for unknown."""
    table = pd.DataFrame(
        {
            "relation": pd.Series([row["relation"] for row in ANSWERS], dtype="str"),
            **{
                f"reasons__{code}": pd.array(
                    [None if row["reasons"] is None else code in row["reasons"] for row in ANSWERS], dtype="boolean"
                )
                for code in ("cost_of_it", "risk")
            },
            **{name: pd.Series([row[name] for row in ANSWERS], dtype="float64") for name in ("bought", "total")},
        }
    )
    parsed = condition(text, edition.questionnaires["buyer"], edition)
    with duckdb.connect() as connection:
        return [int(verdict) for verdict in evaluate(connection, table, {"it": parsed})["it"]]


Hold = Callable[[str, Mapping[str, Any]], bool]
Words = Callable[[Edition, Question], Vocabulary]
TOOLS: dict[str, tuple[Words, Hold]] = {
    "xpath": (lambda edition, question: xlsform.vocabulary(question, "show_if"), in_xpath),
    "expression script": (
        lambda edition, question: limesurvey.vocabulary(edition, edition.questionnaires["buyer"]),
        in_expression_script,
    ),
}


@pytest.fixture
def conditions(write_edition: Write) -> Edition:
    return load_edition(write_edition(QUESTIONNAIRE), "2031")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("text", CONDITIONS)
def test_it_is_shown_to_those_for_whom_it_is_true(conditions: Edition, text: str, tool: str) -> None:
    words, holds = TOOLS[tool]
    questionnaire = conditions.questionnaires["buyer"]
    written = translate(text, questionnaire, conditions, words(conditions, questionnaire.questions[0]))
    shown = [holds(written, answers) for answers in ANSWERS]
    assert shown == [verdict not in {FALSE, UNKNOWN} for verdict in in_sql(conditions, text)], written


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("text", CONDITIONS)
def test_a_rule_stops_those_for_whom_it_is_false(conditions: Edition, text: str, tool: str) -> None:
    words, holds = TOOLS[tool]
    questionnaire = conditions.questionnaires["buyer"]
    written = translate_rule(text, questionnaire, conditions, words(conditions, questionnaire.questions[0]))
    passed = [holds(written, answers) for answers in ANSWERS]
    assert passed == [verdict != FALSE for verdict in in_sql(conditions, text)], written


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("relation__state = 'answered' or bought > 1", "relation__state = 'answered'"),
        ("bought > 1 and since > '2020-01-01'", "since > '2020-01-01'"),
        ("words < 'm'", "words < 'm'"),
        ("order__a = 1", "order__a = 1"),
        ("bought > reasons__risk", "bought > reasons__risk"),
        ("relation", "relation"),
    ],
)
def test_what_a_tool_has_no_words_for_is_named(conditions: Edition, text: str, part: str, tool: str) -> None:
    questionnaire = conditions.questionnaires["buyer"]
    with pytest.raises(UntranslatableError) as refused:
        translate(text, questionnaire, conditions, TOOLS[tool][0](conditions, questionnaire.questions[0]))
    assert refused.value.part == part


def test_a_condition_reads_like_one_written_by_hand(conditions: Edition) -> None:
    questionnaire = conditions.questionnaires["buyer"]
    words = xlsform.vocabulary(questionnaire.question("bought"), "check")
    text = "relation in ('yes_often', 'never') and bought <= total"
    assert translate(text, questionnaire, conditions, words) == (
        "(${relation} = 'yes_often' or ${relation} = 'never') and . != '' and ${total} != '' and . <= ${total}"
    )


def test_a_division_by_zero_counts_as_unknown(conditions: Edition) -> None:
    questionnaire = conditions.questionnaires["buyer"]
    words = xlsform.vocabulary(questionnaire.questions[0], "show_if")
    shown = translate("bought / total > 0.5", questionnaire, conditions, words)
    passed = translate_rule("bought / total > 0.5", questionnaire, conditions, words)
    by_zero = {"bought": 5.0, "total": 0.0}
    assert (in_xpath(shown, by_zero), in_xpath(passed, by_zero)) == (False, True)
