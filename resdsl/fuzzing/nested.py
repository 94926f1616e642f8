"""Statements with bodies, by the author of random networks: shortcuts of every kind, joins, loops,
choices and groups in each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from resdsl.fuzzing.places import Item, Place
from resdsl.fuzzing.simple import Simple
from resdsl.ops import OPS, OpError
from resdsl.sizes import EndlessSize, UnknownSize
from resdsl.types import TensorType

#: Writes statements for a place, with bodies so deep at most.
Way: TypeAlias = Callable[[Place, int], list[str]]


class Nested(Simple):
    """Writes bodies. A place that is handed in is afterwards where the body ends."""

    def body(self, place: Place, depth: int, most: int = 3) -> list[str]:
        """Statements for a place."""
        lines: list[str] = []
        for _ in range(self.pick.randint(1, most)):
            lines += self.statement(place, depth)
        return lines or ["identity"]

    def statement(self, place: Place, depth: int) -> list[str]:
        """One statement, or a few that belong together; none if what was tried does not fit."""
        ways = self.plain_ways() + (self.nested_ways() if depth > 0 else [])
        return self.pick.choice(ways)(place, depth)

    def plain_ways(self) -> list[Way]:
        """Statements without bodies, by how often each comes up."""
        return [
            *[self.operation] * 14,
            *[self.tap, self.again] * 2,
            *(self.let, self.expect, self.defaults, self.split, self.tokens),
        ]

    def nested_ways(self) -> list[Way]:
        """Statements with bodies, by how often each comes up."""
        return [
            *[self.residual, self.join] * 4,
            *[self.choice, self.loop] * 2,
            self.gate,
            self.group,
        ]

    def braces(self, place: Place, depth: int) -> str:
        """A body whose names end with it."""
        inner = place.inside()
        lines = self.body(inner, depth - 1)
        place.type = inner.type
        return "{ " + "; ".join(lines) + " }"

    def leading(self, wanted: TensorType, place: Place, depth: int) -> str:
        """A body that leaves this type."""
        inner = place.inside()
        lines = self.body(inner, depth - 1, 2)
        if inner.type != wanted:
            more = self.to(wanted, inner)
            if more is None:
                lines, inner.type = [self.keeps(place)], place.type
            else:
                lines += more
        place.type = inner.type
        return "{ " + "; ".join(lines) + " }"

    # ---- shortcuts -------------------------------------------------------------------------------

    def residual(self, place: Place, depth: int) -> list[str]:
        before = place.type
        inner = place.inside()
        branch = (
            self.leading(before, inner, depth) if self.maybe(0.5) else self.braces(inner, depth)
        )
        place.type = inner.type
        skips = self._shortcuts(before, inner.type, place)
        value = self.pick.choice(skips)
        if not value:
            return [f"residual {branch}"]
        named = value not in ("none", "identity", "zero_pad") and "if" not in value
        label = f"{self.label('skip', place)}: " if named or self.maybe(0.2) else ""
        return [f"residual {branch} shortcut {label}{value}"]

    def _shortcuts(self, x: TensorType, y: TensorType, place: Place) -> list[str]:
        """Shortcuts that lead from the one type to the other."""
        if x == y:
            found = [
                "",
                "",
                "identity",
                "none",
                "{ }",
                "{ " + self.keeps(place.inside(type=x)) + " }",
            ]
            found += [f"identity if {self.truth(self.maybe(0.5), place)} else none"]
            return found + self._projections(x) * bool(x.rank)
        if x.rank == y.rank and x.rank and self._strided(x, y):
            options = self._projections(x)
            return options + ["zero_pad", "zero_pad"] * (x.channels <= y.channels)
        start = place.inside(type=x)
        own = self.to(y, start)
        return ["none"] if own is None else ["none"] + ["{ " + "; ".join(own) + " }"] * 4

    def _projections(self, x: TensorType) -> list[str]:
        own = "conv(branch.channels, 1, stride = branch.stride)"
        after = self.pick.choice(["", "; relu", "; batch_norm", "; dropout(0.25)"])
        norm = self.pick.choice(["identity", "batch_norm(eps = 1e-3)", "relu"])
        return [
            "projection",
            "full_projection",
            f"projection(norm = {norm})",
            "{ " + own + after + " }",
            "{ if branch.reshapes { " + own + after + " } else { identity } }",
        ]

    def _strided(self, x: TensorType, y: TensorType) -> bool:
        """Whether a stride, the same in all directions, leads from one to the other."""
        if not (x.is_known and y.is_known):
            return x.spatial == y.spatial
        sizes = list(zip(x.numbers[1:], y.numbers[1:], strict=True))
        return any(all(-(-a // s) == b for a, b in sizes) for s in (1, 2, 3, 4, 6))

    # ---- joins -----------------------------------------------------------------------------------

    def join(self, place: Place, depth: int) -> list[str]:
        """Tensors by name, or bodies on the current tensor."""
        if not self.joins:
            return self.operation(place, depth)
        kind, before = self.pick.choice([*self.joins, self.joins[-1]]), place.type
        if self.maybe(0.4):
            fitting = [
                t
                for t in place.tensors
                if t.type.spatial == before.spatial and (kind == "concat" or t.type == before)
            ]
            if fitting:
                chosen = [self.pick.choice(fitting) for _ in range(self.pick.choice([1, 1, 2]))]
                types = [t.type for t in chosen]
                types = [before, *types] if len(types) == 1 else types
                return self._joined(kind, f"({', '.join(t.text for t in chosen)})", types, place)
        count = 2 if kind == "sub" else self.pick.choice([1, 2, 2, 3])
        bodies, types = [], [before] if count == 1 else []
        wanted = before
        for number in range(count):
            inner = place.inside()
            if number and self.maybe(0.15) and wanted == before:
                bodies.append("{ }")
            elif not number and count > 1:
                bodies.append(self.braces(inner, depth))
                wanted = inner.type
            else:
                bodies.append(self.leading(self._beside(wanted, kind), inner, depth))
            types.append(inner.type)
        return self._joined(kind, f" {' '.join(bodies)}", types, place)

    def _beside(self, wanted: TensorType, kind: str) -> TensorType:
        """What may stand beside a tensor in a join."""
        if kind != "concat" or self.maybe(0.5):
            return wanted
        return TensorType((self.pick.choice([1, 2, 3, 5]), *wanted.spatial))

    def _joined(self, kind: str, text: str, types: list[TensorType], place: Place) -> list[str]:
        try:
            result = OPS[kind]().infer(*types)
        except (OpError, UnknownSize, EndlessSize):
            return []
        if self.maybe(0.4):
            return [self.named("joined", kind + text, place, result)]
        place.type = result
        return [kind + text]

    def gate(self, place: Place, depth: int) -> list[str]:
        """A branch that multiplies its own input: single positions, or a vector."""
        if not place.type.rank or "mul" not in self.joins:
            return self.operation(place, depth)
        keep = self.maybe(0.5)
        pool = self.pick.choice(["global_avg_pool", "global_max_pool"])
        pool += "(keep = true)" * keep
        last = self.pick.choice(["sigmoid", "hard_sigmoid", "softmax", "tanh", "channel_conv(3)"])
        squeeze = self.pick.choice(["", f"linear({self.pick.choice([2, 3])}); relu; "])
        expand = f"linear({self.number(place.type.channels, place)}); " if squeeze else ""
        return ["mul { " + f"{pool}; {squeeze}{expand}{last}" + " }"]

    # ---- choices, loops and groups ---------------------------------------------------------------

    def choice(self, place: Place, depth: int) -> list[str]:
        other = self.braces(place.inside(), depth)
        truth = self.maybe(0.5)
        condition = self.truth(truth, place)
        taken = self.braces(place, depth) if truth or self.maybe(0.7) else ""
        if truth:
            return [f"if {condition} {taken}" + (f" else {other}" if self.maybe(0.5) else "")]
        if not taken:
            return [f"if {condition} {other}"]
        middle = f" else if {self.truth(False, place)} {other}" if self.maybe(0.3) else ""
        return [f"if {condition} {other}{middle} else {taken}"]

    def loop(self, place: Place, depth: int) -> list[str]:
        name, count = self.fresh("i"), self.pick.choice([1, 2, 2, 3])
        plain = f"range({self.number(count, place)})"
        reverse, listed = f"reversed(range({count}))", f"[n for n in range(9) if n < {count}]"
        source = self.pick.choice([plain, plain, plain, reverse, listed])
        targets, over = name, source
        if self.maybe(0.15):
            targets, over = f"{self.fresh('w')}, {name}", f"zip({source}, range({count}))"
        inner = place.inside(loops=(*place.loops, name), rounds=count, making={})
        head = f"for {targets} in {over}"
        if count > 1 or self.maybe(0.5):
            lines = self.body(inner, depth - 1)
            lines += (self.to(place.type, inner) or []) if inner.type != place.type else []
            if inner.type != place.type:
                return []
        else:
            lines = self.body(inner, depth - 1)
        place.type = inner.type
        if not place.loops:
            place.lists |= inner.making
        return [f"{head} {{ {'; '.join(lines)} }}"]

    def group(self, place: Place, depth: int) -> list[str]:
        inner = place.inside(loops=(), rounds=1)
        text = "{ " + "; ".join(self.body(inner, depth - 1)) + " }"
        label = self.label("group", place)
        before, place.type = place.type, inner.type
        self.remember(label, before, inner.type, place)
        return [f"{label}: {text}"]

    def remember(self, label: str, before: TensorType, after: TensorType, place: Place) -> None:
        """A labelled item may run again, and its result be read."""
        if label.isidentifier():
            place.taps[label] = after
            place.items[label] = Item(before, after)
