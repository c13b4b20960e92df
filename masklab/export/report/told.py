"""What the app tells a report beside the runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What stands on top of a report, and where it leads back to.

    `sentence`: what the comparison says, in the app's Markdown (bold names, escapes); where it is
    empty, the report finds its own. `link`: what follows the app's address to see the same view.
    """

    sentence: str = ""
    link: str = ""
