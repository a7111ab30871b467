"""The query editor in Chromium: it completes what the release has, leads to our pages, explains errors."""

import pytest

pytestmark = pytest.mark.browser

TEXT = "document.querySelector('#yasgui .CodeMirror').CodeMirror.getValue()"


def until(page, condition):
    """Wait for something that is true; the policy of the page forbids the way of Playwright itself."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true: {condition}")


@pytest.fixture
def write():
    """Return a function that replaces what is in the editor."""

    def change(page, text):
        page.locator("#yasgui .CodeMirror").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(text)

    return change


def test_a_query_is_written_run_and_its_iris_lead_to_our_pages(examples_site, visit, write):
    seen = visit(examples_site, "/sparql")
    page = seen.page
    page.locator("#yasgui .CodeMirror").wait_for()
    assert "?things" in page.evaluate(TEXT)
    write(
        page, "PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>\nSELECT ?s { ?s a bikg:Study } ORDER BY ?s"
    )
    page.locator("#yasgui .yasqe_queryButton").click()
    link = page.locator("#yasgui .yasr a.iri").first
    link.wait_for()
    until(page, "document.querySelector('#yasgui .yasr a.iri').dataset.iri")
    assert link.get_attribute("href").startswith("/id/study/")
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_url("**/study/*")
    seen.check()


def test_properties_of_the_release_are_suggested(examples_site, visit, write):
    seen = visit(examples_site, "/sparql")
    page = seen.page
    page.locator("#yasgui .CodeMirror").wait_for()
    write(page, "SELECT * { ?s <https://w3id.org/bioimg-kg/ontology#annotatedW")
    page.keyboard.press("Control+Space")
    until(page, "document.querySelector('.CodeMirror-hints')?.textContent.includes('annotatedWith')")
    seen.check()


def test_an_error_names_its_line(examples_site, visit, write):
    page = visit(examples_site, "/sparql").page
    page.locator("#yasgui .CodeMirror").wait_for()
    write(page, "SELECT * {\n ?s ?p }")
    page.locator("#yasgui .yasqe_queryButton").click()
    error = page.locator("#yasgui .errorResult")
    error.wait_for()
    assert "line" in error.inner_text()


def test_an_example_is_found_by_a_word_and_put_into_the_editor(examples_site, visit):
    page = visit(examples_site, "/sparql").page
    page.locator("#yasgui .CodeMirror").wait_for()
    shown = page.locator("#examples > li:visible")
    before = shown.count()
    page.get_by_label("Find an example").fill("plate well")
    assert 0 < shown.count() < before
    shown.first.get_by_role("link").click()
    until(page, f"{TEXT}.includes('plate')")
    assert page.url.endswith("/sparql")


def test_a_link_to_a_query_shows_it_with_its_answer(examples_site, visit):
    page = visit(examples_site, "/sparql?query=ASK+%7B+%3Fs+%3Fp+%3Fo+%7D&format=html").page
    page.locator("#yasgui .CodeMirror").wait_for()
    assert page.evaluate(TEXT).startswith("ASK")
    assert page.locator("#answer .verdict").inner_text() == "Yes"


def test_the_plain_form_does_the_same_without_scripts(examples_site, visit):
    page = visit(examples_site, "/sparql", script=False).page
    page.get_by_label("Query").fill("ASK { ?s ?p ?o }")
    page.get_by_role("button", name="Run").click()
    assert page.locator("#answer .verdict").inner_text() == "Yes"
