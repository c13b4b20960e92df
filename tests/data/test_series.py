"""A panel takes series of one kind, however many, and refuses what pictures and rules can't use."""

from __future__ import annotations

import numpy as np
import pytest

from masklab.data.series import Panel, TimeSeries
from masklab.errors import SeriesError


def series(name: str, **more) -> TimeSeries:
    clock = (np.arange(3) * 1_000_000).astype("datetime64[us]")
    return TimeSeries(name, clock, np.zeros((3, 1)), ("x",), **more)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"clock_kind": "step"}, "kind of clock"),
        ({"timezone": "UTC"}, "time zone"),
    ],
)
def test_series_of_two_kinds_are_not_joined(other, what):
    first = series("a", timezone="Europe/Berlin")
    second = series("b", **{"timezone": "Europe/Berlin", **other})
    with pytest.raises(SeriesError, match=f"need the same {what}: series 'a' has .* 'b' has"):
        Panel.of(first, second)


def test_a_panel_keeps_the_zones_own_name_and_refuses_an_unknown_one():
    assert series("a", timezone="UTC+02:00").timezone == "Etc/GMT-2"
    with pytest.raises(SeriesError, match="no time zone 'Mars/North'"):
        series("a", timezone="Mars/North")


def test_names_are_checked_once_each():
    """Counting each name by a walk over all of them took minutes for a wrong Series column."""

    class Counted(str):
        compared = 0
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            Counted.compared += 1
            return str(self) == other

        __hash__ = str.__hash__

    number = 2000
    names = tuple(Counted(n) for n in range(number))
    Panel(
        names,
        np.arange(number + 1),
        np.zeros(number, "datetime64[us]"),
        np.zeros((number, 1)),
        ("x",),
    )
    assert Counted.compared < 20 * number


def test_a_repeated_series_name_is_named():
    with pytest.raises(SeriesError, match=r"series names \['a'\] occur twice"):
        Panel.of(series("a"), series("b"), series("a"))
