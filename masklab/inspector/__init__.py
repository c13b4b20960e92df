"""Look inside a masked LSTM: one window, one small network, every number of every step."""

from masklab.inspector.excerpt import Excerpt, Source, excerpt
from masklab.inspector.window import SERVED, Output, Window

__all__ = ["SERVED", "Excerpt", "Output", "Source", "Window", "excerpt"]
