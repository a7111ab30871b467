"""The quality page: counts equal the table of issues, each issue can be found, and nothing becomes markup."""

import csv
import html
import io
from collections import Counter

import pytest

from bioimg_kg.issues import read_issues

HTML = {"Accept": "text/html"}


@pytest.fixture
def issues(example_release):
    return list(read_issues(example_release / "issues.tsv"))


def test_counts_by_kind_and_study_equal_the_table(examples_service, issues):
    service = examples_service
    page = service.client.get(service.url + "/quality", headers=HTML).text
    assert f"<strong>{len(issues):,}</strong> issues" in page
    for code in {issue.code for issue in issues}:
        assert f"/quality?code={code}" in page
    codes = Counter(issue.code for issue in issues)
    for code, number in codes.items():
        answer = service.client.get(service.url + "/api/v1/issues", params={"code": code}).json()
        assert answer["total"] == number == len(answer["issues"])


def test_the_issues_of_a_study_are_listed_with_place_value_and_remedy(examples_service, issues):
    service = examples_service
    study = next(issue.study for issue in issues if issue.study)
    page = service.client.get(service.url + "/quality", params={"study": study}, headers=HTML).text
    for issue in (i for i in issues if i.study == study):
        assert html.escape(issue.message).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in page
        assert issue.file in page
    text = service.client.get(service.url + "/quality.csv", params={"study": study}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["message"] for r in rows] == [i.message for i in issues if i.study == study]


def test_a_study_without_issues_has_a_page_that_says_so(examples_service, example_release, issues):
    studies = {path.name.removesuffix(".nq.gz") for path in (example_release / "quads/study").glob("*.gz")}
    clean = min(studies - {issue.study for issue in issues})
    page = examples_service.client.get(f"{examples_service.url}/quality?study={clean}", headers=HTML)
    assert page.status_code == 200
    assert "<strong>0</strong> issues" in page.text


def test_json_is_paged(examples_service, issues):
    service = examples_service
    read = []
    while len(read) < len(issues):
        asked = {"limit": 2, "offset": len(read)}
        read += service.client.get(service.url + "/api/v1/issues", params=asked).json()["issues"]
    assert [issue["message"] for issue in read] == [issue.message for issue in issues]


@pytest.mark.parametrize(
    ("query", "status"),
    [("study=nonsense", 404), ("code=<script>", 404), ("offset=-1", 400), ("study=" + "x" * 101, 400)],
)
def test_what_is_not_there_is_explained(examples_service, query, status):
    answer = examples_service.client.get(f"{examples_service.url}/quality?{query}", headers=HTML)
    assert answer.status_code == status
    assert "<script>" not in answer.text
