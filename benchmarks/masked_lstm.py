"""Time `MaskedLSTM`, forward and backward, against what else runs an LSTM over a mask.

    python benchmarks/masked_lstm.py [--quick] [--json OUT]

All contestants take turns in one process on one thread, and the table shows the ratio of medians to
the unmasked `nn.LSTM` of the same size and directions, measured in the same turns: a machine that
is busy with something else slows them all alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from masklab.nn import MaskedLSTM, reference_masked_lstm

Step = Callable[[], None]


@dataclass(frozen=True)
class Size:
    """Batch, time, feature and hidden sizes."""

    batch: int
    time: int
    feature: int
    hidden: int

    def __str__(self) -> str:
        return f"B={self.batch} T={self.time} F={self.feature} H={self.hidden}"


@dataclass(frozen=True)
class Result:
    """Median milliseconds of one contestant, and its ratio to the unmasked `nn.LSTM`."""

    size: str
    bidirectional: bool
    mask: str
    masked_share: float
    contestant: str
    milliseconds: float
    ratio: float


SIZES = (Size(64, 100, 8, 64), Size(64, 256, 8, 128), Size(32, 48, 8, 32), Size(256, 48, 8, 32))
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95)


def random_mask(size: Size, share: float) -> Tensor:
    """Hide single steps, exactly `share` of them."""
    steps = size.batch * size.time
    hidden = torch.randperm(steps) < round(share * steps)
    return ~hidden.view(size.batch, size.time)


def block_mask(size: Size, share: float, length: int = 12) -> Tensor:
    """Hide stretches of up to `length` steps until `share` of each row is hidden."""
    observed = torch.ones(size.batch, size.time, dtype=torch.bool)
    for row in observed:
        while (missing := round(share * size.time) - int((~row).sum())) > 0:
            start = int(torch.randint(size.time, ()))
            row[start : start + min(length, missing)] = False
    return observed


def step_of(lstm: nn.LSTM, run: Callable[[], Tensor], weight: Tensor) -> Step:
    """Return one forward and backward pass."""

    def step() -> None:
        lstm.zero_grad()
        run().backward(weight)

    return step


def packed_output(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """Run PyTorch's own way with unequal lengths: right padding only."""
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=x.shape[1])
    return output


def contestants(
    size: Size, observed: Tensor, bidirectional: bool, with_twin: bool
) -> dict[str, Step]:
    """Return the passes to be timed, the unmasked `nn.LSTM` first.

    PackedSequence gets rows of the same lengths with their masked steps on the right: it knows no
    other masks.
    """
    x = torch.randn(size.batch, size.time, size.feature)
    weight = torch.randn(size.batch, size.time, size.hidden * (2 if bidirectional else 1))
    plain = nn.LSTM(size.feature, size.hidden, batch_first=True, bidirectional=bidirectional)
    steps = {"nn.LSTM, no mask": step_of(plain, lambda: plain(x)[0], weight)}
    twin = MaskedLSTM(size.feature, size.hidden, bidirectional=bidirectional)
    for mode in ("carry", "reset"):
        lstm = MaskedLSTM(
            size.feature,
            size.hidden,
            bidirectional=bidirectional,
            on_masked=mode,  # type: ignore[arg-type]
        )
        steps[mode] = step_of(lstm, lambda lstm=lstm: lstm(x, observed)[0], weight)
    lengths = observed.sum(dim=1).clamp(min=1)
    steps["PackedSequence"] = step_of(plain, lambda: packed_output(plain, x, lengths), weight)
    if with_twin:
        run = lambda: reference_masked_lstm(twin, x, observed)[0]  # noqa: E731
        steps["slow twin"] = step_of(twin, run, weight)
    return steps


def interleaved(steps: dict[str, Step], seconds: float) -> dict[str, float]:
    """Return the median milliseconds of each pass; all take turns for about `seconds`."""
    for step in steps.values():
        step()
    times: dict[str, list[float]] = {name: [] for name in steps}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[next(iter(steps))]) < 5:
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            times[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def measure(
    size: Size, bidirectional: bool, kind: str, share: float, seconds: float
) -> list[Result]:
    """Time one size, mask and number of directions."""
    torch.manual_seed(0)
    observed = (random_mask if kind == "random" else block_mask)(size, share)
    with_twin = share == 0.5 and not bidirectional
    times = interleaved(contestants(size, observed, bidirectional, with_twin), seconds)
    unmasked = next(iter(times.values()))
    return [
        Result(str(size), bidirectional, kind, share, name, value, value / unmasked)
        for name, value in times.items()
    ]


def table(results: list[Result]) -> str:
    """Return the ratios as text, a line for each case and contestant columns."""
    names = list(dict.fromkeys(result.contestant for result in results))
    cases: dict[tuple[str, bool, str, float], dict[str, Result]] = {}
    for result in results:
        case = (result.size, result.bidirectional, result.mask, result.masked_share)
        cases.setdefault(case, {})[result.contestant] = result
    lines = [f"{'':44}" + "".join(f"{name:>18}" for name in names)]
    for (size, bidirectional, kind, share), row in cases.items():
        head = f"{size} {'bi' if bidirectional else 'uni':>3} {kind:>6} {share:>4.0%}"
        cells = [f"{row[name].ratio:.2f}" if name in row else "" for name in names]
        cells[0] = f"{row[names[0]].milliseconds:.1f} ms"
        lines.append(f"{head:44}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the first size only")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results here")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each case")
    options = parser.parse_args()
    torch.set_num_threads(1)
    results = [
        result
        for size in (SIZES[:1] if options.quick else SIZES)
        for bidirectional in (False, True)
        for kind in ("random", "block")
        for share in SHARES
        for result in measure(size, bidirectional, kind, share, options.seconds)
    ]
    print(table(results))
    print("\nRatios of median times to nn.LSTM without a mask; forward and backward, one thread.")
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1))


if __name__ == "__main__":
    main()
