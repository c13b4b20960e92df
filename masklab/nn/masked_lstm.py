"""An LSTM that skips masked steps: a drop-in `nn.LSTM` with any timestep mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from torch import Tensor, nn

from masklab.nn.reference import reference_masked_lstm

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

State: TypeAlias = tuple[Tensor, Tensor]
OnMasked = Literal["carry", "reset"]


class MaskedLSTM(nn.LSTM):
    """First version."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        *,
        dropout: float = 0.0,
        bidirectional: bool = False,
        on_masked: OnMasked = "carry",
        zero_output: bool = False,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
        )
        self.on_masked = on_masked
        self.zero_output = zero_output

    def forward(  # type: ignore[override]
        self,
        x: Float[Tensor, "batch time feature"],
        observed: Bool[Tensor, "batch time"] | None = None,
        state: State | None = None,
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """Return output and last state."""
        if observed is None or bool(observed.all()):
            output, last = super().forward(x, state)
            return output, last
        return reference_masked_lstm(self, x, observed, state)
