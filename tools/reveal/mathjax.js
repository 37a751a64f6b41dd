// Read by MathJax when it starts.
window.MathJax = {
  tex: { inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]], processEscapes: true },
  svg: { scale: 0.92 },
  options: { enableMenu: false },
};
