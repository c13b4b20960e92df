"""The checks of an audit in words: what each is called, what it tries, how a failure is repaired."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """A check: its title, what it does, and what to do where it fails."""

    title: str
    tries: str
    repair: str


_PREPARING = "Fill, smooth and scale with observed cells alone, and with none that come later."

CHECKS = {
    "hidden": About(
        "Hidden values don't reach the prediction",
        "Random numbers up to thousands, NaN and infinity stand in every hidden cell in turn; "
        "predictions must stay the same to the last bit.",
        "Choose a strategy that reads the mask: every one but `ignore`. In a strategy of your own, "
        "replace hidden values before any arithmetic: a product with 0 keeps NaN.",
    ),
    "preparation": About(
        "Hidden and later values don't reach the preparation",
        "Hidden cells of the data are changed, for a forecast also all that follows an input of "
        "validation, and everything is prepared anew; what is read before must stay the same.",
        _PREPARING,
    ),
    "future": About(
        "Later values don't reach the prediction",
        "Forecast: everything outside the input windows is changed. Reconstruction that reads one "
        "way: what follows a step is changed, then hidden.",
        "Read the input from the window's own rows. A network that reads both ways, and a filling "
        "that looks ahead, see later steps: choose others where a forecast is meant.",
    ),
    "causal": About(
        "Looks ahead only where it says so",
        "What follows a step of the window is changed; what the LSTM gets and gives up to that step "
        "must stay the same where the strategy calls itself causal.",
        "Set `causal = False` in the strategy, so that charts mark it, or fill from the past alone.",
    ),
    "scale": About(
        "Scale fitted on observed training cells",
        "The scale is fitted anew from observed training cells; then all other cells are changed "
        "and everything is prepared anew. The run's scale must be the same each time.",
        "Fit the scaler on cells that are both observed and of training rows.",
    ),
    "sentinel": About(
        "No code for “missing” among the values",
        "In the cells that the run reads, one exact value far from the rest, as -200 or 9999, is "
        "looked for.",
        "On the Data page, treat the value as missing, or mask it with the rule missing_sentinel; "
        "then train again. If it was really measured, nothing is wrong.",
    ),
    "overlap": About(
        "Training and validation share no row",
        "The rows of all windows of training, validation and test are laid over each other.",
        "Cut the windows within their part of the split.",
    ),
    "target": About(
        "Scored cells are not in the input",
        "Each cell carries its row's number through the batches, so that those in the input and those "
        "scored can be compared; a reconstruction's scored cells are changed as well.",
        "Hide what is scored from the input: start the horizon after the window, and let a "
        "reconstruction's strategy read the mask.",
    ),
    "native": About(
        "Only known targets are scored",
        "Scored cells are looked up in the data: the file must have each of them.",
        "Score only cells that the file has.",
    ),
    "gaps": About(
        "Windows cross no gap and no border of series",
        "The clock and the series of each window's rows are compared, row by row.",
        "Start windows within one stretch; where gaps should be crossed, let training.longest_gap "
        "fill them with masked steps.",
    ),
    "common": About(
        "All runs are scored on the same cells",
        "The common cells of this run's kept predictions are compared with the experiment's mask and "
        "with another run's.",
        "Score the runs anew on cells that they share: part “Scored cells”.",
    ),
    "weights": About(
        "What was audited is what was scored",
        "The kept weights predict some windows once more; the kept predictions must come out.",
        "Train the run again: its weights and predictions don't belong together, or the code that "
        "computes them has changed since.",
    ),
    "chosen": About(
        "The best epoch was chosen on the cells that are reported",
        "How many epochs there were to choose from, and how far the best lies below the last.",
        "For a number to publish, score the chosen run once on the test part.",
    ),
}
"""In the order of a report."""
