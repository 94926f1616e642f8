"""`load_data` of a script that stands alone: where its arrays come from."""

from __future__ import annotations

from resdsl.codegen.trainer.facts import classes
from resdsl.codegen.trainer.text import indented, split
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Digits, Recipe, Synthetic

_BILINEAR = '''
def bilinear(old: int, new: int) -> np.ndarray:
    """A row for each new position: its shares of the old ones."""
    scale = old / new
    centers = (np.arange(new) + 0.5) * scale - 0.5
    shares = np.maximum(0, 1 - abs(np.arange(old) - centers[:, None]) / max(1, scale))
    return shares / shares.sum(axis=1, keepdims=True)
'''

_PARTS = """
test = np.arange(len(images)) % 5 == 4
return {
    "train_images": images[~test],
    "train_labels": labels[~test],
    "test_images": images[test],
    "test_labels": labels[test],
}
"""


def brings_data(recipe: Recipe) -> bool:
    """Whether the script has data without a file."""
    return isinstance(recipe.data, Digits | Synthetic)


def load_data(graph: Graph, recipe: Recipe) -> list[list[str]]:
    """The function and what it calls: a dictionary of `train_images`, `train_labels`,
    `test_images` and `test_labels`."""
    made: list[list[str]] = []
    match recipe.data:
        case Digits():
            made, call = _digits(graph.input_types[0].numbers), "digits()"
        case Synthetic(samples=samples):
            made, call = [_noise(graph, samples)], "noise()"
    head = [
        f"def load_data(file: {'Path | None' if made else 'Path'}) -> dict[str, np.ndarray]:",
        '    """Images, channels last, and their labels, for training and for the test."""',
    ]
    if made:
        head += ["    if file is None:", f"        return {call}"]
    return [*made, [*head, "    with np.load(file) as arrays:", "        return dict(arrays)"]]


def _digits(shape: tuple[int, ...]) -> list[list[str]]:
    """The digits, in the shape of the network's input (channels first)."""
    channels, *positions = shape
    lines = [
        "from sklearn.datasets import load_digits",
        "",
        "loaded = load_digits()",
        "images, labels = loaded.images / 16 * 255, loaded.target",
    ]
    made = []
    if len(positions) != 2:
        lines.append("images = images.reshape(-1, 64)")
    elif positions != [8, 8]:
        made.append(split(_BILINEAR))
        height, width = positions
        lines += [
            f"rows, columns = bilinear(8, {height}), bilinear(8, {width})",
            'images = np.einsum("yi,nij,xj->nyx", rows, images, columns, optimize=True)',
        ]
    lines.append("images = np.rint(images).astype(np.uint8)")
    if positions:
        grey = "images[..., None]"
        colored = f"np.repeat({grey}, {channels}, axis=-1)" if channels > 1 else grey
        lines.append(f"images = {colored}")
    head = [
        "def digits() -> dict[str, np.ndarray]:",
        '    """scikit-learn\'s 1,797 digits; every fifth is a test sample."""',
    ]
    return [*made, [*head, *indented([*lines, *split(_PARTS)])]]


def _noise(graph: Graph, samples: int) -> list[str]:
    """Random bytes in the shape of the network's input."""
    channels, *positions = graph.input_types[0].shape
    shape = ", ".join(map(str, [*positions, channels]))
    return [
        "def noise() -> dict[str, np.ndarray]:",
        '    """Random images with random labels: nothing to learn, and nothing to wait for."""',
        "    rng = np.random.default_rng(SEED)",
        "    data: dict[str, np.ndarray] = {}",
        f'    for part, samples in (("train", {samples}), ("test", {max(1, samples // 4)})):',
        f"        size = (samples, {shape})",
        '        data[f"{part}_images"] = rng.integers(256, size=size, dtype=np.uint8)',
        f'        data[f"{{part}}_labels"] = rng.integers({classes(graph)}, size=samples)',
        "    return data",
    ]
