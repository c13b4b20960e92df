"""Charts: stable looks, honest axes, labels with n; they know nothing of Streamlit."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pandas as pd
import pytest

from masklab.charts.axis import axis_range
from masklab.charts.live_curves import live_curves
from masklab.charts.palette import LAYERS, in_order, layer_colour, look
from masklab.charts.validation_curves import validation_curves
from masklab.masks.appearance import LayerColour
from masklab.runs.spec import STRATEGIES


def curve(strategy: str, values: list[float], n: int = 2) -> pd.DataFrame:
    epochs = range(1, len(values) + 1)
    frame = pd.DataFrame({"strategy": strategy, "epoch": epochs, "mean": values, "n": n})
    return frame.assign(min=frame["mean"] - 0.01, max=frame["mean"] + 0.01)


def points(strategy: str, epoch: int, score: float) -> pd.DataFrame:
    return pd.DataFrame({"strategy": [strategy], "seed": [0], "epoch": [epoch], "score": [score]})


CURVES = pd.concat([curve("carry", [0.5, 0.4, 0.35]), curve("reset", [0.6, 0.5, 0.45])])
BEST = pd.concat([points("carry", 3, 0.35), points("reset", 3, 0.45)])


def test_every_strategy_has_a_look_of_its_own() -> None:
    looks = [look(kind) for kind in STRATEGIES]
    assert len({(one.colour, one.dash) for one in looks}) == len(looks)
    assert len({(one.marker, one.dash, one.colour) for one in looks}) == len(looks)


def test_options_change_the_dash_and_keep_the_colour() -> None:
    both = ("carry", "carry(collapse=all)")
    plain, changed = (look(label, both) for label in both)
    assert plain == look("carry")
    assert changed.colour == plain.colour
    assert changed.dash != plain.dash


def test_every_colour_of_a_layer_is_in_the_palette_and_the_first_layers_differ() -> None:
    assert list(LAYERS) == list(get_args(LayerColour))
    assert len({layer_colour(None, place) for place in range(len(LAYERS))}) == len(LAYERS)
    assert layer_colour("green", 5) == LAYERS["green"]
    assert layer_colour(None, len(LAYERS)) == layer_colour(None, 0)


def test_an_unknown_strategy_looks_the_same_each_time() -> None:
    assert look("my_own") == look("my_own")
    assert in_order(["my_own", "carry", "ignore"]) == ["ignore", "carry", "my_own"]


def test_a_far_baseline_does_not_press_the_curves() -> None:
    edge = axis_range([0.3, 0.4, 0.5], {"near": 0.55, "far": 9.0})
    assert edge.holds(0.55)
    assert not edge.holds(9.0)
    assert edge.high < 1


def test_an_outlying_first_epoch_is_cut_and_said() -> None:
    values = [40.0, *[0.3 + 0.01 * step for step in range(12)]]
    edge = axis_range(values, {})
    assert edge.cut
    assert edge.high < 2


@pytest.mark.parametrize("values", [[], [0.3], [0.3, 0.3], [float("nan"), 0.2]])
def test_a_range_is_never_empty(values: list[float]) -> None:
    edge = axis_range(values, {})
    assert edge.low < edge.high


def test_legend_tells_n_and_who_looks_ahead() -> None:
    figure = validation_curves(CURVES, BEST, {}, metric="RMSE", not_causal=["reset"])
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert names == ["carry (n = 2)", "reset, not causal (n = 2)"]


def test_where_no_strategy_is_causal_the_legend_says_so_once():
    figure = validation_curves(CURVES, BEST, {}, metric="RMSE", not_causal=["reset", "carry"])
    names = [trace.name for trace in figure.data if trace.name]
    assert names == ["carry (n = 2)", "reset (n = 2)"]
    assert figure.layout.legend.title.text == "None is causal:"


def test_axes_have_titles_with_units() -> None:
    figure = validation_curves(CURVES, BEST, {}, metric="RMSE", unit="°F")
    assert figure.layout.xaxis.title.text == "Epoch"
    assert figure.layout.yaxis.title.text == "Validation RMSE (°F)"


def test_baselines_are_labelled_and_far_ones_named_at_the_edge() -> None:
    levels = {"last_value": 0.55, "mean": 9.0}
    figure = validation_curves(CURVES, BEST, levels, metric="RMSE")
    words = [text for trace in figure.data for text in (trace.text or ()) if text]
    assert "last value" in words
    assert [note.text for note in figure.layout.annotations] == ["↑ above the picture: mean 9"]


def test_the_mean_is_faint_where_seeds_have_stopped() -> None:
    tail = curve("carry", [0.5, 0.4, 0.35, 0.34]).assign(n=[2, 2, 1, 1])
    lines = [t for t in validation_curves(tail, BEST, {}, metric="MAE").data if t.line.width == 2.5]
    assert [list(one.x) for one in lines] == [[1, 2], [2, 3, 4]]
    assert lines[1].opacity < 1


def test_nothing_yet_gives_an_empty_frame() -> None:
    figure = validation_curves(CURVES.iloc[:0], BEST.iloc[:0], {"mean": 0.5}, metric="RMSE")
    assert figure.layout.yaxis.range[0] < 0.5 < figure.layout.yaxis.range[1]


def test_runs_that_did_not_finish_stay_out_of_the_mean() -> None:
    others = points("carry", 1, 0.7).assign(status="stopped")
    figure = validation_curves(CURVES, BEST, {}, metric="RMSE", others=others)
    assert "stopped" in figure.data[0].text[-1]
    assert figure.data[0].line.dash == "dot"


def test_a_live_chart_s_specification_does_not_change_with_its_data() -> None:
    def specification(rows: int) -> dict[str, object]:
        frame = pd.concat([points("carry", epoch + 1, 0.1 * epoch) for epoch in range(rows)])
        chart = live_curves(frame, ["carry", "reset"], 20, title="RMSE", ink="#000000").to_dict()
        return {name: part for name, part in chart.items() if name not in ("data", "datasets")}

    assert specification(2) == specification(9)


def test_charts_know_nothing_of_streamlit() -> None:
    script = (
        "import sys, masklab.charts.validation_curves, masklab.charts.live_curves, "
        "masklab.charts.sketches, masklab.charts.swatch; assert 'streamlit' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
