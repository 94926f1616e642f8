"""The page: what it shows, that nothing is fetched or run, and that it can be read."""

import re
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser
from importlib.resources import files

import made_reports
import pytest

from resdsl.diagnostics import CompileError
from resdsl.parity.report import DepthPoint
from resdsl.parity.reports import page as module
from resdsl.parity.reports.page import is_differing, page
from resdsl.parity.reports.plot import INKS, series

AT = datetime(2026, 1, 2, 3, 4)
VOID = {"meta", "link", "br", "hr", "img", "input"}
CSS = files("resdsl.parity.reports").joinpath("page.css").read_text("utf-8")


class Document(HTMLParser):
    """Tags, attributes and text of a page; raises where tags are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes.extend((tag, name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def green() -> Document:
    return Document(page(made_reports.green(), AT))


@pytest.fixture(scope="module")
def red_page() -> str:
    return page(made_reports.red(), AT)


@pytest.fixture(scope="module")
def red(red_page: str) -> Document:
    return Document(red_page)


@pytest.fixture(scope="module")
def hostile() -> Document:
    return Document(page(made_reports.hostile(), AT))


def test_agreement_reads_as_such(green: Document) -> None:
    text = green.text
    assert "✓ net: torch, jax, onnx compute the same network" in text
    assert "What went wrong" not in text and "one bias is rounding" in text
    assert "all within the limit" in text


def test_a_cell_has_error_limit_ratio_and_place(red: Document) -> None:
    assert "✗ 1.0e-05 limit 1.0e-12, ratio 1.0e+07 layer1.0.bn1.running_var" in red.text


def test_the_diagnostic_stands_as_in_the_terminal(red: Document) -> None:
    shown = "".join(red.words)
    assert "error[R0605]: batch-norm statistics: `bn1.running_var after step 1`" in shown
    assert " 3 |     bn1: batch_norm(eps = 1e-3)\n   |          ^^^" in shown
    assert "ValueError: too bad" in shown and "\x1b" not in shown


def test_where_the_error_starts_is_said(red: Document) -> None:
    assert "beyond the limit from layer3.1.bn1 on" in red.text


def test_policies_and_what_they_differ_in(red_page: str) -> None:
    (row,) = re.findall(r'<tr class="differing">\s*<th scope="row">(.*?)</th>', red_page)
    assert row == "tf32"
    assert is_differing(["1", "–", "2"]) and not is_differing(["1", "–", "1"])


def test_nothing_is_fetched_and_nothing_runs(hostile: Document) -> None:
    assert not {"script", "link", "iframe", "object", "img", "form"} & set(hostile.tags)
    for tag, name, value in hostile.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("href", "src", "xlink:href"):
            assert value.startswith("#"), (tag, value)
    policy = {v for t, n, v in hostile.attributes if (t, n) == ("meta", "content")}
    assert "default-src 'none'; style-src 'unsafe-inline'" in policy
    assert "url(" not in CSS and "@import" not in CSS


def test_names_are_text(hostile: Document) -> None:
    assert hostile.tags["title"] == 1 and hostile.tags["h1"] == 1
    assert "</title><script>alert('x')</script>" in hostile.text


def test_ids_are_unique(green: Document) -> None:
    ids = Counter(value for _, name, value in green.attributes if name == "id")
    assert max(ids.values()) == 1
    wanted = {value[1:] for _, name, value in green.attributes if name == "href"}
    assert wanted and wanted <= set(ids)


def test_plots_follow_the_page_in_light_and_dark(red: Document) -> None:
    styles = [value for _, name, value in red.attributes if name == "style"]
    assert any("var(--curve-1)" in style for style in styles)
    assert not any(re.search(r"#[0-9a-f]{3,6}\b", style) for style in styles)


def test_points_are_sorted_into_directions_and_places() -> None:
    points = [
        DepthPoint("conv1", 1.0, 2.0, "gradients"),
        DepthPoint("bn1", 1.0, 2.0, "statistics"),
        DepthPoint("bn1", 1.0, 2.0, "gradients"),
    ]
    forward, backward = series(points)
    assert [place for place, _ in forward["statistics"]] == [1]
    assert [place for place, _ in backward["gradients"]] == [0, 1]


def test_the_same_report_gives_the_same_page(red_page: str) -> None:
    assert page(made_reports.red(), AT) == red_page


def test_without_its_packages_it_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(CompileError, match="Jinja2 and matplotlib") as caught:
        module.check()
    assert caught.value.diagnostics[0].help == "`pip install 'resdsl[report]'`"


def colours(scheme: str) -> dict[str, str]:
    """The variables of the style sheet in one scheme."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    shown = blocks[:1] if scheme == "light" else blocks
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", "".join(shown)))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: the ratio of the relative luminances."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(scheme: str) -> None:
    found = colours(scheme)
    assert {*INKS} <= {*found}
    texts = {
        "page": ("text", "dim", "good", "bad", "warning", "blue"),
        "panel": ("text", "bad", "warning", "blue", "good"),
        "good-panel": ("good", "text"),
        "bad-panel": ("bad", "text", "dim"),
    }
    for background, names in texts.items():
        for name in names:
            assert contrast(found[name], found[background]) >= 4.5, (name, background)
    for name in ("curve-1", "curve-2", "curve-3", "curve-4", "bad"):
        assert contrast(found[name], found["page"]) >= 3, name
