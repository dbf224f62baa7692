"""From one audience's raw table to validated answers.

Belongs here: the order of the work, and gathering what it refused. Does not belong here:
any rule (values.py, routing.py, schema.py, respondents.py), any file or database.

Cells are typed, then corrected, then routed, then held to the schema until nothing fails;
then respondents are sifted. A value refused becomes missing; it removes nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import pandas as pd

from observatory.editions.columns import question_columns, state_column
from observatory.editions.model import Audience, Edition, Question
from observatory.phrases import counted, listed
from observatory.problems import Problem, ProblemsError
from observatory.validate.applying import apply_corrections, decisions, settle
from observatory.validate.corrections import AUDIENCE_NAMES, COLUMNS
from observatory.validate.describe import describe
from observatory.validate.duplicates import OPEN
from observatory.validate.respondents import STEPS, Sifted, identity_questions, sift
from observatory.validate.routing import ANSWERED, Rows, asked_questions, clear, conditions_of, route
from observatory.validate.rules import NO_CONSENT, question_rules, rule_id
from observatory.validate.schema import META_COLUMNS, Failure, answers_schema, failures, rows_schema
from observatory.validate.values import answered, read_question

REFUSED_COLUMNS = {
    "respondent": "str",
    "file": "str",
    "row": "int64",
    "question": "str",
    "column": "str",
    "rule": "str",
    "found": "str",
    "expected": "str",
    "action": "str",
    "severity": "str",
}
REMOVED_COLUMNS = {"respondent": "str", "file": "str", "row": "int64", "rule": "str", "reason": "str", "kept": "str"}
CORRECTION_COLUMNS = {name: "int64" if name == "row" else "str" for name in COLUMNS if name != "value"}


@dataclass(frozen=True)
class Validated:
    """What validate() gives.

    table        one row a respondent kept, in the raw table's order: META_COLUMNS, then validated_columns()
    refused      one row a refused value of a respondent kept, or a consent that could not be read (REFUSED_COLUMNS);
                 `found` is an answer: team only
    removed      one row a respondent removed (REMOVED_COLUMNS); `kept` is the respondent whose answer counts instead
    duplicates   one row an answer that has a twin, removed, kept or open (DUPLICATE_COLUMNS); holds SIRENs and names:
                 team only
    corrections  one row a line on this audience (CORRECTION_COLUMNS), and with the edition's first audience those on
                 none of its audiences; status is applied, no_effect or refused
    steps        from received to used: audience, step, label, count; received less the removed = used
    problems     warnings: lines of corrections refused here (those refused when read are not among them), options that
                 stand in texts taken for « autre »

    Every frame is stored in the database (step.py), for the team only.
    """

    audience: Audience
    table: pd.DataFrame
    refused: pd.DataFrame
    removed: pd.DataFrame
    duplicates: pd.DataFrame
    corrections: pd.DataFrame
    steps: pd.DataFrame
    problems: tuple[Problem, ...] = ()

    @property
    def decisions(self) -> pd.DataFrame:
        """The answers that await the team's decision."""
        return self.duplicates[self.duplicates["situation"].eq(OPEN)].reset_index(drop=True)


@dataclass
class _Refusals:
    """Refused values as they are found: frames of _REFUSAL_COLUMNS."""

    edition: Edition
    frames: list[pd.DataFrame] = field(default_factory=list)

    def read(self, question: Question, refused: pd.DataFrame) -> None:
        """Cells that could not be read."""
        if len(refused):
            rules = refused["kind"].map(lambda kind: rule_id(question.id, kind))
            self._add(question, refused.assign(rule=rules, severity="error"))

    def broken(self, question: Question, rule: str, answers: pd.DataFrame) -> None:
        """Values that break a rule."""
        kind = rule.rpartition(".")[2]
        expected = {spec.id: spec.description_fr for spec in question_rules(self.edition, question)}
        frame = pd.DataFrame(
            {
                "column": question.id,
                "rule": rule,
                "found": describe(self.edition, question, answers),
                "expected": expected.get(rule, rule),
                "action": _ACTIONS.get(kind, "comparez les réponses concernées et corrigez celle qui est fausse"),
                "severity": "warning" if kind == "shown" else "error",
            }
        )
        self._add(question, frame)

    def _add(self, question: Question, frame: pd.DataFrame) -> None:
        self.frames.append(frame.assign(position=frame.index, question=question.id)[_REFUSAL_COLUMNS])

    def without(self, corrected: list[tuple[int, str]]) -> None:
        """Forget what the team has corrected since."""
        gone = set(corrected)
        for number, frame in enumerate(self.frames):
            pairs = zip(frame["position"], frame["question"], strict=True)
            self.frames[number] = frame[[pair not in gone for pair in pairs]]

    def table(self) -> pd.DataFrame:
        """All of them, the first of each respondent and question: a value is refused once."""
        every = pd.concat([pd.DataFrame(columns=_REFUSAL_COLUMNS), *self.frames], ignore_index=True)
        return every.drop_duplicates(["position", "question", "column"]).astype({"position": "int64"})


_REFUSAL_COLUMNS = ["position", "question", "column", "rule", "found", "expected", "action", "severity"]
_ACTIONS = {
    "bounds": "vérifiez l'unité (euros, milliers, millions) et le nombre de zéros",
    "siren": "retrouvez le SIREN de l'organisation (annuaire des entreprises)",
    "max_choices": "demandez lesquelles garder, ou laissez sans réponse",
    "exclusive": "demandez laquelle des deux réponses est la bonne",
    "ranks": "demandez l'ordre, ou laissez sans réponse",
    "shown": "vérifiez la réponse qui ouvre cette question ; sinon, rien à faire",
}


def validate(edition: Edition, audience: Audience, raw: pd.DataFrame, corrections: pd.DataFrame) -> Validated:
    """Type, correct and check one audience's raw answers (the raw table of ingest; read_corrections' frame).

    Raises ProblemsError when no respondent is left.
    """
    raw = raw.reset_index(drop=True)
    questions = asked_questions(edition, audience)
    refusals = _Refusals(edition)
    table, shown, asked, hidden = _read(edition, questions, raw, refusals)

    applied = apply_corrections(edition, audience, table, corrections)
    refusals.without(applied.corrected)
    for position, question in applied.corrected:
        shown[question][position] = True

    with duckdb.connect() as connection:
        _enforce(connection, edition, audience, table, shown, asked, refusals)

    refused = refusals.table()
    words = decisions(applied, table)
    given = _given(edition, audience, table, refused)
    sifted = sift(edition, audience, table, raw, given, words)
    unsaid = words.mask(words.notna())
    undisturbed = sifted if words.isna().all() else sift(edition, audience, table, raw, given, unsaid)
    kept = table[~table.index.isin(sifted.removed.index)]
    steps = _steps(audience, len(raw), sifted, len(kept))
    if kept.empty:
        raise ProblemsError([_nobody(audience, steps)])

    broken = {(position, name): rule for position, name, rule in zip(*(refused[c] for c in _CELL), strict=True)}
    problems = settle(applied, table, broken, sifted, undisturbed)
    return Validated(
        audience=audience,
        table=kept.reset_index(drop=True),
        refused=_listed(edition, audience, table, refused, sifted),
        removed=_removed(table, sifted),
        duplicates=sifted.duplicates.reset_index(drop=True),
        corrections=pd.DataFrame(applied.lines, columns=list(CORRECTION_COLUMNS)).astype(CORRECTION_COLUMNS),
        steps=steps,
        problems=(*hidden, *applied.problems, *problems),
    )


_CELL = ("position", "question", "rule")


def _read(
    edition: Edition, questions: list[Question], raw: pd.DataFrame, refusals: _Refusals
) -> tuple[pd.DataFrame, dict[str, pd.Series[bool]], dict[str, pd.Series[bool]], list[Problem]]:
    """The typed table, states still blank, who was shown each question by the form tool, who was asked it, warnings."""
    simulated = raw["simulated"].eq("true").fillna(False) if "simulated" in raw else pd.Series(False, index=raw.index)
    missing = pd.Series(pd.NA, index=raw.index)
    parts: list[pd.DataFrame] = [
        pd.DataFrame(
            {
                "respondent": raw["respondent"],
                "file": raw["file"],
                "row": raw["row"],
                "submitted_at": raw.get("submitted_at", missing),
                "simulated": simulated,
                "partner": raw.get("partner", missing),
            }
        ).astype(META_COLUMNS)
    ]
    shown: dict[str, pd.Series[bool]] = {}
    asked: dict[str, pd.Series[bool]] = {}
    hidden: list[Problem] = []
    for question in questions:
        reading = read_question(edition, question, raw)
        state = pd.Series("", index=raw.index, dtype="str", name=state_column(question.id))
        parts += [reading.columns, state.to_frame()]
        shown[question.id], asked[question.id] = reading.shown, reading.asked
        refusals.read(question, reading.refused)
        if len(reading.hiding):
            hidden.append(_hidden(question, raw.loc[reading.hiding]))
    return pd.concat(parts, axis="columns"), shown, asked, hidden


def _hidden(question: Question, rows: pd.DataFrame) -> Problem:
    """Options that stand in texts taken for « autre »: how many and where, never the texts."""
    places = (f"{file} (rangée {row})" for file, row in zip(rows["file"], rows["row"], strict=True))
    return Problem(
        column=question.id,
        found=f"un texte compté comme « autre » qui contient une option proposée, ou son début, dans "
        f"{counted(len(rows), 'réponse')} : {listed(places, separator=' ; ')}",
        expected="les options telles que le questionnaire les écrit, séparées par des points-virgules",
        action="relisez ces réponses dans le fichier reçu ; si l'option y est choisie, ajoutez une ligne dans "
        "corrections/ ; sinon, rien",
        severity="warning",
    )


def _enforce(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    audience: Audience,
    table: pd.DataFrame,
    shown: dict[str, pd.Series[bool]],
    asked: dict[str, pd.Series[bool]],
    refusals: _Refusals,
) -> None:
    """Clear every value that was not asked for or breaks a rule, until the table holds to its schema."""
    questionnaire = edition.questionnaires[audience]
    schema = answers_schema(edition, audience, connection)
    conditions = conditions_of(edition, audience)
    while True:
        for name, answers in route(connection, edition, audience, table, shown, asked, conditions).items():
            refusals.broken(questionnaire.question(name), rule_id(name, "shown"), answers)
        broken = failures(schema, table)
        if not broken:
            return
        # A value wrong in itself must not take another down with it: rules across questions come after.
        for failure in [failure for failure in broken if not failure.crossed] or broken:
            _refuse(edition, questionnaire.question(failure.question), failure, table, refusals)
        # What was cleared can only matter to rules across columns: a missing value is never wrong in itself.
        schema = rows_schema(schema)


def _refuse(edition: Edition, question: Question, failure: Failure, table: pd.DataFrame, refusals: _Refusals) -> None:
    answers = table.loc[failure.rows, list(question_columns(edition, question))]
    answers = answers[answered(edition, question, answers)]  # an earlier rule may have cleared it already
    refusals.broken(question, failure.rule, answers)
    clear(edition, question, table, table.index.isin(answers.index))


def _given(edition: Edition, audience: Audience, table: pd.DataFrame, refused: pd.DataFrame) -> Rows:
    """The rows with at least one value, taken or refused, beyond who answers."""
    identity = identity_questions(edition, audience)
    names = [question.id for question in asked_questions(edition, audience) if question.id not in identity]
    given: Rows = (table[[state_column(name) for name in names]] == ANSWERED).any(axis="columns").to_numpy(dtype=bool)
    tried = refused.loc[refused["question"].isin(names), "position"]
    return given | table.index.isin(tried)


def _listed(
    edition: Edition, audience: Audience, table: pd.DataFrame, refused: pd.DataFrame, sifted: Sifted
) -> pd.DataFrame:
    """The refused values the team can act on: of respondents kept, and consents that could not be read."""
    reasons = refused["position"].map(sifted.removed["rule"])
    consent = edition.questionnaires[audience].identity.consent
    unread = reasons.eq(NO_CONSENT) & refused["question"].eq(consent.question if consent else "")
    listed = refused[reasons.isna() | unread]
    who = table.loc[listed["position"], ["respondent", "file", "row"]].reset_index(drop=True)
    rows = pd.concat([who, listed.drop(columns="position").reset_index(drop=True)], axis="columns")
    order = {question.id: place for place, question in enumerate(asked_questions(edition, audience))}
    rows = rows.assign(place=rows["question"].map(order)).sort_values(["file", "row", "place"], kind="stable")
    return rows[list(REFUSED_COLUMNS)].astype(REFUSED_COLUMNS).reset_index(drop=True)


def _removed(table: pd.DataFrame, sifted: Sifted) -> pd.DataFrame:
    who = table.loc[sifted.removed.index, ["respondent", "file", "row"]]
    rows = pd.concat([who, sifted.removed], axis="columns")
    return rows[list(REMOVED_COLUMNS)].astype(REMOVED_COLUMNS).reset_index(drop=True)


def _steps(audience: Audience, received: int, sifted: Sifted, used: int) -> pd.DataFrame:
    counts = sifted.removed["rule"].value_counts()
    rows = [
        ("received", "Réponses reçues", received),
        *((rule.partition(".")[2], label, int(counts.get(rule, 0))) for rule, label in STEPS.items()),
        ("used", "Répondants retenus", used),
    ]
    frame = pd.DataFrame(rows, columns=["step", "label", "count"])
    frame.insert(0, "audience", audience)
    return frame.astype({"audience": "str", "step": "str", "label": "str", "count": "int64"})


def _nobody(audience: Audience, steps: pd.DataFrame) -> Problem:
    out = steps[steps["count"].gt(0)].iloc[1:]
    reasons = ", ".join(f"{label.lower()} : {count}" for label, count in zip(out["label"], out["count"], strict=True))
    return Problem(
        file=f"inbox, {AUDIENCE_NAMES[audience]}",
        found=f"{steps['count'].iloc[0]} réponse(s), aucune utilisable" + (f" ({reasons})" if reasons else ""),
        expected="au moins un répondant",
        action="vérifiez les fichiers déposés et la correspondance des colonnes, celle de l'accord surtout",
    )
