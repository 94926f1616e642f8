"""Random `.res` programs, the same for the same seed: blocks, loops, choices, residuals, joins,
groups, stages and labels in each other, as no author would nest them.

Widths are small and sizes stay put where tensors meet, so that most programs have a meaning; those
that have none are refused by the front end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass
class Scope:
    """What may be written at a place."""

    widths: list[str]
    counts: list[str]
    conditions: list[str]
    lists: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    #: Labelled tensors of the same height and width as the current one.
    taps: list[str] = field(default_factory=list)
    loops: tuple[str, ...] = ()
    #: Whether labels may stand here: in loops they are numbered, in sequences there are none.
    labels: bool = True
    #: Whether positions may be thinned out.
    strides: bool = True

    def inside(self, **changes: object) -> Scope:
        copies = {k: v[:] if isinstance(v, list) else v for k, v in vars(self).items()}
        return Scope(**(copies | changes))


#: Blocks that random ones call: with several results, and with tensors handed to them.
HELPERS = (
    """block two(width) {
    low: conv(width, 3)
    high: conv(2 * width, 1)
    output(low, high)
}
""",
    """block merge(skip: tensor, width) {
    mix: conv(width, 1)
    concat(skip)
    conv(width, 1)
}
""",
    """block gathered(levels: tensors) {
    for level in levels {
        from level
        each[index]: conv(3, 1)
    }
    add(each)
}
""",
)


class Author:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.numbers: dict[str, int] = {}
        self.blocks: dict[str, list[str]] = {}

    # ---- words ----------------------------------------------------------------------------------

    def fresh(self, stem: str) -> str:
        self.numbers[stem] = self.numbers.get(stem, 0) + 1
        return f"{stem}{self.numbers[stem]}"

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def width(self, scope: Scope) -> str:
        base = self.random.choice([*scope.widths, str(self.random.randint(2, 6))])
        forms = [base] * 5 + [
            f"2 * {base}",
            f"{base} + 1",
            f"max(2, {base} // 2)",
            f"wider({base})",
        ]
        return self.random.choice(forms)

    def label(self, scope: Scope) -> str:
        """`name: `, numbered in a loop, or nothing."""
        if not scope.labels or self.maybe(0.35):
            return ""
        name = self.fresh(self.random.choice(["down", "a", "z", "x", "unit", "train", "c"]))
        if not scope.loops:
            return f"{name}: "
        if len(scope.loops) == 1 and self.maybe(0.6):
            return f"{name}[{scope.loops[0]}]: "
        inside = "_".join("{" + v + "}" for v in scope.loops)
        return f'"{name}_{inside}": '

    # ---- statements -----------------------------------------------------------------------------

    def body(self, scope: Scope, depth: int, fewest: int = 1, most: int = 4) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(fewest, most)):
            lines += self.statement(scope, depth)
        return lines

    def braces(self, scope: Scope, depth: int, last: str = "", fewest: int = 1) -> str:
        # What a body names ends with it; what it thins out stays so.
        own = scope.inside()
        lines = self.body(own, depth - 1, fewest, 3) + ([last] if last else [])
        scope.taps[:] = [tap for tap in scope.taps if tap in own.taps]
        return "{ " + "; ".join(lines) + " }"

    def statement(self, scope: Scope, depth: int) -> list[str]:
        simple = [self.conv] * 4 + [self.plain] * 3 + [self.call] * 2 + [self.let, self.tap]
        if scope.labels and not scope.loops:
            simple += [self.parts, self.again, self.several, self.handed]
        nested = [self.residual] * 3 + [self.choice] * 3 + [self.loop] * 2
        nested += [self.join] * 2 + [self.group, self.stage]
        if not scope.labels:
            nested = [self.choice, self.loop, self.stage]
        options = simple + (nested * 2 if depth > 0 else [])
        return self.random.choice(options)(scope, depth)

    def conv(self, scope: Scope, depth: int) -> list[str]:
        extra = self.random.choice(["", "", ", bias = false", ", stride = 2", ", dilation = 2"])
        if "stride" in extra:
            if not scope.strides or self.maybe(0.5):
                extra = ""
            else:
                scope.taps.clear()
        kernel = self.random.choice(["1", "3"])
        return [f"{self.label(scope)}conv({self.width(scope)}, {kernel}{extra})"]

    def plain(self, scope: Scope, depth: int) -> list[str]:
        choices = [
            "relu",
            "batch_norm",
            "dropout(0.25)",
            "softmax",
            "lrn",
            "max_pool(3, stride = 1)",
        ]
        choices += ["avg_pool(3, 1, pad = 1)", "batch_norm(affine = false)", "identity", "relu"]
        return [self.label(scope) * self.maybe(0.4) + self.random.choice(choices)]

    def call(self, scope: Scope, depth: int) -> list[str]:
        if not self.blocks:
            return self.conv(scope, depth)
        name = self.random.choice(list(self.blocks))
        return [f"{self.label(scope)}{name}({self.arguments(name, scope)})"]

    def arguments(self, name: str, scope: Scope, *, stride: bool = True) -> str:
        given = [self.width(scope)]
        for parameter in self.blocks[name]:
            if self.maybe(0.5):
                continue
            if parameter == "stride" and stride and scope.strides:
                scope.taps.clear()
                given.append("stride = 2")
            if parameter == "flag":
                given.append(f"flag = {self.random.choice(scope.conditions)}")
            if parameter == "n":
                given.append(f"n = {self.random.choice(scope.counts)}")
            if parameter == "act":
                given.append(f"act = {self.random.choice(['relu', 'softmax', 'batch_norm'])}")
        return ", ".join(given)

    def let(self, scope: Scope, depth: int) -> list[str]:
        name = self.fresh("k")
        lines = [f"let {name} = {self.width(scope)}"]
        scope.widths.append(name)
        return lines

    def tap(self, scope: Scope, depth: int) -> list[str]:
        if scope.taps and self.maybe(0.7):
            name = self.random.choice(scope.taps)
            return [
                self.random.choice([f"concat({name})", f"from {name}", f"concat({name}, {name})"])
            ]
        if not scope.labels or scope.loops:
            return self.plain(scope, depth)
        name = self.fresh(self.random.choice(["tap", "y", "b"]))
        scope.taps.append(name)
        return [f"{name}: {self.random.choice(['relu', 'identity', 'conv(3, 1)'])}"]

    def parts(self, scope: Scope, depth: int) -> list[str]:
        """A split, and what becomes of its parts."""
        name, count = self.fresh("x"), self.random.choice([2, 3, 6])
        lines = [f"conv(6, {self.random.choice(['1', '3'])})", f"{name}: split({count})"]
        kind = self.random.choice(["whole", "one", "sum", "loop", "numbers", "sizes"])
        if kind == "sizes":
            return [lines[0], f"{name}: split([1, 3, 2])", f"concat({name}[2], {name}[0])"]
        if kind in ("loop", "numbers"):
            made, entry = self.fresh("part"), self.fresh("t")
            head, source = f"for {entry} in {name}", entry
            if kind == "numbers":
                head, source = f"for {entry} in range({count})", f"{name}[{entry}]"
            width = self.width(scope)
            body = f"{{ from {source}; {made}[index]: conv({width}, 1) }}"
            return [*lines, f"{head} {body}", f"{self.random.choice(['concat', 'add'])}({made})"]
        ends = {
            "whole": f"concat({name})",
            "sum": f"add({name})",
            "one": f"from {name}[{self.random.randrange(count)}]",
        }
        return [*lines, ends[kind]]

    def again(self, scope: Scope, depth: int) -> list[str]:
        """An item that runs more than once."""
        name, width = self.fresh("again"), self.width(scope)
        item = self.random.choice(
            [
                f"conv({width}, 3)",
                f"{{ conv({width}, 1); batch_norm; relu }}",
                f"{{ m: conv({width}, 1); dropout(0.25); add(m) }}",
            ]
        )
        return [f"conv({width}, 1)", f"{name}: {item}", "relu", f"again({name})"]

    def several(self, scope: Scope, depth: int) -> list[str]:
        """A call of a block with several results."""
        name = self.fresh("both")
        taken = self.random.choice([f"from {name}.low", f"concat({name})", f"from {name}[1]"])
        return [f"{name}: two({self.width(scope)})", taken]

    def handed(self, scope: Scope, depth: int) -> list[str]:
        """A call of a block that is handed tensors."""
        if not scope.taps:
            return self.plain(scope, depth)
        name, tap = self.fresh("handed"), self.random.choice(scope.taps)
        if self.maybe(0.5):
            return [f"{name}: merge({tap}, {self.width(scope)})"]
        return [f"{name}: gathered([{tap}, {self.random.choice(scope.taps)}])"]

    def residual(self, scope: Scope, depth: int) -> list[str]:
        kind = self.random.choice(
            ["projection", "full_projection", "none", "zero_pad", "own", "keep"]
        )
        label = self.label(scope) if not scope.loops else f"{self.fresh('s')}[{scope.loops[0]}]: "
        label = label if len(scope.loops) < 2 else ""
        inner = scope.inside(taps=scope.taps if kind != "zero_pad" else [])
        if kind == "keep":
            inner.strides = False
        if kind == "zero_pad":
            branch = self.braces(scope.inside(strides=False), 0, "conv(40, 3)")
            return [f"residual {branch} shortcut {kind}", f"conv({self.width(scope)}, 1)"]
        after = self.braces(inner, depth)
        if inner.strides and scope.taps != inner.taps:
            scope.taps.clear()
        if kind == "own":
            body = "conv(branch.channels, 1, stride = branch.stride)"
            body += self.random.choice(["", "; batch_norm", "; relu", "; mul { softmax }"])
            own = "{ " + body + " }"
            return [
                f"residual {after} shortcut {label}{own}"
                if label
                else f"residual {after} shortcut {own}"
            ]
        if kind == "keep":
            width = self.fresh("w") if not scope.loops else ""
            if not width:
                return [f"residual {after} shortcut {label}projection"]
            return [
                f"{width}: identity",
                f"residual {after[:-2]}; conv({width}.channels, 1) }}",
            ]
        chosen = f"{kind} if {self.random.choice(scope.conditions)} else none"
        return [f"residual {after} shortcut {label}{chosen if self.maybe(0.2) else kind}"]

    def choice(self, scope: Scope, depth: int) -> list[str]:
        inner = scope.inside(strides=False, taps=scope.taps)
        text = f"if {self.random.choice(scope.conditions)} {self.braces(inner, depth)}"
        if self.maybe(0.3):
            text += f" else if {self.random.choice(scope.conditions)} {self.braces(inner, depth)}"
        if self.maybe(0.5):
            text += f" else {self.braces(inner, depth)}"
        return [text]

    def loop(self, scope: Scope, depth: int) -> list[str]:
        name = self.fresh("i")
        count = self.random.choice(scope.counts)
        inner = scope.inside(
            loops=(*scope.loops, name), strides=False, widths=[*scope.widths, f"2 + {name}"]
        )
        inner.conditions += [f"{name} % 2 == 0", "first", "not last", f"{name} > 0"]
        if scope.lists and self.maybe(0.4):
            entry, ones = self.fresh("v"), self.random.choice(scope.lists)
            inner.widths[-1] = entry
            inner.conditions = [*scope.conditions, "first", f"{entry} > 3"]
            inner.loops = (*scope.loops, "index")
            if "index" in scope.loops:
                inner.labels = False
            return [f"for {entry} in {ones} {self.braces(inner, depth)}"]
        order = self.random.choice([f"range({count})"] * 3 + [f"reversed(range({count}))"])
        return [f"for {name} in {order} {self.braces(inner, depth)}"]

    def join(self, scope: Scope, depth: int) -> list[str]:
        inner = scope.inside(strides=False)
        if self.maybe(0.5):
            bodies = [self.braces(inner, depth) for _ in range(self.random.randint(1, 3))]
            return [f"{self.label(scope)}concat {' '.join(bodies)}"]
        if self.maybe(0.4):
            gate = self.random.choice(["softmax", "relu", "identity"])
            return [f"{self.label(scope)}mul {{ global_avg_pool(keep = true); {gate} }}"]
        last = f"conv({self.width(scope)}, 1)"
        bodies = [self.braces(inner, depth, last) for _ in range(self.random.randint(2, 3))]
        kind = "add" if len(bodies) > 2 else self.random.choice(["add", "sub", "mul"])
        return [f"{self.label(scope)}{kind} {' '.join(bodies)}"]

    def group(self, scope: Scope, depth: int) -> list[str]:
        label = self.label(scope)
        if not label:
            return self.conv(scope, depth)
        inner = scope.inside(loops=(), labels=self.maybe(0.6), taps=scope.taps)
        return [label + self.braces(inner, depth)]

    def stage(self, scope: Scope, depth: int) -> list[str]:
        if not self.blocks:
            return self.conv(scope, depth)
        name = self.random.choice(list(self.blocks))
        inner = scope.inside(widths=[*scope.widths, "2 + index"] * self.maybe(0.4) or scope.widths)
        arguments = self.arguments(name, inner)
        scope.taps[:] = inner.taps
        label = self.label(scope).rstrip(": ")
        label = f" {label}:" if label else ""
        return [f"stage{label} {self.random.choice(scope.counts)} x {name}({arguments})"]

    # ---- definitions ----------------------------------------------------------------------------

    def block(self) -> str:
        name = self.fresh("block")
        parameters = [p for p in ("stride", "flag", "n", "act") if self.maybe(0.5)]
        scope = Scope(["width", "in.channels"], ["1", "2"], ["width > 3"])
        defaults = {"stride": "1", "flag": "true", "n": "2", "act": "relu"}
        head = ["width"]
        for parameter in parameters:
            kind = ": block" if parameter == "act" else ""
            head.append(f"{parameter}{kind} = {defaults[parameter]}")
        lines = []
        if "flag" in parameters:
            scope.conditions += ["flag", "not flag"]
        if "n" in parameters:
            scope.counts.append("n")
            scope.conditions.append("n > 1")
        if "stride" in parameters:
            lines.append(f"{self.fresh('down')}: conv(width, 3, stride = stride)")
            scope.conditions.append("stride == 1")
            if self.maybe(0.5):
                shortcut = self.random.choice(["projection", "identity if stride == 1 else none"])
                last = "" if shortcut == "projection" else "; conv(in.channels, 1)"
                lines = [
                    f"residual {{ {lines[0]}{last} }} shortcut {self.fresh('short')}: {shortcut}"
                ]
        scope.labels = not lines or self.maybe(0.8)
        if lines:
            scope.labels = True
        elif self.maybe(0.3):
            scope.labels = False
        lines += self.body(scope, 2)
        if "act" in parameters:
            lines.append("act")
        self.blocks[name] = parameters
        return f"block {name}({', '.join(head)}) {{\n    " + "\n    ".join(lines) + "\n}\n"

    def program(self) -> str:
        blocks = [self.block() for _ in range(self.random.randint(0, 3))]
        scope = Scope(
            ["base", "ws[0]"], ["n", "2", "len(ws)"], ["flag", "not flag", "n > 2", "4 in ws"]
        )
        scope.lists = ["ws", "[2, 3]", "[w + 1 for w in ws if w > 2]"]
        scope.labels = self.maybe(0.85)
        lines = ["input(3, 8, 8)", *self.body(scope, 3, 2, 6)]
        ends = [["global_avg_pool", "linear(3)"], ["flatten", "linear(classes)"], ["relu"], []]
        lines += self.random.choice(ends)
        head = "base = 3, n = 2, ws = [2, 4], flag = true, classes = 3"
        model = f"model net({head}) {{\n    " + "\n    ".join(lines) + "\n}\n"
        used = [
            b
            for b in HELPERS
            if f": {b.split()[1].partition('(')[0]}(" in "".join([*blocks, model])
        ]
        return "def wider(v) = v + 2\n\n" + "\n".join([*used, *blocks, model])


def program(seed: int) -> str:
    """The program of a seed."""
    return Author(seed).program()


#: Other arguments for its model.
VARIATIONS = ({"base": 5}, {"n": 3}, {"ws": (3, 2, 5)}, {"flag": False}, {"n": 1, "classes": 4})
