"""The process that tries a store before it is served: ``python -m bioimg_kg.endpoint.workers.trial STORE``.

It prints the number of quads. To count them it reads one index of the store from its beginning to its end.
"""

import sys
from pathlib import Path

from bioimg_kg.endpoint.workers.confine import limit_memory, lower_priority
from bioimg_kg.store import open_readonly


def main(arguments: list[str]) -> None:
    """Open the store and count; an error ends the process with its exit code."""
    lower_priority()
    limit_memory(0)
    store = open_readonly(Path(arguments[0]))
    graphs = list(store.named_graphs())
    for graph in graphs[:1000]:  # the other indexes are opened where each graph is
        next(iter(store.quads_for_pattern(None, None, None, graph)), None)
    print(len(store))  # noqa: T201 - this is what the service reads


if __name__ == "__main__":
    main(sys.argv[1:])
