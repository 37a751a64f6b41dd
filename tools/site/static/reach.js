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
