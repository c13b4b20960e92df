"""The report's section with the numbers: means over seeds, differences, naive baselines."""

from __future__ import annotations

import math
from typing import Any
from xml.etree.ElementTree import Element

from masklab.charts.palette import look
from masklab.compare.baselines import LOOKING_AHEAD
from masklab.compare.certainty import chance, signed
from masklab.compare.intervals import LEVEL
from masklab.compare.scores import best_epochs
from masklab.compare.statistics import Difference
from masklab.export.report.html import Child, element, file_link, section, table
from masklab.export.report.source import Source
from masklab.export.report.words import number, spread
from masklab.export.tables import curves_csv, epochs_csv, table_csv
from masklab.runs.spec import STRATEGIES


def table_section(source: Source) -> Element:
    """Return the section."""
    score = source.compared.score.in_words
    head = (
        "Strategy", "Looks ahead", "Finished runs", "Best epoch, mean",
        f"{score}, mean ± std (n)", f"Difference from {source.compared.baseline}, {LEVEL:.0%} interval (n)", "Chance of being better",
        "Scored cells",
    )  # fmt: skip
    labels = tuple(source.table["strategy"])
    found = source.compared.differences()
    rows = [_row(source, dict(row), labels, found) for _, row in source.table.iterrows()]
    rows += [_naive(name, level, count) for name, (level, count) in source.naive.items()]
    words = (
        "Each run counts at its best epoch, the one whose weights were kept. Lower is better. "
        "Differences are taken seed by seed; the interval is bootstrap-t's, below five seeds Student's t, and "
        "where it holds 0 the seeds are not enough to tell. Naive baselines need no network and have no seeds."
    )
    return section(
        "Scores", table(head, rows, numbers=(2, 3, 4, 5, 6, 7)),
        element("p", words, class_="note"), _files(source), _runs(source), name="scores",
    )  # fmt: skip


def _row(
    source: Source, row: dict[str, Any], labels: tuple[str, ...], found: dict[str, Difference]
) -> tuple[Child, ...]:
    name = str(row["strategy"])
    dot = element("span", class_="dot", style=f"background: {look(name, labels).colour}")
    best = row["best_epoch"]
    reference = name == source.compared.baseline
    difference, better = ("baseline", "") if reference else _difference(found.get(name))
    return (
        element("span", dot, source.scrub.text(name)),
        _ahead(name, bool(row["causal"])),
        f"{row['n']} of {row['runs']}",
        "—" if math.isnan(best) else f"{best:.1f}",
        spread(row["mean"], row["std"], row["n"]),
        difference,
        better,
        f"{row['scored']:,}",
    )


def _difference(found: Difference | None) -> tuple[str, str]:
    """Return a difference with its interval, and the chance that it is one for the better."""
    if found is None:
        return "—", "—"
    if found.verdict == "same":
        return f"0, to the last digit ({found.n})", "—"
    between = f", {signed(found.low)} to {signed(found.high)}" if found.n > 1 else ""
    told = "" if found.tells else ": not enough seeds to tell"
    return f"{signed(found.mean)}{between} ({found.n}){told}", chance(found.probability)


def _naive(name: str, level: float, count: int) -> tuple[Child, ...]:
    ahead = "yes" if name in LOOKING_AHEAD else "no"
    return f"{name.replace('_', ' ')} (naive)", ahead, "", "", number(level), "", "", f"{count:,}"


def _ahead(label: str, causal: bool) -> str:
    member = STRATEGIES.get(label.partition("(")[0])
    if member is not None and not member.reads_mask:
        return "sees hidden values"
    return "no" if causal else "yes"


def _files(source: Source) -> Element:
    """Return links that save the numbers as CSV."""
    found = source.compared
    saved = {
        "table.csv": table_csv(found), "curves.csv": curves_csv(found),
        "epochs.csv": epochs_csv(found),
    }  # fmt: skip
    links: list[Child] = []
    for name, text in saved.items():
        links += [file_link(name, name, source.scrub.text(text), "text/csv"), " "]
    return element("p", "Save as CSV, from within this file: ", *links)


def _runs(source: Source) -> Element:
    """Return every run with its score, folded."""
    score = source.compared.score
    best = best_epochs(source.compared.reports, score.cells, score.metric, score.units).set_index(
        "run_id"
    )
    rows: list[tuple[Child, ...]] = []
    for run in source.runs:
        known = best.loc[run.id] if run.id in best.index else None
        why = source.scrub.text(run.message)
        rows.append(
            (
                run.id,
                source.scrub.text(run.strategy),
                str(run.seed),
                f"{run.status}{f': {why}' if why else ''}",
                f"{run.epoch:,} of {run.epochs:,}",
                "—" if known is None else f"{known['epoch']}",
                "—" if known is None else number(float(str(known["score"]))),
                f"{run.seconds:,.1f}",
            )
        )
    head = ("Run", "Strategy", "Seed", "Status", "Epochs", "Best epoch", score.in_words, "Seconds")
    summary = element("summary", f"Every run ({len(rows):,})")
    return element("details", summary, table(head, rows, numbers=(2, 4, 5, 6, 7)))
