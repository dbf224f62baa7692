"""The inbox of one audience, read as a whole: one raw table, or every reason why not.

Belongs here: walking the folder, gathering what each file's reading found, the rules that
stop a run (an unreadable file, a required question without a column, no answers). Does not
belong here: how one file is read (files.py, headers.py, tools/), matched or merged.

The inbox is the truth and is never written to.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from observatory.database import quoted
from observatory.editions.model import Audience, Edition
from observatory.ingest.aside import set_aside, without_persons
from observatory.ingest.assemble import BASE_COLUMNS, Sheet, assemble, column_order
from observatory.ingest.catalogue import PER_OPTION, Catalogue, catalogue
from observatory.ingest.cells import scratch_database, sql_text
from observatory.ingest.contained import contained_files
from observatory.ingest.damage import damage_warnings
from observatory.ingest.deposits import deposits
from observatory.ingest.documents import SUFFIXES, open_document
from observatory.ingest.fillers import filler_warnings
from observatory.ingest.headless import headings_are_answers
from observatory.ingest.mapping import accepted_mapping, unknown_targets, write_proposal
from observatory.ingest.matching import (
    DOUBTFUL,
    Candidate,
    HeadingKey,
    Match,
    match_columns,
    nearest_columns,
    questions_waiting,
    takes_several_columns,
)
from observatory.ingest.merge import Merged, Place, merge
from observatory.ingest.partners import of_partner
from observatory.ingest.protection import hashes_anything, protect, redacted_warnings, without_emails
from observatory.ingest.strays import stray_files, stray_warnings
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Column, Form, Texts
from observatory.phrases import counted, listed
from observatory.problems import Problem, ProblemsError
from observatory.wording import normalise, similarity
from observatory.workspace import Workspace

_LIKELY = 50.0
"""Score from which a column is proposed for a required question that has none."""

FEWEST_FOUND = 0.5
"""Share of the questionnaire under which a file is taken to be another questionnaire's."""

FEWEST_LIKELY = 0.25
"""Share of the questionnaire under which columns that are only like its questions are those of another survey."""

FILE_COLUMNS = ("file", "sha256", "tool", "encoding", "delimiter", "header_rows", "rows", "used", "partner", "note")


@dataclass(frozen=True)
class Ingested:
    """What an inbox held. The answers can be read while the connection is open, the rest for ever.

    select    the SQL of the raw table: one row a respondent, all text but `row`: BASE_COLUMNS, then the answers
    columns   its columns
    rows      how many rows it has, as DuckDB counts them
    files     one row a file: FILE_COLUMNS
    mapping   one match a column of each file, in order
    problems  warnings; what is fatal was raised
    replaced  one row a row left out for a later or identical one of the same respondent:
              respondent, file, row, kept_file, kept_row
    """

    connection: duckdb.DuckDBPyConnection
    select: str
    columns: tuple[str, ...]
    rows: int
    files: pd.DataFrame
    mapping: list[Match]
    problems: list[Problem]
    replaced: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """The raw table in memory (missing: NA)."""
        return self.connection.execute(self.select).df().astype({name: "str" for name in self.columns if name != "row"})

    @property
    def lost(self) -> int:
        """Rows of the files used that are neither in the table nor in `replaced`: anything but 0 is a fault of ours."""
        used = self.files["used"].astype(bool)
        return int(self.files.loc[used, "rows"].sum()) - self.rows - len(self.replaced)

    def marked_simulated(self, simulated: bool) -> list[str]:
        """The files with answers that say they are simulated, or that don't."""
        condition = "IS NOT DISTINCT FROM" if simulated else "IS DISTINCT FROM"
        query = f"SELECT DISTINCT file FROM ({self.select}) WHERE simulated {condition} 'true' ORDER BY file"
        return [str(file) for (file,) in self.connection.execute(query).fetchall()]


class InboxError(ProblemsError):
    """An inbox that can't be used, with what was read of it: `files` and `mapping` as Ingested has them."""

    def __init__(self, problems: Sequence[Problem], files: pd.DataFrame, mapping: list[Match]) -> None:
        super().__init__(problem for problem in problems if problem.severity == "error")
        self.warnings = [problem for problem in problems if problem.severity != "error"]
        self.files, self.mapping = files, mapping


@dataclass
class _Reading:
    """What was found so far, file by file."""

    sheets: list[Sheet] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_inbox(
    edition: Edition,
    audience: Audience,
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection | None = None,
    *,
    propose: bool = True,
) -> Ingested:
    """All answers of one audience, each respondent once, held by the connection (default: a database in memory).

    With `propose`, doubtful columns are put before a person in the workspace's `review` folder, even if the run stops.
    Raises ProblemsError, with every reason of every file, when a file can't be read, a required question has no column,
    or there are no answers.
    """
    connection = connection or scratch_database()
    folder = workspace.inbox(edition.name, audience)
    place = f"inbox/{edition.name}/{audience}"
    known = catalogue(edition, audience)
    reading = _Reading()
    accepted: dict[HeadingKey, str] = {}
    try:
        accepted = accepted_mapping(edition, audience)
        reading.problems += unknown_targets(edition, audience, accepted, known)
    except ProblemsError as error:
        reading.problems += error.problems
    reading.problems += stray_warnings(edition, audience, workspace)
    paths = dict(_files(folder, reading.problems))
    twins = _twins(paths)
    review = _review(edition, audience, propose)
    # A check writes nothing, a key neither.
    key = workspace.personal_key() if propose and paths and hashes_anything(edition, audience) else None
    for name, path in paths.items():
        if name in twins:
            note = f"identique à {twins[name]}"
            reading.files.append(_entry(name, _digest(path), "", "", "", 0, 0, False, _folder(name) or "", note))
        else:
            _read_file(path, name, edition, audience, known, accepted, reading, review, connection, key)
    if propose:
        write_proposal(edition, audience, workspace, reading.matches, known)
    if any(problem.severity == "error" for problem in reading.problems):
        raise InboxError(reading.problems, pd.DataFrame(reading.files, columns=list(FILE_COLUMNS)), reading.matches)
    if not reading.files:
        # Where nothing lies in the right folder, what lies beside it is the likeliest reason.
        strays = stray_files(edition, workspace)
        beside = f", mais à côté : {listed(strays)}" if strays else ""
        raise ProblemsError([_empty(place, f"aucun fichier de réponses{beside}")])
    if not any(sheet.answered for sheet in reading.sheets):
        raise ProblemsError([_empty(place, "aucune réponse dans les fichiers reçus")])
    reading.problems += _misnamed_rules(edition, audience, reading)
    merged = merge(reading.sheets)
    columns = (*BASE_COLUMNS, *column_order(known, {name for sheet in reading.sheets for name in sheet.expressions()}))
    select = _select(reading.sheets, merged, columns, connection)
    return Ingested(
        connection=connection,
        select=select,
        columns=columns,
        rows=sum(key is not None for keys in merged.keys for key in keys),
        files=_file_table(reading, merged),
        mapping=reading.matches,
        problems=[
            *reading.problems,
            *merged.warnings,
            *_columns_lost(reading.sheets, merged),
            *contained_files(reading.sheets, merged),
        ],
        replaced=_replaced(reading.sheets, merged),
    )


def _files(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, Path]]:
    for name, path in deposits(folder):
        hidden = without_emails(name)
        if not is_read(path):
            problems.append(_unread(hidden))
        elif hidden != name:
            problems.append(_named_after_a_person(hidden))
        elif path.is_file():
            yield name, path
        else:
            problems.append(_broken_link(name))


def is_read(path: Path) -> bool:
    """Whether a deposit is of a type that may hold answers, by its name."""
    return path.suffix.lower() in SUFFIXES


def _unread(name: str) -> Problem:
    return Problem(
        file=name,
        found="un fichier d'un type qui n'est pas lu",
        expected=", ".join(sorted(SUFFIXES)),
        action="rien si ce n'est pas un export ; sinon, exportez dans l'un de ces formats",
        severity="warning",
    )


def _broken_link(name: str) -> Problem:
    return Problem(
        file=name,
        found="un lien qui ne mène à aucun fichier",
        expected="le fichier lui-même",
        action="déposez le fichier à la place du lien, ou retirez le lien",
    )


def _named_after_a_person(hidden: str) -> Problem:
    """The refusal of a file whose name would carry an address into every table and message."""
    return Problem(
        file=hidden,
        found="une adresse électronique dans le nom du fichier ou de son dossier, qui est gardé avec chaque réponse",
        expected="un nom de fichier sans donnée personnelle",
        action="renommez le fichier ou le dossier, sans l'adresse, puis relancez",
    )


def _twins(paths: Mapping[str, Path]) -> dict[str, str]:
    """Files with the same bytes as an older one, which is used: a copy's name must not decide who is left out.

    Files without a byte are no copies of one another: each is refused.
    """
    oldest: dict[str, str] = {}
    twins: dict[str, str] = {}
    sizes = Counter(path.stat().st_size for path in paths.values())
    for name in sorted(paths, key=lambda name: (paths[name].stat().st_mtime_ns, name)):
        size = paths[name].stat().st_size
        if not size or sizes[size] == 1:
            continue
        first = oldest.setdefault(_digest(paths[name]), name)
        if first != name:
            twins[name] = first
    return twins


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _review(edition: Edition, audience: Audience, propose: bool) -> str:
    """How a person decides on columns; a check writes no proposal, so the run comes first."""
    file = f"review/{edition.name}/mapping-{audience}.yaml"
    first = f"complétez {file}" if propose else f"lancez « observatory run {edition.name} », complétez {file}"
    return f"{first}, puis lancez « observatory mapping accept {edition.name} {audience} --initials … »"


def _read_file(
    path: Path,
    name: str,
    edition: Edition,
    audience: Audience,
    known: Catalogue,
    accepted: dict[HeadingKey, str],
    reading: _Reading,
    review: str,
    scratch: duckdb.DuckDBPyConnection,
    key: bytes | None,
) -> None:
    try:
        document = open_document(path, name, scratch)
        form, problems_of_partner = of_partner(read_form(document), _folder(name))
    except ProblemsError as error:
        reading.problems += error.problems
        return
    reading.problems += [*form.warnings, *problems_of_partner]
    matches = without_persons(form, match_columns(form, known, accepted), known)
    matches, problems = _check(form, matches, edition, audience, known, review)
    protected = protect(form, matches, edition, audience, known, key)
    sheet = assemble(protected, edition, audience, known)
    reading.matches += protected.matches
    reading.problems += [*problems, *protected.problems, *redacted_warnings(form, sheet.redacted)]
    reading.problems += [*filler_warnings(name, sheet.fillers), *damage_warnings(form, protected.matches, known)]
    reading.sheets.append(sheet)
    note = "" if form.numbers else "aucune réponse"
    if not form.numbers:
        reading.problems.append(_no_rows(name))
    reading.files.append(
        _entry(
            name,
            document.sha256,
            form.tool,
            form.table.encoding,
            form.table.delimiter,
            form.header_rows,
            len(form.numbers),
            True,
            listed(_partners(form)),
            note,
        )
    )


def _no_rows(name: str) -> Problem:
    return Problem(
        file=name,
        found="aucune réponse dans ce fichier",
        expected="au moins une réponse sous les en-têtes",
        action="rien si personne n'a répondu par ce formulaire ; sinon, exportez de nouveau les réponses",
        severity="warning",
    )


def _folder(name: str) -> str | None:
    """The partner that a file's folder names, if it lies in one."""
    return name.rpartition("/")[0] or None


def _partners(form: Form) -> list[str]:
    return sorted({partner for partner in form.partner if partner is not None})


def _entry(*values: object) -> dict[str, object]:
    return dict(zip(FILE_COLUMNS, values, strict=True))


# What a file lacks


def _check(
    form: Form, matches: list[Match], edition: Edition, audience: Audience, known: Catalogue, review: str
) -> tuple[list[Match], list[Problem]]:
    """The matches, with more of them put before a person where questions have no column, and what is wrong."""
    columns = {known.targets[match.target] for match in matches if match.decided}
    missing = [question for question in known.questions.values() if question.id not in columns]
    nearest = {question.id: nearest_columns(question.id, matches, known) for question in missing if question.required}
    if (nearest or not columns) and headings_are_answers(form, known):
        return [_silenced(match) for match in matches], [_headless(form)]
    likely = _likely_questions(matches, nearest, known)
    asked = [question for question in known.questions.values() if not question.personal]
    if not columns.intersection(question.id for question in asked) and (
        (not columns and not likely) or len(likely) < FEWEST_LIKELY * len(asked)
    ):
        for question, scored in nearest.items():
            matches = _doubt(matches, question, scored)
        return matches, [_another_survey(form, review if any(match.asked for match in matches) else "")]
    problems = _accepted_twice(form, matches, known)
    requirements = list(matches)
    for question, scored in nearest.items():
        matches = _doubt(matches, question, scored)
    problems += _doubtful(form, matches, known, set(nearest), review)
    doubted = {
        known.targets[candidate.target]
        for match in matches
        if match.status == "doubtful"
        for candidate in match.candidates[:1]
    }
    open_questions = [q.id for q in missing if not q.personal and q.id not in doubted]
    absent = [id for id in open_questions if id not in nearest]
    matches = set_aside(form, matches, open_questions, edition, audience, known)
    aside = [match.column for match in matches if match.status == "aside"]
    waiting = questions_waiting(matches, known)
    unasked = [question for question in open_questions if question not in waiting]
    for question, scored in nearest.items():
        problems.append(_required(form, question, scored, requirements, known, review, bool(aside)))
    matches, few = _few_questions(form, matches, columns, edition, audience, known, review)
    problems += few
    lost = _consent_lost(open_questions, edition, audience)
    if aside:
        problems.append(_left_aside(form, aside, open_questions, unasked, review, lost))
    elif absent and not few:
        problems.append(
            Problem(
                file=form.file,
                found=f"{counted(len(absent), 'question')} sans colonne : {', '.join(absent)}",
                expected="une colonne par question",
                action="rien si ces questions n'ont pas été posées dans ce formulaire : pour ses répondants, "
                f"elles comptent comme non posées{_but(absent, unasked)} ; sinon, exportez de nouveau avec leurs "
                f"colonnes{lost}",
                severity="warning",
            )
        )
    problems += _missing_options(form, matches, known)
    return matches, problems


def _likely_questions(
    matches: Sequence[Match], nearest: Mapping[str, Sequence[tuple[float, Match]]], known: Catalogue
) -> set[str]:
    """The questions, personal ones left out, that a column of the file is likely to answer, though none is certain."""
    doubted = {
        known.targets[candidate.target]
        for match in matches
        if match.status == "doubtful"
        for candidate in match.candidates[:1]
    }
    close = {question for question, scored in nearest.items() if any(score >= _LIKELY for score, _ in scored)}
    return {question for question in doubted | close if not known.questions[question].personal}


def questions_found(matches: Sequence[Match], file: str, known: Catalogue) -> tuple[int, int]:
    """How many questions have a column in a file, and of how many; personal ones don't count."""
    decided = {known.targets[match.target] for match in matches if match.decided and match.file == file}
    asked = [question.id for question in known.questions.values() if not question.personal]
    return len(decided.intersection(asked)), len(asked)


def _few_questions(
    form: Form,
    matches: list[Match],
    columns: set[str],
    edition: Edition,
    audience: Audience,
    known: Catalogue,
    review: str,
) -> tuple[list[Match], list[Problem]]:
    """The refusal of a file in which most of the questionnaire is not found: another audience's, most often.

    A person who has decided on its columns has seen that it is in its place; where none is left to decide on, one is
    put forward for that.
    """
    asked = [question.id for question in known.questions.values() if not question.personal]
    found = len(columns.intersection(asked))
    undecided = any(match.asked for match in matches)
    accepted = any(match.status == "accepted" for match in matches)
    if found >= FEWEST_FOUND * len(asked) or (accepted and not undecided):
        return matches, []
    refusal = Problem(
        file=form.file,
        found=f"{counted(found, 'question')} sur {len(asked)} seulement",
        expected="l'export de ce questionnaire, avec une colonne pour la moitié des questions au moins, "
        "ou des colonnes acceptées par une personne",
        action=f"vérifiez que le fichier est dans le bon dossier (édition et public) ; s'il l'est, {review} : cela "
        "suffit, si chacune de ses colonnes proposées est décidée (« ignore » pour celle qui n'est pas une question)",
    )
    return (matches if undecided else _one_to_confirm(matches, edition, audience, known)), [refusal]


def _one_to_confirm(matches: list[Match], edition: Edition, audience: Audience, known: Catalogue) -> list[Match]:
    """The matches, of which a certain one is put before a person: of a question that no other audience has, if any."""
    elsewhere = {
        question.id
        for name, other in edition.questionnaires.items()
        if name != audience
        for question in other.questions
    }
    certain = [match for match in matches if match.status == "certain"]
    certain.sort(key=lambda match: (known.targets[match.target] in elsewhere, match.column.position))
    return [
        replace(
            match,
            reason="peu de questions dans ce fichier : est-il bien à sa place ?",
            candidates=(Candidate(match.target, 100.0),),
        )
        if match in certain[:1]
        else match
        for match in matches
    ]


def _consent_lost(questions: Sequence[str], edition: Edition, audience: Audience) -> str:
    """What a missing consent costs, to end an action with: it is no question among others."""
    consent = edition.questionnaires[audience].identity.consent
    if consent is None or consent.question not in questions:
        return ""
    asked = consent.question
    return f" ; mais sans colonne pour la question d'accord ({asked}), toutes ces réponses seront écartées"


def _but(questions: Sequence[str], unasked: Sequence[str]) -> str:
    waiting = [question for question in questions if question not in unasked]
    return f", sauf {listed(waiting)}, qu'une colonne douteuse peut concerner" if waiting else ""


def _left_aside(
    form: Form, columns: Sequence[Column], questions: Sequence[str], unasked: Sequence[str], review: str, lost: str
) -> Problem:
    number = len(columns)
    left = counted(number, "colonne non reconnue, laissée de côté", "colonnes non reconnues, laissées de côté")
    names = listed((f"« {_brief(column.heading, 60)} »" for column in columns), separator=" ; ")
    return Problem(
        file=form.file,
        found=f"{left} ({names}), alors que {counted(len(questions), 'question')} n'{_has(len(questions))} pas de "
        f"colonne : {', '.join(questions)}",
        expected="une colonne par question",
        action=f"{review} ; « ignore » pour une colonne qui n'est pas une question ; d'ici là, ces questions comptent "
        f"comme {_until_decided(questions, unasked)}{lost}",
        severity="warning",
    )


def _until_decided(questions: Sequence[str], unasked: Sequence[str]) -> str:
    if not unasked:
        return "sans réponse"
    return "non posées" if len(unasked) == len(questions) else f"sans réponse, sauf {listed(unasked)}, non posées"


def _has(number: int) -> str:
    return "a" if number < 2 else "ont"


def _another_survey(form: Form, review: str) -> Problem:
    """`review` is what a person may do about the few columns that look like questions."""
    return Problem(
        file=form.file,
        found=f"{len(form.columns)} colonnes, dont aucune ne correspond à une question",
        expected="un export de ce questionnaire",
        action="vérifiez que le fichier est dans le bon dossier (édition et public)"
        + (f" ; s'il l'est, {review}" if review else ""),
    )


def _headless(form: Form) -> Problem:
    return Problem(
        file=form.file,
        found="des réponses à la place des intitulés : pas de ligne d'en-tête ?",
        expected="les intitulés ou les codes des questions au-dessus des réponses",
        action="exportez de nouveau avec la ligne d'en-tête",
    )


def _silenced(match: Match) -> Match:
    """A match of which neither a message nor a proposal speaks."""
    return Match(match.file, match.column, match.occurrence, "ignored")


def _doubt(matches: list[Match], question: str, nearest: Sequence[tuple[float, Match]]) -> list[Match]:
    raised = {match.key: score for score, match in nearest if match.status == "ignored" and score >= _LIKELY}
    return [
        replace(
            match,
            status="doubtful",
            how="similarity",
            reason="question obligatoire sans colonne",
            candidates=(Candidate(question, raised[match.key]), *match.candidates)[:3],
        )
        if match.key in raised and match.status == "ignored"
        else match
        for match in matches
    ]


def _required(
    form: Form,
    question: str,
    nearest: Sequence[tuple[float, Match]],
    matches: Sequence[Match],
    known: Catalogue,
    review: str,
    aside: bool,
) -> Problem:
    claiming = [
        (max(scores), match)
        for match in matches
        if match.status == "doubtful"
        and (scores := [c.score for c in match.candidates if known.targets[c.target] == question])
    ]
    # Under the threshold, a heading may be anything, even an answer.
    shown = [(score, match) for score, match in claiming or nearest if score >= DOUBTFUL][:3]
    names = " ; ".join(f"« {_brief(match.column.heading)} » ({score:.0f})" for score, match in shown)
    proposed = bool(claiming) or aside or any(score >= _LIKELY for score, _ in nearest)
    return Problem(
        file=form.file,
        column=question,
        found="aucune colonne certaine" + (f" ; les plus proches : {names}" if names else ""),
        expected=f"une colonne pour la question obligatoire « {_brief(known.labels[question])} »",
        action=f"si une colonne proposée convient, {review} ; sinon, exportez de nouveau avec cette colonne"
        if proposed
        else "exportez de nouveau avec cette colonne",
    )


def _doubtful(form: Form, matches: Sequence[Match], known: Catalogue, required: set[str], review: str) -> list[Problem]:
    """One warning for the doubtful columns of one heading, question or grid, which are left out."""
    by_heading: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.status == "doubtful" and not required.intersection(_candidate_questions(match, known)[:1]):
            by_heading[normalise(match.column.question or match.column.heading)].append(match)
    # Tools that write « question - option » give each option a heading of its own.
    grouped: dict[str, list[Match]] = defaultdict(list)
    for heading, found in by_heading.items():
        meant = {known.questions[id].grid or id for match in found for id in _candidate_questions(match, known)[:1]}
        grouped[f"question {meant.pop()}" if len(meant) == 1 else f"heading {heading}"] += found
    problems = []
    for found in grouped.values():
        questions = dict.fromkeys(id for match in found for id in _candidate_questions(match, known)[:1])
        one = len({normalise(match.column.question or match.column.heading) for match in found}) == 1
        problems.append(
            Problem(
                file=form.file,
                column=_brief(found[0].column.heading) if one else "",
                found=f"{counted(len(found), 'colonne douteuse', 'colonnes douteuses')}"
                f"{' sous cet intitulé' if one else f', dont « {_brief(found[0].column.heading)} »'}, hors du calcul : "
                + ", ".join(dict.fromkeys(match.reason for match in found)),
                expected=f"les colonnes de : {', '.join(questions)}" if questions else "une question connue",
                action=review,
                severity="warning",
            )
        )
    return problems


def _candidate_questions(match: Match, known: Catalogue) -> list[str]:
    return [known.targets[candidate.target] for candidate in match.candidates]


def _accepted_twice(form: Form, matches: Sequence[Match], known: Catalogue) -> list[Problem]:
    """Targets that several columns were accepted for; columns that each hold some of the options are one answer."""
    by_target: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.status == "accepted" and match.decided:
            by_target[match.target].append(match)
    return [
        Problem(
            file=form.file,
            column=_brief(found[1].column.heading),
            found=f"deux colonnes acceptées pour « {target} » ; l'autre est « {_brief(found[0].column.heading)} »",
            expected="une colonne par question ou par option dans un fichier",
            action="dans mappings/ de l'édition, donnez « ignore » pour « target » à l'une des deux",
        )
        for target, found in by_target.items()
        if len(found) > 1 and not takes_several_columns(target, known)
    ]


def _missing_options(form: Form, matches: Sequence[Match], known: Catalogue) -> list[Problem]:
    decided = {match.target for match in matches if match.decided}
    asked = any(match.asked for match in matches)
    problems = []
    for question in known.questions.values():
        options = [target for target, of in known.targets.items() if of == question.id and target != question.id]
        codes = [target for target in options if not target.endswith(("__other", "__other_text"))]
        if question.type not in PER_OPTION or question.id in decided or decided.isdisjoint(codes):
            continue
        missing = [target.partition("__")[2] for target in codes if target not in decided]
        proposed = ", ou acceptez la colonne qui convient (observatory mapping accept)" if asked else ""
        if missing:
            problems.append(
                Problem(
                    file=form.file,
                    column=question.id,
                    found=f"pas de colonne pour {counted(len(missing), 'option')} : {', '.join(missing)}",
                    expected="une colonne par option",
                    action="rien si elles n'ont pas été proposées ; sinon les parts de cette question sont fausses : "
                    f"vérifiez l'export{proposed}",
                    severity="warning",
                )
            )
    return problems


def _misnamed_rules(edition: Edition, audience: Audience, reading: _Reading) -> list[Problem]:
    """Exclusion rules that no column of a file carries, where one of its columns looks as if it were meant."""
    problems = []
    for index, rule in enumerate(edition.questionnaires[audience].exclude):
        served = {sheet.form.file for sheet in reading.sheets if index in sheet.rules}
        for match in reading.matches:
            heading = match.column.heading
            if match.status not in {"ignored", "aside"} or match.file in served:
                continue
            if max(similarity(heading, name) for name in rule.column) >= DOUBTFUL:
                problems.append(
                    Problem(
                        file=match.file,
                        column=_brief(heading),
                        found="une colonne qui ressemble à celle d'une règle d'exclusion, sans en avoir le nom",
                        expected=f"l'un des noms de « exclude » : {', '.join(rule.column)}",
                        action="si elle écarte des réponses, ajoutez son nom à « exclude » dans le questionnaire",
                        severity="warning",
                    )
                )
    return problems


def _brief(text: str, length: int = 90) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _empty(place: str, found: str) -> Problem:
    return Problem(
        file=place,
        found=found,
        expected="les exports du formulaire, avec au moins une réponse",
        action=f"déposez-les dans {place}/ de l'espace de travail, puis relancez",
    )


# Tables


def _select(
    sheets: Sequence[Sheet], merged: Merged, columns: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> str:
    """The SQL of the raw table: the rows kept of each file, in order, their cells read where they lie."""
    return " UNION ALL ".join(
        _sheet_select(sheet, kept, columns, connection, index)
        for index, (sheet, kept) in enumerate(zip(sheets, merged.keys, strict=True))
    )


def _sheet_select(
    sheet: Sheet, keys: Sequence[str | None], columns: Sequence[str], connection: duckdb.DuckDBPyConnection, index: int
) -> str:
    form = sheet.form
    told: dict[str, Texts] = {
        "respondent": keys,
        "tool_id": form.tool_id,
        "submitted_at": form.submitted_at,
        "language": form.language,
        "complete": form.complete,
        "test": form.test,
        "simulated": form.simulated,
        "partner": form.partner,
        "exclude_reason": sheet.excluded,
        **sheet.hashes,
        **{name: sheet.texts(name) for name in sheet.redacted},
    }
    known = {name: texts for name, texts in told.items() if texts.count(None) < len(texts)}
    about = pd.DataFrame({"row": list(form.numbers)})
    for name, texts in {"respondent": told["respondent"], **known}.items():
        about[name] = np.array(texts, dtype=object)
    expressions = sheet.expressions()
    constants = {"file": form.file, "tool": form.tool}

    def expression(column: str) -> str:
        if column in constants:
            return sql_text(constants[column])
        if column == "row" or column in known:
            return f"about.{quoted(column)}"
        return expressions.get(column, "NULL::VARCHAR")

    selected = ", ".join(f"{expression(column)} AS {quoted(column)}" for column in columns)
    parts, first = [], 0
    for part, (relation, rows) in enumerate(form.cells.relations(connection)):
        name = f"about_{index}_{part}"
        connection.register(name, about[first : first + rows])
        first += rows
        parts.append(
            f"SELECT {selected} FROM ({relation}) cells POSITIONAL JOIN {name} about WHERE about.respondent IS NOT NULL"
        )
    return " UNION ALL ".join(parts)


def _file_table(reading: _Reading, merged: Merged) -> pd.DataFrame:
    files = pd.DataFrame(reading.files, columns=list(FILE_COLUMNS))
    names = [sheet.form.file for sheet in reading.sheets]
    gone: dict[int, Counter[str]] = defaultdict(Counter)
    for _, place, kept in merged.replaced:
        gone[place.sheet][names[kept.sheet]] += 1
    for index, sources in gone.items():
        if sources.total() == len(reading.sheets[index]) and names[index] not in sources:
            everyone = counted(sources.total(), "répondant")
            note = f"entièrement contenu dans {listed(sorted(sources))} : {everyone} repris"
        else:
            note = " ; ".join(f"{counted(n, 'répondant')} repris de {file}" for file, n in sorted(sources.items()))
        files.loc[files["file"] == names[index], "note"] = note
    return files


def _columns_lost(sheets: Sequence[Sheet], merged: Merged) -> list[Problem]:
    """A warning for each file whose rows are replaced by those of another that lacks some of its columns."""
    pairs = dict.fromkeys((place.sheet, kept.sheet) for _, place, kept in merged.replaced if place.sheet != kept.sheet)
    problems = []
    for old, new in pairs:
        lost = [name for name in sheets[old].answers if name not in sheets[new].answers and sheets[old].says(name)]
        if lost:
            problems.append(
                Problem(
                    file=sheets[old].form.file,
                    found=f"des réponses remplacées par celles de {sheets[new].form.file}, qui n'a pas de colonne pour "
                    f"{listed(lost)}",
                    expected="un export plus récent qui a toutes les colonnes du précédent",
                    action=f"exportez de nouveau avec ces colonnes ; sinon ces réponses ne comptent pas (ou retirez "
                    f"{sheets[new].form.file})",
                    severity="warning",
                )
            )
    return problems


def _replaced(sheets: Sequence[Sheet], merged: Merged) -> pd.DataFrame:
    def where(place: Place) -> tuple[str, int]:
        form = sheets[place.sheet].form
        return form.file, form.numbers[place.row]

    return pd.DataFrame(
        [(key, *where(place), *where(kept)) for key, place, kept in merged.replaced],
        columns=["respondent", "file", "row", "kept_file", "kept_row"],
    ).astype({"respondent": "str", "file": "str", "row": "int64", "kept_file": "str", "kept_row": "int64"})
