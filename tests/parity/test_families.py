"""One network of every family of examples/, over all four backends, in float64.

`make parity-all` compares all of them; these are the quickest that have what their family has.
"""

import json
from pathlib import Path

import pytest

from resdsl.parity import Settings, run
from resdsl.parity.inputs import load_network

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize(
    ("target", "input", "steps"),
    [
        ("resnet.res:resnet18", None, 2),
        ("plain.res:plain18", None, 1),
        ("resnet_cifar.res:resnet20", None, 5),
        ("resnet_cifar.res:plain20", "3x16x16", 1),
        ("vgg.res:vgg11_bn", None, 1),
        ("alexnet.res:alexnet", None, 1),
    ],
)
def test_a_family_agrees(target: str, input: str | None, steps: int) -> None:
    report = run(load_network(str(EXAMPLES / target), input=input), Settings(steps=steps))
    assert report.agreed, json.dumps(report.to_json(), indent=1)
