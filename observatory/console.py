"""Tables for the terminal.

Belongs here: how figures look when an analyst reads them on screen.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import pandas as pd
from rich.console import Console
from rich.table import Table

STATISTICS = {
    "share": "part",
    "count": "effectif",
    "total": "total",
    "mean": "moyenne",
    "median": "médiane",
    "ratio": "ratio",
    "change": "évolution",
    "rank": "rang",
}
"""What a statistic is called on screen; the files keep the name that prose binds figures by."""

BOUNDS = ("value", "low", "high")

LEAST_LABEL = 16
OTHER_COLUMNS = 82
"""Characters that all columns but indicator and label take, with what separates them, amounts of 13 digits."""


def figure_table_text(figures: pd.DataFrame, width: int | None = None) -> str:
    """The figures as a table, shares in percent; a hidden figure shows its flag instead of a value.

    Indicators stay whole, to be copied: on a narrow terminal it is the label that is folded.
    """
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Indicateur", no_wrap=True, overflow="ignore", min_width=_longest(figures["indicator"]))
    table.add_column("Libellé", overflow="fold", min_width=LEAST_LABEL)
    table.add_column("Statistique", no_wrap=True)
    for name in ("Valeur", "Intervalle à 95 %", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Année", no_wrap=True)
    table.add_column("Signe", no_wrap=True)
    for row in figures.to_dict("records"):
        year = "" if pd.isna(row["reference_year"]) else str(row["reference_year"])
        base = "" if pd.isna(row["n"]) else str(row["n"])
        value, low, high = (_value(row[at], row["unit"], row["statistic"], row["option"]) for at in BOUNDS)
        statistic = STATISTICS.get(row["statistic"], row["statistic"])
        interval = "" if pd.isna(row["low"]) and pd.isna(row["high"]) else f"{low} à {high}"
        table.add_row(row["indicator"], row["label"], statistic, value, interval, base, year, row["flag"])
    out = io.StringIO()
    shown = width or Console().width
    Console(file=out, width=max(shown, _least_width(figures)), highlight=False).print(table)
    return out.getvalue()


def _longest(texts: Iterable[object]) -> int:
    return max((len(str(text)) for text in texts), default=0)


def _least_width(figures: pd.DataFrame) -> int:
    """What the columns that are never folded take, with the narrowest label."""
    return _longest(figures["indicator"]) + LEAST_LABEL + OTHER_COLUMNS


def _value(number: float, unit: str, statistic: str, option: str) -> str:
    from babel.numbers import format_decimal, format_percent

    if pd.isna(number):
        return "—"
    if statistic == "change" and not option:
        return format_percent(number, format="+0.0 %;-0.0 %", locale="fr")  # an amount's growth
    if statistic == "change":
        return format_decimal(100 * number, format="+0.0;-0.0", locale="fr") + " pts"
    if unit == "share":
        return format_percent(number, format="0.0 %", locale="fr")
    return format_decimal(number, format="#,##0", locale="fr")
