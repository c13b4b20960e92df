"""Controls whose state lives in the address: a copied link restores what they say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st


def keep(name: str, text: str) -> None:
    """Write a word into the address, or take its name out where it is empty."""
    if text:
        if st.query_params.get(name) != text:
            st.query_params[name] = text
    else:
        st.query_params.pop(name, None)


def switch(  # noqa: PLR0913, PLR0917 - a switch is these facts
    title: str, words: dict[str, str], name: str, hint: str, first: str, disabled: bool = False
) -> str:
    """Draw a switch and return which of `words` is chosen; `first` is not written out."""
    key, asked = f"compare.{name}", st.query_params.get(name)
    st.session_state.setdefault(key, asked if asked in words else first)
    if st.session_state[key] not in words:
        st.session_state[key] = first
    chosen = st.segmented_control(
        title, list(words), format_func=words.__getitem__, required=True, key=key, help=hint,
        persist_state="session", disabled=disabled,
    )  # fmt: skip
    choice = str(chosen or first)
    keep(name, "" if choice == first else choice)
    return choice


def choice(  # noqa: PLR0913, PLR0917 - as above
    title: str, words: dict[str, str], name: str, hint: str, first: str, disabled: bool = False
) -> str:
    """Draw a menu and return which of `words` is chosen."""
    key, asked = f"compare.{name}", st.query_params.get(name)
    st.session_state.setdefault(key, asked if asked in words else first)
    if st.session_state[key] not in words:
        st.session_state[key] = first
    chosen = st.selectbox(
        title, list(words), format_func=words.__getitem__, key=key, help=hint,
        persist_state="session", disabled=disabled,
    )  # fmt: skip
    keep(name, "" if chosen == first else chosen)
    return str(chosen)


def toggle(title: str, name: str, hint: str, *, first: bool = False) -> bool:
    """Draw a toggle; in the address it is 1 or 0 where it is not as at first."""
    key, asked = f"compare.{name}", st.query_params.get(name)
    st.session_state.setdefault(key, asked == "1" if asked in ("0", "1") else first)
    chosen = st.toggle(title, key=key, help=hint, persist_state="session")
    keep(name, "" if chosen == first else str(int(chosen)))
    return bool(chosen)


def share(title: str, name: str, hint: str, most: float) -> float:
    """Draw a slider from 0, where it stands at first."""
    key = f"compare.{name}"
    st.session_state.setdefault(key, _number(st.query_params.get(name), most))
    chosen = float(
        st.slider(title, 0.0, most, step=0.01, key=key, help=hint, persist_state="session")
    )
    keep(name, f"{chosen:g}" if chosen else "")
    return chosen


def several(  # noqa: PLR0913, PLR0917 - as above
    title: str,
    words: dict[str, str],
    name: str,
    hint: str,
    first: Sequence[str] = (),
    placeholder: str = "",
) -> tuple[str, ...]:
    """Draw a choice of several; at least one where `first` has any."""
    key = f"compare.{name}"
    asked = _known(st.query_params.get(name, "").split(","), words)
    st.session_state.setdefault(key, asked or list(first))
    st.session_state[key] = _known(st.session_state[key], words) or list(first)
    chosen = st.multiselect(
        title, list(words), format_func=words.__getitem__, key=key, help=hint,
        placeholder=placeholder, persist_state="session",
    )  # fmt: skip
    found = tuple(chosen) or tuple(first)
    keep(name, "" if found == tuple(first) else ",".join(found))
    return found


def _known(asked: Collection[str], words: Collection[str]) -> list[str]:
    return [one for one in dict.fromkeys(asked) if one in words]


def _number(text: str | None, most: float) -> float:
    try:
        return min(max(round(float(text or 0), 2), 0.0), most)
    except ValueError:
        return 0.0
