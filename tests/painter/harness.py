"""A small Streamlit app with the painter alone: what it hides is written to a file.

Its arguments: the folder of the file, rows, channels, series. `?work=NAME` names the document; with
"locked" in its name, it begins with a painted layer that is locked.
"""

import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
import streamlit as st

from masklab.data.series import Panel, TimeSeries
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted
from masklab.split import Split
from masklab.ui.mask_origin import layers_of
from masklab.ui.painter import Shown, painter, receive
from masklab.ui.painter.edits import carried_out
from masklab.ui.painter.layer import strokes_of
from masklab.ui.painter.operations import served_after, unserved

st.set_page_config(layout="wide")
rows, channels, series = map(int, sys.argv[2:5])
NAME = st.query_params.get("work", "harness")
out = Path(sys.argv[1]) / f"{NAME}.json"


class Document:
    """The history of recipes, shared by all sessions of this server."""

    def __init__(self, name: str) -> None:
        locked = Layer(name="Kept", rule=Painted(strokes=()), locked=True)
        layers = (locked,) if "locked" in name else ()
        self.history, self.cursor = [MaskRecipe(layers=layers)], 0
        self.painted, self.lock, self.runs = {}, threading.Lock(), 0

    def served(self):
        return self.painted

    def serve(self, operations):
        with self.lock:
            for one in unserved(operations, self.painted):
                self.carry_out(one)
            self.painted = served_after(operations, self.painted)
        return ""

    def carry_out(self, one):
        if one.action in ("undo", "redo"):
            step = -1 if one.action == "undo" else 1
            self.cursor = min(max(self.cursor + step, 0), len(self.history) - 1)
        elif one.action != "refused":
            changed = carried_out(self.history[self.cursor], one, data())
            self.history = [*self.history[: self.cursor + 1], changed]
            self.cursor += 1


@st.cache_resource
def document(name: str) -> Document:
    return Document(name)


@st.cache_resource
def data() -> Panel:
    random = np.random.default_rng(7)
    made = []
    for number in range(series):
        count = rows // (number + 1)
        clock = np.datetime64("2013-01-01", "us") + np.arange(count) * np.timedelta64(1, "h")
        clock[count // 2 :] += np.timedelta64(max(count // 30, 5), "h")
        day = np.sin(np.arange(count) * 2 * np.pi / 24)[:, None] * 4
        values = day + np.cumsum(random.normal(0, 0.3, (count, channels)), axis=0)
        values[count // 5 : count // 5 + count // 50] = np.nan
        values[count // 3, 0] += 60
        names = tuple(f"channel {at}" for at in range(channels))
        units = {"channel 0": "°C"}
        made.append(
            TimeSeries(f"s{number}", clock, values, names, units, timezone="America/New_York")
        )
    return Panel.of(*made)


@st.fragment
def picture() -> None:
    panel, work = data(), document(NAME)
    work.runs += 1
    receive("canvas", panel, work)
    parts = Split().parts(panel)
    recipe = work.history[work.cursor]
    begun = time.perf_counter()
    layers = layers_of(panel, parts, "", recipe)
    share = np.count_nonzero(layers) / layers.size
    shown = Shown(
        revision=recipe.model_dump_json(),
        recipe=recipe,
        channels=tuple(range(channels)),
        share=f"{share:.1%} hidden, picture {work.runs}",  # none is like another
        undo=work.cursor > 0,
        redo=work.cursor + 1 < len(work.history),
    )
    applied = time.perf_counter()
    painter(panel, layers, parts, shown, key="canvas", document=NAME, work=work)
    st.button("Send again")
    strokes = [one.model_dump() for one in strokes_of(recipe)]
    hidden = (layers > 0).sum(axis=0).tolist()
    seconds = [applied - begun, time.perf_counter() - applied]
    report = {
        "strokes": strokes,
        "hidden": hidden,
        "steps": len(work.history),
        "painted": work.painted,
        "served": sum(work.painted.values()),
        "runs": work.runs,
        "seconds": seconds,
    }
    out.with_suffix(".new").write_text(json.dumps(report))
    out.with_suffix(".new").rename(out)


picture()
