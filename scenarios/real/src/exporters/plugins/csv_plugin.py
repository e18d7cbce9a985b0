"""Comma-separated values."""

import csv
import io

from exporters.registry import register


def export(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


register("csv", export)
