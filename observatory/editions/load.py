"""Reading an edition's folder and checking it as a whole.

Belongs here: which files make an edition, and the checks between them (names, lists, conditions, indicators). Does not
belong here: the shape of one file (model.py), the editions before (lineage.py), margins and targets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from observatory.editions.documents import DataPath, Document, parse, read_document, shown
from observatory.editions.expressions import ExpressionError, condition
from observatory.editions.lineage import check_lineage
from observatory.editions.margins import check_margins
from observatory.editions.model import (
    AUDIENCES,
    CHOICE_TYPES,
    NUMERIC_TYPES,
    Audience,
    ChoiceList,
    Edition,
    EditionConfig,
    Indicators,
    KnownMargins,
    Question,
    Questionnaire,
)
from observatory.editions.targets import check_targets
from observatory.problems import Problem, ProblemsError


def edition_names(schemas: Path) -> list[str]:
    """The editions that have a folder, oldest first."""
    if not schemas.is_dir():
        return []
    return sorted(folder.name for folder in schemas.iterdir() if (folder / "edition.yaml").is_file())


def load_edition(schemas: Path, name: str) -> Edition:
    """The edition of that name, wholly checked.

    Raises ProblemsError with every fault found, each with its file and line, what was found and what was expected.
    """
    edition, documents = _read(schemas, name)
    problems = _check_questionnaires(edition, documents)
    if not problems:
        problems = [*_check_indicators(edition, documents), *check_margins(edition, documents)]
    if not problems:
        problems = [
            *check_targets(edition, documents),
            *check_lineage(edition, documents, edition_names(schemas), _earlier(schemas)),
        ]
    if problems:
        raise ProblemsError(problems)
    return edition


def _read(schemas: Path, name: str) -> tuple[Edition, dict[str, Document]]:
    folder = schemas / name
    if not (folder / "edition.yaml").is_file():
        names = edition_names(schemas)
        raise ProblemsError(
            [
                Problem(
                    file=f"{schemas.name}/{name}",
                    found=f"l'édition {name} n'existe pas",
                    expected=f"l'une des éditions : {', '.join(names)}" if names else "un dossier par édition",
                    action="vérifiez l'année, ou créez l'édition avec « observatory new-edition »",
                )
            ]
        )
    problems: list[Problem] = []
    documents: dict[str, Document] = {}

    def read(key: str, file: Path) -> Document | None:
        try:
            documents[key] = read_document(file)
        except ProblemsError as error:
            problems.extend(error.problems)
            return None
        return documents[key]

    def attempt(document: Document | None, model):  # type: ignore[no-untyped-def]
        if document is None:
            return None
        try:
            return parse(document, model)
        except ProblemsError as error:
            problems.extend(error.problems)
            return None

    config: EditionConfig | None = attempt(read("edition", folder / "edition.yaml"), EditionConfig)
    indicators: Indicators | None = attempt(read("indicators", folder / "indicators.yaml"), Indicators)
    questionnaires: dict[Audience, Questionnaire] = {}
    for audience in AUDIENCES:
        if (folder / f"{audience}.yaml").is_file():
            questionnaire = attempt(read(audience, folder / f"{audience}.yaml"), Questionnaire)
            if questionnaire is not None:
                questionnaires[audience] = questionnaire
    if not any(audience in documents for audience in AUDIENCES) and not problems:
        problems.append(
            Problem(
                file=f"{schemas.name}/{name}",
                found="aucun questionnaire",
                expected="startup.yaml, buyer.yaml ou les deux",
                action="ajoutez au moins un questionnaire",
            )
        )
    margins: dict[Audience, KnownMargins] = {}
    for file in sorted((folder / "margins").glob("[!.]*")):
        of = next((audience for audience in AUDIENCES if file.name == f"{audience}.yaml"), None)
        if of is None:
            problems.append(_stray(file))
            continue
        known = attempt(read(f"margins/{of}", file), KnownMargins)
        if known is not None:
            margins[of] = known
    lists: dict[str, ChoiceList] = {}
    for file in sorted((schemas / "lists").glob("*.yaml")):
        choice_list = attempt(read(f"lists/{file.stem}", file), ChoiceList)
        if choice_list is not None:
            lists[choice_list.id] = choice_list
    if problems or config is None or indicators is None:
        raise ProblemsError(problems)
    if config.edition != name:
        raise ProblemsError(
            [
                documents["edition"].problem(
                    ("edition",),
                    found=f"« {config.edition} »",
                    expected=f"« {name} », le nom du dossier",
                    action="corrigez l'année ou le nom du dossier",
                )
            ]
        )
    edition = Edition(
        folder=folder,
        config=config,
        questionnaires=questionnaires,
        indicators=indicators.indicators,
        lists=lists,
        margins=margins,
    )
    return edition, documents


def _stray(file: Path) -> Problem:
    """A file that nothing would read: answers would go unweighted without a word."""
    return Problem(
        file=shown(file),
        found="un fichier que rien ne lit",
        expected=f"des marges par public : {', '.join(f'{audience}.yaml' for audience in AUDIENCES)}",
        action="corrigez le nom de ce fichier, ou sortez-le du dossier margins",
    )


def _check_questionnaires(edition: Edition, documents: dict[str, Document]) -> list[Problem]:
    problems: list[Problem] = []
    for audience, questionnaire in edition.questionnaires.items():
        document = documents[audience]
        if questionnaire.audience != audience:
            problems.append(
                document.unknown(("audience",), "le public de ce fichier", questionnaire.audience, [audience])
            )
        before = len(problems)
        problems += _check_names(edition, questionnaire, document)
        if len(problems) == before:
            problems += _check_conditions(edition, questionnaire, document)
    return problems


def _check_names(edition: Edition, questionnaire: Questionnaire, document: Document) -> list[Problem]:
    problems: list[Problem] = []
    sections = [section.id for section in questionnaire.sections]
    grids = [grid.id for grid in questionnaire.grids]
    ids = [question.id for question in questionnaire.questions]
    first: dict[str, int] = {}
    for index, question in enumerate(questionnaire.questions):
        here: DataPath = ("questions", index)
        if question.id in first:
            problems.append(
                document.problem(
                    (*here, "id"),
                    found=f"« {question.id} » une deuxième fois",
                    expected="un identifiant par question",
                    action=f"l'autre est à la ligne {document.line(('questions', first[question.id]))} : renommez-la",
                )
            )
        first.setdefault(question.id, index)
        if question.section not in sections:
            problems.append(document.unknown((*here, "section"), "une section", question.section, sections))
        if question.grid is not None and question.grid not in grids:
            problems.append(document.unknown((*here, "grid"), "une grille", question.grid, grids))
        shared_list = None if question.choices is None else question.choices.list
        if shared_list is not None and shared_list not in edition.lists:
            problems.append(document.unknown((*here, "choices", "list"), "une liste", shared_list, edition.lists))
            continue
        problems += _check_choices(edition, question, document, here)
        missing = [language for language in edition.config.languages if language not in question.label]
        if missing:
            problems.append(
                document.problem(
                    (*here, "label"),
                    found=f"pas de libellé en {', '.join(missing)}",
                    expected=f"un libellé par langue de l'édition ({', '.join(edition.config.languages)})",
                    action="ajoutez le libellé",
                )
            )
        if "{reference_year}" in "".join(question.label.values()) and question.reference_year is None:
            problems.append(
                document.problem(
                    (*here, "label"),
                    found="{reference_year} dans le libellé",
                    expected="reference_year: first ou last",
                    action="ajoutez reference_year à la question",
                )
            )
    identity = questionnaire.identity
    for key in ("siren", "email", "perimeter", "organisation"):
        name = getattr(identity, key)
        if name is not None and name not in ids:
            problems.append(document.unknown(("identity", key), "une question", name, ids))
    if identity.consent is not None and identity.consent.question not in ids:
        problems.append(
            document.unknown(("identity", "consent", "question"), "une question", identity.consent.question, ids)
        )
    for index, name in enumerate(questionnaire.strata):
        if name not in _stratifying(questionnaire):
            known = _stratifying(questionnaire)
            problems.append(document.unknown(("strata", index), "une question à choix unique", name, known))
    return problems


def _stratifying(questionnaire: Questionnaire) -> list[str]:
    """The questions that put each respondent in one category at most."""
    return [q.id for q in questionnaire.questions if q.type in {"single", "bracket", "likert"} and not q.personal]


def _check_choices(edition: Edition, question: Question, document: Document, here: DataPath) -> list[Problem]:
    codes = [choice.code for choice in edition.choices(question)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        return [
            document.problem(
                (*here, "choices"),
                found=f"le code « {twice[0]} » deux fois",
                expected="un code par option",
                action="renommez l'une des options (« other » est ajouté par other: true)",
            )
        ]
    if question.choices is not None and not codes:
        return [
            document.problem(
                (*here, "choices"),
                found=f"aucune option pour l'édition {edition.name}",
                expected="au moins une option proposée cette année-là",
                action="vérifiez since et until dans la liste",
            )
        ]
    return []


def _check_conditions(edition: Edition, questionnaire: Questionnaire, document: Document) -> list[Problem]:
    problems: list[Problem] = []

    def check(path: DataPath, text: str | None) -> None:
        if text is None:
            return
        try:
            condition(text, questionnaire, edition)
        except ExpressionError as error:
            problems.append(document.problem(path, found=error.found, expected=error.expected, action=error.action))

    for index, question in enumerate(questionnaire.questions):
        check(("questions", index, "show_if"), question.show_if)
        for position, rule in enumerate(question.check):
            check(("questions", index, "check", position, "rule"), rule.rule)
    consent = questionnaire.identity.consent
    if consent is not None:
        codes = [choice.code for choice in edition.choices(questionnaire.question(consent.question))]
        for index, code in enumerate(consent.accepted):
            if code not in codes:
                problems.append(document.unknown(("identity", "consent", "accepted", index), "un code", code, codes))
    return problems


def _check_indicators(edition: Edition, documents: dict[str, Document]) -> list[Problem]:
    document = documents["indicators"]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, indicator in enumerate(edition.indicators):
        here: DataPath = ("indicators", index)
        if indicator.id in seen:
            problems.append(
                document.problem(
                    (*here, "id"),
                    found=f"« {indicator.id} » deux fois",
                    expected="un identifiant par indicateur",
                    action="renommez l'un des deux",
                )
            )
        seen.add(indicator.id)
        questionnaire = edition.questionnaires.get(indicator.audience)
        if questionnaire is None:
            problems.append(
                document.unknown((*here, "id"), "un public de cette édition", indicator.audience, edition.audiences)
            )
            continue
        questions = {question.id: question for question in questionnaire.questions}
        for name in indicator.sources:
            if name not in questions:
                problems.append(document.unknown(here, "une question", name, questions))
                continue
            wanted = CHOICE_TYPES if indicator.kind == "distribution" else NUMERIC_TYPES
            if questions[name].type not in wanted:
                problems.append(
                    document.problem(
                        here,
                        found=f"la question « {name} », de type {questions[name].type}",
                        expected=f"pour {indicator.kind}, un type parmi : {', '.join(sorted(wanted))}",
                        action="changez de question ou de genre (kind)",
                    )
                )
        for name in indicator.breakdowns or ():
            known = _stratifying(questionnaire)
            if name not in known:
                problems.append(document.unknown((*here, "breakdowns"), "une question à choix unique", name, known))
        years = [
            questions[name].reference_year for name in indicator.questions or indicator.numerators if name in questions
        ]
        if len(set(years)) < len(years):
            problems.append(
                document.problem(
                    here,
                    found="plusieurs questions pour une même année de référence",
                    expected="une question par année (reference_year: first, last)",
                    action="dites l'année de chaque question, ou faites un indicateur par question",
                )
            )
        if indicator.where is not None:
            try:
                condition(indicator.where, questionnaire, edition)
            except ExpressionError as error:
                problems.append(
                    document.problem((*here, "where"), found=error.found, expected=error.expected, action=error.action)
                )
    return problems


def _earlier(schemas: Path) -> Callable[[str], Edition]:
    """Reads each edition once, with its questionnaires checked."""

    @cache
    def read(name: str) -> Edition:
        edition, documents = _read(schemas, name)
        if faults := _check_questionnaires(edition, documents):
            raise ProblemsError(faults)
        return edition

    return read
