"""Submission times as tools write them."""

from __future__ import annotations

import pytest

from observatory.ingest.dates import iso_moments


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-10-02 14:30:05", "2025-10-02T14:30:05"),
        ("2020/06/05 11:34:01 AM EST", "2020-06-05T11:34:01"),
        ("2020/06/05 1:34:01 PM", "2020-06-05T13:34:01"),
        ("02/10/2025 14:30", "2025-10-02T14:30:00"),
        ("05/19/2020 02:27:25 PM", "2020-05-19T14:27:25"),
        ("43290.53487", "2018-07-09T12:50:13"),
        ("Apr 26, 2018 8:58:20 AM", "2018-04-26T08:58:20"),
        ("Apr 26, 2018, 8:58:20\u202fPM", "2018-04-26T20:58:20"),
        ("Maybe 26, 2018", None),
        ("1980-01-01 00:00:00", None),
        ("2025-13-45", None),
        ("bientôt", None),
        ("", None),
    ],
)
def test_moment(text: str, iso: str | None) -> None:
    assert iso_moments([text]) == [iso]


def test_order_of_day_and_month_is_one_for_the_file() -> None:
    assert iso_moments(["03/04/2025 10:00:00", "03/25/2025 10:00:00"]) == ["2025-03-04T10:00:00", "2025-03-25T10:00:00"]
