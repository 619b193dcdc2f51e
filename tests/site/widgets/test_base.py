"""What every widget has from its base: three lives, themes, two copies, small and labelled."""

import re

import pytest
import traitlets

from d2lutils import widgets
from d2lutils.widgets import LinearFit
from d2lutils.widgets.framework import source


@pytest.fixture(params=widgets.NAMES)
def kind(request):
    return getattr(widgets, request.param)


def html(widget):
    bundle = widget._repr_mimebundle_()
    return (bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"]


def test_the_bundle_holds_the_live_view_and_the_page(kind):
    bundle = kind()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == kind().sentence()
    assert data["text/html"] == html(kind()), "the stored output changes by itself"


def test_it_weighs_at_most_40_kb_in_the_page(kind):
    # but for the weights of a trained net, which have a budget of their own
    state = kind().state()
    net = state.get("network") or state.get("networks") or {}
    weights = net.get("weights", {})
    assert len(html(kind()).encode()) - len(weights.get("bytes", "")) <= 40_000


def test_without_scripts_there_is_a_picture_and_a_sentence(open_page, kind):
    page = open_page(html(kind()), java_script_enabled=False)
    box = page.locator(".d2l-box")
    sentence = kind().sentence()
    assert sentence in box.inner_text()
    assert len(sentence) > 60 and sentence.rstrip().endswith(".")
    if kind().picture():
        image = box.get_by_role("img")
        assert image.get_attribute("alt") == sentence
        size = image.bounding_box()
        assert size["width"] > 200 and size["height"] > 80


def test_the_page_agrees_with_torch_as_it_opens(show, kind):
    show(kind()).agrees()


def test_two_copies_do_not_disturb_each_other(show, kind):
    one, two = show(kind(), kind())
    before = two.root.evaluate("el => JSON.stringify(el.d2l.values)")
    sliders = one.root.locator("input[type=range]:visible")
    for i in range(min(sliders.count(), 3)):
        sliders.nth(i).focus()
        sliders.nth(i).press("ArrowLeft")
        sliders.nth(i).press("ArrowLeft")
    one.agrees()
    two.flush()
    assert two.root.evaluate("el => JSON.stringify(el.d2l.values)") == before
    ids = one.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [360, 820])
def test_it_fits_the_screen(show, kind, width):
    live = show(kind(), viewport={"width": width, "height": 800})
    assert live.page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_control_has_a_name_and_can_be_reached(show, kind):
    live = show(kind())
    controls = live.root.locator("input, select, button, [tabindex='0']")
    assert controls.count() > 0
    nameless = live.root.evaluate(
        """el => [...el.querySelectorAll("input, select, button, [tabindex='0']")].filter(c =>
            !(c.labels?.[0]?.textContent || c.getAttribute("aria-label") || c.textContent).trim())
            .map(c => c.outerHTML)"""
    )
    assert nameless == []


def test_bad_text_is_answered_beside_every_number(show, kind):
    live = show(kind())
    fields = live.root.locator(
        "input.d2l-number[inputmode]:visible"  # other texts have tests of their own
    )
    before = live.state()
    for i in range(fields.count()):
        field = fields.nth(i)
        for text in ("lots", "", "NaN", "1e999", "0x10"):
            field.fill(text)
            message = live.page.locator(f"#{field.get_attribute('aria-describedby')}")
            assert message.inner_text(), f"{text!r} was taken"
            assert field.get_attribute("aria-invalid") == "true"
        field.press("Escape")
        assert not message.inner_text()
    live.flush()
    assert live.state() == before


def test_light_and_dark_follow_the_page(show):
    live = show(LinearFit())
    color = "el => getComputedStyle(el).backgroundColor"
    assert live.root.evaluate(color) == "rgb(255, 255, 255)"
    root, body = "document.documentElement", "document.body"
    for node, name, value in (
        (root, "data-theme", "dark"),
        (body, "data-jp-theme-light", "false"),
    ):
        live.page.evaluate(f"{node}.setAttribute('{name}', '{value}')")
        assert live.root.evaluate(color) == "rgb(23, 28, 35)"
        live.page.evaluate(f"{node}.removeAttribute('{name}')")
    live.page.emulate_media(color_scheme="dark")
    assert live.root.evaluate(color) == "rgb(23, 28, 35)"
    live.page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert live.root.evaluate(color) == "rgb(255, 255, 255)"


def test_the_contours_are_drawn_again_in_another_theme(show):
    live = show(LinearFit())
    pixel = """el => [...el.querySelector("canvas[data-key]").getContext("2d")
        .getImageData(2, 2, 1, 1).data].slice(0, 3)"""
    assert min(live.root.evaluate(pixel)) > 150
    live.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    live.page.wait_for_timeout(100)
    assert max(live.root.evaluate(pixel)) < 100


def test_python_moves_the_front_end_and_is_told_what_the_page_did(show):
    live = show(LinearFit())
    live.page.evaluate(
        """() => { window.heard = []; const { model } = document.querySelector(".d2l-widget").d2l;
            model.on("change:w", () => heard.push(model.get("w"))); }"""
    )
    live.typed("weight w", "1.5")
    live.set(w=0.5)
    assert live.page.evaluate("heard") == [1.5, 0.5]
    assert live.root.get_by_label("weight w, typed").input_value() == "0.5"
    assert float(live.knob("weight w").input_value()) == 0.5


def test_the_sources_stand_once_in_a_page(open_page):
    pages = html(LinearFit()) + html(LinearFit(w=0.5)) + html(widgets.Activations())
    once = source.share(pages)
    assert len(re.findall('type="text/plain" data-code="front-', once)) == 1
    assert len(re.findall('type="text/plain" data-code="linear_fit-', once)) == 1
    assert len(once) < len(pages) - 25_000
    page = open_page(once)
    page.wait_for_function("document.querySelectorAll('.d2l-widget').length === 3")


def test_state_cannot_close_the_script_it_stands_in(open_page):
    class Named(LinearFit):
        """A widget with a dangerous text in its state."""

        label = traitlets.Unicode("</script><script>boom()</script>").tag(sync=True)

    page = open_page(html(Named()))
    page.wait_for_selector(".d2l-widget")


def test_a_finger_on_a_point_moves_it_and_elsewhere_scrolls_the_page(show):
    phone = {"width": 390, "height": 420}
    live = show(LinearFit(), viewport=phone, is_mobile=True)
    knob = live.knob("Slope of the line")
    before = knob.bounding_box()["y"] + live.page.evaluate("scrollY")
    live.touch("Slope of the line", 0, 60)
    scrolled = live.page.evaluate("scrollY")
    moved = knob.bounding_box()["y"] + scrolled - before
    assert moved == pytest.approx(60, abs=3)
    live.agrees()
    live.knob = lambda label: live.root.get_by_role("group", name=label)
    live.touch("Contours of the mean squared error over weight and intercept", 0, -150)
    live.page.wait_for_timeout(200)
    assert live.page.evaluate("scrollY") > scrolled + 50
