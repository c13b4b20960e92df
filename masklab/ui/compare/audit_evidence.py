"""What one audit found, check by check: the sentence, and behind it numbers, a picture, the repair."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.charts.audit_example import audit_example
from masklab.compare.leakage.about import CHECKS
from masklab.compare.leakage.finding import ORDER, Audit, Check
from masklab.ui.theme import ink
from masklab.words import plain

ICONS = {
    "failed": ":material/error:",
    "note": ":material/info:",
    "passed": ":material/check_circle:",
    "not applicable": ":material/remove_circle_outline:",
}


def show_evidence(found: Audit, task: str) -> None:
    """Draw every check of an audit, the failed ones first and open."""
    for check in sorted(found.checks, key=lambda one: ORDER.index(one.status)):
        title = CHECKS[check.name].title
        with st.expander(
            f"{title}: **{check.status}**",
            expanded=check.status == "failed",
            icon=ICONS[check.status],
            key=f"compare.audit.{found.run}.{check.name}",
        ):
            _behind(found, check, task)
    st.caption(
        f"Audited in {found.seconds:g} s: weights {found.weights[:12]} of {plain(found.strategy)}, seed "
        f"{found.seed}."
    )


def _behind(found: Audit, check: Check, task: str) -> None:
    about = CHECKS[check.name]
    st.markdown(plain(check.said))
    if check.status == "failed":
        st.markdown(f"**What to do.** {about.repair}")
    if check.example is not None:
        place = f"window {check.example.window:,} of {check.example.part}"
        when = f", {check.example.time}" if check.example.time else ""
        st.plotly_chart(
            audit_example(check.example, task, ink()),
            key=f"compare.audit.example.{found.run}.{check.name}",
            config={"displaylogo": False, "modeBarButtons": [["toImage"]]},
            alt="The worst window's prediction before and after the change",
        )
        st.caption(
            f"The worst of those tried: {plain(check.example.channel)}, {place}{plain(when)}."
        )
    if check.evidence:
        st.dataframe(
            pd.DataFrame(
                {
                    "What was counted": list(check.evidence),
                    "Found": [_number(value) for value in check.evidence.values()],
                }
            ),
            hide_index=True,
            width="stretch",
        )
    st.caption(f"How it was tried: {about.tries}")


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,}"
