"""Words of the user's for Plotly, which takes tags for markup and knows few entities."""

from __future__ import annotations

import html


def plain(words: str) -> str:
    """Return the words so that Plotly shows them as they are; `&quot;` it would not turn back."""
    return html.escape(words, quote=False)
