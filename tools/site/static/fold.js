// Every code cell folds away, alone or with all others of the page. Without JavaScript all code stays in sight.
document.addEventListener("DOMContentLoaded", () => {
  const folds = [...document.querySelectorAll("div.cell_input")].map((input) => {
    const fold = document.createElement("details");
    fold.className = "code";
    fold.open = true;
    fold.append(Object.assign(document.createElement("summary"), { textContent: "Code" }));
    input.replaceWith(fold);
    fold.append(input);
    return fold;
  });
  const title = document.querySelector("article h1");
  if (!folds.length || !title) return;
  const all = Object.assign(document.createElement("button"), { className: "fold-all", textContent: "Fold all code" });
  all.addEventListener("click", () => {
    const open = !folds.some((fold) => fold.open);
    folds.forEach((fold) => { fold.open = open; });
    all.textContent = open ? "Fold all code" : "Show all code";
  });
  title.after(all);
});

// What is said about a closed answer waits with it: all up to the next cell, heading, quotation or prediction.
document.addEventListener("DOMContentLoaded", () => {
  const asks = (node) => /^Predict/.test(node.querySelector(":scope > strong:first-child")?.textContent ?? "");
  for (const answer of document.querySelectorAll("div.cell details.hide")) {
    const said = [];
    let node = answer.closest("div.cell").nextElementSibling;
    for (; node && !node.matches("div.cell, section, blockquote") && !asks(node); node = node.nextElementSibling) {
      said.push(node);
    }
    const follow = () => said.forEach((one) => one.classList.toggle("waits", !answer.open));
    answer.addEventListener("toggle", follow);
    follow();
  }
});

// Paper has no hand to open an answer with.
window.addEventListener("beforeprint", () => {
  for (const answer of document.querySelectorAll("details.hide")) answer.open = true;
});
