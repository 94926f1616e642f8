"""Constructors: the statements of a plan as lines of `__init__`."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from resdsl.codegen import plan as p
from resdsl.codegen.lower.reads import init_reads
from resdsl.codegen.python.choices import if_lines
from resdsl.codegen.python.expressions import ExpressionPrinter, quoted
from resdsl.codegen.python.layout import INDENT, WIDTH, Doc, Generator, Group, Keyword, layout
from resdsl.codegen.python.layout import statement as write
from resdsl.codegen.python.loops import loop_head
from resdsl.codegen.python.operations import size_text
from resdsl.codegen.python.target import FileUses, Scribe, Target
from resdsl.expressions.nodes import Binary, Expr, Literal, Name, Unary
from resdsl.expressions.simplify import is_literal


class ConstructorWriter:
    """Writes the constructor of one class."""

    def __init__(self, target: Target, uses: FileUses, item: p.ClassPlan) -> None:
        self.target = target
        self.item = item
        self.printer = ExpressionPrinter(uses.note, item.span)
        self.scribe = Scribe(uses, self.printer, str)
        self.text = self.scribe.text

    def signature(self) -> list[str]:
        """`def __init__(self, …) -> None:`"""
        items: list[Doc] = ["self"]
        for parameter in self.item.parameters:
            default = "" if parameter.default is None else f" = {self.text(parameter.default)}"
            items.append(f"{parameter.name}: {parameter.annotation}{default}")
        if self.target.extra_parameter:
            items += ["*", self.target.extra_parameter]
        return layout(Group("__init__(", tuple(items), ") -> None:"), 1, "def ")

    def body(self) -> list[str]:
        """Everything after the signature."""
        lines: list[str] = []
        if self.item.sequence:
            # A base class takes attributes only once it is set up.
            stores = [s for s in self.item.init if isinstance(s, p.Store)]
            lines += self.statements([s for s in self.item.init if s not in stores], 2)
            lines += self._super_sequence()
            lines += self.statements(stores, 2)
        else:
            lines += self._super(None)
            lines += self.statements(self.item.init, 2)
        if self.item.is_model:
            lines += _laid_out(self.target.model_epilogue(self.item), 2)
        if not lines and self.target.extra_parameter:
            # Whoever makes one passes the extra argument, whatever a class does with it.
            lines = [f"{INDENT * 2}super().__init__()"]
        return lines

    def _super_sequence(self) -> list[str]:
        match self.item.items:
            case p.SequenceLayer(items=items):
                return self._super([self._item(i) for i in items])
            case p.SequenceOf() as gathered:
                return self._super(self.target.gathered(gathered))
            case _:
                return self._super([])

    def _super(self, items: Sequence[Doc] | str | None) -> list[str]:
        doc = self.target.super_init(items)
        return [] if doc is None else layout(doc, 2)

    # ---- statements -----------------------------------------------------------------------------

    def statements(self, statements: Sequence[p.InitStatement], depth: int) -> list[str]:
        """Lines for statements at a depth of indentation."""
        lines: list[str] = []
        for run in _runs(statements):
            first = run[0]
            if isinstance(first, p.Gather) and len(run) > 1:
                items = tuple(self._item(g.layer) for g in run if isinstance(g, p.Gather))
                lines += layout(Group("[", items, "]"), depth, f"{first.name} += ")
                continue
            for statement in run:
                lines += self._statement(statement, depth)
        return lines

    def _statement(self, statement: p.InitStatement, depth: int) -> list[str]:
        margin = INDENT * depth
        match statement:
            case p.SetLayer():
                return self._set_layer(statement, depth)
            case p.Gather(name=name, layer=layer):
                return layout(Group(f"{name}.append(", (self._item(layer),)), depth)
            case p.AssignLayer(name=name, layer=layer):
                return layout(self._item(layer), depth, f"{name} = ")
            case p.Assign(name=name, value=value):
                return self._assign(name, value, depth)
            case p.Store(name=name, value=value):
                attribute = self.target.dialect.value(name)
                # A type checker does not infer what a class asks of its own instances.
                own = self.item.calls_itself and name == "out_channels"
                return write(
                    self.text(value), depth, f"self.{attribute}{': int' if own else ''} = "
                )
            case p.Require(condition=condition, message=message):
                test = self.text(Unary("not", condition))
                return [*write(test, depth, "if ", ":"), *_raise(message, depth + 1)]
            case p.NewList(name=name, depth=0, keyed=keyed, bare=bare):
                new = self.target.new_dict(bare) if keyed else self.target.new_list(bare)
                return [f"{margin}self.{name} = {new}"]
            case p.NewList(name=name, depth=depth, bare=bare):
                last = "[-1]" * (depth - 1)
                return [margin + self.target.append_list(f"self.{name}{last}", bare)]
            case p.NewLocalList(name=name):
                return [f"{margin}{name}: {self.target.local_list()} = []"]
            case p.NewMap(name=name, keyed=keyed):
                new = "dict[int, int] = {}" if keyed else "list[int] = []"
                return [f"{margin}{name}: {new}"]
            case p.SetItem(name=name, index=index, value=value, keyed=True):
                return write(self.text(value), depth, f"{name}[{self.text(index)}] = ")
            case p.SetItem(name=name, value=value):
                return layout(Group(f"{name}.append(", (self.text(value),)), depth)
            case p.InitIf():
                return if_lines(statement, depth, self.text, self.statements)
            case p.InitFor(body=body):
                reads = init_reads(body, self.target.dialect.lazy_channels)
                head = loop_head(statement, reads, self.text, depth)
                return [*head, *self.statements(body, depth + 1)]

    def _assign(self, name: str, value: Expr, depth: int) -> list[str]:
        if isinstance(value, Binary) and value.left == Name(name) and value.operator in "+-*":
            return write(self.text(value.right), depth, f"{name} {value.operator}= ")
        return write(self.text(value), depth, f"{name} = ")

    # ---- layers ---------------------------------------------------------------------------------

    def _set_layer(self, statement: p.SetLayer, depth: int) -> list[str]:
        layer = statement.layer
        doc = self.target.empty() if isinstance(layer, p.Empty) else self._layer(layer)
        match statement.home:
            case p.Attribute(name=name):
                note = self.target.empty_annotation() if isinstance(layer, p.Empty) else ""
                home = f"self.{name}"
                lines = layout(doc, depth, f"{home}{note} = ")
            case p.ListItem(name=name, indices=(index,), keyed=True):
                home = f"self.{name}[{key_text(index, self.text)}]"
                lines = layout(doc, depth, f"{home} = ")
            case p.ListItem(name=name, indices=indices):
                inner = "[-1]" * (len(indices) - 1)
                home = f"self.{name}{inner}[-1]"
                lines = layout(Group(f"self.{name}{inner}.append(", (doc,)), depth)
            case p.Computed(parts=parts):
                name = f_string(parts, self.scribe.text)
                home = f"getattr(self, {name})"
                lines = layout(self.target.computed_home(name, doc, layer), depth)
        if isinstance(layer, p.OpLayer):
            lines += _laid_out(self.target.after_layer(home, layer, self.scribe), depth)
        return lines

    def _layer(self, layer: p.Layer) -> Doc:
        """A layer as an attribute."""
        if isinstance(layer, p.OpLayer):
            return self.target.layer(layer, self.scribe)
        return self._item(layer)

    def _item(self, layer: p.Layer | p.Repeat) -> Doc:
        """A layer as an item of a sequence, where an operation without state is one too."""
        match layer:
            case p.OpLayer():
                return self.target.item(layer, self.scribe)
            case p.BlockLayer():
                return self._block(layer)
            case p.SequenceLayer(items=items):
                return self.target.sequence([self._item(i) for i in items])
            case p.SequenceOf():
                return self.target.starred_sequence(self.target.gathered(layer))
            case p.LocalLayer(local=local):
                return local
            case p.Repeat(layer=inner, count=count):
                return Generator("*(", self._item(inner), (f"for _ in range({self.text(count)})",))
            case p.Empty():
                return self.target.empty()

    def _block(self, layer: p.BlockLayer) -> Doc:
        """A call of a generated class: required arguments by position, others by name."""
        items: list[Doc] = []
        for parameter in layer.plan.parameters:
            if parameter.name == "in_channels" and parameter.default is None:
                items.append(self.text(layer.in_channels))
            elif parameter.name == "in_size" and layer.in_size is not None:
                items.append(size_text(layer.in_size, self.text))
            elif parameter.name in layer.arguments:
                value = layer.arguments[parameter.name]
                if parameter.default is None:
                    items.append(self.text(value))
                elif not (is_literal(value) and value == parameter.default):
                    items.append(Keyword(parameter.name, self.text(value)))
        if self.target.extra_argument:
            items.append(self.target.extra_argument)
        return Group(f"{layer.plan.name}(", tuple(items))


def _runs(statements: Sequence[p.InitStatement]) -> Iterator[list[p.InitStatement]]:
    """Statements with neighbouring appends to one list taken together."""
    run: list[p.InitStatement] = []
    for statement in statements:
        together = (
            run
            and isinstance(statement, p.Gather)
            and isinstance(run[-1], p.Gather)
            and run[-1].name == statement.name
        )
        if run and not together:
            yield run
            run = []
        run.append(statement)
    if run:
        yield run


def _raise(message: str, depth: int) -> list[str]:
    """`raise ValueError("…")`, a long message in several texts."""
    margin, whole = INDENT * depth, quoted(message)
    if len(margin + whole) + 18 <= WIDTH:
        return [f"{margin}raise ValueError({whole})"]
    width = WIDTH - len(margin) - 8
    pieces = textwrap.wrap(message, width, drop_whitespace=False, break_long_words=True)
    texts = [f"{margin}{INDENT}{quoted(piece)}" for piece in pieces]
    return [f"{margin}raise ValueError(", *texts, f"{margin})"]


def key_text(index: Expr, text: Callable[[Expr], str]) -> str:
    """A number as the key of a dictionary of layers, whose keys are texts."""
    return f'"{text(index)}"' if isinstance(index, Literal) else f"str({text(index)})"


def f_string(parts: Sequence[str | Expr], text: Callable[[Expr], str]) -> str:
    """`f"denselayer{i + 1}"`"""
    if all(isinstance(part, str | Literal) for part in parts):
        plain = "".join(part if isinstance(part, str) else str(part.value) for part in parts)  # type: ignore[union-attr]
        return quoted(plain)
    # Up to Python 3.11 a text inside may not have the quotes of the whole.
    filled = [p if isinstance(p, str) else "{" + text(p).replace('"', "'") + "}" for p in parts]
    return f'f"{"".join(filled)}"'


def _laid_out(statements: Sequence[str], depth: int) -> list[str]:
    """Statements of one line each, some of them in others, with the long ones broken."""
    lines: list[str] = []
    for statement in statements:
        inner = statement.lstrip()
        within = (len(statement) - len(inner)) // len(INDENT)
        lines += write(inner, depth + within)
    return lines
