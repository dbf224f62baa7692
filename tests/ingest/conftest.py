"""A small edition to read answers into, and an inbox to drop files into."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from observatory.editions.model import (
    Choice,
    Choices,
    Collection,
    Edition,
    EditionConfig,
    Exclusion,
    Grid,
    Publisher,
    Question,
    Questionnaire,
    Report,
    Section,
)
from observatory.workspace import Workspace

SHARED = Path(__file__).parents[2].parent / "shared" / "data"

Row = Sequence[str]
Drop = Callable[..., Path]
AsCsv = Callable[..., str]
Shared = Callable[[str], Path]


def _choice(code: str, fr: str, en: str, *aliases: str) -> Choice:
    return Choice(code=code, label={"fr": fr, "en": en}, aliases=aliases)


def _options(*choices: Choice, other: bool = False) -> Choices:
    return Choices(options=choices, other=other)


YES_NO = _options(_choice("yes", "Oui", "Yes"), _choice("no", "Non", "No"))
LEVELS = _options(_choice("low", "Peu satisfait", "Dissatisfied"), _choice("high", "Satisfait", "Satisfied"))
QUESTIONS = (
    Question(
        id="siren",
        section="all",
        type="siren",
        required=True,
        label={"fr": "Quel est votre numéro SIREN ?", "en": "What is your SIREN number?"},
        aliases=("N° SIREN",),
    ),
    Question(
        id="contact_email",
        section="all",
        type="email",
        personal=True,
        label={"fr": "Votre adresse électronique", "en": "Your e-mail address"},
    ),
    Question(
        id="relation_12m",
        section="all",
        type="single",
        label={
            "fr": "Avez-vous travaillé avec un grand compte ces 12 derniers mois ?",
            "en": "Have you worked with a large account in the last 12 months?",
        },
        choices=YES_NO,
    ),
    Question(
        id="first_contact",
        section="all",
        type="single",
        label={"fr": "Comment s'est fait le premier contact ?", "en": "How was the first contact made?"},
        choices=_options(_choice("event", "Un salon", "A fair"), other=True),
    ),
    Question(
        id="obstacles",
        section="all",
        type="multiple",
        max_choices=3,
        label={
            "fr": "Quels sont vos principaux freins pour travailler avec de grands comptes ?",
            "en": "What are your main obstacles in working with large accounts?",
        },
        choices=_options(
            _choice("slow", "Lenteur des décisions", "Slow decisions", "Décisions lentes"),
            _choice("contact", "Trouver le bon interlocuteur", "Finding the right contact"),
            _choice("plan_1_5", "Horizon de 1-5 ans", "Horizon of 1-5 years"),
            _choice("none", "Aucun", "None"),
            other=True,
        ),
    ),
    Question(
        id="past_obstacles",
        section="all",
        type="multiple",
        label={
            "fr": "Quels freins avez-vous rencontrés pour créer votre entreprise ?",
            "en": "What obstacles did you meet when founding your firm?",
        },
        choices=_options(
            _choice("slow", "Lenteur des décisions", "Slow decisions"), _choice("funds", "Fonds", "Funds")
        ),
    ),
    Question(
        id="revenue_first",
        section="all",
        type="amount",
        reference_year="first",
        label={"fr": "Chiffre d'affaires {reference_year} (en euros)", "en": "Revenue {reference_year} (in euros)"},
    ),
    Question(
        id="revenue_last",
        section="all",
        type="amount",
        reference_year="last",
        label={"fr": "Chiffre d'affaires {reference_year} (en euros)", "en": "Revenue {reference_year} (in euros)"},
    ),
    Question(
        id="sat_contact",
        section="all",
        type="likert",
        grid="satisfaction",
        label={"fr": "Prise de contact", "en": "First contact"},
        choices=LEVELS,
    ),
    Question(
        id="sat_payment",
        section="all",
        type="likert",
        grid="satisfaction",
        label={"fr": "Paiement", "en": "Payment"},
        choices=LEVELS,
    ),
    Question(id="comment", section="all", type="text", label={"fr": "Vos remarques", "en": "Your remarks"}),
)


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """Edition 2025 with one audience, whose reference years are 2023 and 2024."""
    questionnaire = Questionnaire(
        audience="startup",
        title={"fr": "Questionnaire", "en": "Questionnaire"},
        sections=(Section(id="all", title={"fr": "Tout", "en": "All"}),),
        grids=(Grid(id="satisfaction", label={"fr": "Êtes-vous satisfait de :", "en": "How satisfied are you with:"}),),
        exclude=(Exclusion(column=("À écarter",), values=("oui",), reason={"fr": "Écartée par l'équipe"}),),
        questions=QUESTIONS,
    )
    return Edition(
        folder=tmp_path / "schemas" / "2025",
        config=EditionConfig(
            edition="2025",
            title={"fr": "Baromètre"},
            languages=("fr", "en"),
            publisher=Publisher(name="Observatoire fictif"),
            collection=Collection(opens=dt.date(2025, 9, 1), closes=dt.date(2025, 11, 1)),
            report=Report(date=dt.date(2025, 12, 1)),
        ),
        questionnaires={"startup": questionnaire},
        indicators=(),
        lists={},
    )


@pytest.fixture(autouse=True)
def few_columns_suffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests are about two or three columns; in earnest, a file with so few of the questions is refused."""
    monkeypatch.setattr("observatory.ingest.inbox.FEWEST_FOUND", 0.0)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def drop(workspace: Workspace) -> Drop:
    """Put a file into the inbox: rows as CSV, or bytes as they are."""

    def put(name: str, content: Sequence[Row] | bytes, delimiter: str = ";") -> Path:
        path = workspace.inbox("2025", "startup") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else _as_csv(content, delimiter).encode())
        return path

    return put


@pytest.fixture(scope="session")
def as_csv() -> AsCsv:
    """Rows as the text of a CSV file."""
    return _as_csv


def _as_csv(rows: Sequence[Row], delimiter: str = ";") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="session")
def shared() -> Shared:
    """A real file by its path, or a skipped test where the shared data are not there."""

    def real(path: str) -> Path:
        found = SHARED / path
        if not found.exists():
            pytest.skip(f"the real file {path} is not beside this checkout (../shared/data)")
        return found

    return real
