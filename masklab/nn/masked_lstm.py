"""An LSTM that leaves masked steps out: a drop-in `nn.LSTM` for any timestep mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from masklab.nn.checks import check_arguments
from masklab.nn.fused import run_in_chunks
from masklab.nn.left_aligned import run_left_aligned, suits
from masklab.nn.packing import pack
from masklab.nn.unpacking import outputs_by_step, starting_states

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

State: TypeAlias = tuple[Tensor, Tensor]
OnMasked = Literal["carry", "reset"]


class MaskedLSTM(nn.LSTM):
    """An `nn.LSTM` told which steps it may use; always batch-first.

    The constructor takes `nn.LSTM`'s words, and the `state_dict` has its keys, so that weights go
    both ways. `on_masked` says what happens at a masked step, (h', c') being what the step would
    give:

    - `"carry"`: (h, c)_t = m_t (h', c') + (1-m_t) (h, c)_{t-1}. The output repeats the one before,
      zeros before the first usable step; with `zero_output`, it is zero at every masked step.
    - `"reset"`: h_t = m_t h', c_t = m_t c'. Every stretch of usable steps starts afresh.

    Each direction of a bidirectional LSTM starts at *its* first usable step. Values at masked
    steps, NaN and inf included, change nothing and get exactly zero gradient. A row without a
    usable step gives zero outputs; its state stays as it was (`carry`) or is zero (`reset`).

    Masked steps are left out before the fused kernel runs, so that cost falls with the share
    masked; `reference_masked_lstm` is the slow twin that says the same as a loop. Semantics of
    `carry`: Keras `Masking` (Chollet et al. 2015). Under autocast to bfloat16 on a CPU whose kernels
    lack it, where `nn.LSTM` raises, it computes in the input's own dtype.

    Raises `ValueError` or `TypeError` for what it can't do: `proj_size`, `batch_first=False`, an
    unknown `on_masked`.
    """

    def __init__(  # noqa: PLR0913 (nn.LSTM's words)
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        *,
        batch_first: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        on_masked: OnMasked = "carry",
        zero_output: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        if batch_first is not True:
            raise ValueError(
                "MaskedLSTM is always batch-first: give x as (batch, time, feature), and leave "
                f"batch_first out; it got batch_first={batch_first!r}."
            )
        if proj_size != 0:
            raise ValueError(
                "MaskedLSTM has no projections: put an nn.Linear behind it; "
                f"it got proj_size={proj_size!r}."
            )
        if on_masked not in get_args(OnMasked):
            raise ValueError(
                f"on_masked should be one of {get_args(OnMasked)}; it instead is {on_masked!r}."
            )
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
            device=device,
            dtype=dtype,
        )
        self.on_masked: OnMasked = on_masked
        self.zero_output = zero_output

    def forward(  # type: ignore[override]  # a mask comes before the state
        self,
        x: Float[Tensor, "batch time feature"],
        observed: Bool[Tensor, "batch time"] | None = None,
        state: State | None = None,
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """Return the outputs, and h and c (layer · direction, batch, hidden) after the last step.

        `observed`: True = usable; None is exactly `nn.LSTM`. `state`: h and c to start from, zeros
        if None. All without `batch` for a single sequence. Raises `ValueError` or `TypeError`,
        ending with what arrived, where shapes, dtypes or devices don't fit.
        """
        if _lacks_bfloat16(x):
            with torch.autocast("cpu", enabled=False):
                return self.forward(x, observed, state)
        if observed is None and isinstance(x, PackedSequence):
            return super().forward(x, state)
        check_arguments(self, x, observed, state)
        if observed is None:
            return super().forward(x, state)
        usable = int(observed.count_nonzero())
        if usable == observed.numel():
            return super().forward(x, state)
        single = x.dim() == 2
        if single:
            x, observed = x[None], observed[None]
            state = None if state is None else (state[0][:, None], state[1][:, None])
        output, (h, c) = (self._masked if usable else self._nothing_usable)(x, observed, state)
        return (output[0], (h[:, 0], c[:, 0])) if single else (output, (h, c))

    def _masked(self, x: Tensor, observed: Tensor, state: State | None) -> tuple[Tensor, State]:
        zero_at_masked = self.zero_output or self.on_masked == "reset"
        if suits(x):
            return run_left_aligned(
                self, x, observed, self.on_masked, state, zero_at_masked=zero_at_masked
            )
        packing, steps = pack(
            x, observed, self.on_masked, self.hidden_size, from_zeros=state is None
        )
        directions = 2 if self.bidirectional else 1
        start = None
        if state is not None:
            h, c = (starting_states(part, packing, directions) for part in state)
            start = (h, c)
        packed = run_in_chunks(self, steps, start, packing)
        output = outputs_by_step(
            packed.output,
            packing,
            zero_at_masked=zero_at_masked,
            bidirectional=self.bidirectional,
        )
        return output, (packed.h, packed.c)

    def _nothing_usable(
        self, x: Tensor, observed: Tensor, state: State | None
    ) -> tuple[Tensor, State]:
        """Return zeros that are still a function of x and the weights, so that backward runs."""
        nothing = torch.cat([part.flatten()[:0] for part in (x, *self.parameters())]).sum()
        directions = 2 if self.bidirectional else 1
        output = x.new_zeros(*observed.shape, self.hidden_size * directions) + nothing
        zeros = x.new_zeros(self.num_layers * directions, len(x), self.hidden_size) + nothing
        if state is None or self.on_masked == "reset":
            return output, (zeros, zeros.clone())
        return output, (state[0] + nothing, state[1] + nothing)

    def extra_repr(self) -> str:
        """Return the options that differ from their defaults."""
        text = super().extra_repr() + f", on_masked={self.on_masked!r}"
        return text + (", zero_output=True" if self.zero_output else "")


def _lacks_bfloat16(x: object) -> bool:
    """Whether autocast would ask this CPU for a kernel of half precision that it doesn't have."""
    data = x.data if isinstance(x, PackedSequence) else x
    on_cpu = isinstance(data, Tensor) and data.device.type == "cpu"
    if not on_cpu or not torch.is_autocast_enabled("cpu"):
        return False
    kernels = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return bool(kernels) and not torch.ops.mkldnn._is_mkldnn_bf16_supported()
