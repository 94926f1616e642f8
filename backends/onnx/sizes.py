"""Sizes known at run time in a graph: nodes that work them out from the shapes of its inputs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
from onnx import helper

from resdsl.expressions.run_time import AXES
from resdsl.ir.graph import Graph
from resdsl.records import dataclass, field
from resdsl.sizes import Dim, Dimension, Quotient, Size, dimensions, short

if TYPE_CHECKING:
    from .builder import GraphBuilder


def dimension_name(name: str) -> str:
    """What a dimension is called in the file: `height`, `left_height`."""
    label, line, axis = name.rpartition("_")
    return f"{label}{line}{AXES.get(axis, axis)}"


@dataclass(slots=True)
class SizeNodes:
    """Writes the nodes of each size once. A size is a vector of one whole number."""

    #: The input and the axis that each dimension is read from.
    sources: dict[str, tuple[str, int]]
    made: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(graph: Graph) -> SizeNodes:
        """For the inputs of a network."""
        sources: dict[str, tuple[str, int]] = {}
        for given in graph.inputs:
            for axis, size in enumerate(graph.types[given.value].shape, start=1):
                for dimension in dimensions(size):
                    sources.setdefault(dimension.name, (given.name, axis))
        return SizeNodes(sources)

    def value(self, size: Dim, graph: GraphBuilder) -> str:
        """The name of the value that holds a size."""
        if isinstance(size, int):
            return graph.constant(f"constant/ints_{size}", np.array([size], np.dtype("<i8")))
        name = f"size/{short(size, dimension_name)}"
        if name not in self.made:
            terms = [self._term(m, factor, graph) for m, factor in size.terms]
            terms += [self.value(size.constant, graph)] if size.constant else []
            self.made[name] = self._folded("Add", terms, graph)
        return self.made[name]

    def _term(
        self, monomial: tuple[Dimension | Quotient, ...], factor: int, graph: GraphBuilder
    ) -> str:
        whole = [a for a in monomial if isinstance(a, Dimension)]
        under = reduce(lambda product, atom: product * atom.multiple, whole, 1)
        common = gcd(factor, under)
        parts = [self._dimension(atom, graph) for atom in whole]
        parts += [self._quotient(a, graph) for a in monomial if isinstance(a, Quotient)]
        if factor != common:
            parts.append(self.value(factor // common, graph))
        product = self._folded("Mul", parts, graph)
        if under == common:
            return product
        return self._node("Div", [product, self.value(under // common, graph)], graph)

    def _dimension(self, atom: Dimension, graph: GraphBuilder) -> str:
        name = f"size/{dimension_name(atom.name)}"
        if name not in graph.values:
            given, axis = self.sources[atom.name]
            graph.values.add(name)
            graph.nodes.append(
                helper.make_node("Shape", [given], [name], name=name, start=axis, end=axis + 1)
            )
        return name

    def _quotient(self, atom: Quotient, graph: GraphBuilder) -> str:
        # ONNX rounds towards zero: what a quotient divides is never negative.
        over = self.value(atom.over, graph)
        return self._node("Div", [over, self.value(atom.by, graph)], graph)

    def _folded(self, kind: str, parts: list[str], graph: GraphBuilder) -> str:
        return reduce(lambda one, other: self._node(kind, [one, other], graph), parts)

    def _node(self, kind: str, inputs: Iterable[str], graph: GraphBuilder) -> str:
        name, count = f"size/{kind}", 1
        while name in graph.values:
            count += 1
            name = f"size/{kind}_{count}"
        graph.values.add(name)
        graph.nodes.append(helper.make_node(kind, list(inputs), [name], name=name))
        return name


def dimension_of(size: Dim) -> int | str:
    """A size as a declared shape holds it: a number, or an expression over named dimensions."""
    return size if isinstance(size, int) else size.text(dimension_name)


def known(sizes: Iterable[Dim]) -> bool:
    """Whether sizes are all numbers."""
    return not any(isinstance(size, Size) for size in sizes)
