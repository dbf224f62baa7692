"""A small edition with every type of question, and raw answers to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from observatory.editions.model import (
    Audience,
    Choice,
    Choices,
    Collection,
    Consent,
    Edition,
    EditionConfig,
    Identity,
    Publisher,
    Question,
    Questionnaire,
    Report,
    Rule,
    Section,
)
from observatory.validate.corrections import COLUMNS
from observatory.validate.pipeline import Validated, validate

SIREN_A, SIREN_B = "732829320", "552008443"


def _question(id: str, type: str, label: str, **more: Any) -> Question:
    return Question.model_validate(
        {"id": id, "section": "all", "type": type, "label": {"fr": label, "en": f"{label} (en)"}, **more}
    )


def _options(
    *options: tuple[str, str, str], other: bool = False, exclusive: str = "", **aliases: tuple[str, ...]
) -> Choices:
    return Choices(
        options=tuple(
            Choice(code=code, label={"fr": fr, "en": en}, exclusive=code == exclusive, aliases=aliases.get(code, ()))
            for code, fr, en in options
        ),
        other=other,
    )


YES_NO = _options(("yes", "Oui", "Yes"), ("no", "Non", "No"))
RELATIONS = _options(
    ("yes", "Oui, au moins un contrat", "Yes, at least one contract"),
    ("tried", "Non, mais nous avons essayé", "No, but we tried"),
    ("no", "Non", "No"),
)
OBSTACLES = _options(
    ("slow", "Lenteur des décisions", "Slow decisions"),
    ("rules", "Règles, procédures ; formulaires", "Rules, procedures; forms"),
    ("delays", "Délais de paiement", "Payment delays"),
    ("none", "Aucun frein", "No obstacle"),
    other=True,
    exclusive="none",
    slow=("Décisions trop lentes",),
)
CHANNELS = _options(("fair", "Salons", "Fairs"), ("web", "Sites web", "Web sites"), ("peer", "Pairs", "Peers"))
SIZES = _options(("s", "De 1 à 9", "1 to 9"), ("m", "10-49", "10-49"), ("l", "50 et plus", "50 or more"))
PERIMETERS = _options(
    ("entity", "L’entité", "The entity"), ("service", "Un service", "A service"), ("group", "Le groupe", "The group")
)

QUESTIONS = (
    _question("consent", "single", "Acceptez-vous ?", choices=YES_NO),
    _question("siren", "siren", "Votre SIREN ?", required=True),
    _question("contact_email", "email", "Votre adresse ?", personal=True),
    _question("firm", "text", "Votre organisation ?"),
    _question("size", "bracket", "Combien de salariés ?", choices=SIZES),
    _question("relation", "single", "Avez-vous travaillé ensemble ?", choices=RELATIONS),
    _question(
        "obstacles",
        "multiple",
        "Quels freins ?",
        choices=OBSTACLES,
        max_choices=2,
        show_if="relation in ('yes', 'tried')",
    ),
    _question("total", "amount", "Achats en {reference_year} ?", reference_year="last", min=0, max=1e10),
    _question(
        "startups",
        "amount",
        "Achats aux start-up en {reference_year} ?",
        reference_year="last",
        min=0,
        max=1e9,
        check=(Rule(rule="startups <= total", message={"fr": "Pas plus que le total"}),),
    ),
    _question("contracts", "number", "Combien de contrats ?", min=0, max=1000, show_if="startups > 0"),
    _question("share", "percent", "Quelle part ?"),
    _question("channels", "ranking", "Quels canaux, par ordre ?", choices=CHANNELS),
    _question(
        "first_contact",
        "single",
        "Premier contact ?",
        choices=_options(("fair", "Un salon professionnel", "A fair"), other=True),
    ),
    _question("since", "date", "Depuis quand ?"),
    _question("comment", "text", "Un commentaire ?"),
)


def _questionnaire(audience: Audience) -> Questionnaire:
    buyer = audience == "buyer"
    perimeter = (_question("perimeter", "single", "Pour quel périmètre ?", choices=PERIMETERS),)
    return Questionnaire(
        audience=audience,
        title={"fr": "Questionnaire"},
        sections=(Section(id="all", title={"fr": "Tout"}),),
        identity=Identity(
            siren="siren",
            email="contact_email",
            organisation="firm",
            perimeter="perimeter" if buyer else None,
            consent=Consent(question="consent", accepted=("yes",)),
        ),
        questions=QUESTIONS + (perimeter if buyer else ()),
    )


@pytest.fixture(scope="session")
def edition() -> Edition:
    return Edition(
        folder=Path("2031"),
        config=EditionConfig(
            edition="2031",
            title={"fr": "Baromètre"},
            languages=("fr", "en"),
            publisher=Publisher(name="Un observatoire"),
            collection=Collection(opens=dt.date(2031, 9, 1), closes=dt.date(2031, 11, 1)),
            report=Report(date=dt.date(2031, 11, 12)),
        ),
        questionnaires={"startup": _questionnaire("startup"), "buyer": _questionnaire("buyer")},
        indicators=(),
        lists={},
    )


Row = dict[str, Any]


@pytest.fixture(scope="session")
def raw() -> Callable[..., pd.DataFrame]:
    """Rows of the raw table: what a respondent typed, by column; the rest as ingest would put it."""

    def build(*rows: Row) -> pd.DataFrame:
        frame = pd.DataFrame(
            [
                {
                    "respondent": f"r{number}",
                    "file": "export.csv",
                    "row": number + 1,
                    "consent": "Oui",
                    "complete": "true",
                }
                | row
                for number, row in enumerate(rows, start=1)
            ]
        )
        for column in ("tool", "submitted_at", "simulated", "exclude_reason"):
            frame[column] = frame.get(column)
        return frame.astype({column: "str" for column in frame if column != "row"})

    return build


NO_CORRECTIONS = pd.DataFrame(columns=list(COLUMNS)).astype("str").astype({"row": "int64"})


@pytest.fixture(scope="session")
def checked(edition: Edition, raw: Callable[..., pd.DataFrame]) -> Callable[..., Validated]:
    """validate() on rows of answers."""

    def run(*rows: Row, audience: Audience = "startup", corrections: pd.DataFrame = NO_CORRECTIONS) -> Validated:
        return validate(edition, audience, raw(*rows), corrections)

    return run
