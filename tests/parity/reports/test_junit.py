"""JUnit XML: well-formed whatever names hold, and within what both common schemas allow."""

from collections import Counter
from datetime import datetime
from xml.etree import ElementTree as ET

import made_reports
import pytest

from resdsl.parity.report import Report
from resdsl.parity.reports.junit import junit

AT = datetime(2026, 1, 2, 3, 4, 5)

#: Children in their order, and attributes with whether they must be there, of Apache Ant's schema.
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase", "system-out", "system-err"],
    "properties": ["property"],
    "testcase": ["skipped", "error", "failure"],
}
ATTRIBUTES = {
    "testsuite": "id package name tests failures errors skipped time timestamp hostname",
    "property": "name value",
    "testcase": "classname name time",
    "failure": "message type",
    "error": "message type",
    "skipped": "message",
}


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit(report, AT))


@pytest.mark.parametrize("made", ["green", "red", "hostile"])
def test_it_keeps_to_the_schemas(made: str) -> None:
    root = parsed(getattr(made_reports, made)())
    for element in root.iter():
        order = CHILDREN.get(element.tag, [])
        places = [order.index(child.tag) for child in element]
        assert places == sorted(places), f"{element.tag}: children out of order"
        assert sorted(element.attrib) == sorted(ATTRIBUTES.get(element.tag, "").split())
    for case in root.iter("testcase"):
        assert len(case) <= 1


def test_a_case_for_every_run_and_quantity() -> None:
    (suite,) = parsed(made_reports.green())
    assert suite.get("name") == "net" and suite.get("timestamp") == "2026-01-02T03:04:05"
    cases = list(suite.iter("testcase"))
    assert Counter(case.get("classname") for case in cases) == {
        "net.torch.float64": 8,
        "net.jax.float64": 8,
        "net.onnx.float64": 8,
    }
    assert suite.get("tests") == "24" and suite.get("skipped") == "5"
    assert suite.get("failures") == suite.get("errors") == "0"
    assert sum(float(case.get("time", "")) for case in cases) == pytest.approx(6)


def test_a_difference_is_a_failure_with_the_diagnostic() -> None:
    (suite,) = parsed(made_reports.red())
    failures = list(suite.iter("failure"))
    assert suite.get("failures") == "8" == str(len(failures))
    assert failures[0].get("type") == "R0605"
    assert failures[0].get("message") == (
        "layer1.0.bn1.running_var differs by 1.0e-05, and 1.0e-12 is allowed"
    )
    text = failures[0].text or ""
    assert " 3 |     bn1: batch_norm(eps = 1e-3)" in text and "^^^ the first value" in text


def test_a_failed_worker_is_an_error() -> None:
    (suite,) = parsed(made_reports.red())
    errors = list(suite.iter("error"))
    assert suite.get("errors") == "8" == str(len(errors))
    assert errors[0].get("type") == "R0604" and "ValueError: too bad" in (errors[0].text or "")


def test_what_xml_cannot_hold_is_replaced() -> None:
    text = junit(made_reports.hostile(), AT)
    assert "<script>" not in text
    assert not any(sign in text for sign in ("\x00", "\x1b", "\ufffe"))
