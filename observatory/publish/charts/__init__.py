"""One module a kind of chart; each turns published rows into a specification and the table behind it.

A kind is named in prose: `chart("ranked", "startup.obstacles")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from observatory.publish.charts.brackets import brackets
from observatory.publish.charts.likert import likert
from observatory.publish.charts.model import Chart
from observatory.publish.charts.paired import paired, paired_ranks
from observatory.publish.charts.ranked import ranked
from observatory.publish.charts.series import context_series, editions, panels, target, years
from observatory.publish.charts.strata import strata

KINDS: Mapping[str, Callable[..., Chart]] = {
    "ranked": ranked,
    "brackets": brackets,
    "likert": likert,
    "strata": strata,
    "paired": paired,
    "paired_ranks": paired_ranks,
    "editions": editions,
    "panels": panels,
    "years": years,
    "target": target,
    "context": context_series,
}
