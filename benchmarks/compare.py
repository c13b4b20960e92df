"""The Compare page with 200 runs of 500 epochs: how soon it is there, and how fast it follows.

A run of its script and the browser's drawing are told apart: both are waited for.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.long_lists import ROOT, fill, served, set_aside
from benchmarks.report import Progress, Report, Row
from masklab.masks.layers import MaskRecipe
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.report import Scores
from masklab.ui.project import Project

READY, SWITCH, DRAW = "page ready", "switch, script", "switch, browser draws"
STRATEGIES = (
    "zero_fill", "mean_fill", "forward_fill", "interpolate", "indicator", "interval", "carry", "reset", "decay",
    "ignore",
)  # fmt: skip
SWITCHES: dict[str, Callable[[Any], object]] = {
    "metric": lambda tab: tab.segmented_control(key="compare.metric").set_value("mae"),
    "band": lambda tab: tab.selectbox(key="compare.band").set_value("std"),
    "every run": lambda tab: tab.selectbox(key="compare.band").set_value("members"),
    "smoothing": lambda tab: tab.slider(key="compare.smooth").set_value(0.6),
    "log y": lambda tab: tab.toggle(key="compare.logy").set_value(True),
    "seconds": lambda tab: tab.segmented_control(key="compare.x").set_value("seconds"),
}


def run(quick: bool, tell: Progress) -> Report:
    """Measure the page with 200 runs x 500 epochs; `quick`: with 20 x 50 and one turn."""
    seeds, epochs, turns = (2, 50, 1) if quick else (20, 500, 3)
    with tempfile.TemporaryDirectory(prefix="masklab-compare-") as folder:
        directory = Path(folder)
        tell(f"writing {len(STRATEGIES) * seeds:,} runs x {epochs:,} epochs")
        plant(directory, seeds, epochs)
        rows = list(scripts(directory, turns, tell))
        size = f"{len(STRATEGIES) * seeds} x {epochs}"
    return Report(
        "The Compare page by runs x epochs: seconds of the script",
        tuple({"size": size, **row} for row in rows),
        (
            "Ready: the first run of the app's script in a new tab, read from the store and drawn. Switch: what it "
            "runs after one control was changed, the whole page, of which the app itself runs less where only the "
            "picture follows. Times are those of the processor, medians of "
            f"{turns}.",
        ),
    )


def plant(directory: Path, seeds: int, epochs: int) -> str:
    """Fill a store with finished runs and their epochs; return the experiment's id."""
    store = Store.open(directory)
    identity = store.add_experiment(plan(seeds, epochs))
    fill(store, epochs)
    one = vars(Scores(mse=0.5, mae=0.5, rmse=0.5, mre=0.5, mase=0.5, count=1234))
    store.set_fact(identity, "naive", {"last_value": [one, one], "mean": [one, one]})
    store.set_fact(identity, "steps_per_epoch", 17)
    project = Project(
        name="Waves", data=plan(seeds, epochs).data, history=(MaskRecipe(),), experiment_id=identity
    )
    store.save_project("work", project.model_dump_json(), 0)
    return identity


def plan(seeds: int, epochs: int) -> Experiment:
    """Return an experiment of ten strategies."""
    return parse_experiment(
        {
            "name": "many",
            "data": {"path": "sample:mauna_loa_co2"},
            "strategies": [{"kind": kind} for kind in STRATEGIES],
            "seeds": list(range(seeds)),
            "training": {"epochs": epochs},
        }
    )


def scripts(directory: Path, turns: int, tell: Progress) -> Iterator[Row]:
    """Time the script: the first run in a new tab, then a run after each switch."""
    store = Store.open(directory)
    tell("the page in a new tab")
    with served(store), set_aside():
        opened()  # what is imported and compiled is there for all
        yield {
            "what": READY,
            "part": "all",
            "seconds": median(_timed(opened) for _ in range(turns)),
        }
    for name, switch in SWITCHES.items():
        tell(f"a switch of {name}")
        with served(store), set_aside():
            taken = []
            for _ in range(turns):
                tab = opened()
                switch(tab)
                taken.append(_timed(partial(_rerun, tab)))
        yield {"what": SWITCH, "part": name, "seconds": median(taken)}


def opened() -> Any:
    """Run the page in a new tab, with nothing of the last one kept."""
    import streamlit as st  # noqa: PLC0415 (seconds to import)
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    st.cache_resource.clear()
    tab = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    tab.query_params["work"] = "work"
    tab.switch_page("pages/compare.py")
    return _drawn(tab.run())


def _rerun(tab: Any) -> Any:
    return _drawn(tab.run())


def _drawn(tab: Any) -> Any:
    if tab.exception or not tab.get("plotly_chart"):
        raise RuntimeError(f"The page was not drawn: {tab.exception}")
    return tab


def _timed(job: Callable[[], object]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began
