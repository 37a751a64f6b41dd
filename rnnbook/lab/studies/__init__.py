"""The long comparisons, whose results are stored as tables."""

from rnnbook.lab.studies.carry import CarryShare, carry_share
from rnnbook.lab.studies.contest import contend, contest, contestant, error_of
from rnnbook.lab.studies.curves import review_network, review_rounds, stored_looks
from rnnbook.lab.studies.dropout import (
    Split,
    auc,
    dropout_training,
    memory_training,
    noisy_layers,
    sample_answers,
    small_set,
    unscaled,
)
from rnnbook.lab.studies.echo import echo_accuracy, echo_training
from rnnbook.lab.studies.forecast import forecast_error, forecast_training, linear_error, rule_error
from rnnbook.lab.studies.gate_bias import bias_training
from rnnbook.lab.studies.published import Faulty, OneHot
from rnnbook.lab.studies.race import net_layer, race, racer, run_race
from rnnbook.lab.studies.reach import recall_score, recall_training
from rnnbook.lab.studies.sentiment import (
    Reader,
    Round,
    Score,
    best_rate,
    best_round,
    reader,
    review_training,
    run_reader,
    scores,
)
from rnnbook.lab.studies.standings import Standing, choose_rate, rank_test, sign_test, standings, verdict
from rnnbook.lab.studies.tables import load_table
from rnnbook.lab.studies.ways import LastOutput, reading_accuracy, reading_training

__all__ = [
    "CarryShare",
    "Faulty",
    "LastOutput",
    "OneHot",
    "Reader",
    "Round",
    "Score",
    "Split",
    "Standing",
    "auc",
    "best_rate",
    "best_round",
    "bias_training",
    "carry_share",
    "choose_rate",
    "contend",
    "contest",
    "contestant",
    "dropout_training",
    "echo_accuracy",
    "echo_training",
    "error_of",
    "forecast_error",
    "forecast_training",
    "linear_error",
    "load_table",
    "memory_training",
    "net_layer",
    "noisy_layers",
    "race",
    "racer",
    "rank_test",
    "reader",
    "reading_accuracy",
    "reading_training",
    "recall_score",
    "recall_training",
    "review_network",
    "review_rounds",
    "review_training",
    "rule_error",
    "run_race",
    "run_reader",
    "sample_answers",
    "scores",
    "sign_test",
    "small_set",
    "standings",
    "stored_looks",
    "unscaled",
    "verdict",
]
