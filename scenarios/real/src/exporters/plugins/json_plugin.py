"""JSON, one object for each row."""

import json

from exporters.registry import register


def export(rows):
    return json.dumps([dict(row) for row in rows])


register("json", export)
