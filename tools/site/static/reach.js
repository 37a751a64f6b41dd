// From the disk the edition for the browser does not start: what leads there says so, and leads nowhere.
document.addEventListener("DOMContentLoaded", function () {
  if (location.protocol !== "file:") return;
  Array.prototype.forEach.call(document.querySelectorAll("a[href*='lite/lab/index.html']"), function (link) {
    var words = document.createElement("span");
    words.className = link.className;
    words.textContent = link.textContent + " (once the pages are served)";
    link.parentNode.replaceChild(words, link);
  });
});

// What is wider than the page scrolls inside itself: by the arrow keys, too, once Tab has reached it.
(function () {
  function mark() {
    var wide = document.querySelectorAll(".bd-article table, .bd-article pre, mjx-container[display='true']");
    Array.prototype.forEach.call(wide, function (node) {
      if (node.scrollWidth > node.clientWidth) node.setAttribute("tabindex", "0");
      else node.removeAttribute("tabindex");
    });
  }
  function typeset() {
    if (window.MathJax && MathJax.startup && MathJax.startup.promise) MathJax.startup.promise.then(mark);
  }
  document.addEventListener("DOMContentLoaded", mark);
  window.addEventListener("load", function () { mark(); typeset(); });
  window.addEventListener("resize", mark);
})();
