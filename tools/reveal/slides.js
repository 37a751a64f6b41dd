// Divide every slide into pages that fit the screen, then hand them to reveal.js. A slide that is a little too tall
// gets smaller type; one that is much too tall becomes pages below one another, each under the slide's heading.

// A phone held upright gets slides of its own shape, so that their letters are no smaller than a page's.
const UPRIGHT = window.matchMedia("screen and (orientation: portrait)");
const PRINTED = /print-pdf/.test(location.search);
const NARROW = UPRIGHT.matches && !PRINTED;
const WIDTH = NARROW ? 640 : 1280;
const HEIGHT = NARROW ? Math.round((WIDTH * window.innerHeight) / window.innerWidth) : 720;
const ROOM = HEIGHT - 60; // without the padding
const SCALES = [1, 0.92, 0.85];
const SMALLEST = 0.6;

const height = (page) => page.getBoundingClientRect().height;
const scale = (page, factor) => page.style.setProperty("--scale", factor);

function pageOf(slide, cells, heading) {
  const page = document.createElement("section");
  page.className = "slide page";
  if (heading) page.append(Object.assign(document.createElement("p"), { className: "again", textContent: heading }));
  page.append(...cells);
  slide.append(page);
  return page;
}

function divide(slide) {
  const answers = [...slide.querySelectorAll("details.hide")]; // measured open: opening one later moves nothing
  answers.forEach((answer) => { answer.open = true; });
  const cells = [...slide.querySelectorAll(":scope > .cell")];
  const notes = slide.querySelector(":scope > .notes");
  const heading = slide.querySelector("h1, h2, h3")?.textContent;
  let page = pageOf(slide, cells);
  let fitting = SCALES.find((factor) => (scale(page, factor), height(page) <= ROOM));
  if (!fitting) {
    scale(page, 1);
    page.remove();
    page = null;
    for (const cell of cells) {
      if (page) page.append(cell);
      else page = pageOf(slide, [cell]);
      if (height(page) > ROOM && page.querySelectorAll(":scope > .cell").length > 1) {
        page = pageOf(slide, [cell], heading);
      }
    }
    // A page that holds the heading alone is needless: the next one repeats it.
    const first = slide.querySelector(":scope > .page");
    if (first.nextElementSibling?.matches(".page") && first.textContent.trim() === heading) first.remove();
  }
  for (const tall of slide.querySelectorAll(":scope > .page")) {
    for (let factor = fitting ?? 1; height(tall) > ROOM && factor > SMALLEST; factor -= 0.05) scale(tall, factor);
  }
  slide.querySelector(":scope > .page").append(notes);
  slide.querySelectorAll(":scope > .page").forEach(keepBack);
  answers.forEach((answer) => { answer.open = PRINTED; });
}

// An answer appears with its step, and with it what stands after it on the same page. Later pages come after it anyway.
function keepBack(page) {
  const answers = [...page.querySelectorAll(".answer")].map((answer) => answer.dataset.step);
  for (const node of page.querySelectorAll("[data-step]")) {
    if (!answers.includes(node.dataset.step)) continue;
    node.classList.add("fragment");
    node.dataset.fragmentIndex = node.dataset.step;
  }
}

// Turned, the phone gets the slides of the other shape, at the same place. Printing turns nothing.
UPRIGHT.addEventListener("change", () => {
  if (!PRINTED && !window.matchMedia("print").matches) location.reload();
});

window.addEventListener("load", async () => {
  document.documentElement.classList.toggle("narrow", NARROW);
  await MathJax.startup.promise;
  await Promise.all([...document.images].map((image) => image.decode()));
  const source = document.querySelector("#source");
  document.querySelector(".reveal").style.display = "none";
  for (const slide of [...source.children]) {
    divide(slide);
    const pages = slide.querySelectorAll(":scope > .page");
    slide.classList.remove("slide");
    if (pages.length === 1) slide.replaceWith(pages[0]);
  }
  document.querySelector(".slides").append(...source.children);
  source.remove();
  document.querySelector(".reveal").style.display = "";
  await Reveal.initialize({
    width: WIDTH, height: HEIGHT, margin: 0, center: false, hash: true, slideNumber: "c/t", transition: "none",
    scrollActivationWidth: null, // a phone held upright would get reveal's page to scroll, which is made before ours
    navigationMode: "linear", plugins: [RevealNotes],
  });
  document.body.dataset.slides = "ready";
});
