"""The catalogue of rules that answers are held to.

Belongs here: which rules an edition's questionnaire gives, and how they read in French.
Does not belong here: applying them (values.py, routing.py, schema.py, respondents.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from babel.numbers import format_decimal

from observatory.editions.model import CHOICE_TYPES, NUMERIC_TYPES, Audience, Edition, Question
from observatory.validate.options import options_of

WITHDRAWN, EXCLUDED, NO_CONSENT, EMPTY, DUPLICATE = (
    "respondents.withdrawn",
    "respondents.excluded",
    "respondents.no_consent",
    "respondents.empty",
    "respondents.duplicate",
)
LEFT, COUNT = "respondents.left", "respondents.count"


@dataclass(frozen=True)
class RuleSpec:
    """One rule. `id` is what `refused.rule` and `removed.rule` name; `question` is '' for a rule on respondents."""

    id: str
    question: str
    description_fr: str
    blocking: bool = False


def rule_id(question: str, kind: str) -> str:
    """The name of a question's rule: `siren.siren`, `obstacles.max_choices`, `contracts_last.check_1`."""
    return f"{question}.{kind}"


def rules(edition: Edition, audience: Audience) -> list[RuleSpec]:
    """Every rule for one audience: each question's in questionnaire order, then those on respondents."""
    specs: list[RuleSpec] = []
    for question in edition.questionnaires[audience].questions:
        if not question.personal:
            specs += question_rules(edition, question)
    return [
        *specs,
        RuleSpec(WITHDRAWN, "", "Retirer les répondants que l'équipe a décidé de retirer"),
        RuleSpec(EXCLUDED, "", "Retirer les réponses qu'une règle de l'édition écarte (réponses d'essai)"),
        RuleSpec(NO_CONSENT, "", "Retirer les répondants qui n'ont pas donné leur accord"),
        RuleSpec(EMPTY, "", "Retirer les réponses entièrement vides"),
        RuleSpec(DUPLICATE, "", "Ne garder qu'une réponse par organisation répondante"),
        RuleSpec(LEFT, "", "Il reste au moins un répondant", blocking=True),
        RuleSpec(COUNT, "", "Réponses reçues = répondants retenus + répondants retirés", blocking=True),
    ]


def question_rules(edition: Edition, question: Question) -> list[RuleSpec]:
    """The rules of one question, those on reading it first."""
    described: dict[str, str] = {}
    if question.type in CHOICE_TYPES:
        described["choice"] = "La réponse est l'une de celles proposées"
    elif question.type in NUMERIC_TYPES:
        described["number"] = "La réponse est un nombre qui ne se lit que d'une façon"
    elif question.type == "date":
        described["date"] = "La réponse est une date"
    elif question.type == "siren":
        described["siren"] = "Le SIREN a neuf chiffres et sa clé de contrôle est juste"
    if bounds(question) is not None:
        described["bounds"] = describe_bounds(question)
    if question.type == "ranking":
        described["ranks"] = "Chaque rang n'est donné qu'une fois"
    if question.max_choices is not None:
        described["max_choices"] = f"Au plus {question.max_choices} réponses"
    if question.type == "multiple":
        options = options_of(edition, question)
        alone = [options.labels[code] for code in options.labels if code in options.exclusive]
        if alone:
            described["exclusive"] = f"« {' », « '.join(alone)} » : sans aucune autre réponse"
    if question.show_if is not None:
        described["shown"] = f"On n'y répond que si {question.show_if}"
    for number, check in enumerate(question.check, start=1):
        described[f"check_{number}"] = edition.fill(edition.text(check.message), question)
    return [RuleSpec(rule_id(question.id, kind), question.id, text) for kind, text in described.items()]


def bounds(question: Question) -> tuple[float | None, float | None] | None:
    """The least and the greatest value; a percentage without bounds of its own goes from 0 to 100."""
    if question.min is None and question.max is None:
        return (0, 100) if question.type == "percent" else None
    return question.min, question.max


def describe_bounds(question: Question) -> str:
    low, high = bounds(question) or (None, None)
    parts = [
        f"au moins {_number(low)}" if low is not None else "",
        f"au plus {_number(high)}" if high is not None else "",
    ]
    return "Une valeur d'" + " et d'".join(part for part in parts if part)


def _number(value: float) -> str:
    return format_decimal(value, locale="fr")
