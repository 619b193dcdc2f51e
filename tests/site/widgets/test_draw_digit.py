"""Drawing a digit: the pen, MNIST's centring, and the net's answer, layer by layer."""

import re

import pytest
import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from d2lutils.widgets import DrawDigit
from d2lutils.widgets.draw_digit import BOX, SIDE, brush, centred

EMPTY = [[0] * SIDE for _ in range(SIDE)]


def paper(live):
    return live.root.get_by_role("application", name=re.compile("^Drawing field"))


def stroke(live, *points, hand="mouse"):
    """Draw through these cells (column, row) with the mouse or a finger."""
    field = paper(live)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    places = [
        (
            box["x"] + (x + 0.5) * box["width"] / SIDE,
            box["y"] + (y + 0.5) * box["height"] / SIDE,
        )
        for x, y in points
    ]
    if hand == "mouse":
        mouse = live.page.mouse
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place)
        mouse.up()
    else:
        send = live.page.context.new_cdp_session(live.page).send
        for i, (x, y) in enumerate(places):
            kind = "touchMove" if i else "touchStart"
            send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": x, "y": y}]},
            )
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    live.flush()


def drawn(*points):
    return brush(torch.zeros(SIDE, SIDE, dtype=torch.float64), points)


def close(ink, wanted):
    """Two drawings differ by rounding only: a pointer's place has its own."""
    return (torch.tensor(ink, dtype=torch.float64) - wanted).abs().max() <= 8


@pytest.mark.parametrize("hand", ["mouse", "finger"])
def test_a_line_is_drawn_where_the_hand_goes(show, hand):
    live = show(DrawDigit(ink=EMPTY))
    line = [(5, 4), (20, 6), (12, 24)]
    stroke(live, *line, hand=hand)
    assert close(live.state()["ink"], drawn(*line))
    live.agrees()
    stroke(live, (3, 3), hand=hand)
    assert live.state()["ink"][3][3] == 255
    live.agrees()


def press(live, x, y):
    """The mouse goes down on a cell, and stays down."""
    box = paper(live).bounding_box()
    live.page.mouse.move(
        box["x"] + (x + 0.5) * box["width"] / SIDE,
        box["y"] + (y + 0.5) * box["height"] / SIDE,
    )
    live.page.mouse.down()
    live.flush()


def test_a_quick_net_answers_while_the_pen_is_down(show):
    live = show(DrawDigit(ink=EMPTY))
    before = live.values()["logits"]
    press(live, 14, 9)
    assert live.agrees()["logits"] != before
    live.page.mouse.up()


def test_a_slow_net_answers_when_the_pen_is_lifted(show):
    torch.manual_seed(2)
    net = nn.Sequential(
        nn.Conv2d(1, 64, 5, padding=2), nn.Conv2d(64, 64, 5, padding=2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    live = show(DrawDigit(net, ink=EMPTY, layer=0))
    before = live.values()["logits"]
    press(live, 14, 9)
    found = live.values()
    assert max(found["pixels"]) > 0.9 and found["logits"] == before
    live.page.mouse.up()
    assert live.agrees()["logits"] != before


def test_a_finger_draws_and_does_not_scroll(show):
    live = show(
        DrawDigit(ink=EMPTY), viewport={"width": 390, "height": 500}, is_mobile=True
    )
    paper(live).scroll_into_view_if_needed()
    before = live.page.evaluate("scrollY")
    stroke(live, (14, 22), (14, 6), hand="finger")
    live.page.wait_for_timeout(200)
    assert live.page.evaluate("scrollY") == before
    assert close(live.state()["ink"], drawn((14, 22), (14, 6)))


def test_keys_move_paint_draw_and_rub_out(show):
    live = show(DrawDigit(ink=EMPTY))
    field = paper(live)
    field.focus()
    for key in ["ArrowUp"] * 4 + ["ArrowLeft"]:
        field.press(key)
    assert live.state()["ink"] == EMPTY
    field.press(" ")
    spot = drawn((13, 10), (13, 10))
    assert live.state()["ink"] == spot.int().tolist()
    assert "row 11, column 14, ink 100 %" in live.root.inner_text()
    live.agrees()
    for _ in range(5):
        field.press("Shift+ArrowDown")
    assert live.state()["ink"] == drawn((13, 10), (13, 15)).int().tolist()
    field.press("Backspace")
    assert live.state()["ink"][15][13] == 0
    assert live.state()["ink"][10][13] == 255
    for _ in range(40):  # stays in the field
        field.press("ArrowRight")
    field.press(" ")
    assert live.state()["ink"][15][27] == 255
    live.agrees()
    field.press("Tab")  # and the field lets one out
    assert not field.evaluate("el => el === document.activeElement")


def test_rubbing_out_and_clearing(show):
    live = show(DrawDigit())
    assert sum(map(sum, live.state()["ink"])) > 1000
    live.control("rub out").check()
    stroke(live, (4, 4), (12, 4))
    ink = live.state()["ink"]
    assert ink[4][4:13] == [0] * 9 and ink[14][10] == 255
    live.agrees()
    live.click("Clear")
    assert live.state()["ink"] == EMPTY
    assert "Nothing is drawn yet" in live.root.inner_text()
    live.agrees()


def test_every_example_is_read_rightly_and_the_2_is_what_the_widget_opens_with(show):
    live = show(DrawDigit())
    chooser = live.control("Drawing")
    assert chooser.locator("option:checked").inner_text() == "a 2"
    assert live.state()["ink"] == DrawDigit().ink
    for digit in range(10):
        chooser.select_option(label=f"a {digit}")
        live.flush()
        assert f"The net says {digit} (" in live.root.inner_text()
        p = live.agrees()["probabilities"]
        assert max(range(10), key=p.__getitem__) == digit


def test_centring_agrees_for_any_place_size_and_shape(show):
    made = torch.Generator().manual_seed(5)
    live = show(DrawDigit(layer=0))
    for trial in range(24):
        ink = torch.zeros(SIDE, SIDE, dtype=torch.int)
        tall, wide = torch.randint(1, SIDE + 1, (2,), generator=made).tolist()
        if trial < 8:
            tall, wide = [
                (1, 1),
                (1, 28),
                (28, 1),
                (28, 28),
                (2, 9),
                (9, 2),
                (20, 20),
                (21, 5),
            ][trial]
        top, left = (
            int(torch.randint(0, SIDE + 1 - n, (1,), generator=made))
            for n in (tall, wide)
        )
        block = torch.randint(0, 256, (tall, wide), generator=made, dtype=torch.int)
        block[0, 0] = block[-1, -1] = 200
        ink[top : top + tall, left : left + wide] = block
        for on in True, False:
            live.set(ink=ink.tolist(), centring=on)
            live.agrees()
        even = (ink > 0).int() * 255  # symmetric: its middle falls on a pixel's edge
        live.set(ink=even.tolist(), centring=True)
        live.agrees()


@pytest.mark.parametrize("size", [(2, 2), (28, 3), (9, 20), (21, 27)])
def test_resizing_is_torchs_antialiased_bilinear(size):
    made = torch.Generator().manual_seed(7)
    image = torch.rand(SIDE, SIDE, generator=made, dtype=torch.float64) + 0.1
    image[size[0] :] = image[:, size[1] :] = 0
    out = [max(int(n * BOX / max(size) + 0.5), 1) for n in size]
    crop = image[None, None, : size[0], : size[1]]
    wanted = F.interpolate(crop, out, mode="bilinear", antialias=True)[0, 0]
    found = centred(image)
    rows, columns = (found > 0).any(dim=1), (found > 0).any(dim=0)
    torch.testing.assert_close(found[rows][:, columns], wanted)


def test_centring_does_what_mnist_did():
    far = centred(drawn((22, 20), (22, 25)) / 255)
    rows = (far > 0).any(dim=1).nonzero().flatten()
    assert rows[-1] - rows[0] + 1 == BOX
    places = torch.arange(SIDE) + 0.5
    for axis in 0, 1:
        middle = (far.sum(dim=1 - axis) * places).sum() / far.sum()
        assert abs(middle - SIDE / 2) <= 0.5 + 1e-6
    again = centred(far)
    torch.testing.assert_close(again, far)
    nothing = torch.zeros(SIDE, SIDE, dtype=torch.float64)
    assert torch.equal(centred(nothing), nothing)
    assert far.max() <= 1 and far.min() >= 0


def test_centring_is_switched_and_changes_the_answer(show):
    live = show(DrawDigit())
    box = live.control("scale and centre as MNIST did")
    assert box.is_checked() and "1.54 times as large" in live.root.inner_text()
    before = live.agrees()
    box.uncheck()
    after = live.agrees()
    assert "It sees the drawing where it stands" in live.root.inner_text()
    assert after["pixels"] != before["pixels"]
    assert after["logits"] != before["logits"]


def test_one_layer_after_the_other_is_shown(show):
    live = show(DrawDigit())
    chooser = live.control("Look at layer")
    labels = chooser.locator("option").all_inner_texts()
    assert labels[:4] == [
        "none",
        "1 convolution 0: 4×28×28",
        "2 ReLU 1: 4×28×28",
        "3 max pooling 2: 4×14×14",
    ]
    assert labels[-1] == f"{len(labels) - 1} dense layer 8: 10"
    picture = live.root.get_by_role("img", name=re.compile("^After layer"))
    for label in labels[1:]:
        chooser.select_option(label=label)
        values = live.agrees()
        assert len(values["maps"]) == eval(label.rpartition(": ")[2].replace("×", "*"))
        size = picture.evaluate("c => [c.width, c.height]")
        about = picture.get_attribute("aria-label")
        if "28×28" in label:
            assert size == [115 - 29, 28 + 29] and "4 maps of 28×28" in about
        if label.startswith("3 "):
            assert size == [59, 14]
    assert size == [10, 1] and "10 numbers" in about
    chooser.select_option(label="none")
    live.flush()
    assert not picture.count() and "After layer" not in live.root.inner_text()
    live.agrees()


def test_a_map_is_painted_as_it_is_signed(show):
    net = nn.Sequential(
        nn.Conv2d(1, 2, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 10)
    )
    with torch.no_grad():
        net[0].weight[:, 0, 0, 0] = torch.tensor([2.0, -1.0])
        net[0].bias.zero_()
    ink = [row[:] for row in EMPTY]
    ink[3][2] = 255
    live = show(DrawDigit(net, ink=ink, centring=False))
    maps = live.root.get_by_role("img", name=re.compile("^After layer 1: 2 maps"))
    pixel = "(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data]"
    assert maps.evaluate(pixel, [2, 3]) == [0xD5, 0x5E, 0, 255]  # the palette's orange
    red, _, blue, _ = maps.evaluate(pixel, [29 + 2, 3])  # half of the palette's blue
    assert abs(red - 127) < 3 and blue > 200
    assert maps.evaluate(pixel, [0, 0]) == [255, 255, 255, 255]
    assert maps.evaluate(pixel, [28, 3])[3] == 0  # between the maps
    live.agrees()


def test_the_readers_own_net(show):
    torch.manual_seed(1)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.Tanh(), nn.Linear(16, 10))
    widget = DrawDigit(net, bits=32)
    with torch.no_grad():
        wanted = net(widget.pixels.float())
    torch.testing.assert_close(widget.logits().float(), wanted, rtol=1e-4, atol=1e-4)
    live = show(widget)
    live.agrees()
    live.set(layer=3)
    live.agrees()


def test_the_readers_seed_stays_where_it_is():
    torch.manual_seed(9)
    wanted = torch.rand(3)
    torch.manual_seed(9)
    DrawDigit()
    assert torch.equal(torch.rand(3), wanted)


def plain(*layers):
    return nn.Sequential(nn.Flatten(), *layers)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (plain(nn.Linear(784, 9)), r"ten logits \(n, 10\); it gives \(1, 9\)"),
        (plain(nn.Linear(784, 10), nn.Softmax(1)), "leave out its last softmax"),
        (plain(nn.Linear(28, 10)), r"takes no input of shape \(1, 1, 28, 28\)"),
        (plain(nn.Linear(784, 300), nn.Linear(300, 10)), "budget is 200 kB"),
        (plain(nn.GELU()), "1 is a GELU"),
        ("LeNet", "must be an nn.Module, not str"),
    ],
)
def test_a_net_that_cannot_answer_is_refused(net, message):
    with pytest.raises((TypeError, ValueError), match=message):
        DrawDigit(net)


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="layer must be at most 8, not 99"):
        DrawDigit(layer=99)


@pytest.mark.parametrize("ink", [[[0]], [[256] * SIDE] * SIDE, [[0] * SIDE] * 27])
def test_ink_of_another_form_is_refused(ink):
    with pytest.raises(traitlets.TraitError):
        DrawDigit(ink=ink)
