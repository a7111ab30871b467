"""Why the graph says something: from a statement to the rows of files that say so, with every repair between.

Nothing here prints, and every list is cut at a limit, so that a page can show what a command prints.
"""

from bioimg_kg.why.explain import explain
from bioimg_kg.why.graph import Graph
from bioimg_kg.why.names import NotFound, object_term, resource
from bioimg_kg.why.raw import Sources
from bioimg_kg.why.repairs import Repairs
from bioimg_kg.why.tree import Step, walk

__all__ = ["Graph", "NotFound", "Repairs", "Sources", "Step", "explain", "object_term", "resource", "walk"]
