"""Predict first: drawn by mouse and by keys, kept when the cell is run again, sent to nobody, answered in words."""

import pytest

from tests.browser.jupyter import PANEL, console_errors, open_notebook, run_all, run_cell, wait_for, write_notebook

CELLS = [
    """from rnnbook.view import figure
from rnnbook.view.predict import predict
import numpy as np
fig, ax = figure(width=6, height=2.6)
ax.set(yscale="log", xlim=(0, 20), ylim=(1e-4, 1), xlabel="step t")
(curve,) = ax.plot(np.arange(21), 0.8 ** np.arange(20, -1, -1.0))
predict("How does the gradient fall, over 20 steps back?", "It falls by 0.8 a step.", curve=curve)""",
    'predict("Which one forgets, at W_hh = 0?", "The RNN forgets.", options=["RNN", "LSTM"], right=0)',
    'predict("What share is left?", "A third is left.", bar=(0, 1, 0.33, "of 1"))',
]


@pytest.fixture(scope="module")
def asked(page, server, desk):
    """The three questions."""
    write_notebook(desk / "predict.ipynb", CELLS)
    open_notebook(page, server, "predict.ipynb")
    run_all(page)
    found = page.locator(f"{PANEL} .rnnbook-question")
    wait_for(lambda: found.count() == 3, 20, lambda: f"{found.count()} questions")
    page.evaluate("""() => { window.asked = 0; window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
        .anyMessage.connect((_, {direction}) => { window.asked += direction === 'send' }) }""")
    return found


def press(question, name):
    question.get_by_role("button", name=name).click()
    return question.locator("p[role=status]").text_content()


def test_show_answers_without_a_prediction_and_clear_hides_the_answer(asked):
    for k, answer in enumerate(["It falls by 0.8 a step.", "The RNN forgets.", "A third is left."]):
        assert press(asked.nth(k), "Show") == answer
        assert press(asked.nth(k), "Clear") == ""


def test_the_curve_is_hidden_until_it_is_shown(asked):
    hole = asked.nth(0).locator("[id*='-still-hole-0']")
    assert hole.evaluate("(node) => getComputedStyle(node).visibility") == "hidden"
    press(asked.nth(0), "Show")
    assert hole.evaluate("(node) => getComputedStyle(node).visibility") == "visible"
    press(asked.nth(0), "Clear")


def test_a_curve_is_drawn_by_mouse_and_compared(asked):
    area = asked.nth(0).locator(".rnnbook-draw")
    area.scroll_into_view_if_needed()
    box, mouse = area.bounding_box(), area.page.mouse
    mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)  # at 1e-2
    mouse.down()
    mouse.move(box["x"] + box["width"] - 1, box["y"], steps=12)  # to 1
    mouse.up()
    words = press(asked.nth(0), "Show")
    assert words.startswith("You expected a factor 0.79")  # 10 ** (-2 / 20) = 0.794
    assert "; it is 0.800 a" not in words
    assert "it is 0.800." in words


def test_what_was_drawn_is_there_when_the_cell_is_run_again_and_nothing_was_sent(asked):
    assert asked.page.evaluate("window.asked") == 0
    before = asked.nth(0).locator("polyline").get_attribute("points")
    assert before
    run_cell(asked.page, 0)
    wait_for(lambda: asked.nth(0).locator("polyline").count() == 1, 10, lambda: "the question is gone")
    assert asked.nth(0).locator("polyline").get_attribute("points") == before
    press(asked.nth(0), "Clear")
    assert asked.nth(0).locator("polyline").get_attribute("points") == ""


def test_a_curve_is_drawn_by_keys(asked):
    area, keyboard = asked.nth(0).locator(".rnnbook-draw"), asked.page.keyboard
    area.focus()
    for _ in range(20):
        keyboard.press("ArrowLeft")
    keyboard.press("ArrowUp")
    for _ in range(20):
        keyboard.press("ArrowRight")
    for _ in range(21):
        keyboard.press("ArrowUp")
    assert area.get_attribute("aria-valuetext").startswith("t = 20: ")
    assert press(asked.nth(0), "Show").startswith("You expected a factor 0.")
    press(asked.nth(0), "Clear")


def test_an_answer_is_picked_and_a_number_set(asked):
    asked.nth(1).get_by_label("LSTM").check()
    assert press(asked.nth(1), "Show") == "You expected: LSTM. It is: RNN. The RNN forgets."
    asked.nth(1).get_by_label("RNN").check()
    assert press(asked.nth(1), "Show") == "As you expected: RNN. The RNN forgets."
    asked.nth(2).get_by_role("slider").focus()
    asked.page.keyboard.press("ArrowRight")
    assert press(asked.nth(2), "Show") == "You expected 0.51 of 1; it is 0.33 of 1. A third is left."
    for k in (1, 2):
        press(asked.nth(k), "Clear")


def test_nothing_went_wrong(asked, browser):
    assert console_errors(asked.page) == []
    assert browser[1] == []
