"""The `resdsl` command: finds the subcommand, and turns every failure into an exit code.

Nothing is imported before it is needed: a subcommand's module when it is called, a framework by
the backends alone.

    0   done                        2    wrong input, or wrong use of the command
    1   a difference was found,     70   a mistake in resdsl itself
        `fmt --check` a file to change
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

import click

from resdsl import __version__
from resdsl.cli.lazy import LazyGroup

WRONG_INPUT = 2
INTERNAL = 70
INTERRUPTED = 130
PIPE_CLOSED = 141

COMMANDS = {
    "check": "find what is wrong with a file, and show what its models come to",
    "fmt": "lay out files the one canonical way",
    "compile": "write a network as PyTorch, JAX, TensorFlow or ONNX",
    "init": "draw initial weights, one file for all backends",
    "parity": "run a network in several frameworks and compare the numbers",
    "trace": "write down what one framework computes, as a file to compare elsewhere",
    "compare": "compare such files, number by number",
    "fuzz": "run random networks in several frameworks and compare the numbers",
    "train": "train a network by a recipe, in one framework or several",
    "study": "repeat an experiment that made residual networks famous",
    "summary": "show what a network comes to, stage by stage",
    "diff": "say in what two networks differ in meaning",
    "draw": "draw networks as papers do, side by side",
    "models": "list the models of a file, and what each wants",
    "ops": "list the operations of the language",
    "backends": "list the backends, and what each needs",
    "explain": "say more about an operation, a word of the language or a mistake's code",
}


@click.group(cls=LazyGroup, commands_in="resdsl.cli", briefs=COMMANDS)
@click.version_option(__version__, prog_name="resdsl", message="%(prog)s %(version)s")
def resdsl() -> None:
    """A compiler for residual networks: one .res file becomes PyTorch, JAX, TensorFlow and ONNX,
    proven to agree."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    was_collecting = gc.isenabled()
    # A command makes little garbage, and looking for it took a twentieth of the time.
    gc.disable()
    try:
        return _main(arguments)
    finally:
        if was_collecting:
            gc.enable()


def _main(arguments: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a sign gets its number instead of an error.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = resdsl.main(arguments, prog_name="resdsl", standalone_mode=False)
    except click.ClickException as failure:
        failure.show()
        return failure.exit_code
    except (KeyboardInterrupt, click.Abort, BrokenPipeError):
        raise
    except Exception as failure:
        return _explain(failure)
    return result if isinstance(result, int) else 0


def _explain(failure: Exception) -> int:
    from resdsl.cli.output import show_diagnostics, show_internal
    from resdsl.diagnostics import CompileError

    if isinstance(failure, CompileError):
        show_diagnostics(failure.diagnostics)
        return WRONG_INPUT
    show_internal(failure)
    return INTERNAL
