"""The command line, as a shell sees it: real processes, output, exit codes."""

from __future__ import annotations

import csv
import io
import json
import math
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

import masklab
from masklab.cli import main
from masklab.cli.progress import PlainLines, duration, picture
from masklab.cli.tables import _cells
from masklab.data.samples import samples
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.rows import RunRow
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from tests.runs.conftest import LONG, eventually, processes_end, tiny, tiny_csv, until_ended


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with a supervisor: commands find it alive, and need not start one each."""
    with processes_end(Store.open(tmp_path_factory.mktemp("cli") / "store")) as one:
        LocalExecutor(slots=2).ensure(one)
        yield one


def write(folder: Path, **changes) -> Path:
    """Write a tiny experiment that names its data by a relative path."""
    experiment = tiny(folder, **changes)
    data = experiment.data.model_copy(update={"path": "tiny.csv"})
    path = folder / "tiny.experiment.yaml"
    path.write_text(experiment.model_copy(update={"data": data}).to_yaml())
    return path


def masklab_process(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "masklab", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=LocalExecutor.environment(),
    )


def finished(*arguments: object) -> tuple[int, str, str]:
    """Run a command in a process of its own; return exit code, stdout and stderr."""
    with masklab_process(*arguments) as process:
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


def called(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Call a command in this process; return exit code, stdout and stderr."""
    code = 0
    try:
        main([str(one) for one in arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    seen = capsys.readouterr()
    return code, seen.out, seen.err


def rows(*statuses: str, epoch: int = 2) -> list[RunRow]:
    """Return runs of one strategy, a status each."""
    return [
        RunRow(
            id=f"x-{seed}", experiment_id="x", strategy="carry", strategy_json="{}", seed=seed,
            status=status, epoch=0 if status == "queued" else epoch, epochs=3, best_score=0.5,
            seconds=1.0, seconds_left=None, message="", stopping=False, created=0.0, started=None,
            ended=None,
        )
        for seed, status in enumerate(statuses)
    ]  # fmt: skip


def test_help_needs_nothing_heavy():
    script = (
        "import sys; import masklab.cli; heavy = {'torch', 'numpy', 'pandas', 'streamlit', 'pydantic',"
        "'rich', 'plotly'}; sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], env=LocalExecutor.environment(), check=False
    )
    assert ended.returncode == 0


def test_help_names_every_command(capsys):
    code, out, _ = called(capsys, "--help")
    assert code == 0
    for command in ("app", "run", "compare", "schema", "samples", "mask", "store"):
        assert f"  {command} " in out


def test_a_run_ends_with_the_comparison_the_store_and_the_id(served, tmp_path):
    code, out, err = finished(
        "run", write(tmp_path, epochs=2, seeds=(0, 1)), "--store", served.directory
    )
    assert (code, err) == (0, "")
    identity = served.experiments()[0].id
    for line in (
        f"tiny ({identity}): 4 runs, 2 strategies x 2 seeds.",
        "carry seed 1: finished, epoch 2 of 2, best RMSE ",
        "last value ",
        f"Store: {served.directory}",
        f"Experiment: {identity}",
    ):
        assert line in out


def test_the_command_s_scores_are_those_of_the_library_bit_for_bit(served, tmp_path, capsys):
    path = write(tmp_path, epochs=3, seeds=(5,))
    assert finished("run", path, "--store", served.directory)[0] == 0
    identity = served.experiments()[0].id
    arguments = ("--store", served.directory, "--experiment", identity[:6], "--format", "csv")
    _, out, _ = called(capsys, "compare", *arguments)
    printed = {
        row["strategy"]: float(row["mean"])
        for row in csv.DictReader(io.StringIO(out))
        if row["kind"] == "strategy"
    }
    best: dict[str, float] = {}
    for report in masklab.train(parse_experiment(path.read_text()), tmp_path):
        if report.is_best:
            best[report.strategy] = report.common.rmse
    assert printed == best


def test_finished_runs_are_not_trained_again(served, tmp_path):
    path = write(tmp_path, epochs=1, seeds=(3,))
    assert finished("run", path, "--store", served.directory)[0] == 0
    before = served.runs()
    code, out, _ = finished("run", path, "--store", served.directory)
    assert code == 0
    assert "2 runs, 2 strategies x 1 seeds, 2 of them finished before." in out
    assert served.runs() == before


def test_detached_runs_go_on_by_themselves(served, tmp_path):
    path = write(tmp_path, epochs=2, seeds=(8,))
    code, out, _ = finished("run", path, "--store", served.directory, "--detach")
    assert code == 0
    assert f"masklab compare --store {served.directory}" in out
    runs = until_ended(served, served.experiments()[0].id)
    assert {run.status for run in runs} == {"finished"}


def test_ctrl_c_stops_the_experiment_s_runs(served, tmp_path):
    path = write(tmp_path, epochs=LONG, seeds=(1,))
    command = masklab_process("run", path, "--store", served.directory)
    started = eventually(
        lambda: [run for run in served.runs() if run.epochs == LONG],
        lambda runs: any(run.epoch > 1 for run in runs),
    )
    command.send_signal(signal.SIGINT)
    assert command.wait(timeout=60) == 130
    runs = served.runs(started[0].experiment_id)
    assert [run.status for run in runs] == ["stopped", "stopped"]
    served.delete_experiment(started[0].experiment_id)
    command.stdout.close()
    command.stderr.close()


def test_a_run_that_did_not_finish_gives_exit_code_1(served, tmp_path):
    path = write(tmp_path, epochs=LONG, seeds=(2,))
    command = masklab_process("run", path, "--store", served.directory)
    (identity,) = eventually(
        lambda: {run.experiment_id for run in served.runs() if run.epochs == LONG}
    )
    served.stop_all(identity)
    out, _ = command.communicate(timeout=60)
    assert command.returncode == 1
    assert "carry seed 2: stopped" in out
    assert "0 of 1" in out


def test_comparisons_come_as_table_csv_and_json(served, tmp_path, capsys):
    path = write(tmp_path, epochs=1, seeds=(0, 4))
    assert finished("run", path, "--store", served.directory)[0] == 0
    identity = served.experiments()[0].id
    options = (
        "--store",
        served.directory,
        "--experiment",
        identity,
        "--baseline",
        "carry",
        "--metric",
        "mae",
    )
    _, table, _ = called(capsys, "compare", *options)
    _, text, _ = called(capsys, "compare", *options, "--format", "json")
    assert "from carry" in table
    assert "2 of 2" in table
    records = {one["strategy"]: one for one in json.loads(text)}
    assert records["carry"]["difference"] == 0
    assert records["zero_fill"]["n"] == 2
    assert records["mean"]["kind"] == "naive"
    assert records["mean"]["std"] is None
    _, own, _ = called(capsys, "compare", *options, "--format", "json", "--cells", "own")
    assert {one["kind"] for one in json.loads(own)} == {"strategy"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read: No such file"),
        (b"\xff\xfe\x00\xff", "is not a text in UTF-8"),
        (b"", "holds nothing"),
        (b"data: [", "not valid YAML"),
        (b"data: {path: absent.csv}\nstrategies: [{kind: carry}]", "there is no file"),
        (b"data: {path: tiny.csv}\nstrategies: [{kind: magic}]", "magic"),
        (
            b"data: {path: tiny.csv}\nstrategies: [{kind: carry}]\ntask: {kind: forecast, horizon: 0}",
            "horizon",
        ),
        (
            b"data: {path: tiny.csv}\nstrategies: [{kind: carry}]\ntask: {kind: forecast, window: 9000}",
            "window",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_queues_nothing(
    capsys, tmp_path, store_directory, content, words
):
    tiny_csv(tmp_path)
    path = tmp_path / "it.yaml"
    if content is not None:
        path.write_bytes(content)
    code, out, err = called(capsys, "run", path, "--store", store_directory)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert not store_directory.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "--store", "nowhere"], "There is no run store in nowhere"),
        (["compare", "--format", "xml"], "'xml' is not one of"),
        (["run"], "Missing argument 'FILE.yaml'"),
        (["fly"], "No such command 'fly'"),
        (["samples", "no_such_sample"], "no_such_sample"),
        (["samples", "--copy", "somewhere"], "Say which sample to copy"),
        (["app", "--port", "0"], "0 is not in the range"),
    ],
)
def test_a_wrong_command_is_one_sentence(capsys, arguments, words):
    code, _, err = called(capsys, *arguments)
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_an_empty_store_and_an_unknown_experiment_are_told(capsys, store_directory, tmp_path):
    store = Store.open(store_directory)
    assert "holds no experiment yet" in called(capsys, "compare")[2]
    identity = store.add_experiment(tiny(tmp_path))
    code, _, err = called(capsys, "compare", "--experiment", "zzz")
    assert code == 2
    assert identity in err
    assert "no strategy 'reset'" in called(capsys, "compare", "--baseline", "reset")[2]


def test_the_schema_is_that_of_an_experiment(capsys):
    code, out, _ = called(capsys, "schema")
    schema = json.loads(out)
    assert code == 0
    assert set(schema["required"]) == {"data", "strategies"}
    assert "carry" in out


def test_samples_are_listed_told_and_copied(capsys, tmp_path):
    _, out, _ = called(capsys, "samples")
    for one in samples():
        assert one.name in out
    one = samples()[0]
    assert one.licence in called(capsys, "samples", one.name)[1]
    code, out, _ = called(capsys, "samples", one.name, "--copy", tmp_path / "copy")
    copied = Path(out.splitlines()[0])
    assert code == 0
    assert copied.read_bytes() == one.path.read_bytes()
    code, _, err = called(capsys, "samples", one.name, "--copy", tmp_path / "copy")
    assert code == 2
    assert "is there already" in err


def test_a_port_in_use_is_told(capsys, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, err = called(capsys, "app", "--port", port, "--store", tmp_path / "store")
    assert code == 2
    assert f"Port {port} of 127.0.0.1 can't be used" in err


def test_a_reader_who_leaves_early_gets_no_complaint():
    process = masklab_process("schema")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 1
    process.stderr.close()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_read_in_two_units(seconds, words):
    assert duration(seconds) == words


def test_lines_tell_changes_once(capsys):
    show = PlainLines()
    running, finished = rows("running", epoch=2), rows("finished", epoch=3)
    show(rows("queued"))
    show(running)
    show(running)
    show(finished)
    assert capsys.readouterr().out.splitlines() == [
        "carry seed 0: running, epoch 2 of 3, best RMSE 0.5",
        "carry seed 0: finished, epoch 3 of 3, best RMSE 0.5",
    ]


def test_the_terminal_s_picture_fits_and_shows_what_failed():
    many = rows(*["finished"] * 60, "failed", "running")
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(picture(many))
    text = console.export_text()
    assert len(text.splitlines()) < 30
    assert "failed" in text
    assert "62 runs: 1 running, 60 finished, 1 failed" in text


def test_the_version_is_told(capsys):
    assert called(capsys, "--version")[1].strip().endswith(masklab.__version__)


def test_python_m_is_the_same_command():
    code, out, _ = finished("--version")
    assert code == 0
    assert out.strip().endswith(masklab.__version__)


def test_an_error_relative_to_nothing_prints_no_score() -> None:
    row = {"kind": "naive", "strategy": "mean", "mean": math.nan, "std": math.nan, "scored": 30}
    row["causal"] = True
    learnt = {"kind": "strategy", "strategy": "carry", "n": 2, "runs": 2}
    learnt |= {"difference": math.nan, "difference_std": math.nan, "best_epoch": 3.0}
    waiting = {**row, **learnt, "n": 0, "scored": 0}
    assert _cells(row, "carry", 4)[3] == "—"
    assert _cells({**row, **learnt}, "carry", 4)[3] == "—"
    assert _cells(waiting, "carry", 4)[3] == ""
    ahead = {"causal": False}
    assert _cells({**row, **learnt, **ahead}, "carry", 4)[0] == "carry (not causal)"
    assert _cells({**row, "strategy": "linear", **ahead}, "carry", 4)[0] == "linear (not causal)"
