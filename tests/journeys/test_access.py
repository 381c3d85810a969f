"""Everybody's access (screens.md): on every page that a link leads to, axe finds nothing, and nothing stands beyond a telephone's edge."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import SignIn
from tests.journeys.running import Gise

pytestmark = pytest.mark.xdist_group("gise-run")

# Each in one of the languages; what an earlier one has seen is not looked at again.
WHO = (
    ("05320001042", "tr-TR"),
    ("05340000001", "en-GB"),
    ("05340000003", "tr-TR"),
    ("05340000005", "en-GB"),
    ("05340000006", "tr-TR"),
    ("05340000004", "en-GB"),
    ("+36200005033", "hu-HU"),
)
MOST = 60  # pages for each of them
NUMBERS = re.compile(r"[A-Z]?-?[0-9][0-9A-Z-]*")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def pages_from(page: Page, home: str, seen: set[str]) -> Iterator[str]:
    """Link by link, one page of a kind; files are not opened."""
    waiting, found = [home], 0
    seen.discard("/")  # each has an own first page
    while waiting and found < MOST:
        address = waiting.pop(0)
        kind = NUMBERS.sub("*", urlsplit(address).path)
        if kind in seen:
            continue
        seen.add(kind)
        if "text/html" not in page.request.get(address).headers.get("content-type", ""):
            continue
        page.goto(address)
        found += 1
        yield address
        hrefs = page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))")
        links = [urljoin(page.url, href) for href in hrefs]
        waiting += [link for link in links if link.startswith(home) and "#" not in link]


def test_axe_finds_nothing_and_nothing_is_cut_off(gise: Gise, sign_in: SignIn) -> None:
    axe, wrong = Axe(), []
    seen: set[str] = {"/api/docs"}
    for phone, language in WHO:
        page = sign_in(phone, language=language)
        for address in pages_from(page, f"{gise.url}/", seen):
            for violation in axe.run(page).response["violations"]:
                wrong.append(f"{address} ({language}): {violation['id']} {[node['target'] for node in violation['nodes']][:3]}")
            page.set_viewport_size({"width": 390, "height": 844})
            if page.evaluate(WIDER) > 0:
                wrong.append(f"{address} ({language}): wider than a telephone")
            page.set_viewport_size({"width": 1366, "height": 768})
    assert wrong == []
    assert len(seen) > 50
