"""`resdsl backends`: what a network can be compiled to, and what is installed for it here."""

from __future__ import annotations

import click

from resdsl.cli.output import say


@click.command()
def backends() -> None:
    """List the backends, and what each needs.

    Writing PyTorch, JAX and TensorFlow source needs none of them installed; running it does, and
    so does writing ONNX.
    """
    from importlib.util import find_spec

    from resdsl.codegen.backend import backend_names, get_backend

    for name in backend_names():
        backend = get_backend(name)
        missing = [package for package in backend.requires if find_spec(package) is None]
        needs = f"needs {', '.join(missing)}: pip install 'resdsl[{backend.extra}]'"
        say(f"{name:12}{backend.title:24}{needs if missing else 'installed'}")
