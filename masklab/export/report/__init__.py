"""A comparison as one HTML file that opens offline: data, mask, curves, scores, audit, specification."""
