"""The floors of the house: who may import whom, read from the source without running it.

`FLOORS` and `HEAVY` are the rules, in one place. An import counts wherever it stands, at the top
of a module or inside a function; only numpy, which is quick to import, may be fetched late.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the ground up. A unit imports from the floors below it and from its neighbours, where two
# neighbours never import each other. What stands directly in resdsl/ (`__init__`, `__main__`) is
# the unit `resdsl`, whose `__version__` anybody may read.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"types", "sizes", "records", "diagnostics", "files", "processes"}),
    frozenset({"expressions", "ops", "recipes"}),
    frozenset({"ir", "syntax"}),
    frozenset({"passes"}),
    frozenset({"codegen", "analysis", "weights"}),
    frozenset({"backends"}),  # each folder in it is a unit of its own: backends.torch, ...
    frozenset({"parity", "training", "fuzzing"}),
    frozenset({"cli", "lsp", "api", "testing", "resdsl"}),
)

# Neighbours that may not import each other even in one direction; nor may two backends.
STRANGERS = frozenset({"ir", "syntax"})

# Data that anybody may read; `resdsl.backends` itself is the folder where backends are looked for.
DATA = frozenset({"backends", "grammars", "library"})

# Slow or optional: only a backend may import a framework, in whatever place.
FRAMEWORKS = frozenset(
    {"torch", "jax", "jaxlib", "flax", "optax", "tensorflow", "keras", "onnx", "onnxruntime"}
)
# The units that may import these at module level; everybody else does so inside a function.
HEAVY = frozenset({"numpy", "pygraphviz", "safetensors"})
HEAVY_UNITS = frozenset({"weights", "parity", "training", "fuzzing"})

# What training, the photographs, the curves and the page of parity need besides: extras, imported
# by them alone.
EXTRAS = frozenset(
    {"grain", "PIL", "sklearn", "datasets", "matplotlib", "tensorboardX", "jinja2", "markupsafe"}
)
EXTRA_UNITS = frozenset({"training"})
EXTRA_MODULES = frozenset(
    {"resdsl.parity.photographs", "resdsl.parity.trajectory.plot"}
    | {"resdsl.parity.reports.page", "resdsl.parity.reports.plot"}
)

MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Import:
    module: str  # as absolute as Python would see it: resdsl.backends.torch.rules
    line: int
    late: bool  # inside a function, or for the type checker only


def unit_of(module: str) -> str | None:
    """The unit a module of ours belongs to; None for the modules of others."""
    parts = module.split(".")
    if parts[0] != "resdsl":
        return None
    if len(parts) == 1 or parts[1].startswith("__"):
        return "resdsl"
    if parts[1] == "backends" and len(parts) > 2 and not parts[2].startswith("__"):
        return f"backends.{parts[2]}"
    return parts[1]


def floor_of(unit: str) -> int | None:
    name = unit.split(".")[0]
    return next((level for level, names in enumerate(FLOORS) if name in names), None)


def imports_of(tree: ast.Module, module: str, is_package: bool) -> Iterator[Import]:
    package = module if is_package else module.rpartition(".")[0]
    late = {id(inner) for node in ast.walk(tree) if runs_late(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        for name in imported_names(node, package):
            yield Import(name, node.lineno, id(node) in late)


def runs_late(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
    return False


def imported_names(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = absolute(package, level, module)
            # `from resdsl import passes` imports a unit, `from resdsl.passes import x` from one.
            return [f"{base}.{alias.name}" for alias in names]
        case ast.Call(
            func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [name]
    return []


def absolute(package: str, level: int, module: str | None) -> str:
    if level == 0:
        return module or ""
    parts = package.split(".")
    base = parts[: len(parts) - level + 1]
    return ".".join([*base, module] if module else base)


def complaint(importer: str, found: Import, module: str = "") -> str | None:
    """Why `module`, of the unit `importer`, may not have this import; None if it may."""
    top = found.module.split(".")[0]
    if top in EXTRAS and importer not in EXTRA_UNITS and module not in EXTRA_MODULES:
        return f"imports {top}, which only training and the photographs may"
    if top in FRAMEWORKS and not importer.startswith("backends."):
        return f"imports the framework {top}, which only backends/*/ may"
    if top in HEAVY and not found.late:
        if importer in HEAVY_UNITS or importer.startswith("backends."):
            return None
        return f"imports {top} at module level: do so inside the function that needs it"
    if top in {"backends", "grammars"}:
        return f"imports {found.module}: the package is called resdsl.{top}"
    target = unit_of(found.module)
    if target is None or target == importer or target in DATA:
        return None
    if found.module == "resdsl.__version__":
        return None
    return between(importer, target)


def between(importer: str, target: str) -> str | None:
    above, below = floor_of(importer), floor_of(target)
    if above is None or below is None:
        stray = importer if above is None else target
        return f"imports {target}, and `{stray}` stands on no floor: add it to FLOORS"
    if target.startswith("backends."):
        return f"imports {target}: a backend is found by its name, with get_backend()"
    if below > above:
        return f"is on floor {above} and imports {target} from floor {below}, above it"
    if {importer, target} == STRANGERS:
        return f"imports {target}: these two of floor {above} never import each other"
    return None


def sources() -> Iterator[tuple[Path, str]]:
    """Every module of ours with the name it is imported by."""
    for folder, prefix in (("resdsl", "resdsl"), ("backends", "resdsl.backends")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            yield path, ".".join([prefix, *parts]).removesuffix(".__init__")


def parsed() -> Iterator[tuple[Path, str, Import]]:
    """Every import of ours, with the file and the module it stands in."""
    for path, module in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for found in imports_of(tree, module, path.name == "__init__.py"):
            yield path, module, found


def listing(title: str, lines: list[str]) -> str:
    return "\n  ".join([f"{title} (the rules stand at the top of {Path(__file__).name})", *lines])


def test_every_import_goes_down() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{found.line}: {unit_of(module) or module} {why}"
        for path, module, found in parsed()
        if (why := complaint(unit_of(module) or module, found, module)) is not None
    ]
    assert not wrong, listing(f"{len(wrong)} import(s) break the floors", wrong)


def test_neighbours_import_each_other_in_one_direction_only() -> None:
    places = {
        (unit, target): f"{path.relative_to(ROOT)}:{found.line}"
        for path, module, found in parsed()
        if (unit := unit_of(module) or module)
        if (target := unit_of(found.module)) is not None and target != unit
        if floor_of(unit) == floor_of(target) and not found.module.endswith(".__version__")
    }
    wrong = [
        f"{unit} and {target} import each other: {place} and {places[target, unit]}"
        for (unit, target), place in places.items()
        if unit < target and (target, unit) in places and "resdsl" not in (unit, target)
    ]
    assert not wrong, listing("neighbours on a floor form a circle", wrong)


def test_every_unit_stands_on_a_floor() -> None:
    units = {unit_of(module) or module for _, module in sources()} - DATA
    stray = sorted(unit for unit in units if floor_of(unit) is None)
    assert not stray, listing("units without a floor", stray)


def test_files_stay_short() -> None:
    lengths = [
        (path, len(path.read_text(encoding="utf-8").splitlines()))
        for folder in ("resdsl", "backends")
        for suffix in ("py", "res")
        for path in sorted((ROOT / folder).rglob(f"*.{suffix}"))
    ]
    wrong = [
        f"{path.relative_to(ROOT)}: {length} lines"
        for path, length in lengths
        if length > MAX_LINES
    ]
    assert not wrong, listing(f"files over {MAX_LINES} lines", wrong)


@pytest.mark.parametrize(
    ("module", "source", "words"),
    [
        ("resdsl.types", "from resdsl.ir import Graph", "above it"),
        ("resdsl.syntax.parser", "from ..ir import Graph", "never import each other"),
        ("resdsl.ops.conv", "def f():\n    from ..passes.resolve import g", "above it"),
        ("resdsl.passes.resolve", "from resdsl import cli", "above it"),
        ("resdsl.weights.init", "from resdsl.api import load", "above it"),
        ("resdsl.cli.main", "from resdsl.backends.torch import BACKEND", "by its name"),
        ("resdsl.parity.worker", "import_module('resdsl.backends.jax')", "by its name"),
        ("resdsl.backends.jax.rules", "from ..torch.rules import conv", "by its name"),
        ("resdsl.parity.worker", "def f():\n    import torch", "the framework torch"),
        ("resdsl.api", "import importlib\nimportlib.import_module('keras')", "framework keras"),
        ("resdsl.ir.graph", "import numpy as np", "inside the function"),
        ("resdsl.cli.main", "from backends.torch import rules", "called resdsl.backends"),
        ("resdsl.ir.graph", "import resdsl.surprise", "on no floor"),
        ("resdsl.parity.worker", "def f():\n    import sklearn", "only training"),
        ("resdsl.cli.train", "def f():\n    from PIL import Image", "only training"),
    ],
)
def test_a_planted_import_is_found(module: str, source: str, words: str) -> None:
    assert any(words in why for why in complaints(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("resdsl.syntax.parser", "from . import ast\nfrom ..types import Shape"),
        ("resdsl.ops.conv", "from ..expressions import Expr"),
        ("resdsl.codegen.header", "from resdsl import __version__"),
        ("resdsl.syntax.parser", "import resdsl.grammars"),
        ("resdsl.codegen.discovery", "import resdsl.backends"),
        ("resdsl.backends.torch.runtime", "import torch\nfrom . import rules"),
        ("resdsl.weights.init", "import numpy as np"),
        ("resdsl.api", "def f():\n    import numpy as np"),
        ("resdsl.parity.photographs", "def f():\n    import sklearn.datasets"),
        ("resdsl.training.data.ahead", "def f():\n    import grain"),
        ("resdsl.ir.graph", "if TYPE_CHECKING:\n    import numpy as np"),
    ],
)
def test_an_import_within_the_rules_passes(module: str, source: str) -> None:
    assert complaints(module, source) == []


def complaints(module: str, source: str) -> list[str]:
    found = imports_of(ast.parse(source), module, is_package=False)
    whys = (complaint(unit_of(module) or module, each, module) for each in found)
    return [why for why in whys if why is not None]
