"""The long comparisons, whose results are stored as tables."""

from rnnbook.lab.studies.carry import CarryShare, carry_share
from rnnbook.lab.studies.contest import contend, contest, contestant, error_of
from rnnbook.lab.studies.echo import echo_accuracy, echo_training
from rnnbook.lab.studies.forecast import forecast_error, forecast_training, linear_error, rule_error
from rnnbook.lab.studies.gate_bias import bias_training
from rnnbook.lab.studies.reach import recall_score, recall_training
from rnnbook.lab.studies.standings import Standing, choose_rate, rank_test, standings, verdict
from rnnbook.lab.studies.tables import load_table

__all__ = [
    "CarryShare",
    "Standing",
    "bias_training",
    "carry_share",
    "choose_rate",
    "contend",
    "contest",
    "contestant",
    "echo_accuracy",
    "echo_training",
    "error_of",
    "forecast_error",
    "forecast_training",
    "linear_error",
    "load_table",
    "rank_test",
    "recall_score",
    "recall_training",
    "rule_error",
    "standings",
    "verdict",
]
