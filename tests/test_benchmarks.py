"""`make bench`: every benchmark runs, and page and picture say what the file of results holds."""

import json
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from benchmarks import keras_lstm, masked_lstm, results
from benchmarks.__main__ import NAMES, main
from benchmarks.costs import with_costs
from benchmarks.masked_lstm import Size, block_mask, contestants, random_mask
from benchmarks.measuring import Times, interleaved, ranking, ratios
from benchmarks.page import page
from benchmarks.plot import COLOURS, picture
from benchmarks.report import Report
from benchmarks.targets import TARGETS, Target, compared

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def without_keras(monkeypatch):
    """TensorFlow takes seconds to start, and warns."""
    monkeypatch.setattr(masked_lstm, "is_installed", lambda: False)


@pytest.fixture(autouse=True)
def threads_as_they_were():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_contestants_take_turns():
    went = []
    jobs = {name: lambda name=name: went.append(name) for name in "ab"}
    times = interleaved(jobs, turns=3)
    assert "".join(went) == "ab" * 4  # once to warm up
    assert [len(one.milliseconds) for one in times.values()] == [3, 3]


def test_more_turns_are_taken_while_there_is_time():
    times = interleaved({"a": lambda: time.sleep(0.001)}, turns=1, seconds=0.05)
    assert len(times["a"].milliseconds) > 1


def test_ratios_are_of_the_fastest_passes_and_of_the_medians():
    times = {"one": Times((4.0, 2.0, 8.0)), "other": Times((5.0, 3.0, 6.0))}
    assert ratios(times, "one") == {"one ms": 2.0, "other": 1.5, "median other": 1.25}
    assert ranking(times, "one")[1] == {
        "what": "other",
        "ms": 3.0,
        "cost": 1.5,
        "median cost": 1.25,
    }


def test_a_table_leaves_medians_out_and_gaps_empty():
    report = Report("Title", ({"case": "a", "x": 1.25, "median x": 9.0}, {"case": "b"}), ("Note.",))
    assert str(report) == "Title\ncase     x\na     1.25\nb\nNote."


@pytest.mark.parametrize("mask", [random_mask, block_mask])
@pytest.mark.parametrize("percent", [0, 25, 95])
def test_a_mask_hides_the_share_that_it_is_named_for(mask, percent):
    observed = mask(Size(8, 50, 3, 4), percent)
    assert int((~observed).sum()) == 4 * percent


@pytest.mark.parametrize("bidirectional", [False, True])
def test_these_contestants_go_both_ways_where_keras_is_missing(bidirectional):
    torch.manual_seed(0)
    size = Size(3, 9, 2, 4)
    jobs = contestants(size, random_mask(size, 40), bidirectional)
    assert list(jobs) == ["nn.LSTM", "carry", "reset", "PackedSequence", "slow twin"]
    for job in jobs.values():
        job()
    assert "Keras is not installed" in " ".join(masked_lstm.notes())


def test_keras_gets_the_weights_in_its_own_layout():
    lstm = torch.nn.LSTM(3, 4, bidirectional=True)
    shapes = [one.shape for one in keras_lstm._weights(lstm)]
    assert shapes == 2 * [(3, 16), (4, 16), (16,)]


def test_a_target_takes_the_worst_of_the_rows_that_match():
    rows = ({"k": 1, "a": 2.0, "b": 8.0}, {"k": 1, "a": 4.0, "b": 8.0}, {"k": 2, "a": 99.0})
    reports = {"some": Report("", rows)}
    most = Target("", "at most", 3, "some", "a", where={"k": 1})
    least = Target("", "at least", 3, "some", "b", per="a", where={"k": 1})
    assert most.measured(reports) == 4.0
    assert least.measured(reports) == 2.0
    assert not most.is_met(4.0)
    assert not least.is_met(2.0)
    assert most.is_met(3.0)
    assert Target("", "at most", 3, "some", "a", where={"k": 7}).measured(reports) is None


IN_A_BROWSER = {"painter", "learn", "compare"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "quick",
    [
        pytest.param(("data", "rules"), id="some"),
        pytest.param(
            tuple(name for name in NAMES if name not in IN_A_BROWSER),
            id="all",
            marks=pytest.mark.long,
        ),
    ],
)
def test_benchmarks_run_and_their_file_says_what_was_printed(quick, tmp_path, capsys):
    files = {kind: tmp_path / kind for kind in ("json", "plot", "page")}
    wanted = [part for name in quick for part in ("--only", name)]
    main(
        [*wanted, "--quick", *(part for kind in files for part in (f"--{kind}", str(files[kind])))]
    )
    printed = capsys.readouterr().out
    machine, reports = results.read(files["json"])
    assert list(reports) == list(quick)
    assert machine["threads"] == 1
    assert {"python", "torch", "numpy"} <= machine["versions"].keys()
    assert all(key in machine for key in ("command", "date", "processor", "cores", "load before"))
    assert all(report.rows and str(report) in printed for report in reports.values())
    assert files["page"].read_text(encoding="utf-8") == page(machine, reports)
    main(["--read", str(files["json"])])
    assert capsys.readouterr().out.startswith(str(next(iter(reports.values()))))
    again = str(tmp_path / "again")
    main(["--read", str(files["json"]), "--only", "data", "--quick", "--json", again])
    _, mixed = results.read(Path(again))
    assert list(mixed) == list(quick)
    assert mixed["rules"] == reports["rules"]
    assert mixed["data"].notes[-1].startswith("Measured anew ")


@pytest.fixture(scope="module")
def kept():
    """The results in the repository: machine and reports."""
    return results.read(results.LATEST)


def test_what_is_kept_has_every_benchmark_and_measured_every_target(kept):
    _, reports = kept
    assert tuple(reports) == NAMES
    assert len(compared(reports)) == len(TARGETS)


def test_targets_that_are_kept_are_those_of_the_rows_beside_them(kept):
    written = json.loads(results.LATEST.read_text(encoding="utf-8"))
    assert written["targets"] == compared(kept[1])


def test_page_and_picture_are_made_from_what_is_kept(kept):
    machine, reports = kept
    assert (ROOT / "docs/speed.md").read_text(encoding="utf-8") == page(machine, reports)
    drawn = (ROOT / "docs/images/speed.svg").read_text(encoding="utf-8")
    assert drawn == picture(reports["masked_lstm"])


def test_costs_of_strategies_in_the_docs_are_those_that_are_kept(kept):
    written = (ROOT / "docs/masking.md").read_text(encoding="utf-8")
    assert with_costs(written, kept[1]["strategies"]) == written


def test_costs_go_to_their_own_section():
    section = "### `{}`\nwhat\n- **Cost:** {}; more\n"
    text = section.format("a", "1.0 / 2.0") + section.format("b", "– / 3") + "### `c`\n"
    report = Report("", ({"strategy": "b", "reconstruct": 4.04},))
    expected = text.replace("– / 3;", "– / 4.0;")
    assert with_costs(text, report) == expected


def test_every_line_of_the_picture_has_its_name_and_names_do_not_overlap(kept):
    drawn = picture(kept[1]["masked_lstm"])
    heights = {}
    for name in [*COLOURS, "nn.LSTM = 1"]:
        found = re.search(rf'y="([\d.]+)" fill="[^"]+">{re.escape(name)}</text>', drawn)
        assert found, name
        heights[name] = float(found[1])
    assert all(below - above >= 14 for above, below in pairwise(sorted(heights.values())))
