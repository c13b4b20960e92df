"""The first view of the Data page: what MaskLab does, samples with their pictures, a file of one's own."""

from __future__ import annotations

import numpy as np
import streamlit as st

from masklab.charts.sparkline import sparkline
from masklab.data.read import read_panel
from masklab.data.samples import PREFIX, Sample, sample, samples
from masklab.runs.spec import DataSource
from masklab.ui import state
from masklab.ui.data_candidate import propose
from masklab.ui.sample_mask import sample_mask

HERO = "nyc_weather"
TYPES = [
    "csv",
    "tsv",
    "txt",
    "dat",
    "gz",
    "parquet",
    "feather",
    "arrow",
    "xlsx",
    "xls",
    "xlsb",
    "ods",
    "npz",
]

# What each picture shows: channel, series, and from when to when where the whole is too long.
_PICTURES: dict[str, tuple[str, int, str, str]] = {
    "nyc_weather": ("pressure", 2, "2013-05-02", "2013-05-22"),
    "jfk_sentinel": ("temp", 0, "2013-02-01", "2013-04-01"),
    "glucose": ("glucose", 0, "2010-05-18", "2010-05-26"),
    "seattle_weather": ("temp_max", 0, "2012-01-01", "2015-12-31"),
    "solar_inverter": ("value_normalized", 0, "2011-01-03", "2011-01-18"),
    "mauna_loa_co2": ("co2", 0, "1958-03-29", "1972-01-01"),
    "known_truth": ("temperature", 0, "2023-01-20", "2023-03-01"),
}


def welcome() -> None:
    """Draw what a stranger sees first: one line, two buttons, a real series with holes."""
    with st.container(border=True):
        text, picture = st.columns([0.46, 0.54], gap="large", vertical_alignment="center")
        with text:
            st.header("See what a mask does to an LSTM", anchor=False)
            st.write(
                "Three steps: **mask** parts of a time series by brush or by rule, **train** masked "
                "LSTMs in the background, **compare** how the ways of masking score."
            )
            with st.container(horizontal=True):
                if st.button("Use a sample", type="primary", key="data.hero", help=_hero_help()):
                    use_sample(sample(HERO))
                if st.button("Open my file", key="data.open"):
                    st.session_state["data.opening"] = True
        with picture:
            st.image(
                picture_of(HERO), width="stretch", alt="A line that breaks where values are missing"
            )
            st.caption(
                "Air pressure at LaGuardia, May 2013, as the file has it: where the line breaks, "
                "hours are missing."
            )
    if st.session_state.get("data.opening"):
        upload()


def _hero_help() -> str:
    return f"Takes '{sample(HERO).title}'. Others stand below."


def gallery() -> None:
    """Draw a card for each sample."""
    st.subheader("Samples", anchor=False)
    st.caption(
        "Small and mostly real, each with a story of what is missing and why. To begin "
        "with, a fifth of the time is hidden in stretches; the Mask page changes that."
    )
    shown = samples()
    for start in range(0, len(shown), 4):
        for column, one in zip(st.columns(4), shown[start : start + 4], strict=False):
            with column:
                _card(one)


def _card(one: Sample) -> None:
    with st.container(border=True, key=f"data.card.{one.name}"):
        st.image(picture_of(one.name), width="stretch", alt=f"{one.title}, drawn small")
        st.markdown(f"**{one.title}**  \n{one.short}", help=f"{one.story} {one.licence}.")
        if st.button(
            "Use this sample", key=f"data.use.{one.name}", width="stretch", help=one.story
        ):
            use_sample(one)


def use_sample(one: Sample) -> None:
    """Take a sample as the project's data, at once, with its mask unless there is one already."""
    left_out = state.set_data(DataSource(path=PREFIX + one.name, reading=one.reading), one.title)
    if not state.recipe().layers:
        state.set_recipe(sample_mask(one))
    st.session_state["data.left_out"] = left_out
    st.session_state["data.choosing"] = st.session_state["data.opening"] = False
    st.rerun()


def upload() -> None:
    """Draw the upload; a file that arrives is kept in the store and put up for a look."""
    given = st.file_uploader(
        "Open my file",
        type=TYPES,
        key="data.upload",
        help="CSV and other separated text (also gzipped), Parquet, Feather, Excel, NPZ; up to 200 MB.",
    )
    if given is None or st.session_state.get("data.uploaded") == given.file_id:
        return
    sha256, path = state.store().add_file(given.getvalue(), given.name)
    st.session_state["data.uploaded"] = given.file_id
    propose(str(path), given.name, sha256)
    st.rerun()


@st.cache_data(show_spinner=False, max_entries=32)
def picture_of(name: str) -> str:
    """Return the small picture of a sample as SVG, drawn from its data."""
    one = sample(name)
    channel, series, start, end = _PICTURES[name]
    window = (np.datetime64(start, "us"), np.datetime64(end, "us"))
    panel = read_panel(one.path, one.reading)
    return sparkline(panel, channel, series=series, window=window, label=f"{one.title}: {channel}")
