"""Labels from counted words."""

from collections import Counter

from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.vocab import ALT_LABEL, LABEL


def write_labels(subject: str, words: Counter[str], out: GraphFile) -> None:
    """Make the most frequent word the label (of equals the first by alphabet), the others alternatives."""
    ranked = sorted(words, key=lambda word: (-words[word], word))
    for word in ranked[:1]:
        out.text(subject, LABEL, word)
    for word in ranked[1:]:
        out.text(subject, ALT_LABEL, word)
