"""Exports as tools and people make them, drawn at random: the answers that went in come out.

The options hold the very signs that tools put between options; headings, encodings, delimiters and line ends vary as
they do when a file passes through a spreadsheet.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.editions.columns import option_column
from observatory.editions.model import (
    Choice,
    Choices,
    Collection,
    Edition,
    EditionConfig,
    Publisher,
    Question,
    Questionnaire,
    Report,
    Section,
)
from observatory.ingest import read_inbox
from observatory.ingest.fillers import SURE
from observatory.validate.values import read_question
from observatory.workspace import Workspace

OPTIONS = {
    "slow": "Lenteur des décisions (comités, signatures)",
    "terms": "Délais de paiement ; trésorerie",
    "terms_long": "Délais de paiement",
    "size": "Taille, chiffre d’affaires; ancienneté exigés",
    "none": "Aucun",
}
"""Separators within, and one option that another begins with."""

LABEL = "Quels sont vos principaux freins ?"
TEXTS = st.text(
    st.sampled_from("aàéœ€’ ;,|\"'-") | st.characters(codec="cp1252", categories=("L", "N")), max_size=12
).map(str.strip)
SIRENS = ("732829320", "552100554", "005520135")


@dataclass(frozen=True)
class Answer:
    siren: str
    chosen: tuple[str, ...]
    comment: str


def edition(folder: Path) -> Edition:
    choices = tuple(Choice(code=code, label={"fr": label}) for code, label in OPTIONS.items())
    questions = (
        Question(id="siren", section="all", type="siren", label={"fr": "Votre SIREN"}),
        Question(id="obstacles", section="all", type="multiple", label={"fr": LABEL}, choices=Choices(options=choices)),
        Question(id="comment", section="all", type="text", label={"fr": "Que souhaitez-vous ajouter ?"}),
    )
    return Edition(
        folder=folder / "2025",
        config=EditionConfig(
            edition="2025",
            title={"fr": "Baromètre"},
            languages=("fr",),
            publisher=Publisher(name="Observatoire fictif"),
            collection=Collection(opens=dt.date(2025, 9, 1), closes=dt.date(2025, 11, 1)),
            report=Report(date=dt.date(2025, 12, 1)),
        ),
        questionnaires={
            "startup": Questionnaire(
                audience="startup",
                title={"fr": "Questionnaire"},
                sections=(Section(id="all", title={"fr": "Tout"}),),
                questions=questions,
            )
        },
        indicators=(),
        lists={},
    )


# One writer a way of exporting several answers: the headings, then a row an answer.

Rows = list[list[str]]


def google_forms(answers: Sequence[Answer], separator: str = ", ") -> Rows:
    head = ["Horodateur", "Votre SIREN", LABEL, "Que souhaitez-vous ajouter ?"]
    return [
        head,
        *(
            [f"{day:02d}/10/2025 10:00:00", a.siren, separator.join(OPTIONS[code] for code in a.chosen), a.comment]
            for day, a in enumerate(answers, 13)
        ),
    ]


def microsoft_forms(answers: Sequence[Answer]) -> Rows:
    times = ("2025-10-01 10:00:00", "2025-10-01 10:05:00")
    head = ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Votre SIREN", LABEL]
    return [
        [*head, "Que souhaitez-vous ajouter ?"],
        *(
            [
                str(number),
                *times,
                "anonymous",
                "",
                a.siren,
                "".join(f"{OPTIONS[code]};" for code in a.chosen),
                a.comment,
            ]
            for number, a in enumerate(answers, 1)
        ),
    ]


def limesurvey(answers: Sequence[Answer]) -> Rows:
    options = [f"{LABEL} [{label}]" for label in OPTIONS.values()]
    head = ["ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ", "Votre SIREN", *options]
    return [
        [*head, "Que souhaitez-vous ajouter ?"],
        *(
            [str(number), "2025-10-01 10:00:00", "3", "fr", a.siren]
            + ["" if not a.chosen else "Oui" if code in a.chosen else "Non" for code in OPTIONS]
            + [a.comment]
            for number, a in enumerate(answers, 1)
        ),
    ]


def kobo(answers: Sequence[Answer]) -> Rows:
    options = [f"obstacles/{code}" for code in OPTIONS]

    def ticks(chosen: Sequence[str]) -> list[str]:
        return [str(int(code in chosen)) if chosen else "" for code in OPTIONS]

    def meta(number: int) -> list[str]:
        return [str(number), f"7a1c0000-0000-4000-8000-{number:012d}", "2025-10-01T10:00:00", str(number)]

    return [
        ["siren", "obstacles", *options, "comment", "_id", "_uuid", "_submission_time", "_index"],
        *(
            [a.siren, " ".join(a.chosen), *ticks(a.chosen), a.comment, *meta(number)]
            for number, a in enumerate(answers, 1)
        ),
    ]


WRITERS: Mapping[str, Callable[[Sequence[Answer]], Rows]] = {
    "googleforms": google_forms,
    "msforms": microsoft_forms,
    "limesurvey": limesurvey,
    "kobo_odk": kobo,
}


@st.composite
def collected(draw: st.DrawFn) -> list[Answer]:
    chosen = st.lists(st.sampled_from(sorted(OPTIONS)), unique=True, max_size=3)
    return [
        Answer(draw(st.sampled_from(SIRENS)), tuple(sorted(draw(chosen), key=list(OPTIONS).index)), draw(TEXTS))
        for _ in range(draw(st.integers(3, 9)))
    ]


@st.composite
def written(draw: st.DrawFn, rows: Rows) -> bytes:
    """The rows as a file, as spreadsheets and operating systems write them."""
    heading = draw(st.sampled_from(["{}", " {} ", "{}\n", "\u00a0{}", "{}\u202f"]))
    rows = [[heading.format(cell) if draw(st.booleans()) else cell for cell in rows[0]], *rows[1:]]
    if draw(st.booleans()):
        rows += [[""] * len(rows[0])] * draw(st.integers(1, 3))
    text = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    delimiter = draw(st.sampled_from(",;\t"))
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writerows(rows)
    content = text.getvalue()
    end = draw(st.sampled_from(["\n", "\r\n", "mixed"]))
    if end == "mixed":
        content = re.sub("\n", lambda match: draw(st.sampled_from(["\n", "\r\n"])), content)
    else:
        content = content.replace("\n", end)
    if draw(st.booleans()) and end != "mixed":
        content += end
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    try:
        return content.encode(encoding)
    except UnicodeEncodeError:
        return content.encode("utf-8-sig")


@pytest.fixture(scope="module", params=["small", "large"])
def size(request: pytest.FixtureRequest) -> Iterator[str]:
    """Files as they are, and all of them read as a large one is, of which only the first rows are at hand."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "large":
            patch.setattr("observatory.ingest.documents._LARGE", 0)
            patch.setattr("observatory.ingest.files._HEAD", 900)
        yield request.param


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("tool", WRITERS)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_what_went_in_comes_out(tool: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    answers = data.draw(collected())
    folder = tmp_path_factory.mktemp("fuzz")
    workspace, wanted = Workspace(folder / "workspace"), edition(folder / "schemas")
    inbox = workspace.inbox("2025", "startup")
    inbox.mkdir(parents=True)
    (inbox / "export.csv").write_bytes(data.draw(written(WRITERS[tool](answers))))
    if not any(answer.chosen or answer.siren or answer.comment.lower() not in {"", *SURE} for answer in answers):
        return
    ingested = read_inbox(wanted, "startup", workspace)
    raw = ingested.table
    assert set(ingested.files["tool"]) == {tool}
    assert [match.column.heading for match in ingested.mapping if match.status == "doubtful"] == []
    assert list(raw["siren"]) == [answer.siren for answer in answers]
    obstacles = read_question(wanted, wanted.questionnaires["startup"].question("obstacles"), raw)
    assert obstacles.refused.empty
    for code in OPTIONS:
        ticked = obstacles.columns[option_column("obstacles", code)].fillna(False).astype(bool)
        assert list(ticked) == [code in answer.chosen for answer in answers], code
    # Every answer is text until the questionnaire types it: only the spaces around it may go.
    comments = raw["comment"] if "comment" in raw else [None] * len(answers)
    given_comments = ["" if comment is None or comment != comment else str(comment).strip() for comment in comments]
    assert given_comments == ["" if answer.comment.lower() in SURE else answer.comment for answer in answers]
