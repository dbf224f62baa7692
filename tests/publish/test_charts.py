"""Charts: what is drawn where, so that nothing overlaps and nothing is cut."""

from __future__ import annotations

import itertools
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.publish.charts.bars import Bar, horizontal_bars
from observatory.publish.charts.lines import Line, Point, spread, year_lines
from observatory.publish.charts.theme import (
    AUDIENCE_COLOURS,
    GREY,
    INK,
    LABEL_COLUMN,
    LINES,
    WIDTH,
    interval_of,
    wrapped,
)
from observatory.publish.drawing import draw

LABELS = st.lists(st.tuples(st.floats(0, 150), st.sampled_from([14.0, 28.0])), max_size=6)


@given(LABELS)
def test_labels_at_the_side_of_lines_never_touch_nor_leave_the_plot(labels: list[tuple[float, float]]) -> None:
    wanted = sorted(labels)
    middles = spread(wanted, -20, 170)
    edges = [(middle - tall / 2, middle + tall / 2) for middle, (_, tall) in zip(middles, wanted, strict=True)]
    assert all(above[1] <= below[0] + 1e-6 for above, below in itertools.pairwise(edges))
    assert all(top >= -20 - 1e-6 and bottom <= 170 + 1e-6 for top, bottom in edges)


def test_a_label_that_has_room_stays_where_it_is_wanted() -> None:
    assert spread([(10, 14), (100, 14)], 0, 150) == [10, 100]


def test_a_value_at_the_end_of_the_longest_bar_is_not_cut() -> None:
    bars = [Bar("Une longue étiquette qui demande deux lignes au moins", 8.5, "1\u202f234,56\u00a0Md€", "#22598f")]
    svg = draw([horizontal_bars(bars, "fr")])[0]
    width = int(re.search(r'<svg[^>]* width="(\d+)"', svg)[1])  # type: ignore[index]
    start = max(float(x) for x in re.findall(r'text-anchor="start"[^>]*translate\(([\d.]+),', svg))
    assert width == WIDTH
    assert LABEL_COLUMN + start + 6.6 * len(bars[0].text) < WIDTH


def test_a_long_label_breaks_at_spaces_only() -> None:
    lines = wrapped("Difficulté à identifier les start-up adaptées au besoin")
    assert " ".join(lines) == "Difficulté à identifier les start-up adaptées au besoin"
    assert max(map(len, lines)) <= 38


def test_a_plot_grows_with_the_names_at_the_end_of_its_lines() -> None:
    name = "Une réponse dont le libellé demande plusieurs lignes au bout de son tracé"
    lines = [Line((Point(1, 0.30), Point(2, 0.30 + place / 100)), "#22598f", name) for place in range(6)]
    assert year_lines(lines, "fr")["height"] > year_lines(lines[:1], "fr")["height"]


def test_bars_of_one_label_stand_closer_to_each_other_than_to_the_next() -> None:
    bars = [
        Bar(label, value, "1", "#22598f")
        for name in ("Ratio des totaux", "Une mesure dont le nom demande au moins deux lignes de texte")
        for label, value in ((name, 1.0), ("", 2.0))
    ]
    middles = [value["middle"] for value in horizontal_bars(bars, "fr")["data"]["values"]]
    within, between = middles[1] - middles[0], middles[2] - middles[1]
    assert within == middles[3] - middles[2]
    assert between > 1.5 * within


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""
    light, dark = sorted((_luminance(colour) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    code = {"white": "#ffffff"}.get(colour, colour)
    parts = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("bar", [*AUDIENCE_COLOURS.values(), *LINES[:3], GREY])
def test_an_interval_is_seen_on_its_bar_and_beside_it(bar: str) -> None:
    drawn = interval_of((0.1, 0.2), bar)
    assert contrast(drawn["inner"], bar) >= 3
    assert contrast(drawn["outer"], "white") >= 3


@pytest.mark.parametrize("colour", [*LINES, GREY])
def test_an_interval_of_a_line_is_seen_on_paper(colour: str) -> None:
    spec = year_lines([Line((Point(1, 0.3, "", 0, (0.2, 0.4)), Point(2, 0.3)), colour)], "fr")
    shades = {
        row["outer"]
        for layer in spec["layer"]
        if layer.get("mark", {}).get("type") == "tick"
        for row in layer["data"]["values"]
    }
    assert shades and all(contrast(shade, "white") >= 3 for shade in shades)


def test_a_value_is_written_beyond_its_interval() -> None:
    bars = [Bar("Une réponse", 0.4, "40\u202f%", "#22598f", interval=(0.31, 0.49)), Bar("Autre", 0.2, "20", "#22598f")]
    spec = horizontal_bars(bars, "fr")
    first, second = spec["data"]["values"]
    assert first["end"] == 0.49 and second["end"] == 0.2
    svg = draw([spec])[0]
    scale = (WIDTH - LABEL_COLUMN) / spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1]
    starts = [float(x) for x in re.findall(r'text-anchor="start"[^>]*translate\(([\d.]+),', svg)]
    assert starts[0] > 0.49 * scale
    assert starts[0] + 6.6 * len(bars[0].text) < WIDTH - LABEL_COLUMN


def test_an_interval_and_the_previous_edition_s_mark_don_t_lie_on_one_another() -> None:
    both = horizontal_bars([Bar("Une réponse", 0.4, "40", "#22598f", dot=0.45, interval=(0.31, 0.49))], "fr")
    alone = horizontal_bars([Bar("Une réponse", 0.4, "40", "#22598f", interval=(0.31, 0.49))], "fr")
    row, single = both["data"]["values"][0], alone["data"]["values"][0]
    assert row["below"] - row["above"] > 5
    assert single["above"] == single["middle"]


def test_bars_without_intervals_are_drawn_without_whiskers() -> None:
    spec = horizontal_bars([Bar("Une réponse", 0.4, "40", "#22598f")], "fr")
    assert all(layer["mark"]["type"] != "tick" for layer in spec["layer"])


def test_the_names_of_lines_are_not_cut() -> None:
    names = ("Insufficient budget; program costs", "Time or resource constraints", "Tool selection and adoption")
    lines = [
        Line(tuple(Point(year, 0.3 + place / 9, "31%", place / 50) for year in (1, 2)), INK, name)
        for place, name in enumerate(names)
    ]
    svg = draw([year_lines(lines, "en")])[0]
    starts = [
        (float(x), [unescape(line) for line in re.findall(r">([^<]+)<", body)])
        for x, body in re.findall(r'<text text-anchor="start"[^>]*translate\(([\d.]+),[^>]*(>.*?<)/text>', svg)
    ]
    assert len(starts) == len(names)
    assert all(x + 6.5 * len(line) <= WIDTH for x, written in starts for line in written)


@pytest.mark.parametrize(
    ("others", "next_value", "baseline", "align"),
    [
        ((), 0.3, "bottom", None),
        ((0.33,), 0.3, "top", None),
        ((0.33, 0.27), 0.25, "bottom", "left"),
        ((0.33, 0.27), 0.35, "top", "left"),
    ],
)
def test_a_value_is_written_where_no_other_line_s_interval_is(
    others: tuple[float, ...], next_value: float, baseline: str, align: str | None
) -> None:
    def line(name: str, *values: float) -> Line:
        points = (Point(year, value, f"{name} {year}", 0, (value - 0.03, value + 0.03)) for year, value in
                  enumerate(values, start=1))  # fmt: skip
        return Line(tuple(points), INK, name)

    spec = year_lines([line("own", 0.3, 0.3, next_value), *(line("other", v, v, v) for v in others)], "fr")
    marks = [
        layer["mark"]
        for layer in spec["layer"]
        if layer["mark"]["type"] == "text" and any(row.get("text") == "own 2" for row in layer["data"]["values"])
    ]
    assert [(mark["baseline"], mark.get("align")) for mark in marks] == [(baseline, align)]


def test_long_values_of_two_segments_that_meet_in_a_year_are_not_written_over_each_other() -> None:
    segments = [
        Line((Point(2021, 3.9, "3,90 Md€ (u)", 0.17), Point(2022, 4.35, "4,35 Md€ (u)", -0.17)), "#000000"),
        Line((Point(2022, 4.64, "4,64 Md€ (u)", 0.17), Point(2023, 5.66, "5,66 Md€ (u)", -0.17)), "#000000"),
        Line((Point(2023, 6.72, "6,72 Md€ (u)", 0.17), Point(2024, 8.12, "8,12 Md€ (u)", -0.17)), "#000000"),
    ]
    layers = [layer for layer in year_lines(segments, "fr")["layer"] if layer["mark"].get("type") == "text"]
    places = {
        row["text"]: (layer["mark"], layer["encoding"]["y"]) for layer in layers for row in layer["data"]["values"]
    }
    assert places["4,35 Md€ (u)"] != places["4,64 Md€ (u)"]
