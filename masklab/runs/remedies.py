"""What to do about a run that failed: its message, known by its words, and a way out."""

from __future__ import annotations

from masklab.runs.rows import RunRow

_REMEDIES = (
    (
        ("The loss is",),
        "Do what the reason says, with the learning rate or the outliers, and train anew: with the "
        "same settings it would fail at the same place.",
    ),
    (
        ("times in a row without a new epoch", "signal 9", "MemoryError", "out of memory"),
        "Memory has likely run out. Let fewer runs train at once under Settings, or make the batch or "
        "the network smaller; then start it again: it goes on from its last checkpoint.",
    ),
    (
        ("disk", "No space left"),
        "Free some space on the disk of the store's folder, named under Settings; then start it again: "
        "it goes on from its last checkpoint.",
    ),
    (
        ("has changed since the experiment was made",),
        "Restore the file, or choose it anew on the Data page and train a new experiment.",
    ),
    (
        ("no file", "FileNotFoundError", "can't be read"),
        "Put the file back where it was and start the run again, or choose the data anew on the Data page.",
    ),
    (
        ("no such device", "CUDA"),
        "Choose another device behind More on the Train page and train anew, or start it again where "
        "the device is free.",
    ),
    (
        ("another one stored", "version"),
        "Train it anew with this version; the scores of before stay.",
    ),
)
_ELSE = "Start it again: it goes on from its last checkpoint. If it fails again, report it with its log."


def what_to_do(run: RunRow) -> str:
    """Return one or two sentences on what to do about a failed run; empty for any other."""
    if run.status != "failed":
        return ""
    known = (said for words, said in _REMEDIES if any(one in run.message for one in words))
    return next(known, _ELSE)
