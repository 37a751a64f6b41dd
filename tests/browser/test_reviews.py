"""The explorers of reviews in a browser: words that are chosen, a not that is flipped, an end that is dragged."""

import pytest

from tests.browser import driving
from tests.browser.jupyter import console_errors, wait_for

NAMES = ["ReviewVerdict", "Padding"]


@pytest.fixture(scope="module")
def shown(page, server, desk):
    """The explorers by name, all their controls in sight."""
    driving.open_explorers(page, server, desk, NAMES)
    return dict(zip(NAMES, driving.explorers(page).all(), strict=True))


def sentence(explorer):
    return explorer.locator("p[role=status]").text_content()


def says(explorer, words):
    wait_for(lambda: words in sentence(explorer), 20, lambda: sentence(explorer))


def test_a_word_is_chosen_by_a_click_and_by_keys(shown):
    review = shown["ReviewVerdict"]
    driving.reset(review)
    first, second = review.locator(".rnnbook-words").all()
    first.locator("span", has_text="charming").click()
    says(review, "Word 4 of 13, 'charming'")
    assert first.get_attribute("aria-valuetext") == "4: charming"
    assert first.locator(".chosen").text_content() == "charming"
    driving.press(first, "ArrowRight")
    says(review, "Word 5 of 13, 'to'")
    driving.press(first, "End")
    says(review, "Word 13 of 13, 'me'")
    second.locator("span").first.click()
    assert second.get_attribute("tabindex") is None
    assert "Word 13 of 13" in sentence(review)


def test_not_is_flipped_and_what_is_typed_is_read(shown):
    review = shown["ReviewVerdict"]
    driving.reset(review)
    flip, (text, second) = review.get_by_role("button", name="Flip not"), review.locator("textarea").all()
    flip.click()
    says(review, "at the end 0.97")
    assert text.input_value().endswith("was not dull to me")
    text.fill("나쁘지 <b>않다</b> & not dull")
    says(review, "Not in the vocabulary: '나쁘지', 'b', '않다'")
    words = review.locator(".rnnbook-words").first
    assert words.locator(".unknown").all_text_contents() == ["나쁘지", "b", "않다", "b"]
    second.fill("")
    wait_for(lambda: not review.locator(".rnnbook-words").nth(1).is_visible(), 20, lambda: "the second line stays")
    text.fill("")
    says(review, "Type at least one word; here is none.")
    driving.reset(review)
    says(review, "at the end 0.02")


@pytest.mark.parametrize("name", NAMES)
def test_the_handle_follows_the_hand_and_the_keys(shown, name):
    moves, faults = driving.drive_handles(shown[name])
    assert moves == 4
    assert faults == []
    driving.reset(shown[name])


@pytest.mark.parametrize("width", [1280, 640, 390])
def test_letters_are_large_enough_and_nothing_is_wider_than_the_page(shown, width):
    page = shown["Padding"].page
    page.set_viewport_size({"width": width, "height": 1000})
    for name, explorer in shown.items():
        picture = explorer.locator("svg[role=img]")

        def size(picture=picture):  # of an 11-point letter, in CSS pixels
            return picture.evaluate("(svg) => 11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")

        if explorer.bounding_box()["width"] > 200:  # JupyterLab's side bars leave no more on a narrow window
            wait_for(lambda s=size: s() >= 10.9, 10, lambda s=size, n=name: f"{n}: letters of {s():.1f} px")
            assert explorer.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1"), name
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.wait_for_timeout(500)  # until the pages' new widths are told
    for explorer in shown.values():
        explorer.evaluate(driving.SETTLED)


def test_a_dark_page_has_dark_words(shown):
    page = shown["Padding"].page
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'false' }")
    words = shown["ReviewVerdict"].locator(".rnnbook-words").first
    look = "(box) => [getComputedStyle(box).backgroundColor, getComputedStyle(box).color]"
    assert words.evaluate(look) == ["rgb(17, 17, 17)", "rgb(242, 242, 242)"]
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'true' }")
    assert words.evaluate(look) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_nothing_went_wrong(shown, browser):
    assert console_errors(shown["Padding"].page) == []
    assert browser[1] == []
