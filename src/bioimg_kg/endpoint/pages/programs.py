"""Programs that get what a page shows, to be copied into a notebook."""


def python_program(query: str, endpoint: str) -> str:
    """Return a program that gets the rows of an answer as a data frame.

    Parameters
    ----------
    query
        The query.
    endpoint
        URL of the SPARQL endpoint.

    Examples
    --------
    >>> for line in python_program("ASK {}", "http://127.0.0.1:8000/sparql").splitlines()[-2:]:
    ...     print(line)
    answer = "http://127.0.0.1:8000/sparql?" + urlencode({"query": query, "format": "csv"})
    rows = pandas.read_csv(answer)
    """
    plain = not any(mark in query for mark in ("\\", '"""'))
    text = f'"""\n{query.strip()}\n"""' if plain else repr(query)
    return (
        f"from urllib.parse import urlencode\nimport pandas\n\nquery = {text}\n"
        f'answer = "{endpoint}?" + urlencode({{"query": query, "format": "csv"}})\n'
        "rows = pandas.read_csv(answer)"
    )
