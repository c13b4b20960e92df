"""Names of a strategy's features, as a reader sees them."""

from __future__ import annotations

from masklab.strategies.strategy import Strategy


def feature_names(strategy: Strategy, channels: tuple[str, ...]) -> tuple[str, ...]:
    """Return a name for each feature: the channel, its flag, the time since it was observed."""
    if not strategy.reads_values:
        return tuple(f"{channel} observed" for channel in channels)
    kinds = ("{}", "{} observed", "{} since observed")[: strategy.features_per_channel()]
    return tuple(kind.format(channel) for kind in kinds for channel in channels)
