"""What the generated code could be asked for, and this network does not run: it is written where it
would fit, and refused where it would not."""

import pytest
from compiled import graph_of, source_of

from resdsl.diagnostics import CompileError

SOURCES = ("torch", "jax", "tensorflow")


@pytest.mark.parametrize("backend", SOURCES)
@pytest.mark.parametrize(
    ("input", "arm", "why"),
    [
        ("3", "conv(1, [3, n])", "`conv` works on positions, and gets a vector of 3"),
        ("3, 8, 8", "conv(1, 3, stride = [2, 2, 2])", "`stride`"),
        ("12, any(8)", 'offset(per = "entry")', "it depends on `length`"),
    ],
)
def test_an_arm_that_would_not_fit(backend: str, input: str, arm: str, why: str) -> None:
    text = f"model net(n = 2) {{ input({input}); if n == 3 {{ {arm} }} else {{ relu }} }}"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text), backend)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and why in diagnostic.message
    assert diagnostic.primary is not None and diagnostic.help is not None


def test_an_operation_that_lacks_an_argument() -> None:
    block = "block unit(act: block) { act }\n"
    text = f"{block}model net(n = 2) {{ input(4); if n == 3 {{ unit(conv) }} else {{ relu }} }}"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and "it lacks `out`" in diagnostic.message


@pytest.mark.parametrize("backend", SOURCES)
@pytest.mark.parametrize(
    "arm",
    [
        "conv(4 * n, 3, groups = n)",
        "max_pool(7, stride = n)",
        "pad_channels(64)",
        "flatten; linear(n); relu",
    ],
)
def test_an_arm_whose_sizes_are_anyones_guess(backend: str, arm: str) -> None:
    text = f"model net(n = 2) {{ input(2, 4, 4); if n == 3 {{ {arm} }} else {{ relu }} }}"
    assert compile(source_of(graph_of(text), backend), "net.py", "exec")


def test_a_size_that_the_code_would_need() -> None:
    text = "model net(n = 2) { input(3, any, any); if n == 3 { flatten; linear(n) } else { relu } }"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and diagnostic.primary is not None


@pytest.mark.parametrize("backend", SOURCES)
def test_a_block_where_the_code_would_need_a_value(backend: str) -> None:
    block = "block unit(flag) { if flag { tanh } }\n"
    arm = "unit(flag = pad > 2)"
    text = f"{block}model net(n = 2) {{ input(4); if n == 3 {{ {arm} }} else {{ relu }} }}"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text), backend)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and diagnostic.primary is not None


@pytest.mark.parametrize("backend", SOURCES)
def test_a_frame_of_nothing_around_a_vector(backend: str) -> None:
    text = source_of(graph_of("model net { input(4); pad(0); linear(2) }"), backend)
    assert compile(text, "net.py", "exec")


@pytest.mark.parametrize("backend", SOURCES)
def test_a_part_that_is_not_there(backend: str) -> None:
    arm = "x: split([1, 2]); concat(x[0], x[16])"
    text = f"model net(n = 2) {{ input(3); if n == 3 {{ {arm} }} else {{ relu }} }}"
    assert compile(source_of(graph_of(text), backend), "net.py", "exec")


def test_a_call_of_an_operation_among_numbers() -> None:
    block = "block unit(width) { if width == 2 { relu } else { conv(width, 1) } }\n"
    arm = "unit([conv(3)])"
    text = f"{block}model net(n = 2) {{ input(3, 4, 4); if n == 3 {{ {arm} }} else {{ unit(2) }} }}"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503", diagnostic


@pytest.mark.parametrize("backend", SOURCES)
def test_a_list_that_is_never_filled(backend: str) -> None:
    block = "block unit(other: tensor) { x: split(1) }\n"
    arm = "if n == 3 { y[i]: unit(other = in); mul(y) }"
    text = f"{block}model net(n = 2) {{ input(2); for i in range(n) {{ {arm}; relu }} }}"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text), backend)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and "never fills" in diagnostic.message


@pytest.mark.parametrize("backend", SOURCES)
def test_a_kernel_that_is_a_sum(backend: str) -> None:
    text = "block unit { conv(2, sum([5, in.channels - 6])) }\nmodel net { input(6, 8); unit }"
    assert compile(source_of(graph_of(text), backend), "net.py", "exec")


@pytest.mark.parametrize("backend", SOURCES)
def test_a_call_of_a_number(backend: str) -> None:
    arm = "for i in ws { conv(i(), 3) }"
    text = f"model net(n = 2, ws = [2]) {{ input(3, 8); if n == 3 {{ {arm} }} else {{ relu }} }}"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text), backend)
    assert [d.code for d in caught.value.diagnostics] == ["R0503"]
