"""The experiments: tasks, training, gradient checks, the gradient on its way back. NumPy only."""

from rnnbook.lab.cliff import Descent, descend, one_unit_error
from rnnbook.lab.gradcheck import Check, gradcheck, numerical_gradient
from rnnbook.lab.gradflow import (
    Flow,
    cosine,
    gradient_flow,
    gradient_norms,
    magnitudes,
    pair_norms,
)
from rnnbook.lab.jacobians import Spectrum, jacobian_norms, jacobian_products, spectrum, step_jacobian
from rnnbook.lab.slopes import slope, theory_slope
from rnnbook.lab.tables import load_table
from rnnbook.lab.tasks import Adding, Echo, Recall, Text, zen_of_python
from rnnbook.lab.textflow import LookBack, Reading, look_back, read
from rnnbook.lab.train import Progress, Training

__all__ = [
    "Adding",
    "Check",
    "Descent",
    "Echo",
    "Flow",
    "LookBack",
    "Progress",
    "Reading",
    "Recall",
    "Spectrum",
    "Text",
    "Training",
    "cosine",
    "descend",
    "gradcheck",
    "gradient_flow",
    "gradient_norms",
    "jacobian_norms",
    "jacobian_products",
    "load_table",
    "look_back",
    "magnitudes",
    "numerical_gradient",
    "one_unit_error",
    "pair_norms",
    "read",
    "slope",
    "spectrum",
    "step_jacobian",
    "theory_slope",
    "zen_of_python",
]
