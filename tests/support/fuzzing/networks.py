"""Random networks that mean something: every construct of the language and every operation.

The author of these knows the type of the current tensor, and of every label, so that most of what
is written fits. Blocks are written where they are wanted, for the tensor they are called on.
"""

from __future__ import annotations

from random import Random

from resdsl.ops import OPS, OpError
from resdsl.sizes import EndlessSize, UnknownSize, dimension
from resdsl.types import TensorType
from tests.support.fuzzing import arguments, recipes, words
from tests.support.fuzzing.arguments import Tensor, Use
from tests.support.fuzzing.places import Place, Writer

AXES = ((), ("length",), ("h", "w"), ("d", "h", "w"))
MEMBERS = ((), ("length",), ("height", "width"), ("depth", "height", "width"))


class Author(Writer):
    """Writes one file."""

    def __init__(self, pick: Random) -> None:
        super().__init__(pick)
        self.count = 0
        self.definitions: list[str] = []

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    # ---- statements ------------------------------------------------------------------------------

    def body(self, place: Place, depth: int, most: int = 4) -> list[str]:
        """Statements for a place, which is then where they end."""
        lines: list[str] = []
        for _ in range(self.pick.randint(1, most)):
            lines += self.statement(place, depth)
        return lines

    def braces(self, place: Place, depth: int) -> str:
        """A body of its own. The place is where it ends, and keeps only what it had."""
        inner = place.inside()
        lines = self.body(inner, depth - 1, 3)
        place.type = inner.type
        return "{ " + "; ".join(lines) + " }"

    def keeping(self, place: Place, depth: int, channels: bool = True) -> str:
        """A body that leaves a tensor like the one it takes, perhaps but for its channels."""
        for _ in range(3):
            inner = place.inside()
            text = self.braces(inner, depth)
            before, after = place.type, inner.type
            kept = before == after
            if not channels and before is not None and after is not None:
                kept = before.spatial == after.spatial
            if kept:
                place.type = after
                return text
        return self.pick.choice(
            ["{ relu }", "{ identity }", "{ }", "{ from in }"]
            if place.type == place.input
            else ["{ relu }", "{ }"]
        )

    def statement(self, place: Place, depth: int) -> list[str]:
        plain = [self.operation] * 8 + [self.let, self.tap, self.tap, self.expect]
        plain += [self.defaults, self.again, self.split]
        nested = [self.residual] * 3 + [self.choice, self.loop, self.stage, self.block] * 2
        nested += [self.join] * 3 + [self.group]
        return self.pick.choice(plain + nested * 2 if depth > 0 else plain)(place, depth)

    def labelled(self, text: str, place: Place, result: TensorType | None) -> str:
        """The statement under a label, or without one."""
        place.type = result
        if self.maybe(0.4):
            return text
        name = self.fresh(self.pick.choice(["a", "x", "down", "conv", "y"]))
        if not place.loop:
            if result is not None:
                place.taps[name] = result
            return f"{name}: {text}"
        if self.maybe(0.3):
            return f'"{name}-{{{place.loop}}}_{{index + 1}}": {text}'
        if result is not None:
            place.lists[name] = result
        return f"{name}[{place.loop}]: {text}"

    def operation(self, place: Place, depth: int) -> list[str]:
        if place.type is None and self.maybe(0.8):
            return [self.pick.choice(["relu", "identity", "tanh", "scale", "dropout(0.5)"])]
        if place.type is None:
            name = self.pick.choice([n for n, kind in OPS.items() if not kind.is_join])
            positional, keywords = arguments.arguments(name, place.tensors or _SOME, self.pick)
            return [self.call(Use(name, positional, keywords, _SOME[0].type), place)]
        use = arguments.use(place.type, place.tensors, self.pick)
        if use is None:
            return ["relu"]
        return [self.labelled(self.call(use, place), place, use.result)]

    def let(self, place: Place, depth: int) -> list[str]:
        name, value = self.fresh("k"), self.pick.randint(0, 8)
        line = f"let {name} = {self.number(value, place)}"
        place.numbers[name] = value
        return [line]

    def defaults(self, place: Place, depth: int) -> list[str]:
        if self.maybe(0.15):
            return [f"defaults {self.pick.choice(words.TRADITIONS)}"]
        given = f"init = {arguments.initializer(self.pick).text}"
        if self.maybe(0.5):
            given = f"bias = {self.truth(self.maybe(0.5), place)}"
        return ["defaults { conv(" + given + "); batch_norm(eps = 1e-3) }"]

    def expect(self, place: Place, depth: int) -> list[str]:
        return [f'expect {self.truth(True, place)}, "it holds"']

    def again(self, place: Place, depth: int) -> list[str]:
        if not place.taps or self.maybe(0.8):
            return self.operation(place, depth)
        name = self.pick.choice(list(place.taps))
        kept = place.type if place.taps[name] == place.type else None
        return [self.labelled(f"again({name})", place, kept)]

    def split(self, place: Place, depth: int) -> list[str]:
        """The channels in parts, one of which may go on."""
        channels = None if place.type is None else place.type.shape[0]
        counts = [n for n in (1, 2, 3, 4) if isinstance(channels, int) and channels % n == 0]
        if not counts or place.loop:
            return self.operation(place, depth)
        name, count = self.fresh("parts"), self.pick.choice(counts)
        assert place.type is not None and isinstance(channels, int)
        shapes = [(channels // count, *place.type.spatial)] * count
        text = self.number(count, place)
        if channels > 2 and self.maybe(0.3):
            shapes = [(1, *place.type.spatial), (channels - 1, *place.type.spatial)]
            text = f"[1, {self.number(channels - 1, place)}]"
        parts = {f"{name}[{n}]": TensorType(shape) for n, shape in enumerate(shapes)}
        parts[f"{name}[-1]"] = TensorType(shapes[-1])
        place.taps |= parts
        place.type = None
        after = [f"concat({name})"]
        if self.maybe(0.7):
            chosen = self.pick.choice(list(parts))
            after, place.type = [f"from {chosen}"], parts[chosen]
        return [f"{name}: split({text})", *after]

    def tap(self, place: Place, depth: int) -> list[str]:
        if not place.tensors or self.maybe(0.3):
            return [self.labelled("identity", place, place.type)]
        tensor = self.pick.choice(place.tensors)
        place.type = tensor.type
        return [f"from {tensor.text}"]

    def residual(self, place: Place, depth: int) -> list[str]:
        before, inner = place.type, place.inside()
        branch = self.braces(inner, depth)
        place.type = inner.type
        label = f"{self.scope('skip', place)}: " if self.maybe(0.7) else ""
        same = before == inner.type
        if same and self.maybe(0.4):
            return [f"residual {branch}" + self.pick.choice(["", " shortcut identity"])]
        own = "{ conv(branch.channels, 1, stride = branch.stride) }"
        skips = [own, "{ if branch.reshapes { conv(branch.channels, 1) } }", "projection"]
        skips += ["full_projection", "zero_pad", "none", f"projection if {same} else none".lower()]
        skips += ["projection(norm = identity)"]
        if before is not None and inner.type is not None and not same:
            alike = before.spatial == inner.type.spatial and before.rank
            skips = [*skips[:4], "none"] if alike else ["none", "none", "projection", own]
        return [f"residual {branch} shortcut {label}{self.pick.choice(skips)}"]

    def join(self, place: Place, depth: int) -> list[str]:
        kind = self.pick.choice(["add", "sub", "mul", "concat", "concat"])
        before = place.type
        if place.lists and self.maybe(0.3):
            name = self.pick.choice(list(place.lists))
            place.type = None
            return [f"{self.pick.choice(['concat', 'add', 'mul'])}({name})"]
        if before is not None and self.maybe(0.3):
            fitting = [t for t in place.tensors if t.type.spatial == before.spatial]
            same = [t for t in fitting if t.type == before]
            chosen = fitting if kind == "concat" else same
            if chosen:
                picked = [self.pick.choice(chosen) for _ in range(1 if self.maybe(0.7) else 2)]
                types = [t.type for t in picked]
                types = [before, *types] if len(types) == 1 else types
                return [self.joined(kind, f"({', '.join(t.text for t in picked)})", types, place)]
        count = self.pick.choice([1, 2, 2, 3]) if kind != "sub" else self.pick.choice([1, 2])
        bodies, types = [], [before] if count == 1 else []
        for _ in range(count):
            inner = place.inside()
            bodies.append(self.keeping(inner, depth, channels=kind != "concat"))
            types.append(inner.type)
        return [self.joined(kind, f" {' '.join(bodies)}", types, place)]

    def joined(self, kind: str, text: str, types: list[TensorType | None], place: Place) -> str:
        try:
            known = [t for t in types if t is not None]
            result = OPS[kind]().infer(*known) if len(known) == len(types) else None
        except (OpError, UnknownSize, EndlessSize):
            result = None
        return self.labelled(kind + text, place, result)

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
        source = self.pick.choice(
            [f"range({self.number(count, place)})"] * 3
            + [f"reversed(range({count}))", f"[n for n in range(9) if n < {count}]"]
        )
        targets, over = name, source
        if self.maybe(0.15):
            targets, over = f"{self.fresh('w')}, {name}", f"zip({source}, range({count}))"
        inner = place.inside(loop=name, lists=dict(place.lists))
        body = self.keeping(inner, depth) if count > 1 else self.braces(inner, depth)
        place.type = inner.type
        place.lists |= inner.lists
        return [f"for {targets} in {over} {body}"]

    def group(self, place: Place, depth: int) -> list[str]:
        inner = place.inside(loop="")
        text = self.braces(inner, depth)
        place.type = inner.type
        return [f"{self.scope('group', place)}: {text}"]

    def scope(self, stem: str, place: Place) -> str:
        """The label of a group or a stage, numbered in a loop."""
        return self.fresh(stem) + (f"[{place.loop}]" if place.loop else "")

    # ---- blocks ----------------------------------------------------------------------------------

    def block(self, place: Place, depth: int) -> list[str]:
        call, result = self.defined(place, depth)
        return [self.labelled(call, place, result)]

    def stage(self, place: Place, depth: int) -> list[str]:
        call, result = self.defined(place, depth)
        count = self.pick.choice([1, 2, 3]) if result == place.type else 1
        place.type = result
        label = f" {self.scope('layer', place)}:" if self.maybe(0.6) else ""
        return [f"stage{label} {self.number(count, place)} x {call}"]

    def defined(self, place: Place, depth: int) -> tuple[str, TensorType | None]:
        """A block written for the tensor at hand, as a call and with what it leaves."""
        name = self.fresh("block")
        inner = Place(place.type, place.type)
        parameters, given = [], []
        for stem in ("width", "flag", "act", "skip"):
            if self.maybe(0.5):
                continue
            head, argument = self.parameter(stem, place, inner)
            parameters.append(head)
            # The value is the default's, so that it may be left out.
            if "=" not in head or self.maybe(0.4):
                given.append(argument)
        if place.type is not None:
            members = ("channels", *MEMBERS[place.type.rank])
            for member, size in zip(members, place.type.shape, strict=True):
                if isinstance(size, int):
                    inner.numbers[f"in.{member}"] = size
        lines = self.body(inner, depth - 1)
        if any(p.startswith("act") for p in parameters):
            lines.append("act")
        if inner.tensors and self.maybe(0.05):
            lines.append(f"output({inner.tensors[-1].text}, {inner.tensors[0].text})")
        head = f"({', '.join(sorted(parameters, key=lambda p: '=' in p))})" if parameters else ""
        joined = "\n    ".join(lines) if self.maybe(0.7) else "; ".join(lines)
        self.definitions.append(f"block {name}{head} {{\n    {joined}\n}}\n")
        if self.maybe(0.15):
            alias = self.fresh("alias")
            self.definitions.append(f"block {alias} = {name}\n")
            name = alias
        return (f"{name}({', '.join(given)})" if given else name), inner.type

    def parameter(self, stem: str, place: Place, inner: Place) -> tuple[str, str]:
        """A parameter with its argument, known inside the block from then on."""
        name = self.fresh(stem)
        if stem == "width":
            value = self.pick.randint(1, 6)
            inner.numbers[name] = value
            kind = self.pick.choice(["", ": int", ": number"])
            return f"{name}{kind} = {value}", f"{name} = {self.number(value, place)}"
        if stem == "flag":
            truth = self.maybe(0.5)
            inner.truths[name] = truth
            return f"{name} = {str(truth).lower()}", f"{name} = {self.truth(truth, place)}"
        if stem == "skip" and place.tensors:
            tensor = self.pick.choice(place.tensors)
            inner.taps[name] = tensor.type
            return f"{name}: tensor", f"{name} = {tensor.text}"
        act = self.pick.choice(["relu", "identity", "batch_norm", 'gelu(approximate = "tanh")'])
        return f"act: block = {act}", f"act = {act}"

    # ---- files -----------------------------------------------------------------------------------

    def input(self) -> tuple[str, TensorType]:
        """An `input` statement of any rank, some of its sizes known at run time."""
        rank = self.pick.choice([2, 2, 2, 2, 1, 3, 0])
        channels = self.pick.choice([1, 2, 3, 4, 6])
        texts, sizes = [str(channels)], [channels]
        some = self.maybe(0.25)
        for axis in AXES[rank]:
            if some and self.maybe(0.8):
                multiple = self.pick.choice([1, 2, 4, 8, 12])
                texts.append("any" if multiple == 1 else f"any({multiple})")
                sizes.append(dimension(axis, multiple))
            else:
                texts.append(str(self.pick.choice([1, 4, 5, 8, 8, 9, 12])))
                sizes.append(int(texts[-1]))
        return f"input({', '.join(texts)})", TensorType(tuple(sizes))

    def model(self) -> str:
        name = self.fresh("net")
        text, type_ = self.input()
        place = Place(type_, type_, numbers={"base": 3, "n": 2, "ws[0]": 2, "ws[-1]": 4})
        inputs = [text]
        if self.maybe(0.15):
            other, kind = self.input() if self.maybe(0.3) else (text, type_)
            inputs = [f"left: {text}", f"right: {other}", "from left"]
            place.taps |= {"left": type_, "right": kind}
            place.input = None
        place.numbers["len(ws)"] = 2
        place.truths["flag"] = True
        lines = [*inputs, *self.body(place, 3, 6)]
        ends = [[]] * 3 + [["global_avg_pool", "linear(classes)"], ["flatten", "linear(3)"]]
        some = [self.pick.choice(place.tensors).text for _ in range(self.pick.randint(1, 3))]
        ends += [[f"output({', '.join(some)})"]] * 2
        lines += self.pick.choice(ends)
        head = "base = 3, n = 2, ws = [2, 4], flag = true, classes = 3"
        self.definitions.append(f"model {name}({head}) {{\n    " + "\n    ".join(lines) + "\n}\n")
        return name

    def file(self) -> str:
        """A whole file: mostly one model, with what it needs and some more."""
        for _ in range(self.pick.choice([1, 1, 1, 2])):
            name = self.model()
            if self.maybe(0.2):
                self.definitions.append(f"model {self.fresh('other')} = {name}(base = 3)\n")
            facts = [f"{name}.params >= 0", f"len({name}.output) > 0", f"{name}.weights != 3"]
            facts += [f"{name}.macs > 0 and {name}.params < 10 ** 6"]
            if self.maybe(0.3):
                self.definitions.append(f'expect {self.pick.choice(facts)}, "known"\n')
        extra = [
            "def wider(v) = v + 2\n",
            "let table = [[1, 2], [3, 4]]\n",
            f"defaults {self.pick.choice(words.TRADITIONS)}\n",
            "defaults { conv(bias = false); batch_norm(momentum = 0.2) }\n",
            f"import std.{self.pick.choice(words.LIBRARY)}\n",
            recipes.recipe(self.pick, self.fresh("recipe")),
            recipes.recipe(self.pick, self.fresh("recipe")),
            "import std.resnet\n\nmodel small = resnet(basic, [1, 1, 1, 1], [2, 2, 3, 4])\n",
        ]
        for text in extra:
            if self.maybe(0.12):
                self.definitions.append(text)
        self.pick.shuffle(self.definitions)
        return "# Written at random.\n\n" + "\n".join(self.definitions)


_SOME = [Tensor("in", TensorType((3, 8, 8)))]


def program(pick: Random) -> str:
    """A file that means something, more often than not."""
    return Author(pick).file()
