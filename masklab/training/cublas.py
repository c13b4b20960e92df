"""The workspace that cuBLAS needs so that a product on CUDA comes out the same twice."""

from __future__ import annotations

import os

_NAME, _REPEATABLE = "CUBLAS_WORKSPACE_CONFIG", (":4096:8", ":16:8")


def reserve_workspace() -> None:
    """Ask for a repeatable workspace, unless the environment asks for one already.

    cuBLAS reads the environment once, when it starts: call this before the process uses CUDA.
    Source: NVIDIA's cuBLAS manual, "Results reproducibility".
    """
    os.environ.setdefault(_NAME, _REPEATABLE[0])


def has_repeatable_workspace() -> bool:
    """Return whether the environment asks for a workspace with which products repeat."""
    return os.environ.get(_NAME) in _REPEATABLE
