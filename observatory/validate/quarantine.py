"""The spreadsheet that tells the team, row by row and in French, what to correct.

Belongs here: its sheets and their layout. Does not belong here: what is refused, or how
the file is read back once filled in (corrections.py).

It is the only file that shows refused values. The same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from observatory.editions.model import Audience, Edition
from observatory.validate.corrections import APPLIED, AUDIENCE_NAMES, HEADERS, NO_EFFECT, NO_VALUE, REFUSED
from observatory.validate.duplicates import KEPT, OPEN, REMOVED
from observatory.validate.pipeline import Validated
from observatory.validate.rules import DUPLICATE, rules

_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 — fixed, so that the same content gives the same bytes

_SIGNATURE = (("initials", 11), ("date", 12), ("reason", 30))
_WIDTHS = {
    "Public": 11,
    "Répondant": 15,
    "Fichier": 26,
    "Rangée": 8,
    "Question": 24,
    "Intitulé": 44,
    "Règle": 36,
    "Valeur trouvée": 30,
    "Attendu": 40,
    "À faire": 40,
    "Importance": 12,
    "Valeur corrigée": 24,
    "Décision": 12,
    "Raison du retrait": 34,
    "Réponse retenue": 15,
    "Groupe": 8,
    "Situation": 11,
    "Pourquoi": 34,
    "Fichier retenu": 26,
    "Rangée retenue": 9,
    "Organisation": 30,
    "SIREN": 12,
    "Périmètre déclaré": 24,
    "Envoyée le": 20,
    "Complète": 10,
    "Questions répondues": 12,
    "Décision déjà prise": 12,
    "Fichier lu": 26,
    "Ligne": 8,
    "Signée": 9,
    "Le": 12,
    "Réponse": 15,
    "Question visée": 24,
    "État": 12,
    "Effet": 60,
} | {HEADERS[name]: width for name, width in _SIGNATURE}

_STATUS = {APPLIED: "appliquée", NO_EFFECT: "sans effet", REFUSED: "refusée"}

_SITUATIONS = {REMOVED: "retirée", KEPT: "retenue", OPEN: "à décider"}

_DUPLICATE_HEADERS = (
    "Groupe",
    "Public",
    "Répondant",
    "Fichier",
    "Rangée",
    "Situation",
    "Pourquoi",
    "Réponse retenue",
    "Fichier retenu",
    "Rangée retenue",
    "SIREN",
    "Organisation",
    "Périmètre déclaré",
    "Envoyée le",
    "Complète",
    "Questions répondues",
    "Décision déjà prise",
)

_GUIDE = f"""\
Ce fichier dit ce qui a été refusé à la dernière exécution. Il contient des réponses : ne le diffusez pas.
Feuille « À corriger » : une ligne par valeur refusée. Le répondant reste compté ; seule cette valeur manque.
Pour corriger, remplissez « Valeur corrigée », « Initiales » et « Date » (et « Motif » si utile).
La valeur corrigée est le libellé d'une réponse proposée, un nombre ou une date ; séparez plusieurs réponses par « ; ».
Pour dire qu'il n'y a pas de réponse, écrivez « {NO_VALUE} ». Une ligne laissée vide ne change rien.
Feuille « Répondants retirés » : « garder » dans « Décision » rétablit une réponse écartée.
Sans accord ou sans réponse, un répondant ne peut pas être gardé.
Feuille « Doublons » : les réponses d'un même répondant, groupe par groupe, et ce qui en a été fait.
Un répondant compte une fois, par sa réponse complète la plus récente (à défaut, la plus récente des incomplètes).
Ce qui rapproche deux réponses : le même SIREN, la même adresse électronique, un nom presque identique,
ou les mêmes réponses envoyées à la même seconde. Le guide (docs/guide.md) dit les conditions de chacun.
« retirée » : une autre compte à sa place ; « Pourquoi » dit ce qui les rapproche.
« à décider » : rien ne dit laquelle compte, ni si c'est le même répondant ; elles comptent toutes en attendant.
« garder » rétablit une réponse, « retirer » l'enlève, avec vos initiales et la date, que le logiciel ait décidé ou non.
Pour qu'une réponse en remplace une autre, il faut « garder » devant l'une et « retirer » devant l'autre.
Déposez ensuite ce fichier tel quel, sans le renommer, dans corrections/<édition>/ de l'espace de travail.
Puis relancez : s'il reste à corriger, un nouveau fichier vous attend, à déposer à côté des précédents.
Chaque ligne remplie est appliquée, et son effet dit dans la feuille « Corrections lues » de l'exécution suivante.
Laissez les fichiers de corrections dans ce dossier."""


def quarantine(edition: Edition, validated: Iterable[Validated]) -> bytes:
    """The XLSX file of one edition, with the audiences given.

    Three sheets that people fill in, with the columns that read_corrections reads, what became of the corrections
    already made, and a page on how to.
    """
    parts = list(validated)
    buffer = io.BytesIO()
    options = {
        # Cells hold what people typed: never a formula, never a link.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        # Otherwise answers go through the system's temporary folder, and stay there after a kill.
        "in_memory": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": f"Quarantaine {edition.name}", "created": _CREATED})
        formats = {
            "header": book.add_format(
                {"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top", "border": 1}
            ),
            "header_fill": book.add_format(
                {"bold": True, "bg_color": "#FEECC2", "text_wrap": True, "valign": "top", "border": 1}
            ),
            "cell": book.add_format({"text_wrap": True, "valign": "top"}),
            "fill": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFF9E8", "num_format": "@"}),
            "fill_date": book.add_format({"valign": "top", "bg_color": "#FFF9E8", "num_format": "dd/mm/yyyy"}),
        }
        _sheet(book.add_worksheet("À corriger"), formats, *_to_correct(edition, parts))
        _sheet(book.add_worksheet("Répondants retirés"), formats, *_removed(parts))
        _sheet(book.add_worksheet("Doublons"), formats, *_duplicates(edition, parts))
        _sheet(book.add_worksheet("Corrections lues"), formats, *_corrections(parts))
        guide = book.add_worksheet("Mode d'emploi")
        guide.set_column(0, 0, 110, formats["cell"])
        for row, text in enumerate(_GUIDE.splitlines()):
            guide.write_string(row, 0, text, formats["cell"])
    return buffer.getvalue()


Rows = Sequence[Mapping[str, Any]]
"""Header to value, in the sheet's order. Headers that people fill in are absent."""


def _to_correct(edition: Edition, parts: Iterable[Validated]) -> tuple[list[str], list[str], Rows]:
    rows: list[dict[str, Any]] = []
    for part in parts:
        questions = {question.id: question for question in edition.questionnaires[part.audience].questions}
        described = {rule.id: rule.description_fr for rule in rules(edition, part.audience)}
        rows += [
            {
                "Public": AUDIENCE_NAMES[part.audience],
                "Répondant": line["respondent"],
                "Fichier": line["file"],
                "Rangée": line["row"],
                "Question": line["question"],
                "Intitulé": edition.label(questions[line["question"]]),
                "Règle": described.get(line["rule"], line["rule"]),
                "Valeur trouvée": line["found"],
                "Attendu": line["expected"],
                "À faire": line["action"],
                "Importance": "à corriger" if line["severity"] == "error" else "à vérifier",
            }
            for line in _records(part.refused)
        ]
    shown = ["Public", "Répondant", "Fichier", "Rangée", "Question", "Intitulé", "Règle", "Valeur trouvée", "Attendu"]
    return [*shown, "À faire", "Importance"], ["Valeur corrigée"], rows


def _removed(parts: Iterable[Validated]) -> tuple[list[str], list[str], Rows]:
    """Who is removed, but for duplicates, which have a sheet of their own."""
    rows = [
        {
            "Public": AUDIENCE_NAMES[part.audience],
            "Répondant": line["respondent"],
            "Fichier": line["file"],
            "Rangée": line["row"],
            "Raison du retrait": line["reason"],
        }
        for part in parts
        for line in _records(part.removed[part.removed["rule"].ne(DUPLICATE)])
    ]
    return ["Public", "Répondant", "Fichier", "Rangée", "Raison du retrait"], ["Décision"], rows


def _duplicates(edition: Edition, parts: Iterable[Validated]) -> tuple[list[str], list[str], Rows]:
    """What was decided of answers that have a twin, by a rule or by the team, and what awaits a decision."""
    rows: list[dict[str, Any]] = []
    for part in parts:
        perimeters = _perimeters(edition, part.audience)
        lines = _records(part.duplicates)
        places = {line["respondent"]: (line["file"], line["row"]) for line in lines}
        for line in lines:
            file, row = places.get(line["kept"], (None, None))
            rows.append(
                {
                    "Groupe": line["group"],
                    "Public": AUDIENCE_NAMES[part.audience],
                    "Répondant": line["respondent"],
                    "Fichier": line["file"],
                    "Rangée": line["row"],
                    "Situation": _SITUATIONS[line["situation"]],
                    "Pourquoi": line["reason"],
                    "Réponse retenue": line["kept"],
                    "Fichier retenu": file,
                    "Rangée retenue": row,
                    "SIREN": line["siren"],
                    "Organisation": line["organisation"],
                    "Périmètre déclaré": perimeters.get(line["perimeter"], "non déclaré") if perimeters else None,
                    "Envoyée le": line["submitted_at"],
                    "Complète": {"true": "oui", "false": "non"}.get(line["complete"], "non dit"),
                    "Questions répondues": line["answered"],
                    "Décision déjà prise": line["decision"],
                }
            )
    return list(_DUPLICATE_HEADERS), ["Décision"], rows


def _corrections(parts: Iterable[Validated]) -> tuple[list[str], list[str], Rows]:
    """What became of each line read. Its columns are headed otherwise than corrections: deposited, it is not read."""
    rows = [
        {
            "Fichier lu": line["file"],
            "Ligne": line["row"],
            "Signée": line["initials"],
            "Le": line["date"],
            "Réponse": line["respondent"],
            "Question visée": line["question"],
            "État": _STATUS.get(line["status"], line["status"]),
            "Effet": line["effect"],
        }
        for part in parts
        for line in _records(part.corrections)
    ]
    return ["Fichier lu", "Ligne", "Signée", "Le", "Réponse", "Question visée", "État", "Effet"], [], rows


def _perimeters(edition: Edition, audience: Audience) -> dict[str, str]:
    questionnaire = edition.questionnaires[audience]
    if questionnaire.identity.perimeter is None:
        return {}
    choices = edition.choices(questionnaire.question(questionnaire.identity.perimeter))
    return {choice.code: edition.text(choice.label) for choice in choices}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, missing as None."""
    plain = frame.astype(object)
    return [
        {str(name): value for name, value in row.items()} for row in plain.where(frame.notna(), None).to_dict("records")
    ]


def _sheet(sheet: Worksheet, formats: Mapping[str, Format], shown: list[str], asked: list[str], rows: Rows) -> None:
    """One table: the columns shown, then those to fill in, signed; header frozen, filter on."""
    headers = [*shown, *asked, *(HEADERS[name] for name, _ in _SIGNATURE if asked)]
    for column, header in enumerate(headers):
        fill = column >= len(shown)
        sheet.set_column(column, column, _WIDTHS[header])
        sheet.write_string(0, column, header, formats["header_fill" if fill else "header"])
    for number, row in enumerate(rows, start=1):
        for column, header in enumerate(headers):
            value = row.get(header)
            style = formats[("fill_date" if header == HEADERS["date"] else "fill") if column >= len(shown) else "cell"]
            if value is None:
                sheet.write_blank(number, column, None, style)
            elif isinstance(value, int):
                sheet.write_number(number, column, value, style)
            else:
                sheet.write_string(number, column, value, style)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(headers) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    if HEADERS["action"] in headers and rows:
        column = headers.index(HEADERS["action"])
        sheet.data_validation(1, column, len(rows), column, {"validate": "list", "source": ["garder", "retirer"]})
