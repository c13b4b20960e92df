"""A run as code that needs no MaskLab: a script, a notebook, or the nearest Keras version."""

from masklab.export.code.writing import KINDS, Kind, write

__all__ = ["KINDS", "Kind", "write"]
