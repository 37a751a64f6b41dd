"""Every control of an explorer, driven as hand and keyboard drive it; does the picture follow?"""

from rnnbook.view.explorers import __all__ as names
from tests.browser.jupyter import PANEL, open_notebook, run_all, wait_for, write_notebook

EXPLORERS = [name for name in names if name != "Explorer"]
# An explorer is the same code in both applications: in Notebook 7 three of them, with sliders, text, and a button that
# trains.
DRIVEN = {"lab": EXPLORERS, "notebook": ["GradientFlow", "Recite", "YourText"]}
# For `parametrize`: an application, and an explorer there. The explorer comes with its application since pytest puts
# tests of equal parameters side by side: by its name alone, it would go back and forth between the applications.
EACH = [(app, (app, name)) for app, names in DRIVEN.items() for name in names]
# What is compared: the picture, and the sentence beneath it, as a number (FNV-1a), since a picture of some 100 kB takes
# longer on its way out of the browser than all else.
LOOK = """(box) => {
    const seen = box.querySelector('svg[role=img]').outerHTML + box.querySelector('p[role=status]').textContent;
    let number = 0x811c9dc5;
    for (let k = 0; k < seen.length; k++) number = Math.imul(number ^ seen.charCodeAt(k), 0x01000193);
    return number;
}"""
# The kernel answers in order: what was sent before the question is drawn by the answer, however busy the machine. Only
# a picture that changed meanwhile asks again, since a drag sends its last place when the kernel is done with the first.
SETTLED = f"""async (box) => {{
    const look = {LOOK}, {{kernel}} = window.jupyterapp.shell.currentWidget.sessionContext.session;
    for (let seen = look(box); ;) {{
        await kernel.requestCommInfo({{target_name: 'nothing'}});
        await new Promise((done) => setTimeout(done, 30));
        const now = look(box);
        if (now === seen && kernel.status === 'idle') return now;
        seen = now;
    }}
}}"""
# Waits in the page, which knows at once, until the picture is another one, and then until it stands still.
FOLLOWED = f"""async (box, [before, seconds]) => {{
    const look = {LOOK}, latest = performance.now() + 1000 * seconds;
    while (look(box) === before) {{
        if (performance.now() > latest) return false;
        await new Promise((done) => setTimeout(done, 20));
    }}
    await ({SETTLED})(box);
    return true;
}}"""


def open_explorers(page, server, desk, names):
    """Open a page with one cell an explorer, by their names, run it, and open what is out of sight.

    Each shows its box: the picture for pages without a kernel, which would be drawn as well, is looked at elsewhere.
    """
    sources = [f"from rnnbook.view.explorers import {name}\n{name}().box" for name in names]
    write_notebook(desk / "explorers.ipynb", sources)
    open_notebook(page, server, "explorers.ipynb")
    run_all(page)
    found = explorers(page)
    wait_for(lambda: found.count() == len(names), 20, lambda: f"{found.count()} of {len(names)} explorers appeared")
    for more in page.locator(f"{PANEL} .rnnbook-more").all():
        more.click()


def alone(explorer):
    """Hide the other cells, and return the explorer: at a move, the browser lays out and draws one instead of all."""
    explorer.evaluate("""(box) => {
        const cells = box.closest('.jp-Notebook').querySelectorAll('.jp-Cell');
        for (const cell of cells) cell.style.display = cell.contains(box) ? '' : 'none';
    }""")
    return explorer


def explorers(page):
    """Return the explorers of the notebook in front, as a locator."""
    return page.locator(f"{PANEL} .rnnbook-explorer")


def reset(explorer):
    """Press Reset and wait until the picture stands still."""
    explorer.get_by_role("button", name="Reset").click()
    explorer.evaluate(SETTLED)


def comes_back(explorer, start):
    """Press Reset, and list what is wrong: nothing, or that the sentence is not `start` again."""
    reset(explorer)
    reading = explorer.locator("p[role=status]")
    try:
        wait_for(lambda: reading.text_content() == start, 10, reading.text_content)
    except TimeoutError as late:
        return [f"after Reset: {late}"]
    return []


def follows(explorer, move, seconds=20):
    """Call `move()` on a still picture, say whether it or its sentence then changes, and wait until it is still."""
    before = explorer.evaluate(LOOK)
    move()
    return explorer.evaluate(FOLLOWED, [before, seconds])


def live_sliders(explorer):
    """Return the handles of all sliders that are not greyed out, as locators."""
    handles = explorer.locator(".noUi-handle").all()
    return [handle for handle in handles if not handle.locator("xpath=ancestor::*[@disabled]").count()]


def value(handle, which="now"):
    """Return a slider's value ("now"), or its ends ("min", "max")."""
    return float(handle.get_attribute(f"aria-value{which}"))


def values(explorer):
    """Return where all sliders and lists of an explorer stand."""
    return explorer.evaluate("""(box) => [...box.querySelectorAll('.noUi-handle, select')]
        .map((control) => control.selectedIndex ?? control.getAttribute('aria-valuenow'))""")


def press(handle, key):
    """Press a key on a slider."""
    handle.focus()
    handle.page.keyboard.press(key)


def drag(handle, end):
    """Drag a slider by mouse to its left end ("min") or its right end ("max"), in small steps as a hand does."""
    handle.scroll_into_view_if_needed()
    box, mouse = handle.bounding_box(), handle.page.mouse
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
    y = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, y)
    mouse.down()
    mouse.move(track["x"] - 5 if end == "min" else track["x"] + track["width"] + 5, y, steps=4)
    mouse.up()


WAYS = {
    "Home": (lambda handle: press(handle, "Home"), "min"),
    "End": (lambda handle: press(handle, "End"), "max"),
    "drag left": (lambda handle: drag(handle, "min"), "min"),
    "drag right": (lambda handle: drag(handle, "max"), "max"),
}


def ways(handle, k):
    """How the k-th slider is driven: by key to one end, in turn the left and the right one, and by mouse to the other.

    Where it stands at an end, the key goes to the other: so each way is a move, and over its whole range once.
    """
    left = value(handle) == value(handle, "max") or (k % 2 == 0 and value(handle) != value(handle, "min"))
    return ("Home", "drag right") if left else ("End", "drag left")


def drive_sliders(explorer):
    """Drive each slider to both ends, one by key, one by mouse; return the number of moves and what did not follow."""
    moves, faults = 0, []
    reset(explorer)
    for k, handle in enumerate(live_sliders(explorer)):
        name = handle.get_attribute("aria-label")
        for way in ways(handle, k):
            move, end = WAYS[way]
            moves += 1
            if not follows(explorer, lambda h=handle, m=move: m(h)):
                faults.append(f"{name}: {way} changed nothing")
            elif value(handle) != value(handle, end):
                faults.append(f"{name}: {way} ended at {value(handle)}, not at {value(handle, end)}")
        reset(explorer)
    return moves, faults


def drive_handles(explorer):
    """Drag each handle and step it by key, each way; return the number of moves and what did not follow.

    Where it stands at an end, one way is shut: the other way opens it.
    """
    moves, faults = 0, []
    reset(explorer)

    def pull(handle, way):
        handle.scroll_into_view_if_needed()
        box, mouse = handle.bounding_box(), handle.page.mouse
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + way, y + way, steps=4)
        mouse.up()

    for handle in explorer.locator(".rnnbook-handle").all():
        name = handle.get_attribute("aria-label")
        for move, ways_of in ((pull, (-40, 40)), (press, ("PageUp", "PageDown"))):
            for way, other in (ways_of, ways_of[::-1]):

                def there(handle=handle, move=move, way=way):
                    move(handle, way)

                def back(handle=handle, move=move, other=other):
                    move(handle, other)

                moves += 1
                if not (follows(explorer, there, 5) or (follows(explorer, back) and follows(explorer, there))):
                    faults.append(f"{name}: {move.__name__} {way} changed nothing")
                reset(explorer)  # elsewhere, 40 pixels may be less than a step, and a drag may end where the key leads
    return moves, faults


def drive_options(explorer):
    """Pick an option of each list, and the one before again; return the number of moves and what did not follow.

    Every option is picked in Python, in `tests/test_explorers.py`; here, whether the page sends and shows a choice.
    """
    moves, faults = 0, []

    def pick(menu, index):
        menu.select_option(index=index)
        explorer.evaluate(SETTLED)  # some choices change nothing, so do not wait long for a picture that has answered

    for menu in explorer.locator("select:enabled").all():
        reset(explorer)
        name = menu.locator("xpath=../label").text_content()
        options = [text.replace("\xa0", " ") for text in menu.locator("option").all_text_contents()]
        start = menu.evaluate("(menu) => menu.selectedIndex")
        far = max(range(len(options)), key=lambda k, start=start: abs(k - start))
        for index in (far, start):
            moves += 1
            if not follows(explorer, lambda m=menu, k=index: pick(m, k), 1):
                faults.append(f"{name}: {options[index]!r} changed nothing")
    return moves, faults
