"""A worker for many orders: kept while it answers, replaced when it dies, hangs or is worn out."""

from pathlib import Path

from resdsl.processes.pool import Ending
from resdsl.processes.service import Service

MODULE = "tests.support.fuzzing.answering"


def answer(service: Service, order: str) -> dict[str, object]:
    found = service.ask(Path(order), 60, 60)
    assert isinstance(found, dict) and found["order"] == order
    return found


def test_one_process_takes_many_orders_and_is_replaced() -> None:
    with Service("answering", MODULE, orders=2) as service:
        processes = [answer(service, f"plan{n}")["process"] for n in range(4)]
    assert processes[0] == processes[1] != processes[2] == processes[3]


def test_a_dead_or_sleeping_worker_is_told_and_replaced() -> None:
    with Service("answering", MODULE, orders=9) as service:
        died = service.ask(Path("die"), 60, 60)
        assert isinstance(died, Ending) and died.status == 7 and died.tail == ("the last words",)
        answer(service, "plan")
        assert service.ask(Path("sleep"), 0.2, 0) is None
        answer(service, "plan")
