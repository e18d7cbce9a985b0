"""What others add to."""

NAMES = ["EUR"]
