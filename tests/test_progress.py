"""Laws of the bar in a cell: it changes nothing, it ends as it began, and it says when it was stopped."""

import pytest

from rnnbook.view import progress
from rnnbook.view.progress import follow


@pytest.fixture
def shown(monkeypatch):
    """Every text that the output has had."""
    texts = []

    class Handle:
        def update(self, line):
            texts.append(repr(line))

    def display(line, display_id):
        texts.append(repr(line))
        return Handle()

    monkeypatch.setattr(progress, "display", display)
    monkeypatch.setattr(progress, "NEWS", 0)
    return texts


def test_items_pass_unchanged_and_the_last_line_is_the_first(shown):
    assert list(follow(range(4), 4, "four steps")) == [0, 1, 2, 3]
    assert shown[0] == shown[-1] == "four steps"
    assert "s left" in shown[2]
    assert shown[2].count("█") == 2 * progress.WIDTH // 4


def test_a_stopped_run_says_so(shown):
    for item in follow(range(10), 10, "ten steps"):
        if item == 2:
            break
    assert shown[-1] == "ten steps: stopped after 3 of 10 steps"


def test_an_exception_passes_and_the_line_says_where(shown):
    def failing():
        yield 1
        raise FloatingPointError("loss is nan")

    with pytest.raises(FloatingPointError):
        list(follow(failing(), 5, "five steps"))
    assert shown[-1] == "five steps: stopped after 1 of 5 steps"
