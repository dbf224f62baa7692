"""Submission times as tools write them."""

from __future__ import annotations

import pytest

from observatory.ingest.dates import iso_moments, unpadded


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-10-02 14:30:05", "2025-10-02T14:30:05"),
        ("2020/06/05 11:34:01 AM EST", "2020-06-05T11:34:01"),
        ("2020/06/05 1:34:01 PM", "2020-06-05T13:34:01"),
        ("02/10/2025 14:30", "2025-10-02T14:30:00"),
        ("05/19/2020 02:27:25 PM", "2020-05-19T14:27:25"),
        ("18/09/2017 18.00.16", "2017-09-18T18:00:16"),
        ("05/06/2020 - 11:34", "2020-06-05T11:34:00"),
        ("2020-12-12 17:05:03.235413+00:00", "2020-12-12T17:05:03"),
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


def test_order_that_nothing_tells_is_the_callers() -> None:
    assert iso_moments(["03/04/2025"]) == ["2025-04-03"]
    assert iso_moments(["03/04/2025"], month_first=True) == ["2025-03-04"]
    assert iso_moments(["25/04/2025", "03/04/2025"], month_first=True) == ["2025-04-25", "2025-04-03"]


def test_a_column_of_both_orders_leaves_out_what_it_can_not_tell() -> None:
    assert iso_moments(["25/03/2025", "03/25/2025", "03/04/2025"]) == ["2025-03-25", "2025-03-25", None]


def test_american_programs_write_no_zero_before_days_and_months() -> None:
    assert unpadded(["10/11/2025", "9/18/2017 2:30:55"])
    assert not unpadded(["03/04/2025 2:30:55", "2025-1-2"])
