"""What a build found wrong in its sources, as a page, as a table and as JSON."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.releases.known import PerRelease
from bioimg_kg.endpoint.service import Service
from bioimg_kg.errors import Issue, Severity
from bioimg_kg.issues import COLUMNS, read_issues
from bioimg_kg.release import Release

PAGE_ROWS: Final = 100
MOST_ROWS: Final = 1000

_Text = Annotated[str, Query(max_length=100)]
_Offset = Annotated[int, Query(ge=0)]


class IssueOut(BaseModel):
    """One issue; the fields are those of the table ``issues.tsv``."""

    study: str
    component: str
    file: str
    line: int = Field(description="Row of the source table, the heading is row 1; 0 for the whole file.")
    column: str
    code: str = Field(description="Kind of defect, see docs/issues.md.")
    severity: Severity
    value: str
    cells: int = Field(description="Cells that are not in the graph because of it.")
    message: str = Field(description="What is wrong and what to do.")
    rows: str


class IssuesOut(BaseModel):
    """Some issues of a release."""

    release: str
    total: int
    offset: int
    issues: list[IssueOut]


@dataclass(frozen=True, slots=True)
class Count:
    """How many issues there are of one kind or of one study.

    Attributes
    ----------
    name
        Code, or accession.
    severities
        Number of issues by severity.
    cells
        Cells that are not in the graph.
    """

    name: str
    severities: Counter[str]
    cells: int

    @property
    def total(self) -> int:
        """Number of issues."""
        return self.severities.total()


def count_by(issues: Iterable[Issue], field: str) -> list[Count]:
    """Count issues by a field, most first.

    Examples
    --------
    >>> issues = [Issue(study="idr0002", code="a"), Issue(study="idr0001", code="b", cells=2)]
    >>> [(count.name, count.total, count.cells) for count in count_by(issues, "study")]
    [('idr0001', 1, 2), ('idr0002', 1, 0)]
    """
    severities: dict[str, Counter[str]] = {}
    cells: Counter[str] = Counter()
    for issue in issues:
        name = getattr(issue, field)
        severities.setdefault(name, Counter())[issue.severity] += 1
        cells[name] += issue.cells
    counts = [Count(name, found, cells[name]) for name, found in severities.items()]
    return sorted(counts, key=lambda count: (-count.total, count.name))


def _issues(release: Release) -> Sequence[Issue]:
    return list(read_issues(release.issues)) if release.issues.is_file() else []


def quality_router(service: Service) -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    read = PerRelease(service, _issues)

    async def known(study: str, code: str) -> list[Issue]:
        _, issues = await read()
        return [i for i in issues if study in ("", i.study) and code in ("", i.code)]

    @router.api_route("/quality", methods=["GET", "HEAD"], include_in_schema=False)
    async def quality(study: _Text = "", code: _Text = "", offset: _Offset = 0) -> Response:
        found = await known(study, code)
        clean = not code and study in service.release().manifest.get("studies", {})  # nothing was wrong
        if not found and (study or code) and not clean:
            raise HTTPException(404, "There is no such issue. All kinds and studies are at /quality.")
        chosen = {name: value for name, value in (("study", study), ("code", code)) if value}
        content = {
            "release": service.release().name,
            "chosen": chosen,
            "link": urlencode(chosen),
            "total": len(found),
            "severities": [severity.value for severity in Severity],
            "kinds": count_by(found, "code"),
            "studies": count_by(found, "study"),
            "issues": found[offset : offset + PAGE_ROWS] if chosen else (),
            "offset": offset,
            "step": PAGE_ROWS,
        }
        return page("quality", content)

    @router.api_route("/quality.csv", methods=["GET", "HEAD"], include_in_schema=False)
    async def quality_table(study: _Text = "", code: _Text = "") -> Response:
        return Response(_csv(await known(study, code)), media_type="text/csv; charset=utf-8", headers=OPEN)

    @router.get("/api/v1/issues", tags=["quality"], summary="What a build found wrong in its sources")
    async def issues(
        response: Response,
        study: _Text = "",
        code: _Text = "",
        limit: Annotated[int, Query(ge=0, le=MOST_ROWS)] = PAGE_ROWS,
        offset: _Offset = 0,
    ) -> IssuesOut:
        """Return issues of the release, of one study or of one kind."""
        found = await known(study, code)
        response.headers.update(OPEN)
        part = [IssueOut(**asdict(issue)) for issue in found[offset : offset + limit]]
        return IssuesOut(release=service.release().name, total=len(found), offset=offset, issues=part)

    return router


def _csv(issues: Iterable[Issue]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows([getattr(issue, name) for name in COLUMNS] for issue in issues)
    return text.getvalue()
