"""Tables for the terminal.

Belongs here: how figures look when an analyst reads them on screen.
"""

from __future__ import annotations

import io

import pandas as pd
from rich.console import Console
from rich.table import Table


def figure_table_text(figures: pd.DataFrame, width: int | None = None) -> str:
    """The figures as a table, shares in percent; a hidden figure shows its flag instead of a value."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("Indicateur", "Libellé", "Statistique"):
        table.add_column(name, overflow="fold")
    for name in ("Valeur", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Année", no_wrap=True)
    table.add_column("Signe", no_wrap=True)
    for row in figures.to_dict("records"):
        year = "" if pd.isna(row["reference_year"]) else str(row["reference_year"])
        base = "" if pd.isna(row["n"]) else str(row["n"])
        value = _value(row["value"], row["unit"], row["statistic"])
        table.add_row(row["indicator"], row["label"], row["statistic"], value, base, year, row["flag"])
    out = io.StringIO()
    Console(file=out, width=width or Console().width, highlight=False).print(table)
    return out.getvalue()


def _value(number: float, unit: str, statistic: str) -> str:
    from babel.numbers import format_decimal, format_percent

    if pd.isna(number):
        return "—"
    if statistic == "change":
        return format_decimal(100 * number, format="+0.0;-0.0", locale="fr") + " pts"
    if unit == "share":
        return format_percent(number, format="0.0 %", locale="fr")
    return format_decimal(number, format="#,##0", locale="fr")
