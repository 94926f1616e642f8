"""resdsl: a compiler for residual networks.

One `.res` file becomes PyTorch, JAX (Flax NNX), TensorFlow (Keras 3) and ONNX, and `resdsl parity`
proves that they are the same network. Importing the package imports nothing else of it, so that
every command starts fast: the Python API is fetched from `resdsl.api` when first asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# In a checkout `resdsl.backends` and `resdsl.grammars` are the folders beside this one. A wheel
# has them inside, and no pyproject.toml stands beside an installed package.
_checkout = Path(__file__).resolve().parent.parent
if (_checkout / "pyproject.toml").is_file():
    __path__.append(str(_checkout))

if TYPE_CHECKING:
    from resdsl.api import load as load
else:

    def __getattr__(name):
        if name != "load":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from resdsl.api import load

        return load
