"""How the exercises' checks read and compare answers, and what they leave untouched."""

import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from d2lutils import exercises
from d2lutils.exercises import Wrong, exercise, judge
from d2lutils.exercises.answers import (
    Stream,
    agree,
    agree_gradients,
    by_hand,
    call,
    close,
    fresh,
    function,
    independent,
    largest_result,
    number,
    numbers,
    parts,
    peak_memory,
    share,
    subclass,
    tensor,
    unrelated,
    without,
)


def shown(value):
    """A test's name without addresses, the same in every process."""
    return repr(value).split(" at 0x")[0]


NUMBERS = [
    12,
    12.0,
    Fraction(12),
    Decimal(12),
    np.int64(12),
    np.uint8(12),
    np.float16(12),
    np.array(12),
    np.array([12.0]),
    torch.tensor(12),
    torch.tensor([[12.0]]),
    torch.tensor(12, dtype=torch.bfloat16),
    torch.tensor(12.0, requires_grad=True),
    nn.Parameter(torch.tensor([12.0])),
]
NO_NUMBERS = [
    "12",
    b"12",
    "twelve",
    None,
    True,
    np.True_,
    np.array(True),
    torch.tensor(True),
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    np.float32("nan"),
    torch.tensor(math.inf),
    12j,
    12 + 0j,
    np.complex64(12),
    torch.tensor(12j),
    [12],
    (12,),
    {12: 12},
    {12},
    range(12, 13),
    np.array([12, 12]),
    np.array([]),
    np.array("12"),
    np.array([None]),
    np.datetime64("2020-01-01"),
    torch.tensor([12.0, 12.0]),
    torch.tensor([]),
    torch.empty((), device="meta"),
    torch.tensor,
    lambda: 12,
    float,
    object(),
]


@pytest.mark.parametrize("answer", NUMBERS, ids=shown)
def test_a_number_is_a_number_wherever_it_comes_from(answer, recwarn):
    assert number(answer) == 12.0 and type(number(answer)) is float
    assert number(answer, whole=True) == 12 and type(number(answer, whole=True)) is int
    assert not recwarn.list


@pytest.mark.parametrize("answer", NO_NUMBERS, ids=shown)
def test_what_is_no_number_gets_a_sentence(answer):
    with pytest.raises(Wrong, match=r"^The rate is .*\.$"):
        number(answer, "The rate")


def test_text_is_told_to_lose_its_quotes():
    with pytest.raises(Wrong, match="without quotes"):
        number("2460")


def test_a_whole_number_may_carry_rounding_errors_only():
    assert number(0.1 * 3 * 10, whole=True) == 3
    with pytest.raises(Wrong, match=r"whole number, not 3\.001"):
        number(3.001, whole=True)


@pytest.mark.parametrize(
    "answer",
    [(1, 2.5), [1, 2.5], torch.tensor([1, 2.5]), np.array([1, 2.5])],
    ids=shown,
)
def test_several_numbers(answer):
    assert numbers(answer, ("a", "b")) == (1.0, 2.5)


@pytest.mark.parametrize(
    "answer",
    [
        "12",
        12,
        (1,),
        (1, 2, 3),
        {1, 2},
        {1: 2, 3: 4},
        (1, math.nan),
        (1, "2"),
        (1, True),
        (1, None),
        torch.tensor(1.0),
        torch.ones(2, 3),
        iter((1, 2)),
        None,
    ],
    ids=shown,
)
def test_what_are_no_two_numbers(answer):
    with pytest.raises(Wrong):
        numbers(answer, ("a", "b"))


def test_parts_names_what_is_missing():
    assert parts([1, "x"], ("W", "b")) == (1, "x")
    with pytest.raises(Wrong, match=r"2 parts: \(W, b\); you give 1"):
        parts((1,), ("W", "b"))


@pytest.mark.parametrize(
    "answer", [3, "f", None, nn.Linear, object(), [len]], ids=shown
)
def test_what_is_no_function(answer):
    with pytest.raises(Wrong, match="the function f itself"):
        function(answer, "f")


def test_functions_and_classes_pass():
    function(len, "f")
    function(nn.ReLU(), "f")
    subclass(nn.Linear, nn.Module)


@pytest.mark.parametrize("answer", [3, nn.ReLU(), int, nn.functional, None], ids=shown)
def test_what_is_no_subclass(answer):
    with pytest.raises(Wrong, match=r"a subclass of nn\.Module"):
        subclass(answer, nn.Module)


def test_call_hands_over_copies():
    def spoils(x, pair, table):
        for t in (x, pair[0], table["a"]):
            t.zero_()
        return x

    x, pair, table = torch.ones(2), (torch.ones(2), "b"), {"a": torch.ones(2)}
    assert not call(spoils, x, pair, table).any()
    assert x.all() and pair[0].all() and table["a"].all()
    with pytest.raises(Wrong, match="has changed"):
        call(spoils, x, pair, table, untouched=True)
    assert call(lambda x, k: x + k, x, untouched=True, k=1).sum() == 4


def test_call_notices_a_lengthened_list_and_nothing_returned():
    with pytest.raises(Wrong, match="has changed"):
        call(lambda v: v.append(1) or 1, [torch.ones(1)], untouched=True)
    with pytest.raises(Wrong, match="returned nothing"):
        call(lambda x: None, 1)


@pytest.mark.parametrize(
    ("found", "options", "words"),
    [
        ([1.0], {}, "must be a tensor, not list"),
        (np.ones(1), {}, "must be a tensor, not ndarray"),
        (1.0, {}, "must be a tensor, not float"),
        (None, {}, "must be a tensor"),
        (torch.ones(2), {"shape": (2, 1)}, r"has shape \(2,\); it must be \(2, 1\)"),
        (torch.ones(1), {"shape": ()}, r"it must be \(\)"),
        (torch.ones(2).bool(), {}, "it must hold real numbers"),
        (torch.ones(2) * 1j, {}, "it must hold real numbers"),
        (torch.ones(2), {"dtype": "whole"}, "it must hold whole numbers"),
        (torch.arange(2), {"dtype": "floating"}, "it must hold floating numbers"),
        (torch.ones(2), {"dtype": torch.float64}, "it must hold torch.float64"),
        (torch.tensor([1, math.nan]), {}, "nan or infinity"),
        (torch.tensor([1, math.inf], requires_grad=True), {}, "nan or infinity"),
        (torch.ones(2, device="meta"), {}, "on meta"),
    ],
)
def test_what_is_no_such_tensor(found, options, words):
    with pytest.raises(Wrong, match=f"^W .*{words}"):
        tensor(found, "W", **options)


def test_tensors_pass_with_their_graph():
    x = torch.ones(2, requires_grad=True) * 2
    assert tensor(x, shape=(2,), dtype="floating") is x
    assert tensor(torch.arange(3), dtype="whole").sum() == 3
    assert tensor(torch.ones(0, 2), shape=(0, 2)).numel() == 0


def test_close_never_accepts_nan_or_another_shape():
    assert close(1.0, 1.0 + 1e-7) and not close(1.0, 1.001)
    assert close(torch.tensor([1.0]), torch.tensor([1.0 + 1e-7], dtype=torch.float64))
    for nan in (math.nan, torch.tensor(math.nan)):
        assert not close(nan, nan) and not close(nan, 1.0) and not close(1.0, nan)
    assert not close(torch.ones(3, 1), torch.ones(3))
    assert not close(math.inf, 1.0) and close(math.inf, math.inf)


def test_close_compares_numbers_in_double_precision():
    assert not close(1.0, 1 + 1e-9, atol=1e-10, rtol=0)


def test_agree_says_where_what_and_how_much():
    with pytest.raises(Wrong) as wrong:
        agree(2.0, 3.5, "for k = 3", "Count.", what="the share")
    assert str(wrong.value) == "For k = 3, the share should be 3.5, not 2. Count."
    found = torch.tensor([[1.0, 2.0], [3.0, 9.0]])
    with pytest.raises(Wrong) as wrong:
        agree(found, torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "for X")
    assert str(wrong.value) == "For X, it should be 4 at index 1, 1, not 9."
    with pytest.raises(Wrong, match=r"should be 1\.000001, not 1"):
        agree(1.0, 1.000001, atol=1e-9, rtol=0)


@pytest.mark.parametrize("found", [math.nan, "1", True, None, [1.0], torch.ones(2)])
def test_agree_reads_before_it_compares(found):
    with pytest.raises(Wrong):
        agree(found, 1.0)
    with pytest.raises(Wrong):
        agree(found, torch.tensor(1.0))


def test_agree_accepts_single_precision():
    x = torch.linspace(-5, 5, 50, dtype=torch.float64)
    agree(x.float().exp(), x.exp())
    agree(np.float32(1 / 3), 1 / 3)


def square(x, y):
    return x**2 * y


X = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, y: square(x, y).detach(), "no gradient"),
        (lambda x, y: square(x, y).sum().item(), "no gradient"),
        (lambda x, y: torch.no_grad()(square)(x, y), "no gradient"),
        (lambda x, y: x.detach() ** 2 * y, "no gradient"),
        (lambda x, y: x.detach() * x * y, "The gradient"),
        (lambda x, y: square(x, y) + x * 0 / 0, "The gradient.*nan"),
        (lambda x, y: square(x, y).mean() + 0 * square(x, y), "The gradient"),
    ],
)
def test_the_right_value_without_the_right_gradient(answer, words):
    with pytest.raises(Wrong, match=words):
        agree_gradients(answer, square, X, X, wrt=(0, 1))


def test_the_right_gradient_written_differently():
    agree_gradients(lambda x, y: y * x * x, square, X, X, wrt=(0, 1))
    agree_gradients(lambda x, y: y.detach() * x * x, square, X, X)


def coins(shape, p=0.5):
    return torch.rand(shape) < p


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(10_000,), (200, 200), (60, 50), (8, 9, 50)])
def test_independent_coins_pass(shape, p):
    for seed in range(10):
        torch.manual_seed(seed)
        share(coins(shape, p), p)
        independent(coins(shape, p))


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: coins((1, 200)).expand(200, 200),
        lambda: coins((200, 1)).expand(200, 200),
        lambda: coins((100, 200)).repeat(2, 1),
        lambda: coins((200, 100)).repeat_interleave(2, dim=1),
        lambda: torch.cat([(half := coins((100, 200))), ~half]),
        lambda: torch.arange(40_000).view(200, 200) % 2 == 0,
    ],
)
def test_coins_that_depend_on_each_other(drawn):
    for seed in range(5):
        torch.manual_seed(seed)
        with pytest.raises(Wrong, match="coins depend"):
            independent(drawn())


def test_the_share_is_wrong():
    with pytest.raises(Wrong, match="share of zeros is"):
        share(coins((200, 200), 0.55), 0.5)
    share(torch.ones(5), 1.0)
    with pytest.raises(Wrong):
        share(coins(100), 1.0)


def test_unrelated_draws():
    torch.manual_seed(0)
    a, b = torch.rand(100_000), torch.rand(100_000)
    unrelated(a > 0.5, b, "related")
    for other in (a > 0.7, (a - 0.5).abs(), (a - 0.5).abs() > 0.3, a * 0.05 + b):
        with pytest.raises(Wrong, match="related"):
            unrelated(other, a, "related")


def test_fresh_draws():
    fresh(lambda: torch.rand(3))
    fresh(lambda: torch.from_numpy(np.random.rand(3)))
    mask, generator = torch.rand(3), torch.Generator()
    with pytest.raises(Wrong, match="same mask"):
        fresh(lambda: mask)
    with pytest.raises(Wrong, match="same seed"):
        fresh(lambda: torch.rand(3, generator=generator))


@pytest.fixture
def checked(monkeypatch):
    """A function that runs a body as the check of 98.1 and returns the verdict."""

    def run(body, answer):
        monkeypatch.setattr(exercises, "_REGISTRY", {})
        exercise("98.1", hint="h", wrong=[lambda: 1])(body)
        return judge("98.1", answer)

    return run


def test_a_check_leaves_generators_and_settings_alone(checked):
    def body(answer):
        answer()
        torch.manual_seed(7)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.set_default_device("meta")

    def draws():
        return torch.rand(1), np.random.rand(), random.random(), own.normal()

    own = np.random.default_rng(0)
    torch.manual_seed(3), np.random.seed(3), random.seed(3)
    before = torch.get_rng_state(), np.random.get_state()[2], random.getstate()
    mine = own.bit_generator.state
    assert checked(body, draws)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[2] == before[1] and random.getstate() == before[2]
    assert own.bit_generator.state == mine
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
    assert torch.get_default_device().type == "cpu"
    nowhere = torch.empty(
        1, device="meta"
    )  # no device mode is left behind, not cpu's either
    assert torch.as_tensor(nowhere).is_meta


def test_the_same_answer_gets_the_same_verdict(checked):
    drawn = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        checked(lambda answer: drawn.append(answer()), lambda: torch.rand(3))
    assert torch.equal(*drawn)


def test_gradients_are_on_during_a_check(checked):
    x = torch.ones(1, requires_grad=True)
    with torch.inference_mode():
        assert checked(lambda answer: (answer() * x).backward(), lambda: 2.0)


@pytest.mark.parametrize("how", ["itself", "closure", "global", "list", "method"])
def test_a_check_leaves_the_readers_nets_alone(checked, how, monkeypatch):
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).eval()
    net[1].train()
    net[0].weight.grad = torch.ones(2, 2)
    net[0].bias.requires_grad_(False)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    monkeypatch.setitem(globals(), "NET", net)
    answer = {
        "itself": net,
        "closure": lambda X: net(X),
        "global": lambda X: NET(X),  # noqa: F821
        "list": [0, {"net": net}],
        "method": net.forward,
    }[how]

    def body(answer):
        net.train()
        net(torch.rand(5, 2)).sum().backward()
        net.requires_grad_(True)
        with torch.no_grad():
            net[0].weight += 1
        raise Wrong("no")

    assert not checked(body, answer)
    assert [m.training for m in net.modules()] == [False, False, True]
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert torch.equal(net[0].weight.grad, torch.ones(2, 2))
    assert not net[0].bias.requires_grad and net[1].weight.grad is None


def test_by_hand_refuses_autograd():
    x = torch.ones(2)
    assert by_hand(lambda x: 2 * x, x).sum() == 4

    def by_autograd(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(x.square().sum(), x)[0]

    def stubborn(x):
        with torch.enable_grad():
            return by_autograd(x)

    for answer in (by_autograd, stubborn):
        with pytest.raises(Wrong, match="by hand"):
            by_hand(answer, x)
    with pytest.raises(RuntimeError, match="size"):
        by_hand(lambda x: x @ torch.ones(3), x)


def test_without_refuses_what_is_ready_made():
    x = torch.ones(2, 3, 2, 2)
    layers = [nn.functional.dropout2d, nn.Dropout2d(0.5), torch.feature_dropout]
    with without("dropout2d", "feature_dropout"):
        nn.functional.dropout(x)
        for f in layers[:2]:
            with pytest.raises(Wrong, match="dropout2d does all of it"):
                f(x)
        with pytest.raises(Wrong, match="feature_dropout"):
            layers[2](x, 0.5, True)


def test_a_stream_notices_who_collects():
    stream = Stream(lambda i: torch.full((3,), float(i)), 5)
    assert sum(v.sum().item() for v in stream) == sum(v.sum().item() for v in stream)
    assert stream.most_alive <= 2
    list(stream)
    assert stream.most_alive == 5


def test_memory_and_sizes_are_seen():
    assert peak_memory(lambda: sum(range(1000))) < 10_000
    assert peak_memory(lambda: np.ones(10_000)) > 80_000
    assert peak_memory(lambda: [float(i) for i in range(10_000)]) > 200_000
    with largest_result() as seen:
        (torch.ones(10, 10) @ torch.ones(10, 2)).sum()
    assert seen.numel == 100
