"""The user's own module beside a generated one: agreement, a planted fault, and Keras.

What everything is compared with runs once: each test adds its reference's run to it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from resdsl.parity import Report, Settings
from resdsl.parity.inputs import load_network
from resdsl.parity.processes import Progress, run_workers
from resdsl.parity.reference.session import explained
from resdsl.parity.reference.target import reference
from resdsl.parity.report import Row, Status
from resdsl.parity.session import Session, backends_of
from resdsl.weights.name_maps import read_names

HERE = Path(__file__).parent
PORT = f"{HERE / 'ports.py'}:Port"

Compare = Callable[..., Report]


@pytest.fixture(scope="module")
def compare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compare]:
    folder = tmp_path_factory.mktemp("reference")
    graph = load_network(f"{HERE.parent / 'small.res'}:small")
    settings = Settings(backends=("torch",), steps=1, reference=reference(PORT))
    settings.check()
    session = Session(graph, settings, backends_of(settings))
    plans = session.prepare(folder)
    failures = run_workers(plans, folder, 1, quiet)

    def run(*words: str | None) -> Report:
        wanted = reference(*words)  # type: ignore[arg-type]
        own = replace(session, settings=replace(settings, reference=wanted))
        known = dict(failures)
        plan = own.run_reference(plans, known, folder, quiet)
        return explained(own.report([*plans, plan], known, 0.0), graph, plan)

    yield run


def quiet(progress: Progress) -> None:
    """Nobody watches."""


def own(report: Report) -> Row:
    return next(row for row in report.rows if row.backend == "reference")


def test_another_port_is_the_same_network(compare: Compare, tmp_path: Path) -> None:
    report = compare(PORT, None, None, str(tmp_path / "names.json"))
    assert report.agreed, report.diagnostics
    assert {c.status for c in own(report).cells.values()} <= {
        Status.AGREES,
        Status.NOT_APPLICABLE,  # the losses of later steps
    }
    assert own(report).cells["gradients"].status is Status.AGREES
    names = read_names(tmp_path / "names.json")
    assert len(names) == 33
    assert names["upper.side.norm.running_var"] == "layer2.0.downsample.1.running_var"
    assert names["lower.second.kernel.weight"] == "layer1.0.conv2.weight"
    assert report.notes[-1] == (
        f"`reference` is {PORT} in torch: its 33 weights are matched by dataflow"
    )


def test_a_planted_fault_is_found_and_named(compare: Compare) -> None:
    report = compare(PORT, '{"late": 1e-3}')
    assert not report.agreed
    first = own(report).first
    assert first is not None and first.diagnostic is not None
    assert first.place is not None and first.place.endswith("small.res:9:49")
    assert first.diagnostic.primary is not None
    assert first.diagnostic.primary.text == "`layer2.0.bn2`: the first layer that differs"
    said = first.diagnostic.notes[-1]
    assert said.startswith(
        "in your module: the BatchNorm2d `upper.second.norm` has the right input, and its output"
    )


def test_keras_is_compared_under_its_own_names(compare: Compare) -> None:
    """Its batch norm divides the running variance by n: that, and nothing else, differs."""
    report = compare(f"{HERE / 'keras_port.py'}:port")
    row = own(report)
    differ = [name for name, cell in row.cells.items() if cell.status is Status.DIFFERS]
    assert differ == ["statistics", "after"], report.diagnostics
    assert row.first is not None and row.first.diagnostic is not None
    assert row.first.name == "bn1.running_var"
    assert row.first.diagnostic.notes[-1] == (
        "in your module: `batch_normalization/moving_variance`, of the BatchNormalization "
        "`batch_normalization`"
    )
