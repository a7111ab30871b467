"""Where the data files of the package are: ontology, mappings, queries and examples."""

from pathlib import Path

from bioimg_kg.errors import ConfigError

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "_data", _PACKAGE.parent.parent)


def table_rows(name: str) -> list[list[str]]:
    """Return the rows of a tab-separated data file, without its heading.

    Parameters
    ----------
    name
        Path below the top level of the project.

    Raises
    ------
    ConfigError
        There is no such file.

    Examples
    --------
    >>> table_rows("mappings/annotation-levels.tsv")[0]
    ['antibody', 'AntibodyLevel']
    """
    lines = data_path(name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def data_path(name: str) -> Path:
    """Return the path of a data file or folder, in an installed wheel or in a checkout.

    Parameters
    ----------
    name
        Path below the top level of the project, for example ``"mappings/prefixes.json"``.

    Raises
    ------
    ConfigError
        The file is in neither place; the message names both.

    Examples
    --------
    >>> data_path("ontology").is_dir()
    True
    """
    tried = [place / name for place in _PLACES]
    for path in tried:
        if path.exists():
            return path
    message = f"data file {name!r} not found: looked at {' and '.join(map(str, tried))}"
    raise ConfigError(message)
