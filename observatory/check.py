"""`observatory check`: would the yearly run accept what lies there?

Belongs here: reading questionnaires and inboxes with the code of the run, and saying what
it found, without writing anything.
"""

from __future__ import annotations

from observatory.editions.load import load_edition
from observatory.editions.model import AUDIENCES, Audience
from observatory.ingest.inbox import read_inbox
from observatory.locations import Locations
from observatory.problems import Problem, ProblemsError

LABELS: dict[Audience, str] = {"startup": "start-up", "buyer": "acheteurs"}


def check_edition(name: str, places: Locations) -> tuple[list[str], list[Problem]]:
    """One line a questionnaire and a file, and every problem. Raises ProblemsError when the edition can't be loaded."""
    edition = load_edition(places.schemas, name)
    lines, problems = [], list[Problem]()
    for audience in AUDIENCES:
        if audience not in edition.audiences:
            continue
        questions = len(edition.questionnaires[audience].questions)
        lines.append(f"Questionnaire {LABELS[audience]} : {questions} questions, en ordre.")
        try:
            ingested = read_inbox(edition, audience, places.workspace, propose=False)
        except ProblemsError as error:
            problems += error.problems
            continue
        for file in ingested.files.itertuples():
            problems_of_file = [
                problem for problem in ingested.problems if problem.file.rsplit("/", 1)[-1] == str(file.file)
            ]
            note = f", {file.note}" if isinstance(file.note, str) and file.note else ""
            remarks = f", {len(problems_of_file)} remarque(s)" if problems_of_file else ""
            lines.append(f"  {file.file} : {file.tool}, {file.rows} réponses{note}{remarks}")
        problems += ingested.problems
    return lines, problems
