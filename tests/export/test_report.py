"""The report tells what the store holds, lets nothing in, and tells nothing of this machine."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from masklab.charts.mask_columns import hidden_shares
from masklab.compare.certainty import signed
from masklab.compare.comparable import differences_that_matter
from masklab.data.series import TimeSeries
from masklab.errors import ExperimentError, StoreError
from masklab.export.compared import compared
from masklab.export.report.told import Told
from masklab.export.report.writing import report, write_report
from masklab.export.score import Score
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.export.reading import Read
from tests.ui.conftest import add_trained, settings

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def read(store: Store, *experiments: str, told: Told | None = None, **choice: object) -> Read:
    return Read(report(compared(store, experiments, **choice), told))  # type: ignore[arg-type]


def test_the_table_tells_means_spread_and_seeds(store: Store, experiment: str) -> None:
    reports = store.reports(experiment)
    runs = {run.id for run in store.runs(experiment) if run.status == "finished"}
    last = reports[reports["run_id"].isin(runs) & (reports["epoch"] == 4)]
    zero = last[last["strategy"] == "zero_fill"]["common_rmse"]
    page = read(store, experiment, told=Told("**carry** leads by 2\\_3."))
    assert f"{zero.mean():.4g} ± {zero.std():.2g} (2)" in page.text
    paired = zero.to_numpy() - last[last["strategy"] == "ignore"]["common_rmse"].to_numpy()
    assert f"{signed(paired.mean())}, " in page.text
    assert "(2): not enough seeds to tell" in page.text
    assert "carry leads by 2_3." in page.text
    assert "sees hidden values" in page.text
    assert "last value (naive)" in page.text
    assert "carry seed 1" not in page.text
    assert "failed: The worker was killed (signal 9)." in page.text


def test_it_sums_up_data_and_mask(store: Store, experiment: str) -> None:
    text = read(store, experiment).text
    panel = store.panel(experiment)
    found = store.experiment(experiment)
    assert "File tiny.csv" in text
    assert str(found.data.sha256)[:16] in text
    assert "Rows 480" in text
    assert "Interval 1 hour" in text
    assert "0 of 960 cells (0.0 %)" in text
    parts = found.split.parts(panel)
    hidden = ~found.recipe.apply(panel, parts).observed
    count, rows = int(hidden[parts == 0, 0].sum()), int((parts == 0).sum())
    assert f"{count:,} of {rows:,} ({100 * count / rows:.1f} %)" in text
    assert text.count("training") > 1


def test_names_of_users_stay_text(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = "".join(
        f"2024-01-{1 + n // 24:02d}T{n % 24:02d}:00,{n % 7},{n % 5}\n" for n in range(480)
    )
    path.write_text(f'time,"{HOSTILE}",b\n{rows}')
    made = parse_experiment(
        {
            "name": f"{HOSTILE} & more",
            "data": {"path": str(path), "reading": {"units": {HOSTILE: "</script><a href=//x>"}}},
            "recipe": {
                "layers": [{"name": HOSTILE, "rule": {"kind": "mcar", "rate": 0.2, "seed": 1}}]
            },
            "task": {"kind": "forecast", "window": 8, "horizon": 2, "targets": [HOSTILE]},
            "strategies": [{"kind": "carry"}],
            "seeds": [0],
            "training": {"epochs": 4},
        }
    )
    identity = add_trained(store, made)
    store.set_fact(
        identity,
        "job:audit:1",
        {
            "status": "finished",
            "result": {
                "run": f"{identity}-0000",
                "checks": [{"name": HOSTILE, "status": "failed", "said": HOSTILE}],
            },
        },
    )
    told = Told(sentence=f"**{HOSTILE}** won", link=f"compare?x={HOSTILE}")
    score = Score(unit=HOSTILE, units="original")
    page = read(store, identity, told=told, score=score)
    assert [tag for tag, _ in page.tags].count("script") == len(page.scripts) == 2
    assert not [tag for tag, _ in page.tags if tag in {"img", "iframe", "object", "link", "base"}]
    assert not [one for _, one in page.tags for name in one if name.startswith("on")]
    links = [str(one["href"]) for _, one in page.tags if one.get("href")]
    assert all(one.startswith(("data:", "http://127.0.0.1:8501/compare?")) for one in links)
    assert page.text.count(HOSTILE) >= 6
    assert "<" not in page.scripts[1]


def test_it_names_no_folder_machine_or_user(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, host, user = "/home/wanda.private", "wandas-laptop", "wandaprivate"
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    monkeypatch.setattr(getpass, "getuser", lambda: user)
    layer = {"name": f"from {home}/masks/a.csv", "rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}
    identity = add_trained(
        store,
        parse_experiment(settings(project, name=f"of {user}", recipe={"layers": [layer]})),
    )
    with store.database.write() as db:
        db.execute(
            "UPDATE runs SET message = ?, host = 'gpu-node-77', environment = ?",
            (f"{home}/x.py failed on gpu-node-77", json.dumps({"torch": f"2 ({home}/lib/torch)"})),
        )
    told = Told(sentence=f"Read {home}/data.csv")
    page = report(compared(store, [identity]), told)
    spec = Read(page).file("experiment.yaml")
    own = page.replace(Read(page).scripts[0], "") + spec
    for word in (
        home,
        host,
        user,
        "gpu-node-77",
        str(store.directory),
        str(store.directory.parent),
    ):
        assert word not in own


def test_the_specification_in_it_is_the_experiment(store: Store, experiment: str) -> None:
    page = read(store, experiment)
    assert Experiment.from_yaml(page.file("experiment.yaml")) == store.portable(experiment)
    assert "masklab run experiment.yaml" in page.text


def test_tables_in_it_are_those_of_the_store(store: Store, experiment: str) -> None:
    from io import StringIO  # noqa: PLC0415

    page = read(store, experiment)
    epochs = pd.read_csv(StringIO(page.file("epochs.csv")))
    pd.testing.assert_frame_equal(epochs, store.reports(experiment), check_dtype=False, rtol=1e-12)
    table = pd.read_csv(StringIO(page.file("table.csv")))
    assert list(table["kind"]) == ["strategy"] * 3 + ["naive"] * (len(table) - 3)


def test_only_the_chosen_runs_count(store: Store, experiment: str) -> None:
    runs = store.runs(experiment)
    only = {run.id for run in runs if run.strategy != "zero_fill"}
    page = read(store, experiment, only=only, baseline="carry")
    assert "zero_fill" not in page.text.partition("How to reproduce")[0]
    assert "Difference from carry" in page.text
    with pytest.raises(ExperimentError, match="no strategy 'zero_fill'"):
        read(store, experiment, only=only, baseline="zero_fill")
    with pytest.raises(StoreError, match="No run is chosen"):
        read(store, experiment, only=set())


def test_more_seeds_of_another_experiment_join(
    store: Store, project: Project, experiment: str
) -> None:
    other = add_trained(store, parse_experiment(settings(project, name="more", seeds=[5, 6])))
    page = read(store, experiment, other)
    assert "(4)" in page.text
    assert "With more" in page.text
    assert not differences_that_matter(store, [experiment, other])


def test_it_says_by_itself_what_won_and_what_keeps_experiments_apart(
    store: Store, project: Project, experiment: str
) -> None:
    recipe = {"layers": [{"name": "a", "rule": {"kind": "mcar", "rate": 0.6, "seed": 3}}]}
    other = add_trained(
        store, parse_experiment(settings(project, name="holes", recipe=recipe, seeds=[1, 2]))
    )
    page = read(store, experiment, other)
    warnings = differences_that_matter(store, [experiment, other])
    assert warnings
    assert all(" ".join(one.split()) in page.text for one in warnings)
    table = compared(store, [experiment]).table().dropna(subset="mean")
    fair = table[table["strategy"] != "ignore"].sort_values("mean")
    assert f"{fair.iloc[0]['strategy']} has the lowest RMSE" in read(store, experiment).text


def test_without_an_audit_it_says_so_and_with_one_it_shows_it(
    store: Store, experiment: str
) -> None:
    assert "Not audited" in read(store, experiment).text
    run = next(one for one in store.runs(experiment) if one.strategy == "ignore")
    checks = [
        {"name": "hidden_values", "status": "failed", "said": "Predictions moved by 0.3."},
        {"name": "scaler", "status": "passed", "said": "Fitted on training cells."},
    ]
    result = {"run": run.id, "strategy": "ignore", "seed": 0, "checks": checks}
    store.set_fact(experiment, "job:audit:abc", {"status": "finished", "result": result})
    store.set_fact(experiment, "job:audit:abd", {"status": "running", "result": None})
    text = read(store, experiment).text
    assert "✕ 1 of 2 checks failed" in text
    assert "Predictions moved by 0.3." in text
    assert text.count("not audited") == 4


def test_data_that_is_gone_leaves_the_rest(store: Store, experiment: str) -> None:
    shutil.rmtree(store.directory / "data")
    shutil.rmtree(store.directory / "panels", ignore_errors=True)
    text = read(store, experiment).text
    assert "The data can't be read any more" in text
    assert "zero_fill" in text
    assert str(store.directory) not in text


def test_every_score_can_be_reported(store: Store, experiment: str) -> None:
    for score in (Score("own"), Score(metric="mase"), Score(units="original", unit="°F")):
        text = read(store, experiment, score=score).text
        assert f"{score.in_words}, mean ± std (n)" in text


def test_it_is_a_file_of_reasonable_size(store: Store, experiment: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(compared(store, [experiment]), path)
    assert path.stat().st_size < 6e6
    with pytest.raises(StoreError, match="Name another file"):
        write_report(compared(store, [experiment]), tmp_path / "none" / "report.html")


@pytest.mark.parametrize("columns", [7, 40, 1000])
def test_shares_hidden_are_those_of_a_plain_count(columns: int) -> None:
    draw = np.random.default_rng(3)
    minutes = np.cumsum(draw.choice([10, 10, 10, 300], size=200))
    clock = np.datetime64("2024-01-01", "us") + minutes * np.timedelta64(1, "m")
    values = np.where(draw.random((200, 2)) < 0.2, np.nan, 1.0)
    panel = TimeSeries("s", clock, values, ("a", "b")).as_panel()
    observed = panel.native & (draw.random((200, 2)) < 0.6)
    found = hidden_shares(panel, observed, 0, 1, columns)
    span = float((clock[-1] - clock[0]) / np.timedelta64(1, "us")) + 600e6
    assert len(found) == min(columns, int(span // 600e6))
    for place in range(len(found)):
        inside = [
            n
            for n in range(200)
            if min(
                int(float((clock[n] - clock[0]) / np.timedelta64(1, "us")) * len(found) / span),
                len(found) - 1,
            )
            == place
            and panel.native[n, 1]
        ]
        hidden = sum(not observed[n, 1] for n in inside)
        expected = hidden / len(inside) if inside else np.nan
        np.testing.assert_equal(found[place], expected)


def test_it_is_grouped_as_the_page_is(store: Store, experiment: str, project: Project) -> None:
    other = settings(project, name="small", model={"hidden_size": 8})
    small = add_trained(store, parse_experiment(other))
    found = [run for one in (experiment, small) for run in store.runs(one)]
    groups = {
        run.id: f"{run.strategy}(hidden_size={48 if run.experiment_id == experiment else 8})"
        for run in found
    }
    names = {name: place for place, name in enumerate(dict.fromkeys(r.strategy for r in found))}
    pairs = {run.id: 100 * names[run.strategy] + run.seed for run in found}
    how = {"groups": groups, "pairs": pairs, "baseline": "carry(hidden_size=8)"}
    told = compared(store, (experiment, small), **how)  # type: ignore[arg-type]
    table = told.table()
    assert set(table["strategy"]) == set(groups.values())
    row = table.set_index("strategy").loc["zero_fill(hidden_size=8)"]
    scores = [
        float(store.reports(run.experiment_id).query("run_id == @run.id")["common_rmse"].iloc[-1])
        for run in found
        if groups[run.id] == row.name and run.status == "finished"
    ]
    assert row["mean"] == pytest.approx(np.mean(scores))
    text = Read(report(told)).text
    assert "zero_fill(hidden_size=8)" in text
    assert "zero_fill(hidden_size=48)" in text
    one_line = compared(store, (experiment, small), groups=dict.fromkeys(groups, "all runs"))
    assert list(one_line.table()["strategy"]) == ["all runs"]


def test_groups_that_are_the_strategies_change_nothing(store: Store, experiment: str) -> None:
    groups = {run.id: run.strategy for run in store.runs(experiment)}
    plain, same = compared(store, [experiment]), compared(store, [experiment], groups=groups)
    pd.testing.assert_frame_equal(plain.table(), same.table())
    assert plain.sentence() == same.sentence()
