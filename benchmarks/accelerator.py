"""`MaskedLSTM` on a GPU, forward and backward, against the unmasked `nn.LSTM` and PackedSequence there.

`python -m benchmarks.accelerator`. Each pass ends with what the device was given; the median of a
second counts. PackedSequence gets rows of the same lengths with their masked steps on the right.
"""

from __future__ import annotations

import sys
from itertools import product

import torch
from torch.utils.benchmark import Timer

from benchmarks.masked_lstm import LARGE, MASKS, MIDDLE, UNIT, Size, contestants

SIZES = (MIDDLE, LARGE, Size(512, 256, 8, 128))
SHARES = (0, 50, 90)


def main() -> int:
    """Print a line for each size, number of directions, mask and share, relative to `nn.LSTM`."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        print("No GPU here: nothing was measured.")
        return 1
    torch.backends.cudnn.allow_tf32 = False  # so that the check of outputs is as on the CPU
    name = torch.cuda.get_device_name() if accelerator.type == "cuda" else accelerator.type
    print(f"{name}, torch {torch.__version__}")
    for size, directions, kind in product(SIZES, (1, 2), ("random", "block")):
        for percent in SHARES:
            print(f"{size} directions={directions} {kind} {percent} %: ", end="")
            with torch.device(accelerator):
                print(line(size, directions, kind, percent), flush=True)
    return 0


def line(size: Size, directions: int, kind: str, percent: int) -> str:
    """Time one case; return milliseconds of the unmasked `nn.LSTM` and the others' ratios to it."""
    torch.manual_seed(0)
    jobs = contestants(size, MASKS[kind](size, percent), directions == 2, rivals=True)
    taken = {}
    for contestant, job in jobs.items():
        if contestant in ("slow twin", "Keras"):
            continue
        timer = Timer("job()", globals={"job": job})
        timer.timeit(3)
        taken[contestant] = timer.blocked_autorange(min_run_time=0.2).median
    unit = taken.pop(UNIT)
    ratios = ", ".join(f"{contestant} {time / unit:.2f}" for contestant, time in taken.items())
    return f"{UNIT} {1000 * unit:.2f} ms, {ratios}"


if __name__ == "__main__":
    sys.exit(main())
