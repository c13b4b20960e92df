"""Make the samples that are made: a copy with a planted sentinel, and a series with known truth.

Run it in the repository: `python sample_data/make_samples.py`. The same bytes come out each time.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
SEED = 20130101


def jfk_with_sentinel() -> pd.DataFrame:
    """Return the first half of 2013 at JFK with -200 planted where a sensor 'failed'.

    About 3 % of the cells of `temp` and 2 % of `pressure` that had a value become -200, in stretches
    of 1 to 24 hours. Cells that were missing before stay empty.
    """
    table = pd.read_csv(HERE / "nyc_weather.csv.gz", dtype=str, keep_default_na=False)
    columns = ["time_hour", "temp", "dewp", "humid", "wind_speed", "pressure"]
    jfk = table.loc[table["origin"] == "JFK", columns].reset_index(drop=True)
    jfk = jfk[jfk["time_hour"] < "2013-07-01"].replace("NA", "")
    random = np.random.default_rng(SEED)
    for channel, share in (("temp", 0.03), ("pressure", 0.02)):
        hidden = np.zeros(len(jfk), dtype=bool)
        while hidden.mean() < share:
            start = int(random.integers(len(jfk)))
            hidden[start : start + int(random.integers(1, 25))] = True
        jfk.loc[hidden & (jfk[channel] != ""), channel] = "-200"
    return jfk


def known_truth() -> pd.DataFrame:
    """Return 120 days of hourly temperature, demand and wind without a gap: the truth.

    temperature = season + day + weather (AR(1), 0.97 an hour); demand follows the working day and,
    below 15 °C, the temperature; wind is a log-normal AR(1).
    """
    random = np.random.default_rng(SEED)
    clock = pd.date_range("2023-01-02", periods=120 * 24, freq="h")
    hour, day = clock.hour.to_numpy(), np.arange(len(clock)) / 24
    weather = _autoregressive(random, len(clock), 0.97, 0.55)
    temperature = 6 + 8 * day / 120 - 3.5 * np.cos(2 * np.pi * (hour - 3) / 24) + weather
    working = np.where(clock.day_of_week.to_numpy() < 5, 1.0, 0.75)
    profile = 1 + 0.35 * np.exp(-((hour - 9) ** 2) / 8) + 0.5 * np.exp(-((hour - 19) ** 2) / 6)
    heating = 0.9 * np.clip(15 - temperature, 0, None)
    noise = random.normal(0, 0.8, len(clock))
    demand = 30 * working * profile + heating + noise
    wind = np.exp(1.2 + _autoregressive(random, len(clock), 0.92, 0.2))
    truth = {"temperature": temperature, "demand": demand, "wind": wind}
    columns = {name: np.round(values, 2) for name, values in truth.items()}
    return pd.DataFrame({"time": clock.strftime("%Y-%m-%d %H:%M"), **columns})


def with_gaps(truth: pd.DataFrame) -> pd.DataFrame:
    """Return the truth with cells taken away, each channel by another mechanism.

    temperature: stretches of 4 to 36 hours, 12 % in all; demand: single cells at random, 8 %; wind:
    the sensor saturates, so the highest 6 % of its values are missing.
    """
    random = np.random.default_rng(SEED + 1)
    gappy = truth.copy()
    rows = len(truth)
    stretches = np.zeros(rows, dtype=bool)
    while stretches.mean() < 0.12:
        start = int(random.integers(rows))
        stretches[start : start + int(random.integers(4, 37))] = True
    single = np.zeros(rows, dtype=bool)
    single[random.choice(rows, round(0.08 * rows), replace=False)] = True
    saturated = (truth["wind"] > truth["wind"].quantile(0.94)).to_numpy()
    for channel, hidden in (("temperature", stretches), ("demand", single), ("wind", saturated)):
        gappy.loc[hidden, channel] = np.nan
    return gappy


def _autoregressive(
    random: np.random.Generator, length: int, memory: float, scale: float
) -> np.ndarray:
    series = np.zeros(length)
    steps = random.normal(0, scale, length)
    for step in range(1, length):
        series[step] = memory * series[step - 1] + steps[step]
    return series


def _packed(table: pd.DataFrame) -> bytes:
    # No time stamp in the header, so that the bytes are the same each time.
    return gzip.compress(table.to_csv(index=False, lineterminator="\n").encode(), 9, mtime=0)


def contents() -> dict[str, bytes]:
    """Return every made file: its name and bytes."""
    truth = known_truth()
    return {
        "jfk_sentinel.csv.gz": _packed(jfk_with_sentinel()),
        "known_truth.csv.gz": _packed(with_gaps(truth)),
        "known_truth_complete.csv.gz": _packed(truth),
    }


def main() -> None:
    """Write the made files beside this script."""
    for name, data in contents().items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
