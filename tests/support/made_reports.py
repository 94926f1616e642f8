"""Reports of comparisons made by hand: what the pages and files of parity are tested with."""

from collections.abc import Mapping

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.report import Cause, Cell, DepthPoint, Divergence, Fault, Report, Row, Status

#: What a `.res` file, a path or a framework's message could smuggle into a page.
HOSTILE = "</title><script>alert('x')</script>[/b]&$x_{\"\x00\x1b[31m\ufffe"

SOURCE = Source(
    "nets/net.res", "model net {\n    conv1: conv(16, 3)\n    bn1: batch_norm(eps = 1e-3)\n}\n"
)
SUBJECT = {
    "parameters": 1234567,
    "inputs": {"x": [3, 32, 32]},
    "dtype": "float64",
    "batch": 4,
    "steps": 5,
    "images": "noise",
    "device": "cpu",
    "lr": [0.01, 0.005],
    "weights": "drawn",
    "sources": {},
}


NONE = Cell(Status.NOT_APPLICABLE)


def cells(error: float | None, needs: tuple[str, ...] = ()) -> dict[str, Cell]:
    """The cells of a run whose every error is this one, or of the reference."""
    found = {}
    for quantity in QUANTITIES:
        if quantity.needs == "probes" or (needs and quantity.needs not in needs):
            found[quantity.name] = NONE
        elif error is None:
            found[quantity.name] = Cell(Status.REFERENCE)
        else:
            status = Status.AGREES if error <= quantity.limit else Status.DIFFERS
            found[quantity.name] = Cell(status, error, quantity.limit, "layer1.0.bn1.running_var")
    return found


def policy(backend: str) -> dict[str, object]:
    versions = {"python": "3.11.7", backend: "1.2.3"}
    return {"device": "cpu", "tf32": backend == "jax", "threads": 2, "versions": versions}


def row(backend: str, error: float | None, **others: object) -> Row:
    return Row(
        backend,
        "float64",
        others.pop("cells", None) or cells(error),  # type: ignore[arg-type]
        policy(backend),
        {"importing": 1.5, "building": 0.5},
        **others,  # type: ignore[arg-type]
    )


def divergence(name: str = "bn1.running_var") -> Divergence:
    """The first value that differs, with its place in the file."""
    start = SOURCE.text.index("batch_norm")
    span = Span(SOURCE, start, start + len("batch_norm(eps = 1e-3)"))
    diagnostic = Diagnostic(
        "R0605",
        f"batch-norm statistics: `{name} after step 1` differs by 5.8e-04, and 1.0e-10 is allowed",
        Label(span, "the first value that differs"),
        notes=("in `basic(width = 16)` at nets/net.res:9:5",),
    )
    return Divergence(
        "statistics",
        name,
        5.8e-4,
        1e-10,
        step=1,
        diagnostic=diagnostic,
        faults=(fault(diagnostic, name),),
        created=True,
    )


def fault(diagnostic: Diagnostic, name: str) -> Fault:
    """The operation that makes it, with a cause."""
    path = name.rpartition(".")[0]
    cause = Cause("momentum = 0.9 (inverted)", path, "another share", "Keras", f"correct {name}")
    return Fault(
        "statistics", path, name, 5.8e-4, 1e-12, "jax", causes=(cause,), diagnostic=diagnostic
    )


def depth(step_at: int | None = None, name: str = "layer") -> tuple[DepthPoint, ...]:
    """Errors along twelve nodes, from `step_at` on beyond the limit."""
    points = []
    for place in range(12):
        path = f"{name}{place // 3 + 1}.{place % 3}.bn1"
        is_bad = step_at is not None and place >= step_at
        points.append(DepthPoint(path, 1e-15, 1e-11, "gradients"))
        points.append(DepthPoint(path, 1e-4 if is_bad else 2e-16, 1e-10, "statistics"))
    return tuple(points)


def report(
    rows: tuple[Row, ...],
    model: str = "net",
    notes: tuple[str, ...] = (),
    along: Mapping[str, tuple[DepthPoint, ...]] | None = None,
) -> Report:
    return Report(model, SUBJECT, "torch float64", rows, 12.34, notes, along or {})


def green() -> Report:
    """Three backends that agree; ONNX cannot compute everything."""
    some = cells(3e-16, ("eval", "train"))
    rows = (row("torch", None), row("jax", 2e-15), row("onnx", 3e-16, cells=some))
    return report(rows, along={"jax": depth(), "onnx": depth()}, notes=("one bias is rounding",))


def red() -> Report:
    """JAX differs, TensorFlow failed."""
    failure = Diagnostic("R0604", "the tensorflow worker ended", notes=("ValueError: too bad",))
    failed = {
        name: Cell(Status.FAILED, problem=failure.message) if cell != NONE else cell
        for name, cell in cells(None).items()
    }
    rows = (
        row("torch", None),
        row("jax", 1e-5, first=divergence()),
        row("tensorflow", None, cells=failed, failure=failure),
    )
    return report(rows, along={"jax": depth(step_at=7)})


def hostile() -> Report:
    """Every text is the worst one."""
    failure = Diagnostic("R0604", HOSTILE, notes=(HOSTILE,), help=HOSTILE)
    bad = {name: Cell(Status.DIFFERS, 1.0, 1e-12, HOSTILE, HOSTILE) for name in cells(None)}
    rows = (
        row("torch", None),
        Row(HOSTILE, HOSTILE, bad, {HOSTILE: HOSTILE, "versions": {HOSTILE: HOSTILE}}),
        row("jax", 1e-5, first=divergence(HOSTILE)),
        row("onnx", 1e-5, failure=failure),
    )
    along = {HOSTILE: depth(3, HOSTILE)}
    return report(rows, model=HOSTILE, notes=(HOSTILE,), along=along)
