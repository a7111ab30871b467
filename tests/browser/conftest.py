"""A real service, a real browser, and what a page must be in it.

``visit(site, path)`` opens a page and fails if it asks another host or if the console has an error.
``is_good(seen)`` says all else that holds of every page. ``weigh(address)`` counts the bytes that it takes.
"""

import importlib.util
import re
import shutil
from pathlib import Path

import httpx
import pytest

REPO = Path(__file__).resolve().parents[2]
AXE = REPO / "tests/clients/node_modules/axe-core/axe.min.js"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

_spec = importlib.util.spec_from_file_location("serving", REPO / "tests/endpoint/conftest.py")
_serving = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_serving)


@pytest.fixture(scope="session")
def browser():
    """Chromium of the system, or a skipped test."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe():
    """Return the text of axe-core, or skip the test."""
    if not AXE.is_file():
        pytest.skip("no axe-core: run make clients")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def examples_site(pictured_release):
    """Address of a service of the example studies and the images of the demo."""
    with _serving.serve(pictured_release.parent.parent, deadline_seconds=10) as running:
        yield running.url


@pytest.fixture(scope="session")
def corpus_site(full_release):
    """Address of a service of all real studies."""
    with _serving.serve(full_release.parent.parent, deadline_seconds=60) as running:
        yield running.url


class Visit:
    """A page in a browser, and what went wrong on it."""

    def __init__(self, page, url, script):
        self.page, self.url, self.script = page, url, script
        self.elsewhere, self.errors = [], []
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _asked(self, request):
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _said(self, message):
        mine = (
            "the server responded with a status of" in message.text
            and self.page.url in message.location["url"]
        )
        if message.type in {"error", "warning"} and not mine:  # the page may be one that tells of an error
            self.errors.append(message.text)

    def go(self, path):
        self.page.goto(self.url + path, wait_until="load")
        self.check()

    def check(self):
        assert not self.elsewhere, f"the page asks others: {self.elsewhere}"
        assert not self.errors, f"the page has errors: {self.errors}"


@pytest.fixture
def visit(browser):
    """Return a function that opens a page of a site: ``visit(site, path, dark=, phone=, script=)``."""
    opened = []

    def go(site, path, *, dark=False, phone=False, script=True):
        context = browser.new_context(
            color_scheme="dark" if dark else "light",
            viewport=PHONE if phone else DESK,
            java_script_enabled=script,
        )
        opened.append(context)
        seen = Visit(context.new_page(), site, script)
        seen.go(path)
        return seen

    yield go
    for context in opened:
        context.close()


@pytest.fixture
def problems(axe):
    """Return a function that gives the serious problems that axe-core finds on a page.

    The editor of others is left out: the plain form beside it does the same.
    """

    def find(page):
        page.evaluate(axe)
        found = page.evaluate("axe.run({exclude: [['#yasgui']]})")["violations"]
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    return find


@pytest.fixture
def is_good(problems):
    """Return a function that fails unless a page that was visited is as every page must be."""

    def check(seen):
        page = seen.page
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"the page is {wide} px wider than the window"
        assert page.get_by_role("main").inner_text().strip()
        assert page.get_by_role("heading", level=1).count() == 1
        if seen.script:
            assert problems(page) == []

    return check


@pytest.fixture
def weigh():
    """Return a function that counts the bytes of a page with its style sheets, scripts and images, packed."""

    def count(url):
        accept = {"Accept-Encoding": "br", "Accept": "text/html"}
        with httpx.Client(headers=accept, follow_redirects=True) as client:
            text, size = _got(client, url)
            site = "/".join(url.split("/")[:3])
            for path in set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg)[^"]*)"', text)):
                size += _got(client, site + path)[1]
        return size

    return count


def _got(client, url):
    with client.stream("GET", url) as answer:
        text = answer.read().decode()
        return text, answer.num_bytes_downloaded
