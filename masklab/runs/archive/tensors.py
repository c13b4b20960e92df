"""Whether a file is safetensors through and through, told from its header: no byte more or less."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import IO, Any

_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4,
    "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip
_LONGEST_HEADER = 16_000_000


def fault(file: IO[bytes], size: int) -> str:
    """Return what is wrong with a file of `size` bytes; "" if nothing is. Loads no tensor."""
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
        return f"its header claims {length:,} bytes"
    try:
        header = json.loads(file.read(length))
        told = header.pop("__metadata__", {})
        places = sorted(_place(one) for one in header.values())
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        return f"its header is none ({type(error).__name__})"
    if not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values()):
        return "its metadata are no texts"
    ends = [(0, 0), *places, (size - 8 - length, size - 8 - length)]
    if any(before[1] != after[0] for before, after in pairwise(ends)):
        return "its tensors don't fill it"
    return ""


def _place(entry: dict[str, Any]) -> tuple[int, int]:
    """Return where a tensor begins and ends; raise `ValueError` if that contradicts its shape."""
    begin, end = entry["data_offsets"]
    shape = entry["shape"]
    numbers = (begin, end, *shape)
    if any(type(one) is not int or not 0 <= one < 2**48 for one in numbers) or len(entry) != 3:
        raise ValueError
    if end - begin != math.prod(shape) * _BYTES[entry["dtype"]]:
        raise ValueError
    return begin, end
