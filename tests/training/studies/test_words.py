"""Numbers in sentences, and tables as files."""

import math

from resdsl.training.studies import words
from resdsl.training.studies.table import Spread, Table, collected, from_csv, to_csv

LOW, HIGH = Spread((1.0, 2.0, 3.0)), Spread((4.0, 5.0))


def test_a_spread_is_its_mean_and_its_range() -> None:
    assert words.ranged(LOW, ".1f", " %") == "2.0 % (1.0 to 3.0)"
    assert words.ranged(Spread((2.04, 1.96)), ".1f") == "2.0"
    assert words.percent(Spread((0.125,))) == "12.50 %"


def test_numbers_of_any_size() -> None:
    assert [words.power(v) for v in (0, 0.5, 66.26, 3e-15, 12345.0, math.inf)] == [
        "0",
        "0.5",
        "66.3",
        "3.0e-15",
        "1.2e+04",
        "not finite",
    ]


def test_a_comparison_says_whether_all_seeds_agree() -> None:
    across = Spread((2.5, 9.0))
    assert words.compared(HIGH, LOW, "higher", "lower", 3) == "higher in every pair of seeds"
    assert words.compared(LOW, HIGH, "higher", "lower", 3) == "lower in every pair of seeds"
    assert "overlap" in words.compared(across, LOW, "higher", "lower", 3)
    assert words.compared(LOW, LOW, "higher", "lower", 3) == "neither higher nor lower"
    assert "one seed" in words.compared(Spread((2.0,)), Spread((1.0,)), "higher", "lower", 1)


def test_lists_and_tables() -> None:
    assert words.listed(["a"]) == "a" and words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.table(("x", "y"), [["1", "2"]]) == "| x | y |\n| --- | --- |\n| 1 | 2 |\n"


def test_a_table_is_its_file() -> None:
    rows = (
        {"kind": "plain", "seed": 0, "loss": 0.123456789},
        {"kind": "x, y", "seed": 1, "loss": 2},
    )
    table = from_csv(to_csv(Table(rows)))
    assert table.column("loss") == [0.123457, 2] and table.column("kind") == ["plain", "x, y"]
    assert from_csv(to_csv(table)) == table


def test_what_is_no_number_comes_back() -> None:
    table = from_csv(to_csv(Table(({"seed": 0, "a": math.nan, "b": math.inf},))))
    assert math.isnan(table.rows[0]["a"]) and table.rows[0]["b"] == math.inf


def test_spreads_are_over_seeds() -> None:
    found = [("t", {"seed": s, "x": x, "y": 10.0 * s + x}) for s in (0, 1) for x in (1, 2)]
    table = collected(found)["t"]
    places, spreads = table.along("x", "y")
    assert places == [1, 2] and [s.values for s in spreads] == [(1.0, 11.0), (2.0, 12.0)]
    assert table.spread("y").values == (1.5, 11.5)
    assert table.where(seed=1).column("y") == [11, 12]
