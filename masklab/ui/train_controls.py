"""The Train page's controls: task, lengths, targets, strategies, seeds; the rest behind "More"."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st
from pydantic import BaseModel

from masklab.charts.palette import in_order, look
from masklab.charts.swatch import picture, swatch
from masklab.data.series import Panel
from masklab.runs.spec import STRATEGIES
from masklab.training.config import ModelConfig, TrainingConfig
from masklab.ui.fields import bound, bound_member, save, save_option
from masklab.ui.forms import Manner, drawable, field_inputs, is_short
from masklab.ui.train_form import TrainForm
from masklab.ui.words import steps

_TASKS = {"forecast": "Forecast", "reconstruct": "Reconstruct"}
_BEFORE_MORE = {"epochs"}
"""Settings of the optimisation that are not behind "More"."""


def train_controls(form: TrainForm, panel: Panel) -> None:
    """Draw every control of the Train page; what is changed is saved by itself."""
    _task(form, panel)
    _strategies(form)
    _draw(form, "seeds", "epochs")
    with st.expander("More", icon=":material/tune:"):
        _more(form, panel)
        _options(form)


def _task(form: TrainForm, panel: Panel) -> None:
    st.segmented_control(
        "Task",
        list(_TASKS),
        format_func=_TASKS.__getitem__,
        required=True,
        width="stretch",
        help="Forecast: predict the steps after a window. Reconstruct: hide more of what is "
        "observed inside a window, and predict it.",
        **bound("task", form.task),
    )
    first, second = st.columns(2)
    with first:
        _draw(form, "window")
        st.caption(steps(form.window, panel))
    with second:
        if form.task == "forecast":
            _draw(form, "horizon")
            st.caption(steps(form.horizon, panel))
        else:
            _draw(form, "rate")
            st.caption(f"{100 * form.rate:.0f} % of observed cells")
    st.multiselect(
        "Target channels",
        list(panel.channels),
        placeholder=f"All {len(panel.channels)} channels"
        if len(panel.channels) > 1
        else "The channel",
        help="The channels that are predicted and scored. All are read, whatever is chosen here.",
        **bound("targets", list(form.targets)),
    )


def _strategies(form: TrainForm) -> None:
    st.markdown(
        ":small[Strategies]",
        help="How hidden cells reach, or do not reach, the LSTM. Each is trained from the same "
        "initial weights on the same batches.",
    )
    whole_windows = form.task == "reconstruct" and form.reads_both_ways
    if whole_windows:
        st.caption(
            "The network reads each window both ways: under every strategy it sees later steps."
        )
    with st.container(gap="xsmall"):
        for kind in in_order(STRATEGIES):
            member = STRATEGIES[kind]
            if form.task not in member.tasks:
                continue
            mark = "" if member.causal else " · :gray[looks ahead]"
            marked = f"{mark} · :orange[leaks]" if not member.reads_mask else mark
            with st.container(
                horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False
            ):
                st.html(f'<img src="{picture(swatch(look(kind)))}" alt="">', width=28)
                st.checkbox(
                    f"**{kind}** · {member.title}{marked}",
                    help=f"{member.explanation}\n\n{_causal(member.causal, whole_windows)} Source: {member.source}.",
                    width="stretch",
                    wrap=True,
                    **bound_member("strategies", kind, form.strategies),
                )


def _more(form: TrainForm, panel: Panel) -> None:
    st.text_input(
        "Name of the experiment", max_chars=120, placeholder="Named after data and task",
        **bound("name", form.name),
    )  # fmt: skip
    if form.task == "reconstruct":
        for column, name in zip(st.columns(2), ("pattern", "length"), strict=True):
            with column:
                _draw(form, name)
    _draw(form, *_behind_more(form, panel), "before_others")


def _behind_more(form: TrainForm, panel: Panel) -> list[str]:
    """Return the settings of network and training that have a title: numbers, choices, toggles."""
    idle = {"head"} if form.task == "reconstruct" else set()
    if len(panel) == 1:
        idle.add("scaling_over")
    fields = {**ModelConfig.model_fields, **TrainingConfig.model_fields}
    titled = [n for n, f in fields.items() if f.title and n not in _BEFORE_MORE | idle]
    return sorted(titled, key=lambda n: (not is_short(fields[n]), fields[n].annotation is bool))


def _draw(form: TrainForm, *names: str) -> None:
    """Draw the fields of these names; what is typed too low is said beside the start button."""
    disabled = set()
    if form.num_layers == 1:
        disabled.add("dropout")
    if form.pattern == "cells":
        disabled.add("length")
    field_inputs(
        {name: TrainForm.model_fields[name] for name in names},
        {**dict(form), "bidirectional": form.reads_both_ways},
        key="train",
        keep=lambda name, value: save(**{name: value}),
        manners=lambda name: Manner(least=False, buttons=False, disabled=name in disabled),
    )


def _options(form: TrainForm) -> None:
    for kind in form.strategies:
        member: type[BaseModel] = STRATEGIES[kind]
        fields = {n: f for n, f in member.model_fields.items() if n != "kind" and drawable(f)}
        if not fields:
            continue
        st.markdown(f"**{kind}**")
        values: dict[str, Any] = {name: field.default for name, field in fields.items()}
        field_inputs(
            fields,
            {**values, **form.options.get(kind, {})},
            key=f"train.options.{kind}",
            keep=partial(save_option, kind),
            manners=lambda _: Manner(least=False, buttons=False),
        )


def _causal(causal: bool, whole_windows: bool) -> str:
    if causal and whole_windows:
        return "What it feeds looks at no later step; the network, reading both ways, does."
    return "Causal: looks at no later step." if causal else "Not causal: it looks at later steps."
