"""`resdsl compile` and `resdsl init`: what is written, where, and when nothing is."""

from pathlib import Path

import pytest

from resdsl.weights import read_metadata, read_weights


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_source_is_written_under_the_models_name(resdsl, net, tmp_path: Path) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "torch", "-o", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    written = tmp_path / "out" / "small_torch.py"
    assert done.out.startswith(f"{written}: PyTorch")
    assert "class Small(nn.Module)" in written.read_text()


def test_several_backends_with_commas(resdsl, net, tmp_path: Path) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "torch, onnx", "-o", tmp_path / "out")
    assert done.code == 0
    assert files_in(tmp_path / "out") == ["small.onnx", "small_torch.py"]
    assert "weights drawn from seed 0" in done.out


def test_all_backends(resdsl, net, tmp_path: Path) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "all", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    names = ["small.onnx", "small_jax.py", "small_tensorflow.py", "small_torch.py"]
    assert files_in(tmp_path / "out") == names


def test_a_seed_writes_the_weights_beside_the_source(resdsl, net, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--backend", "torch", "--seed", 3, "-o", out)
    assert resdsl("compile", f"{net}:small", *options).code == 0
    assert files_in(out) == ["small.safetensors", "small_torch.py"]
    assert resdsl("init", f"{net}:small", "--seed", 3, "-o", tmp_path / "w.safetensors").code == 0
    assert (out / "small.safetensors").read_bytes() == (tmp_path / "w.safetensors").read_bytes()


def test_weights_of_a_file_are_written_beside_the_source(resdsl, net, tmp_path: Path) -> None:
    given = tmp_path / "w.safetensors"
    resdsl("init", f"{net}:small", "--seed", 5, "-o", given)
    out = tmp_path / "out"
    done = resdsl("compile", f"{net}:small", "--backend", "torch", "--weights", given, "-o", out)
    assert done.code == 0, done.err
    copied, wanted = read_weights(out / "small.safetensors"), read_weights(given)
    assert list(copied) == list(wanted)
    assert all((copied[name] == wanted[name]).all() for name in wanted)


def test_a_trainer_is_written_beside_the_source(resdsl, net, tmp_path: Path) -> None:
    """By the library's `digits`, or by the recipe that is asked for; settings find their own."""
    out = tmp_path / "out"
    options = ("--backend", "torch", "--with-trainer", "-o", out)
    done = resdsl("compile", f"{net}:small", *options)
    assert (done.code, done.err) == (0, "")
    assert files_in(out) == ["small_torch.py", "train_small_torch.py"]
    assert f"{out / 'train_small_torch.py'}: PyTorch, `digits`" in done.out
    script = (out / "train_small_torch.py").read_text()
    assert "from small_torch import Small\n" in script and "def digits()" in script

    changes = ("--set", "width=6", "--set", "optimizer.lr=0.025", "--recipe", "cifar10")
    assert resdsl("compile", f"{net}:family", *options, *changes).code == 0
    script = (out / "train_family_torch.py").read_text()
    assert "LEARNING_RATE = 0.025\n" in script and "pad_crop(images, rng, padding=4)" in script
    assert "width: int = 6" in (out / "family_torch.py").read_text()


def test_a_trainer_for_several_devices(resdsl, net, tmp_path: Path) -> None:
    options = ("--backend", "torch", "--with-trainer", "--distributed", "-o", tmp_path / "out")
    assert resdsl("compile", f"{net}:small", *options).code == 0
    script = (tmp_path / "out" / "train_small_torch.py").read_text()
    assert "DistributedDataParallel(" in script


def test_a_backend_without_trainers_writes_nothing(resdsl, net, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--backend", "torch,onnx", "--with-trainer", "-o", out)
    done = resdsl("compile", f"{net}:small", *options)
    assert done.code == 2
    assert "error[R0506]: the backend `onnx` writes no training scripts" in done.err
    assert "help: `--backend torch" in done.err
    assert files_in(out) == []


def test_a_network_that_no_recipe_trains_writes_nothing(resdsl, net, tmp_path: Path) -> None:
    path = tmp_path / "features.res"
    path.write_text("model features { input(3, 8, 8); conv(4, 3) }\n")
    out = tmp_path / "out"
    done = resdsl("compile", path, "--backend", "torch", "--with-trainer", "-o", out)
    assert done.code == 2
    assert "error[R0509]: the output of `features` is 4 x 8 x 8" in done.err
    assert files_in(out) == []


def test_weights_that_do_not_fit_write_nothing(resdsl, net, tmp_path: Path) -> None:
    given = tmp_path / "w.safetensors"
    resdsl("init", f"{net}:large", "-o", given)
    options = ("--backend", "torch", "--weights", given, "-o", tmp_path / "out")
    done = resdsl("compile", f"{net}:small", *options)
    assert done.code == 2
    assert "error[R0714]" in done.err
    assert files_in(tmp_path / "out") == []


def test_init_says_what_it_wrote(resdsl, net, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    done = resdsl("init", f"{net}:small", "-o", path)
    assert done.out == f"{path}: 14 arrays, 554 parameters, seed 0\n"
    assert len(read_weights(path)) == 14
    assert read_metadata(path)["seed"] == "0"


def test_a_parameter_is_set_as_in_the_file(resdsl, net, tmp_path: Path) -> None:
    settings = ("--set", "width=6", "--set", "skip=projection(norm = identity)")
    path = tmp_path / "w.safetensors"
    assert resdsl("init", f"{net}:family", *settings, "-o", path).code == 0
    assert "layer1.0.down.0.weight" in read_weights(path)
    assert "layer1.0.down.1.weight" not in read_weights(path)


def test_a_changed_model_need_not_meet_expectations(resdsl, net, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    assert resdsl("init", f"{net}:small", "--set", "depth=2", "-o", path).code == 0


def test_an_unchanged_model_must_meet_them(resdsl, net, tmp_path: Path) -> None:
    net.write_text(net.read_text().replace("554", "555"))
    path = tmp_path / "w.safetensors"
    done = resdsl("init", f"{net}:small", "--set", "depth=1", "-o", path)
    assert done.code == 2
    assert "error[R0308]" in done.err
    assert not path.exists()


def test_the_input_is_replaced(resdsl, net, tmp_path: Path) -> None:
    done = resdsl("summary", f"{net}:small", "--input", "3x16x20")
    assert done.code == 0
    assert "small: 3 x 16 x 20 -> 10" in done.out


def test_a_file_with_one_complete_model_needs_no_choice(resdsl, tmp_path: Path) -> None:
    path = tmp_path / "one.res"
    path.write_text(
        "model family(width) { input(3, 8, 8); conv(width, 3) }\nmodel one = family(4)\n"
    )
    assert resdsl("compile", path, "--backend", "torch", "-o", tmp_path).code == 0
    assert (tmp_path / "one_torch.py").is_file()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--weights", "w", "--seed", "1"), "exclude each other"),
        (("--training",), "--batch 32"),
        (("--recipe", "digits"), "--with-trainer"),
        (("--distributed",), "--with-trainer"),
        (("--seed", "-1"), "range"),
        (("--backend",), "argument"),
        (("--nonsense",), "No such option"),
    ],
)
def test_wrong_options_are_explained(resdsl, net, options, words: str) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "torch", *options)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err


def test_a_missing_package_is_named_before_anything_is_written(
    resdsl, net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnx" else find(name)
    )
    done = resdsl("compile", f"{net}:small", "--backend", "torch,onnx", "-o", tmp_path / "out")
    assert done.code == 2
    assert "error[R0505]: writing ONNX needs onnx" in done.err
    assert "pip install 'resdsl[onnx]'" in done.err
    assert files_in(tmp_path / "out") == []
