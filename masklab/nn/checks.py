"""Checks of what a masked LSTM is given; every message ends with what arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from masklab.nn.masked_lstm import MaskedLSTM


def check_arguments(lstm: MaskedLSTM, x: object, observed: object, state: object) -> None:
    """Raise `TypeError` for a wrong type, `ValueError` for a wrong shape, dtype or device."""
    if not isinstance(x, Tensor):
        raise TypeError(
            "MaskedLSTM reads a padded tensor (batch, time, feature), and the mask that says which "
            f"steps are usable; it instead got x of type {type(x).__name__}."
        )
    _check_x(lstm, x)
    if observed is not None:
        _check_observed(x, observed)
    if state is not None:
        _check_state(lstm, x, state)


def _check_x(lstm: MaskedLSTM, x: Tensor) -> None:
    if x.dim() not in (2, 3) or x.shape[-1] != lstm.input_size:
        raise ValueError(
            f"MaskedLSTM with input_size {lstm.input_size} reads x of shape "
            f"(batch, time, {lstm.input_size}), or (time, {lstm.input_size}) without a batch; "
            f"it instead has shape {tuple(x.shape)}."
        )
    weight = lstm.weight_ih_l0
    if x.device != weight.device:
        raise ValueError(
            f"x should lie where the weights do, on {weight.device}; it instead lies on {x.device}."
        )
    if x.dtype != weight.dtype and not torch.is_autocast_enabled(x.device.type):
        raise ValueError(
            f"x should have the dtype of the weights, {weight.dtype}; it instead has {x.dtype}."
        )


def _check_observed(x: Tensor, observed: object) -> None:
    if not isinstance(observed, Tensor):
        raise TypeError(
            "observed is a bool tensor (batch, time), True = usable, or None; a state is the third "
            f"argument, state=(h, c). It instead got {type(observed).__name__}."
        )
    if observed.dtype != torch.bool:
        raise ValueError(
            "observed should be bool, True = usable, as in observed.bool(); "
            f"it instead has dtype {observed.dtype}."
        )
    if observed.shape != x.shape[:-1]:
        raise ValueError(
            f"observed should have the shape {tuple(x.shape[:-1])} of x without its features (make "
            "a cell mask a step mask by .any(-1) or .all(-1)); "
            f"it instead has shape {tuple(observed.shape)}."
        )
    if observed.device != x.device:
        raise ValueError(
            f"observed should lie where x does, on {x.device}; it instead lies on "
            f"{observed.device}."
        )


def _check_state(lstm: MaskedLSTM, x: Tensor, state: object) -> None:
    if not isinstance(state, tuple | list) or len(state) != 2:
        raise TypeError(f"state should be a pair (h, c); it instead is a {type(state).__name__}.")
    layers = lstm.num_layers * (2 if lstm.bidirectional else 1)
    batch = x.shape[:1] if x.dim() == 3 else ()
    wanted = (layers, *batch, lstm.hidden_size)
    for name, part in zip(("h", "c"), state, strict=True):
        if not isinstance(part, Tensor):
            raise TypeError(
                f"{name} of the state should be a tensor; it instead is a {type(part).__name__}."
            )
        if part.shape != wanted:
            raise ValueError(
                f"{name} of the state should have shape (layer · direction, "
                f"{'batch, ' if batch else ''}hidden) = {wanted}; "
                f"it instead has shape {tuple(part.shape)}."
            )
        if part.device != x.device:
            raise ValueError(
                f"{name} of the state should lie where x does, on {x.device}; it instead lies on "
                f"{part.device}."
            )
        if part.dtype != x.dtype and not torch.is_autocast_enabled(x.device.type):
            raise ValueError(
                f"{name} of the state should have the dtype of x, {x.dtype}; "
                f"it instead has {part.dtype}."
            )
