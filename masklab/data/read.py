"""Read a file into series: the one entry for files of every kind."""

from __future__ import annotations

from masklab.data.options import ReadOptions

__all__ = ["ReadOptions"]
