"""Opens pages in a headless Chromium as a reader would (given Chromium and a directory with pages, *.html; pictures go there
too), and prints as JSON what it saw. Runs on Python 3.9 and later, with playwright and axe-playwright-python."""

import json
import pathlib
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = [400, 900, 1500]


def complaints(page):
    """What axe-core finds, each with the place of its first fault."""
    found = Axe().run(page).response["violations"]
    return ["{}: {}".format(each["id"], each["nodes"][0]["html"][:120]) for each in found]


def overflow(page):
    """How many pixels of the page one would have to scroll to the side for."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def filtered(page, word):
    """Articles that a reader sees after typing a word, and what the page says of their number."""
    page.get_by_role("searchbox").fill(word)
    shown = [article.inner_text() for article in page.locator("article:visible").all()]
    return [len(shown), all(word.lower() in text.lower() for text in shown), page.get_by_role("status").inner_text()]


def telling_word(page):
    """The word of the last finding's title that the fewest articles have."""
    texts = [text.lower() for text in page.locator("article").all_text_contents()]
    words = page.locator("article h3").last.inner_text().lower().split()
    return min(words, key=lambda word: sum(word in text for text in texts))


def with_keys(page):
    """Whether the first folded part opens by keys alone."""
    folded = page.locator("article details:not([open]) > summary").first
    if not folded.count():
        return None
    handle = folded.element_handle()
    page.get_by_role("searchbox").focus()
    for _ in range(50):
        page.keyboard.press("Tab")
        if page.evaluate("summary => document.activeElement === summary", handle):
            page.keyboard.press("Enter")
            return page.evaluate("summary => summary.parentElement.open", handle)
    return False


def read(browser, file, place):
    """What one page is like."""
    fetched = []
    page = browser.new_page()
    page.on("request", lambda request: fetched.append(request.url))
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    seen = {"axe": [], "overflow": []}
    for colours in ["light", "dark"]:
        for width in WIDTHS:
            page.emulate_media(color_scheme=colours, media="screen")
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(file.as_uri())
            for folded in page.locator("details").all()[:20]:
                folded.evaluate("each => each.open = true")
            seen["axe"] += complaints(page)
            seen["overflow"].append(overflow(page))
            page.screenshot(path=str(place / "{}-{}-{}.png".format(file.stem, colours, width)))
    page.goto(file.as_uri())
    seen["title"] = page.title()
    seen["articles"] = page.locator("article:visible").count()
    seen["headings"] = page.get_by_role("heading", level=2).all_inner_texts()
    seen["opens_by_keys"] = with_keys(page)
    seen["timelines"] = page.get_by_text("passing ordering").count()
    if seen["articles"]:
        seen["filtered"] = filtered(page, telling_word(page))
        seen["filtered_by_nothing_there"] = filtered(page, "no such word")
    page.emulate_media(media="print")
    seen["filter_in_print"] = page.get_by_role("searchbox").count() > 0 and page.get_by_role("searchbox").is_visible()
    seen["fetched"] = [url for url in fetched if url != file.as_uri()]
    seen["problems"] = problems
    page.close()
    return seen


def main(chromium, place):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        seen = {file.stem: read(browser, file, place) for file in sorted(place.glob("*.html"))}
        browser.close()
    print(json.dumps(seen))


main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve())
