"""Take it away: the comparison as picture, tables, report, experiment, code, and in other trackers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from masklab.compare.verdict import answer
from masklab.errors import MaskLabError
from masklab.export.compared import Compared, compared
from masklab.export.report.told import Told
from masklab.export.score import Score
from masklab.export.tables import curves_csv, epochs_csv, table_csv
from masklab.export.zipped import zipped
from masklab.runs.rows import RunRow
from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.compare.sure import gathered_scores
from masklab.ui.copy_link import copy_link
from masklab.ui.picture_button import picture_buttons
from masklab.words import counted, plain

_MADE = "compare.take.made"
_SAVE = ":material/download:"
_PERSONAL = ("work", "part", "panel")
"""What of the address is of this tab rather than of the comparison."""


def show(context: Context) -> None:
    """Draw what can be taken away, a row each."""
    name = f"masklab-{_slug(context.experiment.name)}"
    score = f"{context.choice.cells}-{context.choice.metric}"
    if not context.on_screen():
        st.info("No run is on screen, so there is nothing to take away. Tick some runs above.")
        return
    _picture(f"{name}-{score}")
    _tables(context, f"{name}-{score}")
    _report(context, name)
    _experiment(context, name)
    _code(context, name)
    _trackers(context, name)
    with _row("Link", "Opens this view: the address holds what is on screen."):
        copy_link()


def _row(title: str, words: str) -> DeltaGenerator:
    """Draw what a row is, and return the place of its buttons."""
    with st.container(key=f"take-{title.partition(' ')[0].lower()}"):
        left, right = st.columns([2, 3], vertical_alignment="center")
        left.markdown(f"**{title}**  \n:small[{words}]")
        return right.container(horizontal=True, vertical_alignment="center", gap="small")


def _picture(name: str) -> None:
    with _row("Picture", "The chart above, as it is on screen."):
        picture_buttons("compare-curves", name, place=".take")


def _tables(context: Context, name: str) -> None:
    words = "CSV: strategies at their best epochs, their curves, every epoch of each run."
    read = _reader(context)
    with _row("Tables", words):
        for label, csv in (("Table", table_csv), ("Curves", curves_csv), ("Epochs", epochs_csv)):
            _save(label, partial(_encoded, csv, read), f"{name}-{label.lower()}.csv", "text/csv")


def _encoded(csv: Callable[[Compared], str], read: Callable[[], Compared]) -> bytes:
    return csv(read()).encode()


def _report(context: Context, name: str) -> None:
    words = (
        "One HTML file that opens offline, to send or to print: curves, scores, data, mask, audit, "
        "specification. About 5 MB, as it brings along what draws its chart."
    )
    read = _reader(context)
    told = Told(_sentence(context), link=_link())

    def made() -> bytes:
        from masklab.export.report.writing import report  # noqa: PLC0415 - imports Plotly

        return report(read(), told).encode("utf-8", "replace")

    with _row("Report", words):
        _save("Report (HTML)", made, f"{name}-report.html", "text/html")


def _reader(context: Context) -> Callable[[], Compared]:
    """Return what reads the runs on screen when a file is asked for."""
    store, choice = state.store(), context.choice
    identities = [row.id for row in context.experiments]
    only = frozenset(run.id for run in context.on_screen())
    score = Score(choice.cells, choice.metric, choice.units, choice.unit)
    labels = {run.id: context.groups.get(run.id, run.strategy) for run in context.on_screen()}
    known = [one for one in (context.against, context.baseline) if one in labels.values()]
    baseline = next(iter(known), None)
    return lambda: compared(
        store, identities, score, baseline, only, groups=labels, pairs=context.pairs
    )


def _experiment(context: Context, name: str) -> None:
    store, identity = state.store(), context.experiment.id
    with _row("Experiment", "The specification as YAML: `masklab run` trains the same again."):
        _save(
            "Experiment (YAML)", lambda: store.portable(identity).to_yaml().encode(),
            f"{name}.experiment.yaml", "application/yaml",
        )  # fmt: skip


def _code(context: Context, name: str) -> None:
    runs = {run.id: run for run in context.runs if run.status == "finished"}
    words = (
        "A run without MaskLab: plain PyTorch as script or notebook, or the nearest Keras version. "
        "A zip with the data."
    )
    with _row("Code of a run", words):
        if not runs:
            st.caption("No run has finished yet.")
            return
        chosen = st.selectbox(
            "Run", list(runs), format_func=lambda one: _named(runs[one]), key="compare.take.run",
            label_visibility="collapsed", width=230,
        )  # fmt: skip
        for kind, label in (("script", "Script"), ("notebook", "Notebook"), ("keras", "Keras")):
            if st.button(label, key=f"compare.take.{kind}", icon=":material/code:"):
                _make(f"{name}-{chosen[-4:]}-{kind}.zip", _coded(chosen, kind))
        _offer("-script.zip", "-notebook.zip", "-keras.zip")


def _coded(run_id: str, kind: str) -> Callable[[], bytes]:
    store = state.store()

    def made() -> bytes:
        code = import_module("masklab.export.code")
        return zipped(lambda folder: code.write(store, run_id, folder, kind))

    return made


def _trackers(context: Context, name: str) -> None:
    words = "Every run with its settings, tags, and metrics by epoch at the times they had."
    with _row("Other trackers", words):
        if find_spec("tensorboard") is None:
            st.caption('For TensorBoard\'s files: `pip install "masklab[tensorboard]"`.')
        elif st.button("TensorBoard", key="compare.take.tensorboard", icon=":material/monitoring:"):
            _make(f"{name}-tensorboard.zip", _event_files(context))
        _offer("-tensorboard.zip")
        with st.popover("MLflow"):
            st.markdown(
                "A command writes runs to MLflow: to a folder, a database or a tracking server. "
                "Put the folder of the runs for DIR; Settings names it."
            )
            st.code(
                f"masklab export {context.experiment.id} mlflow --as mlflow --store DIR", "bash"
            )


def _event_files(context: Context) -> Callable[[], bytes]:
    store, shown = state.store(), {run.id for run in context.on_screen()}
    identities = list(dict.fromkeys(run.experiment_id for run in context.on_screen()))

    def write(folder: Path) -> list[Path]:
        from masklab.export.trackers import runs, tensorboard  # noqa: PLC0415

        found = [run for one in identities for run in runs.tracked(store, one, shown)]
        return tensorboard.write(found, folder)

    return lambda: zipped(write)


def _save(label: str, made: Callable[[], bytes], name: str, kind: str) -> None:
    st.download_button(label, made, name, kind, on_click="ignore", icon=_SAVE, key=f"take.{label}")


def _make(name: str, made: Callable[[], bytes]) -> None:
    """Write a file that can fail, to be offered by `_offer`, or say why not."""
    st.session_state.pop(_MADE, None)
    try:
        with st.spinner("Writing"):
            st.session_state[_MADE] = (name, made())
    except MaskLabError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _offer(*endings: str) -> None:
    """Offer the file that was written last, if it is one of these."""
    name, content = st.session_state.get(_MADE, ("", b""))
    if name.endswith(endings):
        st.download_button(
            f"Save {name} ({len(content) / 1000:,.0f} kB)", content, name, "application/zip",
            on_click="ignore", icon=_SAVE, type="primary", key="compare.take.save",
        )  # fmt: skip


def _sentence(context: Context) -> str:
    choice = context.choice
    return answer(
        context.table, choice.metric.upper(), choice.unit, choice.cells,
        gathered_scores(context).scores, context.pinned,
    ).whole  # fmt: skip


def _link() -> str:
    kept = {name: value for name, value in st.query_params.items() if name not in _PERSONAL}
    return f"compare?{urlencode(kept)}"


def _named(run: RunRow) -> str:
    return f"{run.strategy}, seed {run.seed} · {counted(run.epoch, 'epoch')}"


def _slug(name: str) -> str:
    kept = "".join(one if one.isascii() and one.isalnum() else "-" for one in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "experiment"
