"""A worker that answers, raises, dies or sleeps, as its order says: `python -m` this module."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from resdsl.processes.channel import own_output


def main() -> int:
    private = own_output()
    for line in sys.stdin:
        order = Path(line.strip()).name
        if order == "die":
            sys.stderr.write("the last words\n")
            return 7
        if order == "sleep":
            time.sleep(600)
        print("noise that is no answer")
        private.write(json.dumps({"order": order, "process": os.getpid()}) + "\n")
        private.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
