"""One backend's part of a fuzzing run: `python -m resdsl.fuzzing.worker`, a process for many
networks.

Each line of standard input is the path of a plan of parity's; what parity's worker does with it is
done here. The answer is one JSON object a line. An exception is an answer as well: only what ends
the process, or never ends, costs another import of the framework.
"""

from __future__ import annotations

import gc
import io
import json
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import Unavailable
from resdsl.parity.plan import Plan, read_plan
from resdsl.parity.worker import work
from resdsl.processes.channel import Channel, own_output, prepare

#: Lines of a traceback that are told.
TAIL = 12


def main() -> int:
    # Ctrl-C is for the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    private = own_output()
    prepared = False
    for line in sys.stdin:
        plan = read_plan(Path(line.rstrip("\n")))
        if not prepared:
            prepare(plan.policy.threads, plan.policy.device)
            prepared = True
        private.write(json.dumps(answer(plan)) + "\n")
        private.flush()
    return 0


def answer(plan: Plan) -> dict[str, Any]:
    """What became of one plan: nothing to say, a refusal, or an exception."""
    try:
        work(plan, Channel(io.StringIO()))
    except Unavailable as refusal:
        return {"refused": refusal.message}
    except Exception as failure:
        lines = "".join(traceback.format_exception(failure)).splitlines()
        return {"raised": type(failure).__name__, "tail": lines[-TAIL:]}
    finally:
        # Models hold themselves in circles.
        gc.collect()
    return {}


if __name__ == "__main__":
    sys.exit(main())
