"""What `--reference` names, without a framework."""

from pathlib import Path

import pytest

from resdsl.codegen.runtime import Unavailable
from resdsl.diagnostics import CompileError
from resdsl.parity.reference.target import backend_of, find, make, reference

FILE = f"{Path(__file__).parent / 'ports.py'}"


def test_files_and_modules() -> None:
    found = reference(f"{FILE}:Port.inner", '{"classes": 7}', "names.toml", "out.json")
    assert (found.place, found.member, found.arguments) == (FILE, "Port.inner", {"classes": 7})
    assert (found.names, found.write_names) == (Path("names.toml"), Path("out.json"))
    assert str(reference("timm:create_model")) == "timm:create_model"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((FILE,), f"`{FILE}` names no module"),
        (("port.py:",), "`port.py:` names no module"),
        (("port.py:a-b",), "`port.py:a-b` names no module"),
        (("nowhere.py:Net",), "there is no file `nowhere.py`"),
        (("a/b:Net",), "`a/b` is neither a Python file nor a module"),
        (("timm:create_model", "{"), "`{` is no JSON: "),
        (("timm:create_model", "[]"), "`[]` is no JSON object"),
    ],
)
def test_what_means_nothing_is_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CompileError) as caught:
        reference(*words)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0640" and diagnostic.message.startswith(said)
    assert diagnostic.help is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("resdsl.nowhere:x", "there is no module `resdsl.nowhere`"),
        ("resdsl:Nowhere", "`resdsl` has no `Nowhere`"),
        ("resdsl:__version__", "`resdsl:__version__` is a str"),
    ],
)
def test_what_is_not_there_is_refused(text: str, said: str) -> None:
    with pytest.raises(Unavailable) as caught:
        find(reference(text))
    assert caught.value.message == said


def test_what_is_no_module_of_a_framework_is_refused() -> None:
    wanted = reference("builtins:dict", '{"a": 1}')
    with pytest.raises(Unavailable, match="`builtins:dict` makes a dict"):
        make(find(wanted), wanted)


@pytest.mark.parametrize(
    ("module", "name", "backend"),
    [
        ("torch.nn.modules.module", "Module", "torch"),
        ("keras.src.layers.layer", "Layer", "tensorflow"),
        ("flax.nnx.module", "Module", "jax"),
        ("flax.linen.module", "Module", None),
        ("torchvision.nn", "Module", None),
    ],
)
def test_the_framework_is_known_by_the_base_class(
    module: str, name: str, backend: str | None
) -> None:
    base = type(name, (), {"__module__": module})
    assert backend_of(type("Mine", (base,), {})) == backend
