"""Controls for how a file is read: each shows the guess, and reads anew when it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from masklab.data.options import MISSING_TOKENS, ReadOptions
from masklab.data.preview import Preview
from masklab.data.sniff import SEPARATOR_NAMES
from masklab.ui.data_candidate import correct

ROW_NUMBERS, NONE = "Row numbers", "None"
_ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "iso-8859-15", "shift_jis", "gb18030",
)  # fmt: skip
_ORDERS = {None: "As they fit", True: "Day first", False: "Month first"}
_DECIMALS = {".": "Point (3.14)", ",": "Comma (3,14)"}
_DUPLICATES = {
    "error": "Say so and stop",
    "first": "Keep the first",
    "last": "Keep the last",
    "mean": "Take the mean",
}
_RAGGED = {"error": "Say so and stop", "leave_out": "Leave them out"}
_LAYOUT_HELP = (
    "Wide: a column for each channel. Long: one column names the channel, one has the value."
)


@dataclass(frozen=True)
class Choice:
    """A select box for one reading option; `titles` puts choices into words."""

    label: str
    name: str
    choices: Sequence[Any]
    present: Any
    help: str | None = None
    titles: Callable[[Any], Any] = str

    def pick(self) -> Any:
        """Draw it and return what is chosen."""
        # The guess is part of the key: when reading anew changes it, the control shows the new one.
        return st.selectbox(
            self.label,
            self.choices,
            index=self.choices.index(self.present) if self.present in self.choices else None,
            format_func=lambda one: str(self.titles(one)),
            key=f"data.read.{self.name}.{self.present}",
            help=self.help,
            placeholder="Choose",
        )

    def apply(self) -> None:
        """Draw it, and read anew if another choice is made."""
        chosen = self.pick()
        if chosen != self.present:
            correct(**{self.name: "" if chosen == NONE else chosen})
            st.rerun()


def reading_controls(seen: Preview) -> None:
    """Draw the controls; a change is kept and the page runs again."""
    names = [column.name for column in seen.columns]
    options = seen.options
    if names:
        _columns(options, seen, names)
    with st.expander("More"):
        if options.separator is not None:
            _text(options)
        _rules(options)


def _columns(options: ReadOptions, seen: Preview, names: list[str]) -> None:
    _time(options, names)
    told = "The column that tells stations or subjects apart."
    Choice("Series", "series", [NONE, *names], options.series or NONE, told).apply()
    if options.layout == "long":
        Choice("Variable", "variable", names, options.variable, "Names each row's channel.").apply()
        Choice("Value", "value", names, options.value, "Each row's number.").apply()
    else:
        _channels(options, seen)
    layout = options.layout or "wide"
    titles = {"wide": "Wide", "long": "Long"}
    Choice("Layout", "layout", ["wide", "long"], layout, _LAYOUT_HELP, titles.get).apply()


def _time(options: ReadOptions, names: list[str]) -> None:
    joined = " + ".join(options.time_parts or ())
    choices = [*([joined] if joined else []), *names, ROW_NUMBERS]
    present = ROW_NUMBERS if options.clock == "step" else options.time or joined or None
    told = "The column with date and time; or number the rows."
    chosen = Choice("Time", "time", choices, present, told).pick()
    if chosen is None or chosen == present:
        return
    if chosen == ROW_NUMBERS:
        correct(clock="step", time=None, time_parts=None)
    else:
        correct(clock="time", time=chosen, time_parts=None, epoch=None, day_first=None)
    st.rerun()


def _channels(options: ReadOptions, seen: Preview) -> None:
    present = list(options.channels or ())
    choices = list(dict.fromkeys((*present, *seen.numeric)))
    key = f"data.read.channels.{hash(tuple(present))}"
    chosen = st.multiselect("Channels", choices, default=present, key=key)
    if chosen and chosen != present:
        correct(channels=chosen)
        st.rerun()


def _text(options: ReadOptions) -> None:
    signs = list(SEPARATOR_NAMES)
    titles = {sign: name.capitalize() for sign, name in SEPARATOR_NAMES.items()}
    Choice("Separator", "separator", signs, options.separator, None, titles.get).apply()
    decimals = list(_DECIMALS)
    Choice("Decimal sign", "decimal", decimals, options.decimal, None, _DECIMALS.get).apply()
    known = list(dict.fromkeys([*_ENCODINGS, options.encoding or "utf-8"]))
    told = "How letters are stored as bytes."
    Choice("Encoding", "encoding", known, options.encoding, told).apply()
    told = "Lines with more or fewer fields than the header."
    Choice("Uneven lines", "ragged", list(_RAGGED), options.ragged, told, _RAGGED.get).apply()
    skip = options.skip or 0
    key = f"data.read.skip.{skip}"
    _apply("skip", int(st.number_input("Lines above the header", 0, 10_000, skip, key=key)), skip)


def _rules(options: ReadOptions) -> None:
    told = "One order holds for the whole file."
    orders = list(_ORDERS)
    label = "Dates such as 03/04/2024"
    Choice(label, "day_first", orders, options.day_first, told, _ORDERS.get).apply()
    zone = st.text_input(
        "Time zone",
        options.timezone or "",
        key=f"data.read.zone.{options.timezone}",
        placeholder="Europe/Berlin",
        help="Of times that name none. Times are kept in UTC and shown in this zone.",
    )
    _apply("timezone", zone.strip() or None, options.timezone)
    rules = list(_DUPLICATES)
    present = options.duplicates
    Choice("Repeated times", "duplicates", rules, present, None, _DUPLICATES.get).apply()
    tokens = [token for token in options.missing_tokens if token]
    chosen = st.multiselect(
        "Texts that mean missing",
        list(dict.fromkeys([*MISSING_TOKENS[1:], *tokens])),
        default=tokens,
        accept_new_options=True,
        key=f"data.read.tokens.{hash(tuple(tokens))}",
        help="Type another one and press Enter. An empty cell is always missing.",
    )
    _apply("missing_tokens", ["", *chosen], ["", *tokens])


def _apply(name: str, chosen: Any, present: Any) -> None:
    if chosen != present:
        correct(**{name: chosen})
        st.rerun()
