"""The wheel: it holds everything, and works where there is no checkout and no framework.

What has to be in it is found by walking the tree, so that a new backend or a new kind of data file
is missed here and not by whoever installs it.
"""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

# The folders of the checkout, and where their files are in the wheel.
PACKAGED = {"resdsl": "resdsl", "backends": "resdsl/backends", "grammars": "resdsl/grammars"}

NOT_SOURCE = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "out")


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True)
    printed = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{printed}"
    return done.stdout


def packaged_files() -> Iterator[str]:
    for folder, inside in PACKAGED.items():
        for path in (ROOT / folder).rglob("*"):
            relative = path.relative_to(ROOT / folder)
            hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
            if path.is_file() and not hidden:
                yield f"{inside}/{relative.as_posix()}"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, because building writes into the tree it builds from, and a stale
    `build/` there would put files into the wheel that are gone from the sources."""
    copy = tmp_path_factory.mktemp("source") / "resdsl"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCE)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-w", folder)
    run(sys.executable, "-m", "pip", "wheel", *options, source, cwd=folder)
    (built,) = folder.glob("resdsl-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment with the wheel and its three dependencies, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    link_dependencies(python, folder)
    return python.parent


def link_dependencies(python: Path, cwd: Path) -> None:
    """Link what resdsl requires from the environment the tests run in: no network, and no more
    than the requirements name, so that a forgotten one is missed."""
    site = Path(run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=cwd).strip())
    for name in sorted(requirements_of("resdsl") - {"resdsl"}):
        distribution = metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or [] if file.parts[0] != ".."}
        for top in tops - {"__pycache__"}:
            (site / top).symlink_to(str(distribution.locate_file(top)))


def requirements_of(name: str) -> set[str]:
    """The distribution and all it needs to be there, without any extra."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        requirements = map(Requirement, metadata.requires(current) or [])
        waiting += [
            requirement.name.lower()
            for requirement in requirements
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        ]
    return found


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_has_every_file_and_no_other(wheel: Path) -> None:
    expected = set(packaged_files())
    assert any(name.endswith(".lark") for name in expected), "no grammar in the checkout"
    assert any(re.fullmatch(r"resdsl/library/\w+\.res", name) for name in expected), "no prelude"
    assert names_in(wheel) == expected


def test_every_folder_with_code_is_a_package() -> None:
    missing = sorted(
        {
            str(folder.relative_to(ROOT))
            for top in PACKAGED
            for path in (ROOT / top).rglob("*.py")
            if not ((folder := path.parent) / "__init__.py").is_file()
        }
    )
    assert not missing, f"no __init__.py in {', '.join(missing)}"


def test_the_source_distribution_builds_the_same_wheel(
    source: Path, wheel: Path, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, source, cwd=tmp_path)
    (again,) = tmp_path.glob("*.whl")
    assert again.name == wheel.name
    assert names_in(again) == names_in(wheel)


def test_pytest_finds_the_plugin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/entry_points.txt"))
        text = archive.read(name).decode()
    assert "[pytest11]\nresdsl = resdsl.testing.plugin\n" in text


def test_the_installed_package_is_whole(installed: Path, tmp_path: Path) -> None:
    program = (
        "import resdsl, resdsl.backends, resdsl.grammars;"
        "print(resdsl.__version__, *resdsl.__path__, *resdsl.backends.__path__)"
    )
    version, *folders = run(installed / "python", "-c", program, cwd=tmp_path).split()
    assert version == metadata.version("resdsl")
    assert len(folders) == 2, "an installed resdsl must not look beside itself"
    assert all(folder.startswith(str(installed.parent)) for folder in folders)


def test_the_installed_command_compiles_an_example(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    arguments = ("examples/resnet.res:resnet18", "--backend", "torch", "-o", "out")
    run(installed / "resdsl", "compile", *arguments, cwd=tmp_path)
    written = tmp_path / "out" / "resnet18_torch.py"
    compile(written.read_text(encoding="utf-8"), str(written), "exec")


def test_the_installed_package_runs_as_a_module(installed: Path, tmp_path: Path) -> None:
    assert "compile" in run(installed / "python", "-m", "resdsl", "--help", cwd=tmp_path)
