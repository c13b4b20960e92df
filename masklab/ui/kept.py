"""What was worked out for one tab is there for the next: a page that is opened again is there at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")


def kept(what: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` gives, worked out once for all tabs; it is not to be changed.

    `what` says all that it depends on, the store's directory among it; its `repr` is the key.
    """
    found: T = _kept(repr(what), make)
    return found


@st.cache_resource(show_spinner=False, max_entries=32)
def _kept(what: str, _make: Callable[[], Any]) -> Any:
    return _make()
