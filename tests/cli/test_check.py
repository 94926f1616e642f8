"""`resdsl check`: models, expectations and mistakes, as text and as JSON."""

import io
import json
from pathlib import Path

from tests.diagnostics.test_sarif import insist_valid


def test_every_complete_model_has_a_line(resdsl, net) -> None:
    done = resdsl("check", net)
    assert (done.code, done.err) == (0, "")
    small, large, last = done.out.splitlines()
    wanted = "small 554 parameters 12.11 kMACs 3 x 8 x 8 -> 10"
    assert " ".join(small.split()) == wanted
    assert large.startswith("large")
    assert last == f"{net}: 2 models, 2 expectations met"


def test_independent_mistakes_are_all_reported_and_each_once(resdsl, tmp_path: Path) -> None:
    path = tmp_path / "wrong.res"
    path.write_text(
        "block unit(width) { residual { conv(width, 3, stride = 2) } }\n"
        "model family(width) { input(4, 8, 8); unit(width) }\n"
        "model a = family(4)\n"
        "model b = family(8)\n"
        "model c { input(3, 8, 8); conv(8, 9, pad = 0) }\n"
    )
    done = resdsl("check", path)
    assert done.code == 2
    assert done.err.count("error[R0304]") == 1, "the same place in two models"
    assert done.err.count("error[R0303]") == 1
    assert done.out == f"{path}: 2 errors\n"


def test_an_expectation_that_does_not_hold_is_an_error(resdsl, net) -> None:
    net.write_text(net.read_text().replace("554", "555"))
    done = resdsl("check", net)
    assert done.code == 2
    assert "error[R0308]" in done.err
    assert "554 is not 555" in done.err


def test_warnings_are_shown_and_are_no_failure(resdsl, net) -> None:
    net.write_text(net.read_text() + "block tanh { relu }\n")
    done = resdsl("check", net)
    assert done.code == 0
    assert "warning[R0222]" in done.err


def test_a_family_alone_is_named(resdsl, tmp_path: Path) -> None:
    path = tmp_path / "family.res"
    path.write_text("model family(width) { input(3, 8, 8); conv(width, 3) }\n")
    done = resdsl("check", path)
    assert done.code == 0
    assert done.out == f"{path}: 0 models; `family` wants arguments\n"


def test_json_holds_models_and_diagnostics(resdsl, net) -> None:
    found = json.loads(resdsl("check", net, "--json").out)
    assert found["models"]["small"] == {
        "parameters": 554,
        "macs": 12112,
        "inputs": [[3, 8, 8]],
        "outputs": [[10]],
    }
    assert found["diagnostics"] == []


def test_json_of_a_file_with_mistakes(resdsl, net) -> None:
    net.write_text(net.read_text().replace("bn1: batch_norm", "bn1: batchnorm"))
    done = resdsl("check", net, "--json")
    assert done.code == 2
    assert done.err == ""
    (found,) = json.loads(done.out)["diagnostics"]
    assert (found["code"], found["location"]["line"]) == ("R0205", 4)
    assert "batch_norm" in found["help"]


def test_json_of_a_file_that_is_not_there(resdsl, tmp_path: Path) -> None:
    done = resdsl("check", tmp_path / "none.res", "--json")
    assert done.code == 2
    assert [d["code"] for d in json.loads(done.out)["diagnostics"]] == ["R0701"]


def test_imports_stay_in_the_project_unless_the_user_says_where(resdsl, tmp_path: Path) -> None:
    (tmp_path / "blocks.res").write_text("block unit { conv(4, 3) }\n")
    path = tmp_path / "nets" / "net.res"
    path.parent.mkdir()
    path.write_text('import "../blocks.res"\nmodel net { input(3, 8, 8); unit }\n')
    done = resdsl("check", path)
    assert done.code == 2 and "error[R0230]" in done.err
    for command in (
        ["check"],
        ["models"],
        ["compile", "--backend", "torch", "-o", tmp_path / "out"],
    ):
        assert resdsl(*command, path, "--import-root", tmp_path).code == 0
    assert resdsl("check", path, "--import-root", tmp_path / "nowhere").code == 2


WRONG = "model net { input(3, 8, 8); batchnorm }\n"


def test_recipes_are_checked_and_counted(resdsl, net) -> None:
    net.write_text("recipe short(e = 3) { data: digits; optimizer: sgd; schedule: cosine(e) }\n")
    assert resdsl("check", net).out == f"{net}: 0 models, 1 recipe\n"
    found = json.loads(resdsl("check", net, "--json").out)["recipes"]["short"]
    assert found["schedule"]["epochs"] == 3
    net.write_text(net.read_text().replace("e = 3", "e = 0"))
    assert "error[R0401]" in resdsl("check", net).err


def test_several_files_and_folders(resdsl, net, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "wrong.res").write_text(WRONG)
    (folder / "empty.res").write_text("")
    done = resdsl("check", net, folder, net)
    assert done.code == 2
    assert done.err.count("error[") == 1
    lines = [line for line in done.out.splitlines() if line.startswith(str(tmp_path))]
    assert lines == [
        f"{net}: 2 models, 2 expectations met",
        f"{folder / 'deep' / 'wrong.res'}: 1 error",
        f"{folder / 'empty.res'}: 0 models",
    ]
    files = json.loads(resdsl("check", "--json", net, folder).out)
    assert [len(file["diagnostics"]) for file in files] == [0, 1, 0]
    assert isinstance(json.loads(resdsl("check", "--json", folder / "deep").out), list)


def test_standard_input(resdsl, monkeypatch) -> None:
    def given(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    given(b"model net { input(3, 8, 8); conv(4, 3) }\n")
    done = resdsl("check", "-")
    assert (done.code, done.out.splitlines()[-1]) == (0, "<stdin>: 1 model")
    given(WRONG.encode())
    assert "--> <stdin>:1:29" in resdsl("check", "-").err
    given(b"\xff")
    found = json.loads(resdsl("check", "-", "--format", "json").out)
    assert found["diagnostics"][0]["code"] == "R0704"


def test_sarif(resdsl, net, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.res"
    wrong.write_text(WRONG)
    done = resdsl("check", "--format", "sarif", net, wrong, tmp_path / "none.res")
    assert (done.code, done.err) == (2, "")
    log = json.loads(done.out)
    insist_valid(log)
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["R0205", "R0701"]


def test_standard_input_imports_from_this_folder(resdsl, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blocks.res").write_text("block unit { conv(4, 3) }\n")
    text = b'import "blocks.res"\nmodel net { input(3, 8, 8); unit }\n'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert resdsl("check", "-").code == 0
