"""`forward`: one statement for each convolution, pooling, call and join; norms, activations and
dropout stand around what precedes them."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen import plan as p
from resdsl.codegen.lower.reads import forward_reads, home_reads, mentions, reads_first
from resdsl.codegen.python.choices import assignment, if_lines
from resdsl.codegen.python.constructors import f_string, key_text
from resdsl.codegen.python.expressions import ExpressionPrinter
from resdsl.codegen.python.layout import INDENT, WIDTH
from resdsl.codegen.python.layout import statement as write
from resdsl.codegen.python.loops import loop_head
from resdsl.codegen.python.probing import probed
from resdsl.codegen.python.shapes import batch_of
from resdsl.codegen.python.target import FileUses, Scribe, Target
from resdsl.expressions.nodes import Name
from resdsl.expressions.simplify import names_in
from resdsl.ops.activation import Activation, Softmax
from resdsl.ops.shape import Flatten
from resdsl.records import dataclass
from resdsl.sizes import Dim

#: Longest expression that another is wrapped around.
LIMIT = 70
_WRAPPING = (Activation, Softmax, Flatten)


@dataclass(slots=True)
class _Pending:
    """A statement not written yet, because the next may wrap it."""

    name: str
    text: str
    shapes: tuple[tuple[Dim, ...], ...]
    #: A comment that stands already, where there are no shapes.
    note: str = ""


class ForwardWriter:
    """Writes the `forward` of one class."""

    def __init__(self, target: Target, uses: FileUses, item: p.ClassPlan) -> None:
        self.target = target
        self.item = item
        self.locals: set[str] = set()
        #: Lists of layers that a loop runs through, with the name of its variable.
        self.elements: dict[str, str] = {}
        #: What runs after the statements being written, outermost first.
        self.following: list[Sequence[p.ForwardStatement]] = []
        self.printer = ExpressionPrinter(uses.note, item.span)
        self.scribe = Scribe(uses, self.printer, self._name)
        self.text = self.scribe.text

    def _name(self, name: str) -> str:
        """A name of the constructor, as `forward` sees it."""
        if name in self.locals or name[0] == "@":
            return name.removeprefix("@")
        return f"self.{self.target.dialect.value(name)}"

    def signature(self) -> str:
        """`def forward(self, x: Tensor) -> Tensor:`"""
        item, tensor = self.item, self.target.tensor
        names = [item.first] * item.takes_input + list(item.tensors)
        taken, why = [f"{name}{self._note(name)}" for name in names], ""
        arrow = f" -> {self._result()}" if tensor else ""
        if self._packs:
            taken = ["inputs"]
        if self.item.is_model and self.target.model_parameter is not None:
            parameter, why = self.target.model_parameter
            taken.append(parameter)
        return f"{INDENT}def {self.target.forward_name}(self, {', '.join(taken)}){arrow}:{why}"

    @property
    def _packs(self) -> bool:
        """Whether several inputs of a model come as one."""
        return self.item.is_model and bool(self.item.tensors) and self.target.packs_inputs

    def _note(self, name: str) -> str:
        """The annotation of a parameter."""
        tensor = self.target.tensor
        if not tensor:
            return ""
        return f": Sequence[{tensor}]" if name in self.item.lists else f": {tensor}"

    def _result(self) -> str:
        """The annotation of what `forward` returns."""
        tensor = self.target.tensor

        def form(value: p.ForwardExpr) -> str:
            match value:
                case p.WholeList() | p.ListDisplay():
                    return f"list[{tensor}]"
                case p.Together(items=items) if any(isinstance(i, p.AllItems) for i in items):
                    return f"tuple[{tensor}, ...]"
                case p.Together(items=items):
                    return f"tuple[{', '.join(map(form, items))}]"
                case _:
                    return tensor

        last = self.item.forward[-1]
        return form(last.value) if isinstance(last, p.Return) else tensor

    def body(self) -> list[str]:
        """Everything after the signature."""
        lines = []
        if self._packs:
            names = [self.item.first, *self.item.tensors]
            read = [n if _reads(self.item.forward, n) else "_" for n in names]
            lines.append(f"{INDENT * 2}{', '.join(read)} = inputs")
        return lines + self.statements(self.item.forward, 2)

    # ---- statements -----------------------------------------------------------------------------

    def statements(self, statements: Sequence[p.ForwardStatement], depth: int) -> list[str]:
        """Lines for statements at a depth of indentation."""
        lines: list[str] = []
        pending: _Pending | None = None
        for position, statement in enumerate(statements):
            later = statements[position + 1 :]
            if isinstance(statement, p.Bind):
                wrapped = self._wrapped(pending, statement, later)
                if wrapped is not None:
                    pending = wrapped
                    continue
                lines += self._flush(pending, depth)
                text = self.expression(statement.value)
                pending = _Pending(statement.name, text, statement.shapes)
                if text == statement.name:
                    pending = None
                continue
            if isinstance(statement, p.Unpack):
                lines += self._flush(pending, depth)
                pending = None
                lines += write(self.expression(statement.value), depth, self._head(statement))
                continue
            if isinstance(statement, p.Return):
                lines += self._return(statement, pending, depth)
                pending = None
                break
            if pending is not None and self._is_last_use(statement, pending, later):
                value = pending.text
                assert isinstance(statement, p.BindItem)
                lines += self._bound_item(statement, value, depth)
                pending = None
                continue
            lines += self._flush(pending, depth)
            pending = None
            self.following.append(later)
            written = self._compound(statement, depth)
            self.following.pop()
            if len(written) == 1 and (made := assignment(written[0])):
                pending = _Pending(made[1], made[2], (), made[3] or "")
                continue
            lines += written
        return lines + self._flush(pending, depth)

    def _is_last_use(
        self,
        statement: p.ForwardStatement,
        pending: _Pending,
        later: Sequence[p.ForwardStatement],
    ) -> bool:
        """Whether a list takes the pending value, and nothing else needs it."""
        if not isinstance(statement, p.BindItem) or statement.value != p.Variable(pending.name):
            return False
        rest = (later, *reversed(self.following))
        return (
            next((r for r in (reads_first(s, pending.name) for s in rest) if r is not None), False)
            is False
        )

    def _bound_item(self, statement: p.BindItem, value: str, depth: int) -> list[str]:
        if statement.keyed:
            return write(value, depth, f"{statement.name}[{self.text(statement.index)}] = ")
        return write(f"{statement.name}.append({value})", depth)

    def _wrapped(
        self, pending: _Pending | None, statement: p.Bind, later: Sequence[p.ForwardStatement]
    ) -> _Pending | None:
        """The statement around the pending one, if that reads well and nothing else needs it."""
        if pending is None or not _wraps(statement.value):
            return None
        arguments = statement.value.arguments  # type: ignore[union-attr]
        if arguments != (p.Variable(pending.name),):
            return None
        if statement.name != pending.name and _reads(later, pending.name):
            return None
        text = self.expression(statement.value, {pending.name: pending.text})
        if len(text) > LIMIT:
            return None
        return _Pending(statement.name, text, statement.shapes)

    def _head(self, statement: p.Unpack) -> str:
        """`a, _ = `: what nobody reads has no name."""
        read = [
            name if any(mentions(s, name) for s in self.item.forward) else "_"
            for name in statement.names
        ]
        return f"{', '.join(read)} = "

    def _return(self, statement: p.Return, pending: _Pending | None, depth: int) -> list[str]:
        whole = p.WholeList(pending.name) if pending is not None else None
        if pending is not None and statement.value in (p.Variable(pending.name), whole):
            return self._line("return ", pending.text, depth, pending)
        text = self.expression(statement.value)
        if isinstance(statement.value, p.WholeList) and statement.value.foreign:
            text = f"list({text})"
        return [*self._flush(pending, depth), *self._line("return ", text, depth)]

    def _flush(self, pending: _Pending | None, depth: int) -> list[str]:
        if pending is None:
            return []
        return self._line(f"{pending.name} = ", pending.text, depth, pending)

    def _line(self, head: str, text: str, depth: int, pending: _Pending | None = None) -> list[str]:
        lines = write(text, depth, head)
        note = pending.note if pending else ""
        if pending and pending.shapes:
            ends = (pending.shapes[0], pending.shapes[-1])[: len(pending.shapes)]
            note = f"  # {' to '.join(self._shape(s) for s in ends)}"
        if not note:
            return lines
        if len(lines) > 1 or len(lines[0] + note) > WIDTH:
            return [INDENT * depth + note.strip(), *lines]
        return [lines[0] + note]

    def _shape(self, shape: tuple[Dim, ...]) -> str:
        return batch_of(shape, self.target.channels_first)

    def _compound(self, statement: p.ForwardStatement, depth: int) -> list[str]:
        margin = INDENT * depth
        match statement:
            case p.BindMap(name=name, keyed=keyed):
                return [margin + self._new_map(name, keyed=keyed)]
            case p.BindItem(value=value):
                return self._bound_item(statement, self.expression(value), depth)
            case p.ForwardIf():
                return if_lines(statement, depth, self.text, self.statements)
            case p.ForwardFor():
                return self._for(statement, depth)
            case _:
                return []

    def _new_map(self, name: str, *, keyed: bool) -> str:
        tensor = self.target.tensor
        if not tensor:
            return f"{name} = {'{}' if keyed else '[]'}"
        return f"{name}: dict[int, {tensor}] = {{}}" if keyed else f"{name}: list[{tensor}] = []"

    def _for(self, statement: p.ForwardFor, depth: int) -> list[str]:
        body, targets, index = statement.body, statement.targets, statement.index
        counter = index or targets[0]
        # Behind a round comes the next.
        self.following.append(body)
        name = _only_list(body, counter)
        if name is not None:
            # The loop does nothing but run through one list of layers.
            own = _singular(name, self.locals)
            self.elements[name] = own
            lines = [
                f"{INDENT * depth}for {own} in self.{name}:",
                *self.statements(body, depth + 1),
            ]
            del self.elements[name]
            self.following.pop()
            return lines
        head = loop_head(statement, forward_reads(body), self.text, depth)
        own_names = {*targets, counter} - self.locals
        self.locals |= own_names
        inside = self.statements(body, depth + 1)
        # An identity that runs again writes nothing.
        lines = [*head, *inside] if inside else []
        self.locals -= own_names
        self.following.pop()
        return lines

    # ---- expressions ----------------------------------------------------------------------------

    def expression(self, expression: p.ForwardExpr, inlined: dict[str, str] | None = None) -> str:
        """An expression; `inlined` gives the text that stands for a variable."""
        match expression:
            case p.Variable(name=name):
                return (inlined or {}).get(name, name)
            case p.MapItem(name=name, index=index):
                return f"{name}[{self.text(index)}]"
            case p.AllItems(name=name, keyed=keyed):
                return f"*{_in_order(name) if keyed else name}"
            case p.WholeList(name=name, keyed=keyed):
                return _in_order(name) if keyed else name
            case p.ListDisplay(items=items):
                return f"[{', '.join(self.expression(i, inlined) for i in items)}]"
            case p.Together(items=items):
                return ", ".join(self.expression(i, inlined) for i in items)
            case p.CallLayer(home=home, operands=operands):
                inside = ", ".join(self.expression(a, inlined) for a in operands)
                return f"{self._home(home)}({inside})"
            case p.CallOp(op=op, arguments=arguments, label=label):
                parts = [self.expression(a, inlined) for a in arguments]
                text = self.target.function(op, parts, self.scribe)
                return text if label is None else probed(f_string(label.parts, self.text), text)
            case p.Held(home=home):
                return self._home(home)
            case p.Select(condition=condition, then=then, otherwise=otherwise):
                first, second = self.expression(then), self.expression(otherwise)
                return (
                    first if first == second else f"{first} if {self.text(condition)} else {second}"
                )

    def _home(self, home: p.Home) -> str:
        match home:
            case p.Attribute(name=name):
                return f"self.{name}"
            case p.ListItem(name=name, indices=(index,), keyed=True):
                return f"self.{name}[{key_text(index, self.text)}]"
            case p.ListItem(name=name) if name in self.elements:
                return self.elements[name]
            case p.ListItem(name=name, indices=indices):
                return f"self.{name}" + "".join(f"[{self.text(i)}]" for i in indices)
            case p.Computed(parts=parts):
                return f"getattr(self, {f_string(parts, self.text)})"


def _in_order(name: str) -> str:
    """The tensors of a dictionary by number, as a list."""
    return f"[{name}[i] for i in range(len({name}))]"


def _only_list(body: Sequence[p.ForwardStatement], counter: str) -> str | None:
    """The one list of layers that a loop reads element by element, if that is all it reads."""
    names: set[str] = set()
    calls = 0
    for statement in body:
        if not isinstance(statement, p.Bind):
            return None
        for call in _calls(statement.value):
            if call is None or not isinstance(call.home, p.ListItem):
                return None
            if call.home.indices != (Name(counter),) or call.home.keyed:
                return None
            names.add(call.home.name)
            calls += 1
    return names.pop() if len(names) == 1 and calls == 1 else None


def _calls(expression: p.ForwardExpr) -> list[p.CallLayer | None]:
    """The layers called in an expression; `None` for what may read the loop's variables."""
    match expression:
        case p.CallLayer(operands=operands):
            return [expression, *(c for o in operands for c in _calls(o))]
        case p.CallOp(op=op, arguments=arguments, label=label):
            names = names_in((*op.attributes.values(),)) | (home_reads(label) if label else set())
            reads: list[p.CallLayer | None] = [None] if names else []
            return reads + [c for a in arguments for c in _calls(a)]
        case p.Variable():
            return []
        case _:
            return [None]


def _singular(name: str, taken: set[str]) -> str:
    """A name for one element of a list: `stage` for `stages`."""
    single = name[:-1] if name.endswith("s") and len(name) > 2 else f"{name}_layer"
    return single if single.isidentifier() and single not in taken else f"{name}_layer"


def _wraps(expression: p.ForwardExpr) -> bool:
    if isinstance(expression, p.CallLayer):
        return expression.wraps and len(expression.operands) == 1
    return isinstance(expression, p.CallOp) and issubclass(expression.op.kind, _WRAPPING)


def _reads(statements: Sequence[p.ForwardStatement], name: str) -> bool:
    """Whether a variable is read before it is bound anew."""
    for statement in statements:
        if mentions(statement, name):
            return True
        if isinstance(statement, p.Bind) and statement.name == name:
            return False
    return False
