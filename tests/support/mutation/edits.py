"""How a fault gets into a file: changes of its AST at a site."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

from mutation.sites import Parsed, Site
from resdsl.codegen.lower.dialect import PROBE
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass

#: Names that stand for modules in generated files: what is before the dot is no tensor.
MODULES = {"F", "nn", "torch", "nnx", "jnp", "jax", "lax", "ops", "keras", "layers", "math"}
#: What holds the wrong versions in a mutated file.
WRONG = "wrong"

#: Returns the paths of what it made wrong, where that is not the whole site.
Edit: TypeAlias = Callable[[Parsed, Site], list[str] | None]


@dataclass(frozen=True, slots=True)
class Of:
    """An argument that is an attribute of the operation itself, plus a number."""

    name: str
    plus: int = 0


class Inapplicable(Exception):
    """The file does not have what the fault is about."""


# ---- what a call of a wrong version looks like ---------------------------------------------------


def wrong(method: str, arguments: list[ast.expr], values: tuple[Any, ...], site: Site) -> ast.Call:
    """`wrong.method(arguments, values)`"""
    read = [getattr(site.nodes[0].op, v.name) + v.plus if isinstance(v, Of) else v for v in values]
    function = ast.Attribute(ast.Name(WRONG, ast.Load()), method, ast.Load())
    return ast.Call(function, [*arguments, *map(ast.Constant, read)], [])


def unprobed(node: ast.expr) -> ast.expr:
    """An expression without the `probe` around it that a probed file has."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == PROBE:
        return unprobed(node.args[2])
    return node


def operands_of(site: Site) -> list[ast.expr]:
    """The tensors that a function is applied to."""
    node, count = site.node, len(site.nodes[0].inputs)
    if isinstance(node, ast.BinOp):
        return [node.left, node.right][:count]
    if isinstance(node, ast.Subscript):
        return [node.value]
    if not isinstance(node, ast.Call):
        raise Inapplicable(f"no operands in {ast.unparse(node)}")
    if isinstance(node.func, ast.Attribute) and _root(node.func) not in MODULES | {"self"}:
        return [node.func.value, *node.args][:count]
    first = node.args[0]
    if isinstance(first, ast.Call) and _root(first.func) == "padded":
        # Keras's pools do not pad by numbers: a pool of the network is both.
        return [first.args[0]]
    return first.elts if isinstance(first, ast.List) else node.args[:count]


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST | None) -> None:
        self.old, self.new = old, new
        self.count = 0

    def visit(self, node: ast.AST) -> Any:
        if node is self.old:
            self.count += 1
            return self.new
        return self.generic_visit(node)


def put(parsed: Parsed, old: ast.AST, new: ast.AST | None) -> None:
    """Put a node in another's place."""
    # What is put in may hold what it replaces.
    replacing = _Replace(old, new)
    replacing.visit(parsed.tree)
    assert replacing.count == 1, f"{replacing.count} places for {ast.unparse(old)}"


# ---- edits ---------------------------------------------------------------------------------------


def layer(method: str, *values: Any) -> Edit:
    """A layer is made wrong: `self.bn = wrong.method(nn.BatchNorm2d(c))`."""

    def edit(parsed: Parsed, site: Site) -> None:
        put(parsed, site.node, wrong(method, [site.node], values, site))

    return edit


def instead(method: str, *values: Any, operands: int | None = None) -> Edit:
    """A function is replaced: `wrong.method(x)` for `F.relu(x)`, by default of all operands."""

    def edit(parsed: Parsed, site: Site) -> None:
        put(parsed, site.node, wrong(method, operands_of(site)[:operands], values, site))

    return edit


def left_out(parsed: Parsed, site: Site) -> None:
    """Nothing but the first operand is left. What is a layer here is still there and unused."""
    first, node = operands_of(site)[0], site.node
    if isinstance(node, ast.Call) and _root(node.func) == "self":
        put(parsed, node, wrong("passed", [node.func, first], (), site))
    else:
        put(parsed, node, wrong("identity", [first], (), site))


def result(method: str, *values: Any) -> Edit:
    """Something happens to what a function leaves: `wrong.method(F.relu(x))`."""
    return layer(method, *values)


def argument(method: str, *values: Any, at: int = 0) -> Edit:
    """Something happens to what a function is given: `F.relu(wrong.method(x))`."""

    def edit(parsed: Parsed, site: Site) -> None:
        operand = operands_of(site)[at]
        put(parsed, operand, wrong(method, [operand], values, site))

    return edit


def activated_before_sum(parsed: Parsed, site: Site) -> list[str]:
    """`F.relu(y) + x` for `F.relu(y + x)`, in one expression or in two."""
    sums = [s for s in parsed.sites if s.kind == "add" and s.owner is site.owner]
    if not sums:
        raise Inapplicable("nothing is added")
    put(parsed, sums[-1].node, wrong("activated_branch", operands_of(sums[-1]), (), sums[-1]))
    put(parsed, site.node, operands_of(site)[0])
    return [*sums[-1].paths, *site.paths]


def reversed_operands(parsed: Parsed, site: Site) -> None:
    """The operands of a concatenation the other way round."""
    assert isinstance(site.node, ast.Call) and isinstance(site.node.args[0], ast.List)
    site.node.args[0].elts.reverse()


def shortcut_from_input(parsed: Parsed, site: Site) -> list[str]:
    """`self.downsample(x, x)` for `self.downsample(x, start)`: before the first norm, not behind
    its activation."""
    second = unprobed(operands_of(site)[1])
    if not (isinstance(second, ast.Call) and len(second.args) == 2):
        raise Inapplicable("the shortcut starts nowhere else")
    second.args[1] = ast.Name(ast.unparse(second.args[0]), ast.Load())
    return [f"{node.path.rpartition('.')[0]}.downsample.conv1" for node in site.nodes]


def another_operand(at: int, source: int) -> Edit:
    """An operand stands in another one's place too: the wrong tensor of two that fit."""

    def edit(parsed: Parsed, site: Site) -> None:
        own = operands_of(site)
        put(parsed, own[at], own[source])

    return edit


def left_out_stage(parsed: Parsed, site: Site) -> list[str]:
    """The model never applies the stage of the site: `x = x` for `x = self.layer1(x)`."""
    stage = site.nodes[0].path.partition(".")[0]
    for call in ast.walk(parsed.model()):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"self.{stage}":
            put(parsed, call, call.args[0])
            return [n.path for n in parsed.graph.nodes if n.path.startswith(f"{stage}.")]
    raise Inapplicable(f"the model never applies {stage}")


def at_the_end(method: str, *values: Any) -> Edit:
    """The last of a statement's layers alone is made wrong, when all of them are there."""

    def edit(parsed: Parsed, site: Site) -> list[str]:
        path = site.nodes[-1].path
        _append(parsed, wrong(method, [_layer_at(path)], values, site))
        return [path]

    return edit


def tied(parsed: Parsed, site: Site) -> list[str]:
    """The last of a statement's layers computes with the weight of another one like it."""
    last = site.nodes[-1]
    other = twins(last, parsed.graph)[0]
    file = ast.parse("self, globals()", mode="eval").body
    assert isinstance(file, ast.Tuple)
    _append(parsed, wrong("tied", file.elts, (last.path, other.path), site))
    return [last.path]


def twins(node: Node, graph: Graph) -> list[Node]:
    """Other layers of the same kind and shape."""
    shapes = {w.node: w.weight.shape for w in graph.weights if w.name.endswith(".weight")}
    return [
        n
        for n, shape in shapes.items()
        if n is not node and n.op.name == node.op.name and shape == shapes[node]
    ]


def moved_stride(parsed: Parsed, site: Site) -> list[str]:
    """The stride of a bottleneck's 3x3 convolution, at which the site is, stands at the 1x1."""
    path = next(n.path for n in site.nodes if n.op.stride == 2)  # type: ignore[attr-defined]
    first = f"{path.rpartition('.')[0]}.conv1"
    _append(parsed, wrong("moved_stride", [_layer_at(first), _layer_at(path)], (), site))
    return [first]


def _append(parsed: Parsed, call: ast.expr) -> None:
    (constructor,) = (
        n for n in parsed.model().body if isinstance(n, ast.FunctionDef) and n.name == "__init__"
    )
    constructor.body.append(ast.Expr(call))


def _layer_at(path: str) -> ast.expr:
    return ast.parse(f"{WRONG}.layer_at(self, {path!r}, globals())", mode="eval").body
