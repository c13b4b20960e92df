"""The cells on which the runs on screen are scored: drawn, counted, taken away; the runs scored anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import UInt8

from masklab.charts.difference_picture import View
from masklab.charts.ribbon import stretches
from masklab.charts.scored_cells import scored_cells
from masklab.charts.series_picture import Window
from masklab.compare import common_files
from masklab.compare.cell_kinds import CellKind, cell_kinds, kind_counts
from masklab.compare.common import Shared, shared_cells
from masklab.compare.rescoring import rescored
from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from masklab.ui import state, words
from masklab.ui.compare.context import Context
from masklab.ui.compare.rescored_table import rescored_table
from masklab.ui.mask_export import file_name
from masklab.ui.zoomed_picture import zoomed_picture
from masklab.words import counted, plain

CHANNELS_SHOWN = 4
_KEY = "compare.cells"


@dataclass(frozen=True, eq=False)
class _Found:
    """What was worked out of a selection of runs."""

    shared: Shared
    kinds: UInt8[np.ndarray, "row channel"]
    counts: pd.DataFrame
    scores: pd.DataFrame


def show(context: Context) -> None:
    """Draw the cells that all runs on screen are scored on, and score the runs on them."""
    runs = context.on_screen()
    if not runs:
        st.info("No run is on screen. Choose some in the part Runs.")
        return
    try:
        found = _found(state.store(), str(state.store().directory), _mark(runs), runs)
    except MaskLabError as error:
        st.warning(plain(str(error)), icon=":material/block:")
        return
    names = {row.id: row.name for row in context.experiments}
    several = len(found.shared.experiments) > 1
    st.markdown(_sentence(found, several=several))
    if several:
        st.markdown("\n".join(_each(found.shared, names)))
    if len(found.shared.keys):
        _picture(found, several=several)
        st.dataframe(
            _shown_counts(found.counts, several=several), hide_index=True, width="stretch",
            column_config={"Predictions scored": st.column_config.NumberColumn(format="localized")},
        )  # fmt: skip
        st.caption(
            "Of the validation cells that the file has. The rest lie in no window that is scored, or "
            "only in what one reads."
        )
        _take(found.shared, context.experiment.name)
    rescored_table(found.scores, names, context.choice, several=several)
    _left_out(found.shared, runs, names)


def _mark(runs: Sequence[RunRow]) -> tuple[tuple[object, ...], ...]:
    """Return what changes when a run of the selection does, or what it keeps."""
    return tuple((run.id, run.status, run.epoch, run.ended) for run in runs)


@st.cache_resource(show_spinner="Scoring the runs on the cells that they share", max_entries=4)
def _found(
    _store: Store, directory: str, mark: tuple[tuple[object, ...], ...], _runs: Sequence[RunRow]
) -> _Found:
    shared = shared_cells(_store, _runs)
    kinds = cell_kinds(shared)
    return _Found(shared, kinds, kind_counts(shared, kinds), rescored(_store, shared))


def _sentence(found: _Found, *, several: bool) -> str:
    counts, keys = found.counts, len(found.shared.keys)
    shared, whole = int(counts["shared"].sum()), int(counts["of"].sum())
    runs = counted(len(found.shared.shown), "run")
    if not shared:
        return (
            f"**The experiments of the {runs} share no scored cell.** Each masks what the others are "
            "scored on. Compare runs of one experiment, or give the experiments one mask."
        )
    whose = "share" if several else "are scored on"
    times = (
        f" Windows overlap, so that these cells are predicted {keys:,} times; each prediction counts."
        if keys > shared
        else ""
    )
    return f"**The {runs} {whose} {words.of(shared, whole, 'validation cells')}** of the targets.{times}"


def _each(shared: Shared, names: dict[str, str]) -> list[str]:
    """Return a line for each experiment: how much of its own score the shared cells are."""
    keys = len(shared.keys)
    return [
        f"- {plain(names.get(identity, identity))}: {words.of(keys, scored, 'predictions')} of those "
        "that its own common score counts"
        for identity, scored in shared.scored.items()
    ]


def _picture(found: _Found, *, several: bool) -> None:
    panel, shared = found.shared.panel, found.shared
    series = 0
    if len(panel) > 1:
        many = [
            int((found.kinds[panel.rows_of(one)] == CellKind.SHARED).sum())
            for one in range(len(panel))
        ]
        series = st.selectbox(
            "Series", range(len(panel)), index=int(np.argmax(many)), key=f"{_KEY}.series",
            format_func=lambda one: f"{panel.names[one]} ({many[one]:,} cells scored in every run)",
        )  # fmt: skip
    channels = shared.targets[:CHANNELS_SHOWN]
    if len(shared.targets) > CHANNELS_SHOWN:
        channels = tuple(
            st.multiselect(
                "Channels on screen", shared.targets, default=channels, max_selections=16,
                key=f"{_KEY}.channels",
            )
        ) or channels[:1]  # fmt: skip
    split = next(iter(shared.experiments.values())).split
    parts, whole = stretches(panel, split, series), _around(panel, found.kinds, series)
    zoomed_picture(
        panel, series,
        lambda window: scored_cells(
            panel, found.kinds, View(series, channels, parts, window or whole), several=several
        ),
        key=_KEY, alt=f"{', '.join(channels)} of {panel.names[series]} over time, with the scored cells",
    )  # fmt: skip


def _around(panel: Panel, kinds: UInt8[np.ndarray, "row channel"], series: int) -> Window | None:
    """Return the time from the first scored or hidden cell of a series to the last; None if none."""
    rows = panel.rows_of(series)
    told = np.flatnonzero(kinds[rows].any(axis=1))
    if len(told) < 2:
        return None
    clock = panel.clock[rows]
    margin = (clock[told[-1]] - clock[told[0]]) // 40
    first, last = clock[told[0]] - margin, clock[told[-1]] + margin
    return max(first, clock[0]), min(last, clock[-1])


def _shown_counts(counts: pd.DataFrame, *, several: bool) -> pd.DataFrame:
    """Return the counts of each channel in words, each with its denominator."""
    titles = {"shared": "Scored in every run", "some": "In some experiments only"}
    titles = titles if several else {"shared": titles["shared"]}
    told = {"Channel": counts["channel"]}
    for name, title in {**titles, "hidden": "Hidden by a mask"}.items():
        pairs = zip(counts[name], counts["of"], strict=True)
        told[title] = pd.Series([words.of(part, whole) for part, whole in pairs])
    return pd.DataFrame(told | {"Predictions scored": counts["predictions"]})


def _take(shared: Shared, name: str) -> None:
    files = {
        "Cells as CSV": (common_files.as_csv, ".scored.csv", "text/csv", "A line for each cell."),
        "Cells as NPZ": (
            common_files.as_npz, ".scored.npz", "application/zip",
            "`scored` (row, channel), True where a cell is scored, with clock, channels and series.",
        ),
        "Cells as a recipe": (
            common_files.as_recipe, ".scored.mask.json", "application/json",
            "A mask of one layer that hides just these cells: import it on the Mask page.",
        ),
    }  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for title, (write, ending, mime, hint) in files.items():
            st.download_button(
                title, partial(write, shared), file_name(name, ending), mime,
                on_click="ignore", icon=":material/download:", help=hint, key=f"{_KEY}{ending}",
            )  # fmt: skip


def _left_out(shared: Shared, runs: Sequence[RunRow], names: dict[str, str]) -> None:
    """Say which runs could not be scored again, and why."""
    if not shared.left_out:
        return
    known = {run.id: run for run in runs}
    count = sum(len(one.runs) for one in shared.left_out)
    lines = [f"{counted(count, 'run')} can't be scored on these cells:", ""]
    for one in shared.left_out:
        said = [f"{known[run].strategy}, seed {known[run].seed}" for run in one.runs[:4]]
        more = f" and {len(one.runs) - 4:,} more" if len(one.runs) > 4 else ""
        name = plain(names.get(one.experiment_id, one.experiment_id))
        lines.append(f"- {name} ({plain('; '.join(said))}{more}): {plain(one.why)}")
    st.warning("\n".join(lines), icon=":material/block:")
