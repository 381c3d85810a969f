"""One ``./gise run`` and one browser for the stories of a day at the counter; they share the demo's shops, each uses its own bills."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.running import DEMO_PASSWORD, Gise, running_gise

MONDAY_MORNING = "2030-06-03T10:00:00+03:00"  # a working day before the cut-off, whenever the tests run
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]

SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def gise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gise]:
    with running_gise(tmp_path_factory.mktemp("gise") / "var", "--at", MONDAY_MORNING) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if not program:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def sign_in(gise: Gise, browser: Browser) -> Iterator[SignIn]:
    """A new browser profile in which this person is signed in; at the end none of its pages has complained."""
    contexts, complaints = [], []

    def sign_in(phone: str, *, language: str = "tr-TR", width: int = 1366, height: int = 768, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, java_script_enabled=scripts, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{gise.url}/session")
        page.fill("#phone", phone)
        page.fill("#password", DEMO_PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{gise.url}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []
