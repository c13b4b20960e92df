"""Benchmarks: what MaskLab costs, as ratios measured in one interleaved run. See `__main__`."""
