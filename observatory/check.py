"""`observatory check`: would the yearly run accept what lies there?

Belongs here: reading questionnaires and inboxes with the code of the run, and saying what
it found, without writing anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd

from observatory.database import connect
from observatory.editions.load import load_edition
from observatory.editions.model import AUDIENCES, Audience, Edition
from observatory.ingest.catalogue import catalogue
from observatory.ingest.deposits import deposits
from observatory.ingest.inbox import InboxError, is_read, questions_found, read_inbox
from observatory.ingest.mapping import accepted_mapping, unknown_targets
from observatory.ingest.matching import Match
from observatory.ingest.mixture import refuse_mixture
from observatory.ingest.step import read_before
from observatory.ingest.strays import expected_folders, stray_files, stray_warnings
from observatory.ingest.tools import title_of
from observatory.locations import Locations
from observatory.phrases import counted
from observatory.problems import Problem, ProblemsError
from observatory.publish.names import unknown_names
from observatory.workspace import Workspace

LABELS: dict[Audience, str] = {"startup": "start-up", "buyer": "acheteurs"}


class Checked(NamedTuple):
    """One line a questionnaire and a file, every problem, and the audiences of which no file has come yet."""

    lines: list[str]
    problems: list[Problem]
    awaited: list[Audience]


def check_edition(name: str, places: Locations, waiting: Callable[[str], None] | None = None) -> Checked:
    """Look at all that the run of an edition would read. Raises ProblemsError when the edition can't be loaded.

    `waiting` is told while a run holds the database.
    """
    edition = load_edition(places.schemas, name)
    lines, problems, awaited = [], unknown_names(edition, places.reports), list[Audience]()
    for audience in AUDIENCES:
        if audience not in edition.audiences:
            continue
        questions = len(edition.questionnaires[audience].questions)
        lines.append(f"Questionnaire {LABELS[audience]} : {questions} questions, en ordre.")
        place = f"inbox/{edition.name}/{audience}/"
        if not any(deposits(places.workspace.inbox(edition.name, audience))):
            # Only a run needs answers: questionnaires are checked long before they come.
            lines.append("  pas encore de réponses")
            problems += _without_deposits(edition, audience, places.workspace)
            awaited.append(audience)
            continue
        unread = _unread(edition, audience, places.workspace)
        try:
            ingested = read_inbox(edition, audience, places.workspace, propose=False)
            refuse_mixture(ingested, places.workspace, edition, audience)
        except ProblemsError as error:
            if isinstance(error, InboxError):
                refused = {problem.file.removeprefix(place) for problem in error.problems}
                before = _known_files(places.workspace, edition, audience, waiting)
                files = error.files[~error.files["file"].isin(refused)]
                lines += _read(files, error.mapping, error.warnings, edition, audience, place, before)
                problems += error.warnings
            lines += [*_refused(error.problems, place), *unread]
            problems += error.problems
            continue
        before = _known_files(places.workspace, edition, audience, waiting)
        lines += _read(ingested.files, ingested.mapping, ingested.problems, edition, audience, place, before)
        lines += unread
        problems += ingested.problems
    if strays := stray_files(edition, places.workspace):
        lines.append("Hors du dossier d'un public :")
        lines += [
            f"  {name} : non lu, déplacez-le dans {expected_folders(edition)} s'il contient des réponses"
            for name in strays
        ]
    return Checked(lines, problems, awaited)


def _without_deposits(edition: Edition, audience: Audience, workspace: Workspace) -> list[Problem]:
    """What can be wrong around an empty inbox: accepted mappings, and files in the wrong folder."""
    strays = stray_warnings(edition, audience, workspace)
    try:
        accepted = accepted_mapping(edition, audience)
    except ProblemsError as error:
        return [*error.problems, *strays]
    return [*unknown_targets(edition, audience, accepted, catalogue(edition, audience)), *strays]


def _unread(edition: Edition, audience: Audience, workspace: Workspace) -> list[str]:
    """The deposits of types that hold no answers, which a person may take for handed in."""
    return [
        f"  {name} : non lu, un fichier {path.suffix or 'sans extension'}"
        for name, path in deposits(workspace.inbox(edition.name, audience))
        if not is_read(path)
    ]


def _known_files(
    workspace: Workspace, edition: Edition, audience: Audience, waiting: Callable[[str], None] | None
) -> frozenset[str]:
    """The SHA-256 of the files that the last run read; none where there was no run."""
    if not workspace.database.is_file():
        return frozenset()
    with connect(workspace, read_only=True, waiting=waiting) as connection:
        return read_before(connection, edition, audience)


def _read(
    files: pd.DataFrame,
    mapping: Sequence[Match],
    problems: Sequence[Problem],
    edition: Edition,
    audience: Audience,
    place: str,
    before: frozenset[str],
) -> list[str]:
    known = catalogue(edition, audience)
    remarks = Counter(problem.file.removeprefix(place) for problem in problems)
    lines = []
    for file in files.itertuples():
        name, note = str(file.file), file.note if isinstance(file.note, str) else ""
        partner = file.partner if isinstance(file.partner, str) else ""
        if not file.used:
            lines.append(f"  {name} : {note}, ignoré")
            continue
        found, asked = questions_found(mapping, name, known)
        parts = [
            title_of(str(file.tool)),
            "déjà lu" if file.sha256 in before else "nouveau",
            counted(int(str(file.rows)), "réponse"),
            f"{found} {'question trouvée' if found < 2 else 'questions trouvées'} sur {asked}",
            *([f"partenaire : {partner}"] if partner else []),
            *([note] if note and int(str(file.rows)) else []),
            *([counted(remarks[name], "remarque")] if remarks[name] else []),
        ]
        lines.append(f"  {name} : {', '.join(parts)}")
    return lines


def _refused(problems: tuple[Problem, ...], place: str) -> list[str]:
    counts = Counter(problem.file.removeprefix(place) for problem in problems if problem.severity == "error")
    return [f"  {name} : refusé, {counted(count, 'motif')} ci-dessous" for name, count in counts.items()]
