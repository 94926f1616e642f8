"""Statements of a body, one by one: names settled, items named, labels made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span
from resdsl.expressions.nodes import Argument, Expr
from resdsl.passes.resolve.arguments import BROKEN, gives_tensors
from resdsl.passes.resolve.calls import resolve_again, resolve_call, resolve_stage_call
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.expressions import check_targets, resolve_expression
from resdsl.passes.resolve.lexical import IN_LOOPS, LabelPlace, Lexical
from resdsl.passes.resolve.model_body import check_boundary, resolve_input
from resdsl.passes.resolve.naming import Naming, check_label, elements_in, is_sequence
from resdsl.records import dataclass
from resdsl.syntax import ast
from resdsl.syntax.limits import ERRORS

Resolved = TypeVar("Resolved")


@dataclass(slots=True)
class BodyResolver:
    """Resolves one body. Mistakes are collected statement by statement."""

    scope: Lexical
    naming: Naming
    defaults: Defaults
    bag: Bag
    #: `model` or `block` at the top of one, where `input` and `output` may stand; else empty.
    top: str = ""

    def resolve(self, body: ast.Body) -> ir.Body:
        """The statements of a body; what is wrong goes to the bag."""
        resolved: list[ir.Statement] = []
        for statement in body.statements:
            if len(self.bag.items) > ERRORS:
                break
            try:
                result = self._statement(statement)
            except CompileError as failure:
                self.bag.add(failure)
                continue
            if result is not None:
                resolved.append(result)
        return tuple(resolved)

    # ---- for calls too ------------------------------------------------------------------------

    def settle(self, expression: Expr) -> Expr:
        """An expression with its names settled; one that is wrong is reported, and replaced."""
        try:
            return resolve_expression(expression, self.scope, self.defaults)
        except CompileError as failure:
            self.bag.add(failure)
            return BROKEN

    def settle_arguments(self, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """The arguments of a call, each settled by itself."""
        return tuple(Argument(a.name, self.settle(a.value), a.span) for a in arguments)

    def name(self, label: ast.Label | None, kind: str) -> ir.ItemName:
        """The name of the next item of a kind."""
        return self.naming.name(label, kind, self.settle)

    def same_scope(
        self, body: ast.Body, values: Mapping[str, Span | None] | None = None
    ) -> ir.Body:
        """A body that belongs to the naming scope around it."""
        return self._inside(self.scope.nested(values), self.naming).resolve(body)

    def joins(self, call: ast.Call) -> bool:
        """Whether a call breaks a chain: a join here, an operation on other tensors than the
        current one, or on a weight that is no layer's."""
        name = ".".join(call.path)
        if self.scope.is_value(name):
            return False
        try:
            callee = self.scope.file.callee(name, None)
        except CompileError:
            return False  # Brought by two imports: said where the step itself is looked at.
        operation = getattr(callee, "value", None)
        if not isinstance(operation, ir.Operation):
            return False
        kind = operation.kind
        return kind.is_join or kind.bare_weight or gives_tensors(kind, call.arguments)

    def _inside(self, scope: Lexical, naming: Naming) -> BodyResolver:
        return BodyResolver(scope, naming, self.defaults, self.bag)

    # ---- statements ---------------------------------------------------------------------------

    def _statement(self, statement: ast.Statement) -> ir.Statement | None:
        match statement:
            case ast.Let(name=name, value=value, span=span):
                settled = self.settle(value)
                self.scope.add_value(name, statement.name_span)
                return ir.Let(name, settled, span)
            case ast.Expect(condition=condition, message=message, span=span):
                return ir.Expectation(self.settle(condition), message, span)
            case ast.Defaults():
                self.defaults = self.defaults.with_calls(
                    statement, self.settle, self.scope, self.bag
                )
                return None
            case ast.Step(label=label):
                return self._labelled(label, lambda: self._step(statement))
            case ast.Group(label=label, body=body, span=span):
                return self._labelled(
                    label, lambda: self._group(body, self.name(label, "group"), span)
                )
            case ast.Residual():
                return self._residual(statement)
            case ast.Stage(label=label):
                return self._labelled(label, lambda: self._stage(statement))
            case ast.For():
                return self._for(statement)
            case ast.If(condition=condition, then=then, otherwise=otherwise, span=span):
                settled = self.settle(condition)
                arms = self.same_scope(then), self.same_scope(otherwise) if otherwise else ()
                return ir.IfStep(settled, *arms, span)
            case ast.From(source=source, span=span):
                return ir.FromStep(self.settle(source), span)

    def _labelled(self, label: ast.Label | None, resolve: Callable[[], Resolved]) -> Resolved:
        """What `resolve` gives, with its label in reach behind it, even where it is wrong."""
        try:
            return resolve()
        finally:
            self._make_label(label)

    def _make_label(self, label: ast.Label | None) -> None:
        try:
            check_label(label)
            if isinstance(label, ast.NameLabel):
                self.scope.add_label(label.name, label.span)
            elif isinstance(label, ast.IndexLabel):
                self.scope.add_label(label.name, label.span, is_list=True)
        except CompileError as failure:
            self.bag.add(failure)

    def _step(self, statement: ast.Step) -> ir.Statement | None:
        written = ".".join(statement.call.path)
        if written in ("input", "output"):
            check_boundary(statement, self.top)
            values = tuple(self.settle(a.value) for a in statement.call.arguments)
            if written == "output":
                return ir.OutputStep(values, statement.span)
            return resolve_input(statement, values)
        if written == "again" and self.scope.file.callee(written, None) is None:
            return resolve_again(self, statement.call, statement.label, statement.bodies)
        return resolve_call(self, statement.call, statement.label, statement.bodies, statement.span)

    # ---- constructs -----------------------------------------------------------------------------

    def _group(
        self, body: ast.Body, name: ir.ItemName, span: Span, *, shortcut: bool = False
    ) -> ir.GroupStep:
        scope = self.scope.group()
        if shortcut:
            scope.values["branch"] = None
        sequence = is_sequence(body, self.joins)
        inner = self._inside(scope, Naming(sequence))
        return ir.GroupStep(inner.resolve(body), name, sequence, span)

    def _residual(self, statement: ast.Residual) -> ir.ResidualStep:
        body = self.same_scope(statement.body)
        shortcut = None
        if statement.shortcut is not None:
            own = statement.shortcut
            shortcut = self._labelled(own.label, lambda: self._shortcut(own))
        name = self.name(None, "add")
        return ir.ResidualStep(body, shortcut, name, statement.span)

    def _shortcut(self, shortcut: ast.Shortcut) -> ir.GroupStep | ir.CallStep:
        label, value, span = shortcut.label, shortcut.value, shortcut.span
        name = ir.Fixed("shortcut") if label is None else self.name(label, "shortcut")
        if isinstance(value, ast.Body):
            return self._group(value, name, span, shortcut=True)
        callee = self.settle(value)
        written = value.span.text if value.span else "shortcut"
        return ir.CallStep(callee, (), {}, name, written, value.span or span)

    def _stage(self, statement: ast.Stage) -> ir.StageStep | None:
        count = self.settle(statement.count)
        name = self.name(statement.label, "stage")
        rounds = self.scope.nested(dict.fromkeys(IN_LOOPS))
        call = resolve_stage_call(self._inside(rounds, Naming(sequence=True)), statement.call)
        return ir.StageStep(count, call, name, statement.span)

    def _for(self, statement: ast.For) -> ir.ForStep:
        iterable = self.settle(statement.iterable)
        try:
            check_targets(statement.targets, statement.targets_span, self.scope)
        except CompileError as failure:
            self.bag.add(failure)
        values = dict.fromkeys(statement.targets, statement.targets_span)
        self.naming.loops += 1
        rounds = self.scope.nested(dict.fromkeys(IN_LOOPS)).nested(values)
        for name, span in elements_in(statement.body):
            # A later round sees what an earlier one has made.
            self.scope.labels.setdefault(name, LabelPlace(span, is_list=True))
        body = self._inside(rounds, self.naming).resolve(statement.body)
        self.naming.loops -= 1
        return ir.ForStep(statement.targets, iterable, body, statement.span)
