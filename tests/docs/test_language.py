"""The language's reference is true: its examples compile, its errors are the compiler's own words,
and the page of operations is what the compiler says of itself."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from resdsl.diagnostics import render_all
from resdsl.ops.reference import reference
from resdsl.passes.check import Checked, check
from resdsl.recipes.reference import reference as reference_of_recipes

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
TEXT = (DOCS / "language.md").read_text()
DEFINITION = re.compile(r"^(model|block|recipe|def|let|defaults|expect)\b", re.MULTILINE)
BLOCK = re.compile(r"^```(res|res error|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(TEXT)
PAGES = (*BLOCKS, *BLOCK.findall((DOCS / "recipes.md").read_text()))


def checked(code: str, folder: Path) -> Checked:
    """A file as it is; a piece of a body inside a model."""
    if not DEFINITION.search(code):
        code = f"model fragment {{\n    input(64, 32, 32)\n{code}}}\n"
    path = folder / "net.res"
    path.write_text(code)
    return check(str(path))


@pytest.mark.parametrize("code", [code for kind, code in PAGES if kind == "res"])
def test_an_example_compiles(code: str, tmp_path: Path) -> None:
    found = checked(code, tmp_path)
    assert found.diagnostics == []
    assert found.graphs or found.recipes, "nothing was built"


@pytest.mark.parametrize(
    ("code", "text"),
    [(code, text) for (kind, code), (_, text) in pairwise(BLOCKS) if kind == "res error"],
)
def test_a_mistake_gives_the_text_below_it(
    code: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.res").write_text(code)
    assert render_all(check("net.res").diagnostics) + "\n" == text


def test_the_page_of_operations_is_the_compilers_own(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "operations.md", reference())


def test_the_page_of_recipes_is_the_compilers_own(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "recipes.md", reference_of_recipes())


def test_links_inside_the_documentation_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md", DOCS.parent / "ARCHITECTURE.md"]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            path = page.parent / file if file else page
            assert path.exists(), f"{page.name} links to {target}"
            if anchor:
                assert anchor in anchors(path), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", h.lower()).replace(" ", "-") for h in headings}
