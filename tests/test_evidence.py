"""The evidence in small: the order of results that docs/results.md tells of, and how its page is made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import holes, informative, results_page, tsi_bench, tsi_trial
from benchmarks.imputation_protocol import MONTHS, WINDOW, hidden, read
from benchmarks.json_lines import JsonLines

PATTERNS = ("point10", "point50", "point90", "subsequence50", "block50")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of hours, seven channels that move together through noisy days."""
    rng = np.random.default_rng(0)
    date = pd.date_range("2016-07-01", "2018-06-26 19:00", freq="h")
    day = 2 * np.pi * date.hour.to_numpy() / 24
    common = np.zeros(len(date))
    for step, noise in enumerate(rng.normal(size=len(date))):
        common[step] = 0.9 * common[step - 1] + 0.4 * noise if step else noise
    weights = rng.normal(size=(2, 7))
    values = np.outer(np.sin(day), weights[0]) + np.outer(common, weights[1])
    values += 0.05 * rng.normal(size=values.shape)
    path = tmp_path_factory.mktemp("evidence") / "waves.csv"
    columns = [f"c{one}" for one in range(7)]
    pd.DataFrame(values, columns=columns).assign(date=date).to_csv(path, index=False)
    return path


def test_the_protocol_has_its_months_and_windows(file: Path) -> None:
    table = read(file)
    windows = [int((table.part == part).sum()) // WINDOW for part in range(3)]
    assert windows == [213, 76, 72]
    training = table.rows[table.part == 0].drop(columns="date")
    np.testing.assert_allclose(training.mean(), 0, atol=1e-9)
    np.testing.assert_allclose(training.std(ddof=0), 1)
    assert sum(MONTHS) == 24


@pytest.mark.parametrize(
    ("pattern", "share"),
    [
        ("point10", 0.1),
        ("point50", 0.5),
        ("point90", 0.9),
        ("subsequence50", 0.5),
        ("block50", 0.5),
    ],
)
def test_a_pattern_hides_its_share_of_the_windows(file: Path, pattern: str, share: float) -> None:
    table = read(file)
    cells = hidden(table, pattern, seed=1)
    for part in range(3):
        rows = np.flatnonzero(table.part == part)
        whole = rows[: len(rows) // WINDOW * WINDOW]
        assert cells[whole].mean() == pytest.approx(share, abs=0.02)
        assert cells[rows[len(whole) :]].all()
    np.testing.assert_array_equal(hidden(table, pattern, seed=1), cells)
    assert (hidden(table, pattern, seed=2) != cells).any()


def test_stretches_are_36_steps_of_one_channel(file: Path) -> None:
    table = read(file)
    rows = np.flatnonzero(table.part == 0)
    cells = hidden(table, "subsequence50", seed=0)[rows[: 213 * WINDOW]].reshape(213, WINDOW, 7)
    assert set(np.unique(cells.sum(axis=1))) == {0, 36}


def test_a_trial_changes_what_it_is_told_to(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    small = ["training.epochs=2", "training.training_windows=64", "model.hidden_size=4"]
    given = ["--data", str(file), "--pattern", "block50", "--set", *small]
    try:
        tsi_trial.main(given)
        usual = capsys.readouterr().out
        tsi_trial.main([*given, "strategy.centred=false"])
        other = capsys.readouterr().out
    finally:
        torch.set_num_threads(threads)
    assert usual.count("epoch ") == 2
    assert usual.splitlines()[-1].startswith("lowest validation MAE: ")
    assert other != usual


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.dropout", "write SECTION.NAME=VALUE"),
        ("data.path=x", "SECTION of task, model, training, strategy"),
        ("model.drop=0.1", "model has hidden_size"),
        ("model.dropout=2", "model.dropout is 2"),
    ],
)
def test_a_trial_of_what_is_no_setting_says_so(
    file: Path, change: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        tsi_trial.main(["--data", str(file), "--pattern", "point10", "--set", change])
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_the_residual_beats_the_line_the_line_the_last_value_and_that_the_mean(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads, out = torch.get_num_threads(), tmp_path / "out.jsonl"
    arguments = [
        "--data", str(file), "--patterns", "point10", "--seeds", "1", "--jobs", "1",
        "--steps", "0.04", "--json", str(out),
    ]  # fmt: skip
    try:
        tsi_bench.main(arguments)
    finally:
        torch.set_num_threads(threads)
    found = {one["strategy"]: one for one in map(json.loads, out.read_text().splitlines())}
    mae = {name: one["mae"] for name, one in found.items()}
    assert mae["residual"] < mae["linear"] < mae["last value"] < mae["mean of the test part"]
    assert len({one["scored"] for one in found.values()}) == 1
    assert found["residual"]["parameters"] > 0
    printed = capsys.readouterr().out
    assert "residual" in printed
    assert "SAITS, published" in printed
    before = out.read_text()
    tsi_bench.main(arguments)  # nothing is computed again
    assert out.read_text() == before


@pytest.mark.slow
def test_what_is_told_of_absence_gains_as_absence_tells_more_and_fills_stay_flat(
    tmp_path: Path,
) -> None:
    threads, out = torch.get_num_threads(), tmp_path / "out.jsonl"
    try:
        informative.main(["--small", "--json", str(out)])
    finally:
        torch.set_num_threads(threads)
    found = JsonLines(out).lines
    rows, gains = informative.means(found), informative.gains(found)
    told = min(rows[name][0.8] for name in informative.TOLD)
    assert told > max(rows[name][0.8] for name in informative.FILLS) + 0.05
    least = min(gains[name] for name in informative.TOLD)
    assert least > max(gains[name] for name in informative.FILLS) + 0.1


def test_holes_cost_a_strategy_and_its_peers_and_all_are_asked_the_same() -> None:
    threads = torch.get_num_threads()
    asked = [
        holes.Cell("nyc_weather", pattern, rate, strategy, 0)
        for pattern, rate in (("cells", 0.0), ("blocks", 0.7))
        for strategy in ("carry", "ridge")
    ]
    try:
        found = [line for one in asked for line in holes.computed("sample:nyc_weather", one, True)]
    finally:
        torch.set_num_threads(threads)
    names = {"carry", "last value", "seasonal naive", "ridge"}
    assert {line["strategy"] for line in found} == names
    assert len({line["scored"] for line in found}) == 1
    mae = {(line["strategy"], line["rate"]): line["mae"] for line in found}
    assert all(mae[name, 0.7] > mae[name, 0.0] for name in names)
    assert mae["ridge", 0.0] < mae["seasonal naive", 0.0]
    assert holes.losses(found)["blocks"]["carry"] == pytest.approx(
        mae["carry", 0.7] / mae["carry", 0.0] - 1
    )
    head, _, *rows = holes.table(found, "blocks")
    assert head == "| blocks hidden | 0 % | 70 % |"
    assert [row.split(" | ")[0] for row in rows] == [
        "| carry", "| last value", "| seasonal naive", "| ridge"
    ]  # fmt: skip


def test_the_page_is_what_the_kept_lines_give() -> None:
    kept = results_page.PAGE
    if not results_page.TSI.exists():
        pytest.skip("nothing is kept yet")
    assert kept.read_text(encoding="utf-8") == results_page.page()
