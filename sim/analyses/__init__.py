"""One folder an analysis. Which there are: `NAMES` of `sim/analyses/analysis.py`."""
