"""The Python API: loading with other arguments, and everything a model gives."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import resdsl
from resdsl.api import Model
from resdsl.diagnostics import CompileError
from resdsl.weights import read_weights

ROOT = Path(__file__).resolve().parent.parent
RESNET = f"{ROOT}/examples/resnet.res"
NET = """\
block unit(width, act: block = relu) { conv: conv(width, 3, bias = false); bn: batch_norm; act }
model net(widths = [4, 8], classes = 10, rate = 0.5, wide = false, unit: block = unit,
          padding: text = "same") {
    input(3, 8, 8)
    for i in range(len(widths)) { body[i]: unit(widths[i] * (2 if wide else 1)) }
    last: conv(8, 3, pad = 0 if padding == "valid" else 1)
    global_avg_pool
    dropout(rate)
    fc: linear(classes)
}
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.res"
    path.write_text(NET)
    return path


def code_of(failure: pytest.ExceptionInfo[CompileError]) -> str:
    return failure.value.diagnostics[0].code


def test_a_model_has_its_numbers() -> None:
    model = resdsl.load(f"{RESNET}:resnet50", classes=10)
    assert model.name == "resnet50"
    assert model.parameters == 25_557_032 - 990 * 2049
    assert round(model.macs / 1e9, 2) == 4.09


def test_arguments_are_python_values(net: Path) -> None:
    plain = resdsl.load(net)
    changed = resdsl.load(
        net, widths=(2, 3, 5), classes=7, rate=0.25, wide=True, padding="valid", input=(3, 9, 9)
    )
    names = [w.name for w in changed.graph.weights]
    assert "body.2.conv.weight" in names
    assert "body.2.conv.weight" not in [w.name for w in plain.graph.weights]
    assert changed.graph.arguments["widths"] == (2, 3, 5)
    assert changed.graph.arguments["padding"] == "valid"
    assert changed.graph.input_types[0].shape == (3, 9, 9)
    assert changed.graph.output_types[0].shape == (7,)


def test_a_block_is_given_as_text() -> None:
    plain = resdsl.load(f"{RESNET}:resnet34", unit="basic(skip = zero_pad)")
    assert plain.parameters == resdsl.load(f"{RESNET}:resnet34_a").parameters


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"clases": 10}, "R0212"),
        ({"classes": 10.0}, "R0302"),
        ({"classes": object()}, "R0707"),
        ({"unit": "bottelneck"}, "R0201"),
        ({"input": (3, 0, 64)}, "R0708"),
        ({"input": ()}, "R0708"),
    ],
)
def test_wrong_arguments_are_diagnostics(arguments: dict[str, object], code: str) -> None:
    with pytest.raises(CompileError) as failure:
        resdsl.load(f"{RESNET}:resnet18", **arguments)  # type: ignore[arg-type]
    assert code_of(failure) == code


def test_source_is_text_and_loading_imports_no_framework() -> None:
    program = (
        f"import resdsl, sys; text = resdsl.load({RESNET!r} + ':resnet18').source('torch');"
        "assert 'class Resnet18(nn.Module)' in text;"
        "print([name for name in ('torch', 'numpy', 'rich', 'click') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_onnx_is_no_source(net: Path) -> None:
    with pytest.raises(CompileError) as failure:
        resdsl.load(net).source("onnx")
    assert code_of(failure) == "R0506"


def test_initial_weights_are_those_of_the_command_line(net: Path, tmp_path: Path) -> None:
    from resdsl.cli.main import main

    path = tmp_path / "w.safetensors"
    assert main(["init", str(net), "--seed", "3", "-o", str(path)]) == 0
    drawn, stored = resdsl.load(net).init(seed=3), read_weights(path)
    assert list(drawn) == list(stored)
    assert all((drawn[name] == stored[name]).all() for name in drawn)


def test_a_torch_module_lives_with_the_weights_of_a_seed(net: Path) -> None:
    pytest.importorskip("torch")
    model = resdsl.load(net)
    module = model.build("torch", seed=3)
    weights = model.init(seed=3)
    state = {k: v.numpy() for k, v in module.state_dict().items()}
    assert all((state[name] == array).all() for name, array in weights.items())


LIVE = """
import sys
import numpy as np
import resdsl
path, backend, last, options = sys.argv[1], sys.argv[2], sys.argv[3] == "last", {}
model = resdsl.load(path).build(backend, seed=3)
x = np.random.default_rng(0).normal(size=(2, 3, 8, 8)).astype("float32")
if backend == "torch":
    import torch
    x = torch.from_numpy(x)
if backend == "tensorflow":
    options["training"] = False
else:
    model.eval()
y = model(x.transpose(0, 2, 3, 1) if last else x, **options)
print(" ".join(f"{float(v):.5f}" for v in y[0]))
"""


def test_live_modules_of_all_frameworks_agree(net: Path) -> None:
    outputs = {}
    for backend, layout in (("torch", "first"), ("jax", "last"), ("tensorflow", "last")):
        if find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        command = [sys.executable, "-c", LIVE, str(net), backend, layout]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        outputs[backend] = [float(word) for word in done.stdout.split()]
    assert len(outputs["torch"]) == 10
    assert outputs["jax"] == pytest.approx(outputs["torch"], abs=2e-5)
    assert outputs["tensorflow"] == pytest.approx(outputs["torch"], abs=2e-5)


def test_a_live_module_shows_its_source(net: Path) -> None:
    pytest.importorskip("torch")
    import inspect

    module = resdsl.load(net).build("torch")
    assert "class Net(nn.Module)" in inspect.getsource(type(module))


def test_onnx_is_written_with_given_weights(net: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = resdsl.load(net)
    weights = model.init(seed=1)
    model.save_onnx(tmp_path / "given.onnx", weights=weights)
    model.save_onnx(tmp_path / "drawn.onnx", seed=1)
    assert (tmp_path / "given.onnx").read_bytes() == (tmp_path / "drawn.onnx").read_bytes()
    onnx.checker.check_model(tmp_path / "given.onnx", full_check=True)


def test_weights_and_seed_exclude_each_other(net: Path, tmp_path: Path) -> None:
    model = resdsl.load(net)
    with pytest.raises(CompileError) as failure:
        model.save_onnx(tmp_path / "net.onnx", weights=tmp_path / "w.safetensors", seed=1)
    assert code_of(failure) == "R0709"


def test_the_summary_is_a_table(net: Path) -> None:
    model: Model = resdsl.load(net)
    lines = str(model.summary()).splitlines()
    assert lines[0].split() == [
        "layer",
        "kind",
        "output",
        *["parameters", "%", "MACs", "%"],
        "activations",
    ]
    assert any(line.startswith("fc ") for line in lines)
