"""What a form says beside the questionnaire's own words, in French and in English.

Belongs here: constraint messages, « précisez », units, the names of languages. Does not
belong here: a question, an option, a message of the questionnaire's own checks.
"""

from __future__ import annotations

from babel import Locale
from babel.numbers import format_decimal

from observatory.editions.model import Edition, Question, Text

SPECIFY: Text = {"fr": "Précisez :", "en": "Please specify:"}
SIREN: Text = {
    "fr": "Un numéro SIREN a neuf chiffres, sans espace.",
    "en": "A SIREN number has nine digits, without spaces.",
}
EMAIL: Text = {
    "fr": "Une adresse électronique a la forme nom@domaine.fr.",
    "en": "An e-mail address looks like name@domain.com.",
}
THANKS: Text = {
    "fr": "Vos réponses sont enregistrées. Merci de votre participation.",
    "en": "Your answers have been recorded. Thank you for taking part.",
}
SUFFIXES: dict[str, Text] = {"amount": {"fr": "€", "en": "€"}, "percent": {"fr": "%", "en": "%"}}
_BETWEEN: Text = {"fr": "Indiquez un nombre entre {low} et {high}.", "en": "Enter a number between {low} and {high}."}
_AT_LEAST: Text = {"fr": "Indiquez un nombre d’au moins {low}.", "en": "Enter a number of at least {low}."}
_AT_MOST: Text = {"fr": "Indiquez un nombre d’au plus {high}.", "en": "Enter a number of at most {high}."}
_AT_MOST_CHOICES: Text = {"fr": "{count} réponses au plus.", "en": "{count} answers at most."}
_ONE_CHOICE: Text = {"fr": "Une réponse au plus.", "en": "One answer at most."}
_ALONE: Text = {
    "fr": "« {label} » ne se coche avec aucune autre réponse.",
    "en": "“{label}” can’t be ticked with any other answer.",
}


def language_name(language: str) -> str:
    """A language by its own name and its code, as XLSForm names it: Français (fr)."""
    name = Locale(language).get_display_name(language) or language
    return f"{name[:1].upper()}{name[1:]} ({language})"


def bounds(edition: Edition, question: Question, language: str) -> str:
    """What a number out of bounds is told; '' without bounds."""
    low, high = question.min, question.max
    if low is None and high is None:
        return ""
    text = _BETWEEN if low is not None and high is not None else _AT_LEAST if low is not None else _AT_MOST
    return edition.text(text, language).format(low=_number(low, language), high=_number(high, language))


def most_choices(edition: Edition, count: int, language: str) -> str:
    """What too many options are told."""
    return edition.text(_ONE_CHOICE if count == 1 else _AT_MOST_CHOICES, language).format(count=count)


def alone(edition: Edition, label: str, language: str) -> str:
    """What an exclusive option ticked with another is told."""
    return edition.text(_ALONE, language).format(label=label)


def _number(value: float | None, language: str) -> str:
    return "" if value is None else format_decimal(value, locale=language)
