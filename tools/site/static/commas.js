// Browsers may break a line on both sides of a formula, and a comma would begin the next line: hold both together.
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  for (const formula of document.querySelectorAll('mjx-container:not([display="true"])')) {
    const whole = formula.closest("span.math") ?? formula; // Sphinx puts formulas into a span
    const after = whole.nextSibling;
    const mark = after?.nodeType === Node.TEXT_NODE && after.data.match(/^[,.;:!?)]+/);
    if (!mark) continue;
    after.splitText(mark[0].length);
    const both = document.createElement("span");
    both.style.whiteSpace = "nowrap";
    whole.before(both);
    both.append(whole, after);
  }
});
