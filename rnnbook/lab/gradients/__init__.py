"""The gradient on its way back: checked, followed, taken apart, cut off; who sees whom."""

from rnnbook.lab.gradients.cliff import Descent, descend, one_unit_error
from rnnbook.lab.gradients.depth import Depth, came_down, depth_flow
from rnnbook.lab.gradients.differences import Check, gradcheck, numerical_gradient
from rnnbook.lab.gradients.flow import Flow, cosine, gradient_flow, gradient_norms, magnitudes, pair_norms
from rnnbook.lab.gradients.jacobians import Spectrum, jacobian_norms, jacobian_products, spectrum, step_jacobian
from rnnbook.lab.gradients.paths import Paths, direct_path, gradient_paths, paths_by_bias
from rnnbook.lab.gradients.sight import PaddingError, padding_error, sight
from rnnbook.lab.gradients.slopes import slope, theory_slope
from rnnbook.lab.gradients.triangle import Cuts, Pairs, cuts, pairs_kept, triangle
from rnnbook.lab.gradients.truncation import gradient_within

__all__ = [
    "Check",
    "Cuts",
    "Depth",
    "Descent",
    "Flow",
    "PaddingError",
    "Pairs",
    "Paths",
    "Spectrum",
    "came_down",
    "cosine",
    "cuts",
    "depth_flow",
    "descend",
    "direct_path",
    "gradcheck",
    "gradient_flow",
    "gradient_norms",
    "gradient_paths",
    "gradient_within",
    "jacobian_norms",
    "jacobian_products",
    "magnitudes",
    "numerical_gradient",
    "one_unit_error",
    "padding_error",
    "pair_norms",
    "pairs_kept",
    "paths_by_bias",
    "sight",
    "slope",
    "spectrum",
    "step_jacobian",
    "theory_slope",
    "triangle",
]
