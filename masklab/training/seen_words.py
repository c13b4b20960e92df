"""What a strategy does at a step of a window, in a few words."""

from __future__ import annotations

from masklab.strategies.strategy import Strategy

_AT_MASKED = {"carry": "skipped", "time_aware": "skipped", "reset": "state set to 0"}


def at_masked_step(strategy: Strategy) -> str:
    """Return what becomes of a step of which nothing is usable: "skipped"."""
    if strategy.collapsed_by is None:
        return f"filled with {strategy.stand_in()}"
    return _AT_MASKED[strategy.recurrence]


def step_words(  # noqa: PLR0913 (who reads, how wide it is, and what is there)
    strategy: Strategy, channels: int, *, usable: bool, cells: int, hidden: int, laid_in: bool
) -> str:
    """Return what the strategy does at one step: "shown", "skipped", "shown, 2 of 9 channels filled …".

    `cells`: cells that it may read; `hidden`: those of them that the mask hides. `laid_in`: a step
    of a gap or of padding, which the file does not have.
    """
    where = "no row in the file: " if laid_in else ""
    if not usable:
        kept = f" with {cells} of {channels} channels observed" if cells else ""
        return f"{where}{at_masked_step(strategy)}{kept}"
    said = ["shown"]
    if cells < channels:
        said.append(f"{channels - cells} of {channels} channels filled with {strategy.stand_in()}")
    if hidden:
        said.append(f"{hidden} of them hidden by the mask and read all the same")
    return ", ".join(said)


def steps_words(  # noqa: PLR0913 (who reads, how wide it is, and what is there)
    strategy: Strategy, channels: int, *, width: int, usable: int, cells: int, hidden: int
) -> str:
    """Return what the strategy does over several steps of a window."""
    masked = f", {width - usable} {at_masked_step(strategy)}" if width > usable else ""
    leak = f", {hidden} cells hidden by the mask and read all the same" if hidden else ""
    return f"{usable} of {width} steps shown{masked}; {cells} of {width * channels} cells{leak}"
