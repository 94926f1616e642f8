"""Codes R0105 to R0114, and R0122, R0123, R0126, R0129: the words that a file is made of."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0105",
        "a text is never closed",
        'A text begins and ends with `"`, on one line. Inside it, a quote is written `\\"` and a '
        "backslash `\\\\`.",
        'expect 1 < 2, "one is less than two\n',
        'expect 1 < 2, "one is less than two"\n',
    ),
    Code(
        "R0106",
        "a backslash that means nothing",
        'Texts know two escapes, `\\"` and `\\\\`. There is no `\\n`: no text of the language is '
        "shown on several lines.",
        'expect 1 < 2, "one\\ntwo"\n',
        'expect 1 < 2, "one, two"\n',
    ),
    Code(
        "R0107",
        "single quotes",
        "Texts stand in double quotes only, so that every text has one spelling.",
        "defaults { conv(pad = 'same') }\n",
        'defaults { conv(pad = "same") }\n',
    ),
    Code(
        "R0108",
        "a character outside of comments and texts",
        "Everything but comments and texts is ASCII. Letters that look like others, dashes and "
        'quotes that a word processor or a PDF puts in place of `-` and `"`, and invisible spaces '
        "would make two names differ that look the same.",
        "let width = 4 \u00d7 16\n",
        "let width = 4 * 16  # 4 \u00d7 16\n",
    ),
    Code(
        "R0109",
        "a control character",
        "Control characters and the marks that turn the writing direction are errors everywhere, "
        "in comments and texts too: with them, a file can show a reviewer something else than the "
        "compiler reads. Lines end with LF or CRLF, and tabs are fine.",
    ),
    Code(
        "R0110",
        "a malformed number",
        "A number is made of the digits 0 to 9, with a single `_` between them where that helps "
        "to read, and has digits on both sides of its point. It does not touch a letter, and a "
        "whole number does not begin with 0.",
        "let rate = .5\n",
        "let rate = 0.5\n",
    ),
    Code(
        "R0111",
        "a number is too large",
        "Whole numbers have 64 bits with the sign, as the frameworks' do, and floats are those of "
        "IEEE 754 with 64 bits.",
        "let big = 9_223_372_036_854_775_808\n",
        "let big = 9_223_372_036_854_775_807\n",
    ),
    Code(
        "R0112",
        "a text is too long",
        "A text has at most 64 KiB.",
    ),
    Code(
        "R0113",
        "too many levels",
        "Braces, and the brackets within one statement, nest to 64 levels, and as many `else if` "
        "may follow each other. Deeper nesting is most likely a bracket that was never closed; "
        "where it is not, a `block` or a `let` of the inner part reads better.",
    ),
    Code(
        "R0114",
        "an expression is too deep",
        "The tree of an expression has at most 128 levels; each operator of a chain like "
        "`a + b + c` adds one. `sum([...])` adds any number of things, and `let` names a part.",
    ),
    Code(
        "R0122",
        "Python's spelling",
        "The constants of the language are `true`, `false` and `none`.",
        "defaults { conv(bias = False) }\n",
        "defaults { conv(bias = false) }\n",
    ),
    Code(
        "R0123",
        "an operator of another language",
        "Expressions have the operators `+ - * / // % **`, the comparisons, `in`, `and`, `or`, "
        "`not` and `a if condition else b`. Nothing is assigned or changed, so there is no `:=` "
        "and no `+=`; there are no bit operations.",
        "let both = true && false\n",
        "let both = true and false\n",
    ),
    Code(
        "R0126",
        "a malformed text label",
        "A label in quotes becomes part of the names of weights. It holds letters, digits, `_` "
        "and `-`, and expressions in braces, which are filled in.",
        'block f(n) { for i in range(n) { "layer {i}": relu } }\n',
        'block f(n) { for i in range(n) { "layer{i}": relu } }\n',
    ),
    Code(
        "R0129",
        "a line or an expression is too long",
        "A line has at most 128 KiB, and an expression goes on for at most 8192 characters without "
        "a bracket, a comma, a text or a line end.",
    ),
]
