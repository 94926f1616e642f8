"""Which names the statements of a class read."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.codegen import plan as p
from resdsl.expressions.nodes import Constant, Member
from resdsl.expressions.simplify import names_in


def init_reads(statements: Iterable[p.InitStatement], lazy: bool) -> set[str]:
    """Names read in a constructor; what a local reads of itself does not count."""
    found: set[str] = set()
    for statement in statements:
        match statement:
            case p.SetLayer(home=home, layer=layer):
                # A list that grows at its end asks for no number.
                grows = isinstance(home, p.ListItem) and not home.keyed
                found |= layer_reads(layer, lazy) | (set() if grows else home_reads(home))
            case p.Gather(name=name, layer=layer):
                found |= {name} | layer_reads(layer, lazy)
            case p.AssignLayer(layer=layer):
                found |= layer_reads(layer, lazy)
            case p.Assign(name=name, value=value):
                found |= names_in(value) - {name}
            case p.Store(value=value) | p.Require(condition=value):
                found |= names_in(value)
            case p.SetItem(index=index, value=value, keyed=keyed):
                found |= names_in(value) | (names_in(index) if keyed else set())
            case p.InitIf(condition=condition, then=then, otherwise=otherwise):
                found |= names_in(condition)
                found |= init_reads(then, lazy) | init_reads(otherwise, lazy)
            case p.InitFor(iterable=iterable, body=body):
                found |= names_in(iterable) | init_reads(body, lazy)
    return found


def home_reads(home: p.Home) -> set[str]:
    """Names in the place of a layer."""
    match home:
        case p.ListItem(indices=indices):
            return names_in(indices)
        case p.Computed(parts=parts):
            return names_in(tuple(x for x in parts if not isinstance(x, str)))
        case _:
            return set()


def layer_reads(layer: p.Layer | p.Repeat | None, lazy: bool) -> set[str]:
    """Names in the making of a layer. With `lazy`, operations find their channels themselves."""
    match layer:
        case p.OpLayer(op=op, channels=channels, size=size):
            found = names_in(tuple(op.attributes.values()))
            if lazy:
                return found | (names_in(channels) if op.kind.sized_by_input else set())
            return found | names_in(channels) | names_in(size)
        case p.BlockLayer(plan=plan, in_channels=in_channels, arguments=arguments):
            wanted = {q.name for q in plan.parameters}
            found = names_in((*(v for k, v in arguments.items() if k in wanted), layer.in_size))
            return found | (names_in(in_channels) if "in_channels" in wanted else set())
        case p.SequenceLayer(items=items):
            return set().union(*(layer_reads(i, lazy) for i in items)) if items else set()
        case p.Repeat(layer=inner, count=count):
            return layer_reads(inner, lazy) | names_in(count)
        case p.SequenceOf(local=local) | p.LocalLayer(local=local):
            return {local}
        case _:
            return set()


def forward_reads(statements: Iterable[p.ForwardStatement]) -> set[str]:
    """Names of the constructor that `forward` reads; loop variables are its own."""
    found: set[str] = set()
    for statement in statements:
        match statement:
            case p.Bind(value=value) | p.Unpack(value=value) | p.Return(value=value):
                found |= expression_reads(value)
            case p.BindItem(index=index, value=value, keyed=keyed):
                found |= expression_reads(value) | (names_in(index) if keyed else set())
            case p.ForwardIf(condition=condition, then=then, otherwise=otherwise):
                found |= names_in(condition) | forward_reads(then) | forward_reads(otherwise)
            case p.ForwardFor(targets=targets, iterable=iterable, index=index, body=body):
                found |= names_in(iterable) | (forward_reads(body) - {*targets, index or ""})
    return found


def expression_reads(expression: p.ForwardExpr) -> set[str]:
    """Names of the constructor (and loop variables) in an expression of `forward`."""
    match expression:
        case p.CallLayer(home=home, operands=operands):
            return home_reads(home).union(*map(expression_reads, operands))
        case p.CallOp(op=op, arguments=arguments, label=label):
            found = names_in(tuple(op.attributes.values())) | (
                home_reads(label) if label else set()
            )
            return found.union(*map(expression_reads, arguments))
        case p.Held(home=home):
            return home_reads(home)
        case p.Select(condition=condition, then=then, otherwise=otherwise):
            return names_in(condition) | expression_reads(then) | expression_reads(otherwise)
        case p.MapItem(index=index):
            return names_in(index)
        case p.ListDisplay(items=items) | p.Together(items=items):
            return set().union(*map(expression_reads, items))
        case _:
            return set()


def mentions(statement: object, name: str) -> bool:
    """Whether a statement or expression of `forward` reads a variable."""
    match statement:
        case p.Variable(name=variable) | p.MapItem(name=variable):
            return variable == name
        case p.AllItems(name=variable) | p.WholeList(name=variable):
            return variable == name
        case p.ListDisplay(items=items) | p.Together(items=items):
            return any(mentions(item, name) for item in items)
        case p.Bind(value=value) | p.Return(value=value) | p.BindItem(value=value):
            return mentions(value, name)
        case p.Unpack(value=value):
            return mentions(value, name)
        case p.CallLayer(operands=arguments) | p.CallOp(arguments=arguments):
            return any(mentions(a, name) for a in arguments)
        case p.Select(then=then, otherwise=otherwise):
            return mentions(then, name) or mentions(otherwise, name)
        case p.ForwardIf(then=body, otherwise=more):
            return any(mentions(s, name) for s in (*body, *more))
        case p.ForwardFor(body=body):
            return any(mentions(s, name) for s in body)
        case _:
            return False


def reads_first(statements: Iterable[p.ForwardStatement], name: str) -> bool | None:
    """Whether a variable is read before it is bound; `None` where neither happens."""
    for statement in statements:
        match statement:
            case p.ForwardFor(body=body):
                # It may run no round at all, and so binds nothing for sure.
                if reads_first(body, name):
                    return True
            case p.ForwardIf(then=then, otherwise=otherwise):
                arms = reads_first(then, name), reads_first(otherwise, name)
                if True in arms:
                    return True
                if arms == (False, False):
                    return False
            case _ if mentions(statement, name):
                return True
            case p.Bind(name=bound) if bound == name:
                return False
    return None


def asks_out_channels(expression: object) -> bool:
    """Whether an expression reads a layer's `out_channels`."""
    if isinstance(expression, Member) and expression.name == "out_channels":
        return True
    if isinstance(expression, tuple | list):
        return any(map(asks_out_channels, expression))
    if isinstance(expression, p.BlockLayer):
        wanted = {q.name for q in expression.plan.parameters}
        given = [v for k, v in expression.arguments.items() if k in wanted]
        return asks_out_channels(given) or (
            "in_channels" in wanted and asks_out_channels(expression.in_channels)
        )
    if isinstance(expression, p.SymbolicOp):
        return asks_out_channels(list(expression.attributes.values()))
    # Values hold blocks and operations, which are no expressions.
    if isinstance(expression, Constant | p.ClassPlan):
        return False
    if hasattr(expression, "__dataclass_fields__"):
        names = expression.__dataclass_fields__
        return any(asks_out_channels(getattr(expression, n)) for n in names if n != "span")
    return False
