"""The explorers: each one line in a notebook, each with Reset, keyboard and a sentence that reads the picture."""

from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.cliff import Cliff
from rnnbook.view.explorers.conventions import Conventions
from rnnbook.view.explorers.depth_flow import DepthFlow
from rnnbook.view.explorers.drive_gru import DriveGRU
from rnnbook.view.explorers.drive_lstm import DriveLSTM
from rnnbook.view.explorers.first_minute import FirstMinute
from rnnbook.view.explorers.gates_text import GatesText
from rnnbook.view.explorers.gradient_flow import GradientFlow
from rnnbook.view.explorers.horizon import Horizon
from rnnbook.view.explorers.loss_curves import LossCurves
from rnnbook.view.explorers.masks import Masks
from rnnbook.view.explorers.padding import Padding
from rnnbook.view.explorers.paths import CarryPaths
from rnnbook.view.explorers.recite import Recite
from rnnbook.view.explorers.review_verdict import ReviewVerdict
from rnnbook.view.explorers.shapes import Shapes
from rnnbook.view.explorers.switchboard import Switchboard
from rnnbook.view.explorers.tape_walk import TapeWalk
from rnnbook.view.explorers.three_cells import ThreeCells
from rnnbook.view.explorers.triangle import Triangle
from rnnbook.view.explorers.unroll import Unroll
from rnnbook.view.explorers.who_sees_whom import WhoSeesWhom
from rnnbook.view.explorers.window import Window
from rnnbook.view.explorers.your_text import YourText

__all__ = [
    "CarryPaths",
    "Cliff",
    "Conventions",
    "DepthFlow",
    "DriveGRU",
    "DriveLSTM",
    "Explorer",
    "FirstMinute",
    "GatesText",
    "GradientFlow",
    "Horizon",
    "LossCurves",
    "Masks",
    "Padding",
    "Recite",
    "ReviewVerdict",
    "Shapes",
    "Switchboard",
    "TapeWalk",
    "ThreeCells",
    "Triangle",
    "Unroll",
    "WhoSeesWhom",
    "Window",
    "YourText",
]
