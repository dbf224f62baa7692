"""The `observatory` command.

Belongs here: options, help texts, what is printed and the exit status. Does not belong
here: any work; each command imports what it needs when it runs, so that `--help` stays
quick. `assets` is only reached through `observatory.run`.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from observatory import __version__
from observatory.locale import activate

if TYPE_CHECKING:
    from observatory.locations import Locations
    from observatory.problems import Problem

MOST_PROBLEMS = 30
EXAMPLE_WORKSPACE = "workspace-example"
INTERRUPTED = 130
"""The status of a command that Ctrl+C ended, as shells have it."""

EXAMPLES = """\b
Exemples :
  observatory run 2025                        le baromètre 2025, des dépôts au PDF
  observatory check 2025                      vérifie questionnaires et dépôts, n'écrit rien
  observatory inspect export.csv              ce qu'est un fichier : outil, répondants, questions
  observatory figures 2025 --format csv       tous les chiffres publiés
  observatory doctor                          ce qui manque à cette machine
"""


class StoppedError(Exception):
    """The person asked the command to stop; the message says what that leaves behind."""


@dataclass(frozen=True)
class Options:
    """The options given before the command's name."""

    workspace: Path | None
    schemas: Path | None


def places(context: click.Context) -> Locations:
    """The places this command works with."""
    from observatory.locations import locations

    options: Options = context.obj
    return locations(options.workspace, options.schemas)


def shared_options(command: Callable[..., Any], workspace: str = "workspace") -> Callable[..., Any]:
    """`--workspace` and `--schemas` after the command's name as well as before it; `workspace` is told in the help."""

    def remember(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
        if value is not None:
            before: Options = context.obj or Options(None, None)
            given = {"workspace": before.workspace, "schemas": before.schemas, str(parameter.name): value}
            context.obj = Options(**given)
        return value

    for name, help_text in (
        ("schemas", "Dossier des éditions (défaut : OBSERVATORY_SCHEMAS, sinon ./survey_schemas)."),
        ("workspace", f"Espace de travail (défaut : OBSERVATORY_WORKSPACE, sinon ./{workspace})."),
    ):
        command = click.option(
            f"--{name}",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DOSSIER",
            help=help_text,
            callback=remember,
            expose_value=False,
            is_eager=True,
        )(command)
    return command


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="observatory %(version)s", help="Dit la version et s'arrête.")
@shared_options
@click.pass_context
def main_group(context: click.Context) -> None:
    """Le baromètre annuel, des réponses reçues au PDF.

    Chaque année : de nouvelles questions dans survey_schemas, les exports des formulaires dans le dépôt (inbox),
    puis « observatory run ».
    """
    context.obj = context.obj or Options(None, None)


@main_group.command(
    epilog="\b\nExemples :\n  observatory run 2025\n  observatory run 2023 2024 2025 --workspace workspace-example\n"
)
@click.argument("editions", nargs=-1, required=True, metavar="ÉDITION...")
@click.option(
    "--no-wait", is_flag=True, help="Ne pas attendre si une autre exécution est en cours : le dire et s'arrêter."
)
@shared_options
@click.pass_context
def run(context: click.Context, editions: tuple[str, ...], no_wait: bool) -> None:
    """Fait le baromètre d'une ou de plusieurs éditions.

    Lit les dépôts, vérifie les réponses, calcule les chiffres et compose le PDF. Si l'exécution échoue ou s'arrête en
    chemin, les chiffres et les fichiers précédents restent en place.
    """
    with _stoppable(context, editions[0]):
        from observatory.editions.load import load_edition

        where = places(context)
        for name in editions:
            load_edition(where.schemas, name)
        _need_inbox(where, editions)
        where.workspace.ensure()
        with where.workspace.lock(_tell, timeout=0.0 if no_wait else None):
            for name in editions:
                with _stoppable(context, name):
                    _run_one(where, name)


def _interrupted(error: BaseException) -> bool:
    """Whether Ctrl+C is what ended it: in the middle of an import or a query, another error takes its place."""
    told = not isinstance(error, StoppedError) and _STOPS != []
    # While a step runs the signal is Dagster's, and DuckDB's error is all that is left of it.
    return told or isinstance(error, KeyboardInterrupt | click.Abort) or str(error) == "Query interrupted"


def _stop(number: int, frame: FrameType | None) -> None:
    """Ctrl+C, from the first moment. What libraries log of being interrupted is of no use to who did it."""
    _STOPS.append(number)
    logging.disable(logging.CRITICAL)
    raise KeyboardInterrupt


_STOPS: list[int] = []
"""The signals received."""


def _run_one(where: Locations, edition: str) -> None:
    from observatory.problems import ProblemsError
    from observatory.progress import ConsoleProgress
    from observatory.run import run_edition

    _tell(f"Édition {edition}")
    progress = ConsoleProgress()
    try:
        run_edition(edition, where, progress)
    except ProblemsError:
        _warn(progress.warnings)
        _tell(f"Édition {edition} : arrêt. Rien n'a changé : chiffres et fichiers précédents restent en place.")
        raise
    _warn(progress.warnings)
    _made(where, edition)


@contextmanager
def _stoppable(context: click.Context, edition: str) -> Iterator[None]:
    """Ctrl+C says what it leaves behind: nothing changes before the one act that makes a run current."""
    from observatory.current import current_run

    workspace = places(context).workspace
    before = current_run(workspace, edition)
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if not _interrupted(error):
            raise
        if current_run(workspace, edition) != before:
            raise StoppedError(
                f"Édition {edition} : arrêtée à votre demande, une fois terminée. "
                "Les nouveaux chiffres et fichiers sont en place."
            ) from None
        raise StoppedError(
            f"Édition {edition} : arrêtée à votre demande. "
            "Rien n'a changé : chiffres et fichiers précédents restent en place."
        ) from None


def _need_inbox(where: Locations, editions: tuple[str, ...]) -> None:
    """No inbox at all is said at once, before anything is written."""
    from observatory.problems import Problem, ProblemsError

    if not where.workspace.root.is_dir():
        raise ProblemsError(
            [
                Problem(
                    file=str(where.workspace.root),
                    found="pas d'espace de travail",
                    expected=f"un dossier avec des dépôts : inbox/{editions[0]}/startup, inbox/{editions[0]}/buyer",
                    action="créez ces dossiers et déposez-y les exports, ou donnez --workspace",
                )
            ]
        )


def _made(where: Locations, edition: str) -> None:
    """What was made, where, and what to do next."""
    from observatory.workspace import REVIEW_PREFIX

    folder = where.workspace.output(edition)
    review = where.workspace.review(edition)
    lines = ["", f"Édition {edition} : terminé.", f"  Baromètre : {folder / f'barometre-{edition}.pdf'}"]
    lines.append(f"  Chiffres : {folder / f'chiffres-{edition}.csv'}")
    sheets = sorted(review.glob(f"{REVIEW_PREFIX}*[0-9a-f].xlsx")) if review.is_dir() else []
    lines += [f"  À corriger : {sheet}" for sheet in sheets]
    lines.append("Ensuite :")
    if sheets:
        lines.append(
            "  1. Complétez « Valeur corrigée », « Initiales » et « Date » dans les fichiers à corriger, puis "
            f"déposez-les dans {where.workspace.corrections(edition)} et relancez."
        )
    lines.append(f"  {'2' if sheets else '1'}. Relisez le PDF, puis transmettez-le aux médiateurs.")
    click.echo("\n".join(lines))


@main_group.command(
    epilog="\b\nExemples :\n  observatory figures 2025\n  observatory figures 2025 --format csv > chiffres-2025.csv\n"
)
@click.argument("edition", metavar="ÉDITION")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--all-editions", is_flag=True, help="Les éditions précédentes aussi, l'une sous l'autre.")
@click.option("--indicator", metavar="NOM", help="Un seul indicateur, par exemple startup.obstacles.")
@shared_options
@click.pass_context
def figures(context: click.Context, edition: str, form: str, all_editions: bool, indicator: str | None) -> None:
    """Imprime la table des chiffres publiés d'une édition.

    Ce sont ceux de la dernière exécution complète. La forme « table » ne montre que l'ensemble, sans les strates ni, à
    moins de choisir un indicateur, les effectifs de chaque option.
    """
    from observatory.current import current_run
    from observatory.editions.load import edition_names, load_edition
    from observatory.figure_table import current_figures
    from observatory.problems import Problem, ProblemsError

    where = places(context)
    if edition not in edition_names(where.schemas):
        load_edition(where.schemas, edition)  # refuses it, with those there are
    # What was published stays readable while next year's questionnaires are being written: they are not read.
    if current_run(where.workspace, edition) is None or not where.workspace.database.is_file():
        raise ProblemsError([_no_figures(where, edition)])
    names = [name for name in edition_names(where.schemas) if name <= edition] if all_editions else [edition]
    table = current_figures(where.workspace, names)
    if table.empty:
        raise ProblemsError([_no_figures(where, edition)])
    if indicator is not None:
        known = sorted(set(table["indicator"]))
        table = table[table["indicator"] == indicator]
        if table.empty:
            raise ProblemsError(
                [
                    Problem(
                        found=f"l'indicateur « {indicator} »",
                        expected=f"l'un de : {', '.join(known)}",
                        action="corrigez --indicator",
                    )
                ]
            )
    if form == "csv":
        click.echo(table.to_csv(index=False), nl=False)
    elif form == "json":
        click.echo(table.to_json(orient="records", force_ascii=False, indent=1))
    else:
        from observatory.console import figure_table_text

        overall = table[table["breakdown"] == ""]
        if indicator is None:
            # An option's count says no more than its share and the base beside it: half the lines, on screen.
            overall = overall[(overall["statistic"] != "count") | (overall["option"] == "")]
        click.echo(figure_table_text(overall), nl=False)
        csv = where.workspace.output(edition) / f"chiffres-{edition}.csv"
        click.echo(f"Un seul indicateur : --indicator NOM. Tous les chiffres, avec les strates : {csv}")


def _no_figures(where: Locations, edition: str) -> Problem:
    from observatory.problems import Problem

    return Problem(
        found=f"aucun chiffre publié pour l'édition {edition} dans {where.workspace.root}",
        expected="une exécution complète",
        action=f"lancez « observatory run {edition} », ou donnez le bon --workspace",
    )


@main_group.command(epilog="\b\nExemple :\n  observatory check 2025\n")
@click.argument("edition", metavar="ÉDITION")
@shared_options
@click.pass_context
def check(context: click.Context, edition: str) -> None:
    """Vérifie les questionnaires et les dépôts d'une édition, sans rien écrire."""
    from observatory.check import check_edition
    from observatory.problems import ProblemsError

    where = places(context)
    lines, problems, awaited = check_edition(edition, where, _tell)
    click.echo("\n".join(lines))
    errors = [problem for problem in problems if problem.severity == "error"]
    _warn([problem for problem in problems if problem.severity != "error"])
    if errors:
        raise ProblemsError(errors)
    if awaited:
        folders = " et ".join(str(where.workspace.inbox(edition, audience)) for audience in awaited)
        click.echo(f"Édition {edition} : en ordre ; des réponses sont attendues. Ensuite : déposez-les dans {folders}")
        return
    click.echo(f"Édition {edition} : questionnaires et dépôts sont lisibles. Ensuite : observatory run {edition}")


@main_group.command(
    epilog="\b\nExemples :\n  observatory inspect export.csv\n  observatory inspect *.xlsx --format json > faits.json\n"
)
@click.argument("files", nargs=-1, required=True, metavar="FICHIER...", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def inspect(files: tuple[Path, ...], form: str) -> None:
    """Dit ce qu'est un fichier, sans édition et sans rien écrire.

    L'outil qui l'a écrit, ses répondants (complets, partiels, sans réponse, essais), ses dates, ses questions et leurs
    options, les colonnes de données personnelles, ce qui semble abîmé. Les options d'une question sont celles que dit
    le fichier ou, s'il n'en dit rien, les textes donnés au moins trois fois ; rien d'autre de ce qui a été répondu
    n'est montré. Un fichier qui ne contient pas de réponses est refusé, avec le motif et ce qu'il faut exporter ; les
    autres fichiers sont lus.
    Avec --format json : un objet, ou une liste d'objets pour plusieurs fichiers.
    """
    import json

    from observatory.ingest.cells import scratch_database
    from observatory.ingest.documents import open_document
    from observatory.ingest.inspect import inspect_form
    from observatory.ingest.tools import read_form
    from observatory.inspection import as_json, as_text
    from observatory.problems import ProblemsError

    facts: list[dict[str, Any]] = []
    refused: list[Problem] = []
    for file in files:
        try:
            with scratch_database() as scratch:
                document = open_document(file, click.format_filename(file), scratch)
                inspection = inspect_form(read_form(document))
        except ProblemsError as error:
            refused += error.problems
            continue
        if form == "json":
            facts.append(as_json(inspection))
        else:
            click.echo(as_text(inspection))
    if facts:
        found = facts[0] if len(files) == 1 else facts
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    if refused:
        raise ProblemsError(refused)


@main_group.command(epilog="\b\nExemple :\n  observatory simulate 2023 2024 2025 --workspace workspace-example\n")
@click.argument("editions", nargs=-1, required=True, metavar="ÉDITION...")
@click.option(
    "--seed", type=int, default=2023, show_default=True, help="Graine du tirage : la même donne les mêmes fichiers."
)
@partial(shared_options, workspace=EXAMPLE_WORKSPACE)
@click.pass_context
def simulate(context: click.Context, editions: tuple[str, ...], seed: int) -> None:
    """Remplit un espace de travail de réponses inventées mais plausibles.

    Tout ce qui en est tiré porte la marque « données simulées ». Refuse un espace qui contient de vraies réponses, et
    n'écrit jamais dans ./workspace sans qu'on le demande.
    """
    from observatory.folders import WORKSPACE_VARIABLE
    from observatory.locations import locations
    from observatory.progress import ConsoleProgress
    from observatory.simulate.step import simulate as simulate_waves

    options: Options = context.obj
    # The default of the other commands is where real answers go: invented ones never get there by omission.
    omitted = options.workspace is None and WORKSPACE_VARIABLE not in os.environ
    where = locations(Path(EXAMPLE_WORKSPACE) if omitted else options.workspace, options.schemas)
    files = simulate_waves(where.schemas, list(editions), where.workspace, seed, ConsoleProgress())
    click.echo(f"{len(files)} fichiers simulés :")
    click.echo("\n".join(f"  {file}" for file in files))
    click.echo(f"Ensuite : observatory run {' '.join(editions)} --workspace {where.workspace.root}")


@main_group.command("new-edition", epilog="\b\nExemple :\n  observatory new-edition 2026\n")
@click.argument("edition", metavar="ÉDITION")
@click.option("--from", "source", metavar="ÉDITION", help="Édition à recopier (défaut : la dernière).")
@shared_options
@click.pass_context
def new_edition(context: click.Context, edition: str, source: str | None) -> None:
    """Crée une édition en recopiant la précédente.

    Chaque question y déclare sa filiation « sans changement » ; à vous de modifier ce qui change.
    """
    from observatory.editions.load import load_edition
    from observatory.editions.new_edition import create_edition
    from observatory.ingest.mapping import carried_over

    where = places(context)
    folder, reminders = create_edition(where.schemas, edition, source)
    click.echo(f"Édition {edition} créée : {folder}")
    for line in carried_over(load_edition(where.schemas, edition)):
        click.echo(line)
    click.echo("Ensuite :")
    click.echo("\n".join(f"  {number}. {text}" for number, text in enumerate(reminders, start=1)))


@main_group.group()
def mapping() -> None:
    """Les correspondances entre colonnes des exports et questions."""


@mapping.command(
    "accept", epilog="\b\nExemple :\n  observatory mapping accept 2025 buyer --initials CD --date 2025-11-12\n"
)
@click.argument("edition", metavar="ÉDITION")
@click.argument("audience", type=click.Choice(["startup", "buyer"]))
@click.option("--initials", required=True, metavar="XX", help="Initiales de la personne qui accepte.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    metavar="DATE",
    help="Date de l'accord (défaut : aujourd'hui).",
)
@shared_options
@click.pass_context
def mapping_accept(context: click.Context, edition: str, audience: str, initials: str, day: Any) -> None:
    """Accepte les correspondances proposées dans l'espace de travail et les range avec l'édition."""
    import datetime as dt
    from typing import cast

    from observatory.editions.load import load_edition
    from observatory.editions.model import Audience
    from observatory.ingest.mapping import accept

    where = places(context)
    loaded = load_edition(where.schemas, edition)
    file = accept(loaded, cast("Audience", audience), where.workspace, initials, day.date() if day else dt.date.today())  # noqa: DTZ011 — the day where the person sits
    click.echo(f"Correspondances acceptées : {file}")
    click.echo(f"Ensuite : observatory run {edition}")


@main_group.group()
def forms() -> None:
    """Les questionnaires, prêts à charger dans un outil de formulaires."""


@forms.command(
    "export",
    epilog="\b\nExemples :\n  observatory forms export 2025 --tool limesurvey\n"
    "  observatory forms export 2025 --tool xlsform --audience startup\n",
)
@click.argument("edition", metavar="ÉDITION")
@click.option(
    "--tool",
    type=click.Choice(["limesurvey", "xlsform"]),
    required=True,
    help="limesurvey : structure de questionnaire (.txt) ; xlsform : classeur pour KoboToolbox ou ODK (.xlsx).",
)
@click.option("--audience", type=click.Choice(["startup", "buyer"]), help="Un seul questionnaire (défaut : tous).")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DOSSIER",
    help="Où écrire (défaut : forms/ÉDITION dans l'espace de travail).",
)
@shared_options
@click.pass_context
def forms_export(context: click.Context, edition: str, tool: str, audience: str | None, output: Path | None) -> None:
    """Écrit les questionnaires d'une édition pour un outil de formulaires.

    Toutes les langues, les conditions d'affichage et les contrôles y sont. Les réponses que l'outil exportera se
    rattacheront d'elles-mêmes aux questions.
    """
    from typing import cast

    from observatory.editions.load import load_edition
    from observatory.forms.step import FormTool, export_forms
    from observatory.problems import Problem, ProblemsError

    where = places(context)
    loaded = load_edition(where.schemas, edition)
    if audience is not None and audience not in loaded.audiences:
        raise ProblemsError(
            [
                Problem(
                    found=f"--audience {audience}, sans questionnaire dans l'édition {edition}",
                    expected=f"l'un de : {', '.join(loaded.audiences)}",
                    action="corrigez --audience, ou omettez-le",
                )
            ]
        )
    audiences = loaded.audiences if audience is None else (audience,)
    files = export_forms(loaded, cast("FormTool", tool), audiences, output or where.workspace.forms(edition))
    click.echo(f"Édition {edition} : {len(files)} questionnaire{'s' if len(files) > 1 else ''} pour {_TOOLS[tool]}.")
    click.echo("\n".join(f"  {file}" for file in files))
    click.echo("Ensuite :")
    click.echo("\n".join(f"  {number}. {text}" for number, text in enumerate(_LOADING[tool], start=1)))
    inboxes = ", ".join(str(where.workspace.inbox(edition, one)) for one in audiences)
    click.echo(f"  {len(_LOADING[tool]) + 1}. Déposez les exports, sans les modifier, dans {inboxes}.")


_TOOLS = {"limesurvey": "LimeSurvey", "xlsform": "KoboToolbox ou ODK"}
_LOADING = {
    "limesurvey": (
        "Dans LimeSurvey : Créer un questionnaire, Importer, choisissez le fichier .txt.",
        "Relisez-le dans chaque langue avec « Prévisualiser », puis activez-le. Ne changez aucun code.",
        "À la clôture : Réponses, Exporter, CSV, avec « Code de la question » en en-tête et « Réponses complètes ».",
    ),
    "xlsform": (
        "Dans KoboToolbox : Nouveau, Télécharger un XLSForm. Dans ODK Central : Nouveau formulaire.",
        "Relisez-le dans chaque langue, puis déployez-le. Ne changez aucun nom de question ou d'option.",
        "À la clôture, dans KoboToolbox : Données, Téléchargements, CSV, « Valeurs et en-têtes XML ».",
    ),
}
"""What to do with the files, by tool."""


@main_group.command(epilog="\b\nExemple :\n  observatory ui --workspace workspace-example --port 3000\n")
@click.option("--port", type=int, default=3000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@shared_options
@click.pass_context
def ui(context: click.Context, port: int, host: str) -> None:
    """Ouvre les pages de Dagster sur cet espace de travail."""
    from observatory.run import prepare_instance

    where = places(context)
    where.workspace.ensure()
    prepare_instance(where.workspace.dagster)
    environment = os.environ | where.environment() | {"DAGSTER_HOME": str(where.workspace.dagster.resolve())}
    # Its own advice to its developers is of no use to the team.
    environment |= {"DAGSTER_DISABLE_TELEMETRY": "1", "PYTHONWARNINGS": "ignore"}
    _tell(f"Pages de l'observatoire : http://{host}:{port} (Ctrl+C pour arrêter)")
    # Started in the background it would inherit a shell that ignores the signal, and could not be stopped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = ["-m", "dagster", "dev", "-m", "assets.definitions", "-p", str(port), "-h", host]
    os.execve(sys.executable, [sys.executable, *arguments], environment)


@main_group.command(epilog="\b\nExemple :\n  observatory doctor\n")
@shared_options
@click.pass_context
def doctor(context: click.Context) -> None:
    """Dit ce qui manque à cette machine ou à cet espace de travail, et comment y remédier."""
    from observatory.doctor import diagnose
    from observatory.folders import folders

    failed = 0
    options: Options = context.obj
    for item in diagnose(folders(options.workspace, options.schemas)):
        click.echo(f"{'✓' if item.ok else '✗'} {item.name} : {item.detail}")
        if not item.ok:
            failed += 1
            click.echo(f"    à faire : {item.remedy}")
    if failed:
        sys.exit(1)
    click.echo("Tout est en place.")


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _warn(problems: list[Problem]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        _tell(f"À vérifier — {problem.render()}")
    if len(problems) > MOST_PROBLEMS:
        _tell(f"… et {len(problems) - MOST_PROBLEMS} autres avertissements.")


def _refuse(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        _tell(f"Refusé — {problem.render()}")
    if len(problems) > MOST_PROBLEMS:
        _tell(f"… et {len(problems) - MOST_PROBLEMS} autres.")


def main() -> None:
    """Entry point. Refusals are printed in French and end with status 1; a bug keeps its traceback."""
    activate("fr")
    # Started in the background by a shell, it is to ignore the signal.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _stop)
    refused: tuple[Problem, ...] = ()
    status = 0
    try:
        # Not standalone: click would call Ctrl+C an abandon, and end with status 1.
        status = main_group.main(prog_name="observatory", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except StoppedError as stopped:
        _tell(str(stopped))
        status = INTERRUPTED
        _let_go(stopped)
    except (Exception, KeyboardInterrupt) as error:
        from observatory.problems import ProblemsError

        if _interrupted(error):
            _tell("Arrêté à votre demande.")
            status = INTERRUPTED
        elif isinstance(error, ProblemsError):
            refused = error.problems
        else:
            raise
        _let_go(error)
    # All is said and done: a signal could only spoil the end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    if refused:
        _refuse(refused)
        status = 1
    sys.exit(status)


def _let_go(error: BaseException | None) -> None:
    """Empty the frames an error went through: what they hold of DuckDB, it would complain of at the end."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


if __name__ == "__main__":
    main()
