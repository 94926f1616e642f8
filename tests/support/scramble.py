"""Texts that say the same in another layout: spaces, line ends, `;` and comments strewn about.

Wherever the language lets a line end or a comment stand, one may come to stand; the formatter must
bring all of it into order, and lose nothing.
"""

from __future__ import annotations

from random import Random

from resdsl.syntax.lexemes import Lexeme, lexemes

COMMENTS = ["# why", "#", "#bare", "# a (b [c {d", "# x; y, z", '# "quoted', "#   spaced  "]


def scrambled(text: str, seed: int) -> str:
    """The words of a text that parses, otherwise laid out."""
    return _Scrambler(text, seed).run()


class _Scrambler:
    def __init__(self, text: str, seed: int) -> None:
        self.random = Random(seed)
        self.words = list(lexemes(text, 0, len(text), comments=True))
        self.text = text
        self.out: list[str] = []
        self.brackets = 0
        self.braces = 0
        #: The last word that is neither a line end nor a comment.
        self.last = ""
        #: How much of it: a file may be hardly touched, or hardly known again.
        self.wildness = self.random.choice([0.02, 0.1, 0.4])

    def wild(self) -> bool:
        return self.random.random() < self.wildness

    def run(self) -> str:
        for before, word in zip([None, *self.words], self.words, strict=False):
            self.put(before, word)
        return "".join(self.out)

    def put(self, before: Lexeme | None, word: Lexeme) -> None:
        outside = self.brackets == 0
        if before is not None and before.kind != "newline" and word.kind != "newline":
            self.between(before, word)
        elif before is not None and before.kind == "newline" and word.kind != "newline":
            self.begin_line(word)
        if word.kind == "newline":
            self.end_line(before)
        elif word.text == ";" and self.wild():
            self.out.append(self.random.choice(["\n" + " " * self.indent(), "; ;", "; "]))
        else:
            self.out.append(word.text)
        if word.kind not in ("newline", "comment"):
            self.last = word.text
        self.brackets += word.opens - word.closes
        self.braces += (word.text == "{") - (word.text == "}")
        if word.text == "{" and outside and self.wild():
            self.break_line()

    def indent(self) -> int:
        return self.random.randint(1, 9) if self.braces or self.brackets else 0

    def between(self, before: Lexeme, word: Lexeme) -> None:
        gap = self.text[before.end : word.start]
        if word.kind == "comment":
            gap = " " * self.random.randint(0, 4)
        elif (self.brackets and not word.closes and self.wild()) or (before.opens and self.wild()):
            self.break_line()
            return
        elif self.wild():
            needed = before.kind in ("word", "number") and word.kind in ("word", "number")
            gap = self.random.choice([" ", "   ", "\t", " " if needed or gap else ""])
        self.out.append(gap)
        if word.text == "}" and self.braces > 0 and self.wild():
            self.out.append(self.random.choice(["\n" + " " * self.indent(), "; "]))

    def begin_line(self, word: Lexeme) -> None:
        closes = word.text == "}" and self.braces == 1
        # What stands at the margin begins a definition, behind an `=` too.
        least = 1 if self.last == "=" else 0
        self.out.append("" if closes else " " * max(least, self.indent()))

    def break_line(self) -> None:
        """A line end, perhaps with a comment before it or some below."""
        if self.wild():
            self.out.append(f" {self.random.choice(COMMENTS)}")
        self.out.append("\n")
        while self.wild():
            self.out.append(f"{' ' * self.indent()}{self.random.choice([*COMMENTS, ''])}\n")
        self.out.append(" " * max(1, self.indent()))

    def end_line(self, before: Lexeme | None) -> None:
        if before is not None and before.kind not in ("newline", "comment") and self.wild():
            self.out.append(f" {self.random.choice(COMMENTS)}")
        self.out.append("\n")
        while self.wild():
            self.out.append(f"{self.random.choice([*COMMENTS, '', ''])}\n")
