"""`make device-test`: trainers of all frameworks in two processes, with every case there is.

Prints how far the run that two processes share is from that of one; ends with an error where cases
that must agree do not.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from devices import BACKENDS, DIFFERENT, TOLERANCE, all_cases, farthest, run_cases

print(f"{'case':12}{'backend':>12}{'processes apart':>18}{'from one':>12}")
failed = False
for backend in BACKENDS:
    with tempfile.TemporaryDirectory() as name:
        runs = {n: run_cases(all_cases(), backend, n, Path(name) / str(n)) for n in (1, 2)}
    for case, (alone,) in runs[1].items():
        first, second = runs[2][case]
        apart, away = farthest(first, second), farthest(first, alone)
        print(f"{case:12}{backend:>12}{apart:18.1e}{away:12.1e}")
        failed |= apart > TOLERANCE or (case not in DIFFERENT and away > TOLERANCE)
sys.exit(failed)
