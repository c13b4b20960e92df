"""The cell's equations with the numbers of one step and one hidden unit put in, as LaTeX."""

from __future__ import annotations

import math

from masklab.inspector.trace import Trace

_BROKEN = r"\\ &= "
"""Numbers stand on a line of their own: two strategies' equations fit side by side."""
_GATES = (("i", r"\sigma"), ("f", r"\sigma"), ("g", r"\tanh"), ("o", r"\sigma"))


def formula(trace: Trace, step: int, unit: int) -> str:
    """Return the step's equations for a unit, aligned; a step that is not taken says what happens.

    A gate's sum is split as W x + U h + b: what the input adds, what the state adds, the bias.
    """
    if not trace.usable[step]:
        return _aligned(_not_taken(trace, step, unit))
    lines = _fading(trace, step, unit)
    for place, (gate, function) in enumerate(_GATES):
        at = place * trace.hidden + unit
        parts = (trace.from_input[step, at], trace.from_state[step, at], trace.bias[at])
        given = " ".join(_term(part, first=nth == 0) for nth, part in enumerate(parts))
        value = getattr(trace, gate)[step, unit]
        symbols = f"{gate}_t &= {function}(W_{gate} x_t + U_{gate} \\tilde h + b_{gate})"
        lines.append(f"{symbols} {_BROKEN}{function}({given}) = {_number(value)}")
    f, i, g, o = (float(getattr(trace, gate)[step, unit]) for gate in "figo")
    c_before, c, h = (float(one[step, unit]) for one in (trace.c_before, trace.c, trace.h))
    lines.append(
        rf"c_t &= f_t\,\tilde c + i_t\,g_t {_BROKEN}{_number(f)} \cdot {_signed(c_before)} "
        rf"+ {_number(i)} \cdot {_signed(g)} = {_number(c)}"
    )
    lines.append(
        rf"h_t &= o_t \tanh(c_t) {_BROKEN}{_number(o)} \cdot {_signed(math.tanh(c))} = {_number(h)}"
    )
    return _aligned(lines)


def told(trace: Trace, step: int) -> str:
    """Return in one sentence what the strategy does at the step."""
    if trace.usable[step]:
        return "The LSTM takes this step."
    if _wipes(trace):
        return "Masked: h and c are set to 0; the step is not computed."
    return "Masked: h and c are carried on; the step is not computed."


def _not_taken(trace: Trace, step: int, unit: int) -> list[str]:
    c, h = trace.c[step, unit], trace.h[step, unit]
    if _wipes(trace):
        return ["h_t &= 0", "c_t &= 0"]
    return [rf"h_t &= h_{{t-1}} = {_number(h)}", rf"c_t &= c_{{t-1}} = {_number(c)}"]


def _fading(trace: Trace, step: int, unit: int) -> list[str]:
    """Return what becomes of the state before the step: decays, or a share of it forgotten."""
    h_old, c_old = (float(one[step - 1, unit]) if step else 0.0 for one in (trace.h, trace.c))
    h, c = float(trace.h_before[step, unit]), float(trace.c_before[step, unit])
    if "γ_h" in trace.fades:
        fade = trace.fades["γ_h"][step, unit]
        return [
            rf"\tilde h &= \gamma_h h_{{t-1}} = {_number(fade)} \cdot {_signed(h_old)} = {_number(h)},"
            rf"\quad \tilde c = c_{{t-1}} = {_number(c)}"
        ]
    if "g(Δ)" in trace.fades:
        share = trace.fades["g(Δ)"][step, 0]
        return [
            rf"\tilde c &= c_{{t-1}} - (1 - {_number(share)})\,c_S = {_number(c)}"
            rf"\quad (c_{{t-1}} = {_number(c_old)}),\quad \tilde h = h_{{t-1}} = {_number(h)}"
        ]
    return [rf"\tilde h &= h_{{t-1}} = {_number(h)},\quad \tilde c = c_{{t-1}} = {_number(c)}"]


def _wipes(trace: Trace) -> bool:
    return trace.strategy.partition("(")[0] == "reset"


def _aligned(lines: list[str]) -> str:
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _number(value: float) -> str:
    rounded = f"{float(value):.3f}"
    return rounded.removeprefix("-") if float(rounded) == 0 else rounded


def _signed(value: float) -> str:
    text = _number(value)
    return f"({text})" if text.startswith("-") else text


def _term(value: float, *, first: bool) -> str:
    text = _number(value)
    if first:
        return text
    return f"- {text[1:]}" if text.startswith("-") else f"+ {text}"
