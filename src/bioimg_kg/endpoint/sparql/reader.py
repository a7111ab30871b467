"""The triple patterns of a query, as far as tokens alone tell them for sure.

This is no parser of SPARQL. It follows WHERE groups whose patterns are joined, and sub-selects in them; what
stands in OPTIONAL, UNION, MINUS, EXISTS, GRAPH or SERVICE is passed over. At the first thing that it does not
know it gives the whole query up (:class:`Unsure`), which costs speed and never an answer.
"""

from itertools import pairwise
from typing import Final

from bioimg_kg.endpoint.sparql.patterns import CONSTANTS, Group, Pattern, Step, Unsure
from bioimg_kg.endpoint.sparql.tokens import Token, may_compare, tokens
from bioimg_kg.vocab import TYPE

_TERMS: Final = frozenset({"iri", "prefixed", "variable"})
_LITERALS: Final = frozenset({"string", "short"})
_TYPES: Final = frozenset({"a", "rdf:type", f"<{TYPE}>"})
_NESTED: Final = frozenset({"OPTIONAL", "MINUS", "GRAPH", "SERVICE", "UNION"})


def read_groups(text: str) -> tuple[str, list[Group]]:
    """Return the prologue of a query and its groups of joined patterns.

    Raises
    ------
    Unsure
        It is not understood, which says nothing about whether it is right.

    Examples
    --------
    >>> prologue, (group,) = read_groups("PREFIX : <x:> SELECT * { ?s a :C ; :p/:q* :o FILTER(?s != :x) }")
    >>> prologue, group.star, [len(pattern.steps) for pattern in group.patterns]
    ('PREFIX : <x:> ', 21, [1, 2])
    """
    reader = _Reader(text)
    return reader.read(), reader.groups


class _Reader:
    """Goes through the tokens once; ``self.at`` is the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = [*tokens(text), Token("end", "", len(text))]
        self.at = 0
        self.groups: list[Group] = []
        self._check()

    def _check(self) -> None:
        """Give up where ``<`` may be "less than", and on what would count or name a new variable."""
        parens = 0
        for before, token in pairwise(self.found):
            parens += (before.text == "(") - (before.text == ")")
            if parens and may_compare(before, token):
                raise Unsure
            if token.kind == "node" or (token.kind == "word" and token.text.upper() in {"FROM", "REDUCED"}):
                raise Unsure
        for (first, second), (_, third) in pairwise(pairwise(self.found)):
            if first.text == "(" and second.text.upper() == "DISTINCT" and third.text == "*":
                raise Unsure

    @property
    def next(self) -> Token:
        return self.found[self.at]

    def word(self) -> str:
        return self.next.text.upper() if self.next.kind == "word" else ""

    def take(self, *kinds: str) -> Token:
        token = self.next
        if token.kind not in kinds:
            raise Unsure
        self.at += 1
        return token

    def take_text(self, *texts: str) -> Token:
        if self.next.text.upper() not in texts:
            raise Unsure
        self.at += 1
        return self.found[self.at - 1]

    def skip_brackets(self) -> list[Token]:
        """Go past brackets and return what stands in them."""
        begin = self.at
        depth = 0
        while not (self.at > begin and depth == 0):
            if self.next.kind == "end" or (self.at == begin and self.next.kind != "open"):
                raise Unsure
            depth += (self.next.kind == "open") - (self.next.kind == "close")
            self.at += 1
        return self.found[begin + 1 : self.at - 1]

    def read(self) -> str:
        while self.word() in {"PREFIX", "BASE"}:
            if self.take("word").text.upper() == "PREFIX":
                self.take("prefixed")
            self.take("iri")
        prologue = self.text[: self.next.start]
        form = self.word()
        if form == "SELECT":
            self.select(outer=True)
            return prologue
        self.take_text("ASK", "CONSTRUCT", "DESCRIBE")
        while form == "DESCRIBE" and self.next.kind in _TERMS:
            self.take(*_TERMS)
        if form == "CONSTRUCT" and self.word() != "WHERE":
            self.skip_brackets()
        elif form == "CONSTRUCT":
            raise Unsure
        self.where(Group(None, outer=True))
        return prologue

    def select(self, *, outer: bool) -> None:
        self.take_text("SELECT")
        star = None
        if self.word() == "DISTINCT":
            self.take("word")
        while self.next.text != "{" and self.word() != "WHERE":
            if self.next.text == "(":
                self.skip_brackets()
            elif self.next.text == "*":
                star = self.take("other").start
            else:
                self.take("variable")
        self.where(Group(star, outer))

    def where(self, group: Group) -> None:
        if self.word() == "WHERE":
            self.take("word")
        self.take_text("{")
        self.groups.append(group)
        while self.next.text != "}":
            self.element(group)
        self.take("close")

    def element(self, group: Group) -> None:
        word = self.word()
        if word in {"FILTER", "BIND"}:
            while self.next.kind != "open":
                self.take("word", "iri", "prefixed", "other")
            self.skip_brackets()
            group.mixed |= word == "BIND"
        elif word == "VALUES":
            self.values(group)
        elif word in _NESTED:
            while self.next.text != "{":
                self.take("word", *_TERMS)
            self.skip_brackets()
            group.mixed = True
        elif self.next.text == "{":
            self.inner(group)
        elif self.next.text == ".":
            self.take("other")
        else:
            self.statement(group)

    def inner(self, group: Group) -> None:
        group.mixed = True
        begin = self.at
        self.at += 1
        if self.word() == "SELECT":
            self.select(outer=False)
        self.at, inside = begin, self.at
        self.skip_brackets()
        if self.at <= inside:  # the brackets close before the sub-select does
            raise Unsure

    def values(self, group: Group) -> None:
        group.mixed = True
        begin = self.take("word")
        name = self.next.text if self.next.kind == "variable" else None
        if name is None:
            self.skip_brackets()
        else:
            self.take("variable")
        rows = self.skip_brackets()
        if name and all(token.kind in CONSTANTS for token in rows):
            group.values[name[1:]] = self.text[begin.start : self.found[self.at - 1].start + 1]

    def statement(self, group: Group) -> None:
        subject = self.take(*_TERMS)
        made: list[tuple[int, int, Token | None, tuple[Step, ...], bool]] = []
        semicolons: list[int] = []
        last = 0
        while True:
            begin = self.next.start
            steps, is_type = self.verb()
            made.append((begin, *self.objects(), steps, is_type))
            semicolons.append(self.next.start)
            if self.next.text != ";":
                break
            while self.next.text == ";":
                last = self.take("other").start + 1
            if self.next.text in {".", "}"}:
                break
        for index, (begin, end, target, steps, is_type) in enumerate(made):
            if len(made) == 1:
                cut = (subject.start, max(end, last))
            else:
                cut = (semicolons[index - 1], end) if index else (begin, made[1][0])
            alone = len(made) == 1
            group.patterns.append(Pattern(subject, target, steps, is_type, subject.start, cut, alone))

    def objects(self) -> tuple[int, Token | None]:
        """Return where the objects of a verb end, and the object if it is one token."""
        target: Token | None = None
        count = 0
        while True:
            token = self.take(*_TERMS, *_LITERALS, "number", "word")
            if token.kind == "word" and token.text.lower() not in {"true", "false"}:
                raise Unsure
            end = token.start + len(token.text)
            if token.kind in _LITERALS and (self.next.kind == "language" or self.next.text == "^"):
                while self.next.text == "^":
                    self.take("other")
                last = self.take("language", *CONSTANTS)
                end = last.start + len(last.text)
            target = token
            count += 1
            if self.next.text != ",":
                break
            self.take("other")
        if self.next.text not in {";", ".", "}"} and self.next.kind != "word":
            raise Unsure
        return end, target if count == 1 else None

    def verb(self) -> tuple[tuple[Step, ...], bool]:
        if self.next.kind == "variable":
            self.take("variable")
            return (), False
        begin = self.at
        steps = [self.step()]
        plain = True
        while self.next.text in {"/", "|"}:
            plain &= self.take("other").text == "/"
            steps.append(self.step())
        is_type = self.at == begin + 1 and self.found[begin].text in _TYPES
        return tuple(steps) if plain else (), is_type

    def step(self) -> Step:
        begin = self.next.start
        while self.next.text in {"^", "!"}:
            self.take("other")
        if self.next.text == "(":
            if any(token.kind in {"variable", "string", "short"} for token in self.skip_brackets()):
                raise Unsure
        elif self.take("iri", "prefixed", "word").kind == "word" and self.found[self.at - 1].text != "a":
            raise Unsure
        last = self.found[self.at - 1]
        starred = self.next.text in {"*", "+"}
        if starred or self.next.text == "?":
            last = self.take("other")
        return Step(begin, last.start + len(last.text), starred)
