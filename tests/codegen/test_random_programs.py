"""Random programs as no author would write them: the generated PyTorch computes what the graph
says, for other arguments too.

The seeds are fixed; of more, run it with `RESDSL_PROGRAMS=500`.
"""

import inspect
import os

from agreement import check_agreement
from compiled import definitions, graph_of, model_class, program_of, source_of
from programs import VARIATIONS, program

from resdsl.diagnostics import CompileError

COUNT = int(os.environ.get("RESDSL_PROGRAMS", "12"))


def test_what_compiles_agrees() -> None:
    agreed = 0
    for seed in range(200, 200 + COUNT):
        text = program(seed)
        try:
            resolved = program_of(text)
            graph = graph_of(resolved)
            source = source_of(graph)
        except CompileError:
            continue
        try:
            check_agreement(graph, source)
            # What is flattened has one size in generated code.
            if "flatten" not in text:
                check_variations(resolved, source)
        except Exception as failure:
            raise AssertionError(f"program({seed}) ends in {failure!r}") from failure
        agreed += 1
    assert agreed > COUNT // 2


def check_variations(resolved, source: str) -> None:
    parameters = inspect.signature(model_class(definitions(source))).parameters
    for arguments in VARIATIONS:
        if arguments.keys() <= parameters.keys():
            try:
                graph = graph_of(resolved, **arguments)
            except CompileError:
                continue
            check_agreement(graph, source, **arguments)
