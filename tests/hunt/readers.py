"""Reads reports with other people's readers (given a directory with junit.xml, sarif.json, report.md,
report.html, github.txt), and prints as
JSON what they read. Runs on Python 3.9 and later, with junitparser, sarif-tools, sarif-pydantic and markdown-it-py."""

import json
import pathlib
import re
import sys
from html.parser import HTMLParser

import junitparser
from markdown_it import MarkdownIt
from sarif import loader
from sarif_pydantic import Sarif

here = pathlib.Path(sys.argv[1])

suites = junitparser.JUnitXml.fromfile(str(here / "junit.xml"))
cases = [case for suite in suites for case in suite]
failed = {case.name: case.result[0].type for case in cases if case.result and case.result[0]._tag == "failure"}

log = Sarif.model_validate_json((here / "sarif.json").read_text())
rules = {rule.id for rule in log.runs[0].tool.driver.rules}
records = loader.load_sarif_file(str(here / "sarif.json")).get_records()


class Items(HTMLParser):
    """Counts items, folded parts, findings and lines of a page, and whatever it would fetch."""

    def __init__(self, page):
        super().__init__()
        self.items = self.folded = self.findings = self.lines = self.fetched = 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.items += tag == "li"
        self.folded += tag == "details"
        self.findings += tag == "article"
        self.lines += tag == "line"
        self.fetched += tag in ("link", "img", "iframe") or any(name in ("src", "href") for name, _ in attrs)


items = Items(MarkdownIt("commonmark", {"html": True}).render((here / "report.md").read_text()))
page = Items((here / "report.html").read_text())

# What the runner of GitHub Actions reads a line with (`ActionCommand.TryParseV2`): the name, properties, and the message.
lines = (here / "github.txt").read_text().splitlines()
commands = [re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line).groups() for line in lines]
places = [dict(pair.split("=", 1) for pair in properties.split(",")) for _, properties, _ in commands]

print(
    json.dumps(
        {
            "junit": failed,
            "sarif": sorted(result.rule_id for result in log.runs[0].results),
            "rules": sorted(rules),
            "records": sorted("{}:{}".format(record["Location"], record["Line"]) for record in records),
            "items": items.items,
            "folded": items.folded,
            "page": [page.findings, page.lines, page.fetched],
            "github": sorted("{}:{}".format(place["file"], place.get("line", 1)) for place in places),
        }
    )
)
