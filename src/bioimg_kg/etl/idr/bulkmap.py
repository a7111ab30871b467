"""``*-bulkmap-config.yml``: which columns the archive itself declares to be genes, compounds and so on."""

from dataclasses import dataclass

import yaml

_NAMESPACE = "openmicroscopy.org/mapr/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One column of a group: its heading, the name shown for it, and the link template if it has one."""

    heading: str
    shown_as: str
    template: str


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that belong together, e.g. a gene's identifier and symbol.

    Attributes
    ----------
    kind
        ``gene``, ``compound``, ``phenotype``, ``gene/supplementary`` ...
    """

    kind: str
    entries: tuple[Entry, ...]

    def heading(self, shown_as: str) -> str:
        """Return the heading of the column shown under a name, or an empty text."""
        return next((e.heading for e in self.entries if e.shown_as == shown_as and not e.template), "")

    def template(self, heading: str) -> str:
        """Return the link template of a column, or an empty text."""
        return next((e.template for e in self.entries if e.heading == heading and "{{" in e.template), "")


def read_bulkmap(data: bytes) -> list[Group]:
    """Read the groups of a configuration; what is no group is of no concern here.

    Raises
    ------
    ValueError
        The file is not such a configuration.

    Examples
    --------
    >>> groups = read_bulkmap(b'''
    ... columns:
    ... - group:
    ...     namespace: openmicroscopy.org/mapr/gene
    ...     columns:
    ...     - {name: Gene Identifier, clientname: Gene Identifier, include: yes}
    ...     - {name: Gene Identifier, clientvalue: "http://www.ensembl.org/id/{{ value }}"}
    ... ''')
    >>> groups[0].kind, groups[0].template("Gene Identifier")
    ('gene', 'http://www.ensembl.org/id/{{ value }}')
    """
    try:
        document = yaml.safe_load(data)
    except yaml.YAMLError as error:
        message = f"not YAML: {error}"
        raise ValueError(message) from error
    columns = document.get("columns") if isinstance(document, dict) else None
    if not isinstance(columns, list):
        message = "no list of columns"
        raise ValueError(message)  # noqa: TRY004 - the file is wrong, not an argument
    groups = [entry["group"] for entry in columns if isinstance(entry, dict) and "group" in entry]
    return [_group(group) for group in groups if isinstance(group, dict)]


def _group(group: dict[str, object]) -> Group:
    listed = group.get("columns")
    entries = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    return Group(
        str(group.get("namespace", "")).removeprefix(_NAMESPACE),
        tuple(
            Entry(
                str(entry.get("name", "")).strip(),
                str(entry.get("clientname") or entry.get("name", "")).strip(),
                str(entry.get("clientvalue") or "").strip(),
            )
            for entry in entries
        ),
    )
