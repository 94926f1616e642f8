"""What a backend declares, and how it is found: by its folder, or by the entry-point group
`resdsl.backends`. The core never imports one by name, and declaring imports no framework."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import error
from resdsl.ir.graph import Graph
from resdsl.records import dataclass

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from resdsl.codegen.foreign import Foreign
    from resdsl.codegen.group import Group
    from resdsl.codegen.observation import Observer
    from resdsl.codegen.runtime import Facts, MaskSource
    from resdsl.codegen.trial import Evaluator
    from resdsl.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Backend:
    """A target.

    `emit` turns a network into the text of a source file (`None` for a binary target, which has
    `export` instead: it writes the file at a path, with weights if they are given). `emit(graph,
    probed=True)` prints the same computations with the result of every operation that is no layer
    handed through `probe(self, label, value)`; it is asked where the capabilities have `probes`.
    `runtime` names the class that parity drives, `module:Class`; `capabilities` are the quantities
    it can compute: `eval`, `train`, `gradients`, `steps`, and `probes` where it can show all values
    on the way. `builder`, `module:function`, makes live models: it takes the module of a generated
    file, its model's class, a weights file or `None`.
    `observer`, `module:function`, looks into live models: see `resdsl.codegen.observation`.
    `trials`, `module:function`, computes single operations: see `resdsl.codegen.trial`.
    `masks`, `module:function`, makes a live model's dropouts take given masks: it takes the model,
    its module, the `Facts` of the network and a `MaskSource`.
    `foreign`, `module:Class`, runs modules that users have written: see `resdsl.codegen.foreign`.
    `emit_trainer` writes a training script for one process, `emit_distributed_trainer` for several:
    `group` names the class by which the harness knows them (`resdsl.codegen.group`), and `launch`
    gives the environment of one of them by its number, the addresses of all (`host:port`) on this
    machine and the kind of device. Where `compiles_exchange` is false, a script for several has no
    use for `--compile`: the framework compiles no step in which they exchange something.
    """

    name: str
    title: str
    file_suffix: str
    extra: str
    requires: tuple[str, ...]
    emit: Callable[..., str] | None = None
    export: Callable[..., None] | None = None
    runtime: str = ""
    capabilities: frozenset[str] = frozenset()
    builder: str = ""
    emit_trainer: Callable[[Graph, Recipe], str] | None = None
    emit_distributed_trainer: Callable[[Graph, Recipe], str] | None = None
    group: str = ""
    launch: Callable[[int, Sequence[str], str], dict[str, str]] | None = None
    compiles_exchange: bool = True
    observer: str = ""
    trials: str = ""
    masks: str = ""
    foreign: str = ""

    def load_runtime(self) -> Any:
        """Import the runtime class, and with it the framework."""
        return _named(self.runtime)

    def load_group(self) -> type[Group]:
        """Import the class of processes that train together, and with it the framework."""
        group: type[Group] = _named(self.group)
        return group

    def load_builder(self) -> Callable[[ModuleType, Any, Path | None], Any]:
        """Import the builder, and with it the framework."""
        builder: Callable[[ModuleType, Any, Path | None], Any] = _named(self.builder)
        return builder

    def load_foreign(self) -> type[Foreign]:
        """Import what runs a user's own module, and with it the framework."""
        foreign: type[Foreign] = _named(self.foreign)
        return foreign

    def load_observer(self) -> Observer:
        """Import what looks into live models, and with it the framework."""
        observer: Observer = _named(self.observer)
        return observer

    def load_trials(self) -> Evaluator:
        """Import what computes single operations, and with it the framework."""
        evaluate: Evaluator = _named(self.trials)
        return evaluate

    def load_masks(self) -> Callable[[Any, ModuleType, Facts, MaskSource], None]:
        """Import what gives live models their masks, and with it the framework."""
        give: Callable[[Any, ModuleType, Facts, MaskSource], None] = _named(self.masks)
        return give

    def trainer(self, distributed: bool) -> Callable[[Graph, Recipe], str] | None:
        """What writes a training script, for several processes or for one; `None` if nothing."""
        return self.emit_distributed_trainer if distributed else self.emit_trainer

    def file_name(self, model: str) -> str:
        """The name of the file written for a model: `resnet50_torch.py`, `resnet50.onnx`."""
        return f"{model}{self.file_suffix}"

    def trainer_name(self, model: str) -> str:
        """The name of its training script: `train_resnet50_torch.py`."""
        return f"train_{self.file_name(model)}"


def _entry_points() -> Iterable[EntryPoint]:
    # Late: this import takes as long as a small network, and our own backends do not need it.
    from importlib.metadata import entry_points

    return entry_points(group="resdsl.backends")


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def backend_names() -> list[str]:
    """Names of all backends: ours in the order of their titles, then third-party ones."""
    from pkgutil import iter_modules

    import resdsl.backends as ours

    found = [module.name for module in iter_modules(ours.__path__) if module.ispkg]
    third_party = [entry.name for entry in _entry_points()]
    preferred = [name for name in ("torch", "jax", "tensorflow", "onnx") if name in found]
    return preferred + sorted((set(found) | set(third_party)) - set(preferred))


def get_backend(name: str) -> Backend:
    """The backend called `name`. Raises `CompileError` if there is none."""
    import resdsl.backends as ours

    if any((Path(folder) / name / "__init__.py").is_file() for folder in ours.__path__):
        module = importlib.import_module(f"resdsl.backends.{name}")
        backend: Backend = module.BACKEND
        return backend
    for entry in _entry_points():
        if entry.name == name:
            loaded: Backend = entry.load()
            return loaded
    known = ", ".join(f"`{n}`" for n in backend_names())
    raise error("R0501", f"there is no backend called `{name}`", help=f"the backends are {known}")
