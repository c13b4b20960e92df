"""The Train page's controls: task, lengths, targets, strategies, seeds; the rest behind "More"."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from masklab.charts.palette import in_order, look
from masklab.charts.swatch import picture, swatch
from masklab.data.series import Panel
from masklab.runs.spec import STRATEGIES
from masklab.ui.fields import bound, bound_member, bound_option
from masklab.ui.train_form import TrainForm
from masklab.ui.words import steps

_TASKS = {"forecast": "Forecast", "reconstruct": "Reconstruct"}
_LOSSES = {"mse": "squared error", "mae": "absolute error"}
_LOSS_ON = {"scored": "scored cells", "all": "all cells, to show what goes wrong"}
_HEADS = {
    "last": "last usable step",
    "mean": "mean over usable steps",
    "attention": "learnt attention over usable steps",
}
_SCHEDULES = {"one_cycle": "one cycle", "cosine": "cosine", "constant": "constant"}
_SCALINGS = {
    "standardise": "standardise (mean 0, deviation 1)",
    "robust": "robust (median, quartiles)",
    "minmax": "lowest to highest",
    "none": "none",
}
_SCALED_OVER = {"all": "all series", "series": "each series by itself"}


def train_controls(form: TrainForm, panel: Panel) -> None:
    """Draw every control of the Train page; what is changed is saved by itself."""
    _task(form, panel)
    _strategies(form)
    _repeats(form)
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
        st.number_input(
            "Window (steps)", max_value=100_000, step=1,
            help="How many steps the LSTM reads.", **bound("window", form.window),
        )  # fmt: skip
        st.caption(steps(form.window, panel))
    with second:
        if form.task == "forecast":
            st.number_input(
                "Horizon (steps)", max_value=10_000, step=1,
                help="How many steps after the window are predicted.",
                **bound("horizon", form.horizon),
            )  # fmt: skip
            st.caption(steps(form.horizon, panel))
        else:
            st.number_input(
                "Share hidden afresh", min_value=0.01, max_value=0.95, step=0.05, format="%.2f",
                help="Share of the observed target cells that is hidden on top and predicted: "
                "drawn anew every batch in training, always the same in validation.",
                **bound("rate", form.rate),
            )  # fmt: skip
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
                    help=f"{member.explanation}\n\n{_causal(member.causal)} Source: {member.source}.",
                    width="stretch",
                    wrap=True,
                    **bound_member("strategies", kind, form.strategies),
                )


def _repeats(form: TrainForm) -> None:
    first, second = st.columns(2)
    first.number_input(
        "Seeds", max_value=100, step=1,
        help="Runs of each strategy that differ in initial weights and batch order alone. One "
        "seed shows no spread; three or more tell luck from a difference.",
        **bound("seeds", form.seeds),
    )  # fmt: skip
    second.number_input("Epochs at most", max_value=100_000, step=1, **bound("epochs", form.epochs))


def _more(form: TrainForm, panel: Panel) -> None:
    st.text_input(
        "Name of the experiment", max_chars=120, placeholder="Named after data and task",
        **bound("name", form.name),
    )  # fmt: skip
    if form.task == "reconstruct":
        left, right = st.columns(2)
        left.selectbox(
            "Hide", ["cells", "blocks"],
            format_func={"cells": "single cells", "blocks": "stretches"}.__getitem__,
            **bound("pattern", form.pattern),
        )  # fmt: skip
        right.number_input(
            "Stretch (steps)", max_value=10_000, step=1,
            disabled=form.pattern == "cells", **bound("length", form.length),
        )  # fmt: skip
    left, right = st.columns(2, vertical_alignment="bottom")
    _number(left, "Hidden size", "hidden_size", form, 4096, "Units of the LSTM's state.")
    _number(right, "Layers", "num_layers", form, 8, "LSTMs on top of each other.")
    _number(
        left,
        "Batch size",
        "batch_size",
        form,
        1_000_000,
        "Windows behind one step of the optimiser.",
    )
    right.number_input(
        "Patience", min_value=0, max_value=100_000, step=1,
        help="Stop a run after so many epochs without a better validation score, and keep its "
        "best weights. 0 never stops early.",
        **bound("patience", form.patience),
    )  # fmt: skip
    _number(
        left, "Windows drawn", "training_windows", form, 10_000_000,
        "At most so many training windows an epoch, drawn anew each epoch.",
    )  # fmt: skip
    _number(right, "Stride", "stride", form, 100_000, "Steps between neighbouring windows.")
    left.number_input(
        "Cross gaps up to", min_value=0, max_value=1_000_000, step=1,
        help="Windows cross gaps of the clock of at most so many missing steps, which are masked. "
        "0 crosses none.",
        **bound("longest_gap", form.longest_gap),
    )  # fmt: skip
    right.number_input(
        "Pad from", min_value=0, max_value=100_000, step=1,
        help="A stretch too short for a window gives one, padded with masked steps, if it has at "
        "least so many input steps (and the horizon). 0 pads none.",
        **bound("shortest", form.shortest),
    )  # fmt: skip
    left.number_input(
        "Learning rate", min_value=1e-6, max_value=10.0, step=1e-3, format="%.2g",
        **bound("learning_rate", form.learning_rate),
    )  # fmt: skip
    right.number_input(
        "Dropout", min_value=0.0, max_value=0.9, step=0.1, format="%.1f",
        disabled=form.num_layers == 1,
        help="Share of features dropped between layers in training; with one layer there is nothing "
        "between.",
        **bound("dropout", form.dropout),
    )  # fmt: skip
    if form.task == "forecast":
        _choice(
            "Head", "head", form, _HEADS,
            "What a forecast reads of the LSTM's outputs. A strategy that skips no step uses all.",
        )  # fmt: skip
    _choice("Scaling", "scaling", form, _SCALINGS, "Fitted on observed training cells alone.")
    if len(panel) > 1:
        _choice(
            "Scale over", "scaling_over", form, _SCALED_OVER,
            "Each series by itself: series of different sizes weigh alike in training. A series "
            "without an observed training cell is scaled as over all.",
        )  # fmt: skip
    _choice("Loss", "loss", form, _LOSSES, "What training makes small, over scored cells.")
    _choice(
        "Loss counts", "loss_on", form, _LOSS_ON,
        "With all cells, hidden and missing targets count as raw zeros, as after multiplying by a "
        "mask: the network learns to predict them. Scores count scored cells all the same.",
    )  # fmt: skip
    _choice("Schedule", "schedule", form, _SCHEDULES, "How the learning rate moves.")
    st.toggle(
        "Bidirectional",
        help="A second LSTM reads each window backwards: the default to reconstruct, since a hidden "
        "cell lies between its neighbours.",
        **bound("bidirectional", _reads_both_ways(form)),
    )  # fmt: skip


def _reads_both_ways(form: TrainForm) -> bool:
    return form.task == "reconstruct" if form.bidirectional is None else form.bidirectional


def _options(form: TrainForm) -> None:
    for kind in form.strategies:
        fields = {n: f for n, f in STRATEGIES[kind].model_fields.items() if n != "kind"}
        if not fields:
            continue
        st.markdown(f"**{kind}**")
        given = form.options.get(kind, {})
        for name, field in fields.items():
            _option(kind, name, field, given.get(name, field.default))


def _option(kind: str, name: str, field: FieldInfo, value: Any) -> None:
    label = field.title or name.replace("_", " ").capitalize()
    shared = {"help": field.description, **bound_option(kind, name, value)}
    choices = _literals(field.annotation)
    if choices:
        st.selectbox(label, choices, **shared)
    elif field.annotation is bool:
        st.toggle(label, **shared)
    elif field.annotation in (int, float):
        st.number_input(label, step=1 if field.annotation is int else 0.1, **shared)
    else:
        st.text_input(label, **shared)


def _literals(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        return [one for part in get_args(annotation) for one in _literals(part)]
    return []


def _number(  # noqa: PLR0913, PLR0917 - the parts of one control
    place: DeltaGenerator, label: str, name: str, form: TrainForm, most: int, hint: str
) -> None:
    place.number_input(label, max_value=most, step=1, help=hint, **bound(name, getattr(form, name)))


def _choice(label: str, name: str, form: TrainForm, words: dict[str, str], hint: str) -> None:
    st.selectbox(
        label, list(words), format_func=words.__getitem__, help=hint,
        **bound(name, getattr(form, name)),
    )  # fmt: skip


def _causal(causal: bool) -> str:
    return "Causal: looks at no later step." if causal else "Not causal: it looks at later steps."
