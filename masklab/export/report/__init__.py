"""A comparison as one HTML file that opens offline: data, mask, curves, scores, audit, specification."""

from masklab.export.report.writing import Asked, report, write_report

__all__ = ["Asked", "report", "write_report"]
