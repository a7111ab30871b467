"""Every page in Chromium: it asks nobody else and can be read by all, on a phone and without scripts."""

import pytest

pytestmark = pytest.mark.browser

LIGHT = 60_000
"""Most bytes over the wire of a page with all that it loads."""

PAGES = [
    "/",
    "/queries",
    "/queries/genes-with-phenotype?term=CMPO:0000077",
    "/queries/compounds-and-doses?compound=not-a-compound",
    "/catalog",
    "/study/idr9004",
    "/id/study/idr9004",
    "/phenotype/CMPO:0000077",
    "/gene/ENSEMBL:ENSG00000129810",
    "/id/study/idr9004/screenA/plate/MIT-EX-1",
    "/phenotype/CMPO:0000003",
    "/compound/PUBCHEM.COMPOUND:4122",
    "/taxon/NCBITaxon:9606",
    "/term/EFO:0001185",
    "/id/study/idr9004/reagent/s45599",
    "/ontology/Study",
    "/downloads",
    "/cite",
    "/docs",
    "/releases",
    "/search?q=no+such+thing",
    "/search?q=elongted",
    "/search?q=SGO1",
    "/quality",
    "/sparql",
    "/explore",
    "/explore/sampling",
    "/explore/network",
    "/quality?study=idr9004",
    "/id/study/idr9004/screenA/plate/MIT-EX-1/well/C5",
    "/search",
    "/search?q=elongated+cell",
    "/search?q=zzyzx+cells&type=gene",
    "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+5&format=html",
    "/sparql?query=SELECT+nonsense&format=html",
    "/image/view?iri=https://w3id.org/bioimg-kg/id/study/idr9004/screenA/plate/MIT-EX-1/well/B5&c=1",
    "/no/such/page",
]
"""Pages of a release of the example studies. A new page is one more line here."""

CORPUS = ["/", "/catalog", "/study/idr0012", "/id/study/idr0012", "/phenotype/CMPO:0000077", "/downloads"]
CORPUS += ["/phenotype/CMPO:0000003", "/gene/ENSG00000129810", "/taxon/NCBITaxon:9606"]
CORPUS += ["/queries/samples-per-phenotype", "/queries/genes-with-phenotype-or-narrower?term=CMPO:0000077"]
"""Pages of a release of all real studies."""

looks = pytest.mark.parametrize(
    "look",
    [{}, {"dark": True}, {"phone": True}, {"script": False}],
    ids=["light", "dark", "phone", "no-script"],
)


@looks
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_examples(examples_site, visit, is_good, path, look):
    is_good(visit(examples_site, path, **look))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_examples_is_light(examples_site, weigh, path):
    heavy = path == "/sparql" or "LIMIT" in path  # these have the editor
    assert weigh(examples_site + path) < (400_000 if heavy else LIGHT)


@pytest.mark.corpus
@looks
@pytest.mark.parametrize("path", CORPUS)
def test_a_page_of_the_corpus(corpus_site, visit, is_good, path, look):
    is_good(visit(corpus_site, path, **look))


@pytest.mark.corpus
@pytest.mark.parametrize("path", CORPUS)
def test_a_page_of_the_corpus_is_light(corpus_site, weigh, path):
    assert weigh(corpus_site + path) < LIGHT


def test_a_reader_chooses_the_colours_and_they_stay(examples_site, visit):
    page = visit(examples_site, "/").page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    button = page.get_by_role("button", name="Dark colours")
    assert button.get_attribute("aria-pressed") == "false"
    button.press("Enter")
    dark = page.evaluate(background)
    assert dark != light
    assert button.get_attribute("aria-pressed") == "true"
    page.goto(examples_site + "/catalog")
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(background) == light
    assert page.evaluate("localStorage.length") == 0  # the same as the system: it is followed again


def test_the_keyboard_leads_to_the_content_and_shows_where_it_is(examples_site, visit):
    page = visit(examples_site, "/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_a_question_is_asked_without_scripts(examples_site, visit):
    page = visit(examples_site, "/queries", script=False).page
    page.get_by_role("link", name="Which genes show this phenotype?", exact=True).click()
    page.get_by_label("term").fill("CMPO:0000077")
    page.get_by_role("button", name="Answer").click()
    assert page.get_by_role("region", name="Answer").get_by_role("row").count() > 1
    assert page.get_by_role("link", name="CSV").get_attribute("href").endswith("?term=CMPO%3A0000077")


def test_what_the_checks_of_this_file_would_find(examples_site, visit, is_good, problems):
    seen = visit(examples_site, "/")
    page = seen.page
    page.evaluate("document.querySelector('main').innerHTML += '<p id=faint>faint</p><img>'")
    page.evaluate("document.querySelector('#faint').style.color = '#eee'")
    found = " ".join(problems(page))
    assert "color-contrast" in found
    assert "image-alt" in found
    page.evaluate("document.querySelector('main').innerHTML = '<p class=x>' + 'x'.repeat(999) + '</p>'")
    page.evaluate("document.querySelector('.x').style.overflowWrap = 'normal'")
    with pytest.raises(AssertionError, match="wider"):
        is_good(seen)
    page.evaluate("fetch('http://elsewhere.invalid/').catch(() => 0)")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        seen.check()
    other = visit(examples_site, "/")
    other.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))")
    with pytest.raises(AssertionError, match="inline script"):
        other.check()
    blank = visit(examples_site, "/")
    blank.page.route("http://elsewhere.invalid/", lambda route: route.fulfill(body="x"))
    blank.page.goto("http://elsewhere.invalid/")
    with pytest.raises(AssertionError, match="asks others"):
        blank.check()
