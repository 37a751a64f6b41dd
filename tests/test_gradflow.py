"""Laws of the gradient's way back: norms, pairs, Jacobians, slopes, and what a text's prediction looks back at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import (
    GRU,
    LSTM,
    RNN,
    Text,
    bptt,
    cosine,
    gradient_flow,
    gradient_norms,
    init_params,
    jacobian_norms,
    set_spectral_radius,
    unroll,
)
from rnnbook.lab.gradients import (
    jacobian_products,
    magnitudes,
    pair_norms,
    slope,
    spectrum,
    step_jacobian,
    theory_slope,
)
from rnnbook.lab.reading import look_back, read

CELLS = [RNN(), RNN("relu"), RNN("sigmoid"), RNN("identity"), LSTM(), GRU(), GRU("before")]
each_cell = pytest.mark.parametrize("cell", CELLS, ids=repr)


def setting(cell, T=7, N=2, D=3, H=4, seed=0):
    rng = np.random.default_rng(seed)
    params = init_params(cell, D, H, rng, recurrent="gaussian")
    return params, rng.normal(size=(T, N, D)), rng.normal(size=(T, N, H))


@each_cell
def test_gradient_norms_are_the_norms_of_bptt(cell):
    params, x, dh = setting(cell)
    dh[:-1] = 0
    _, _, tape = unroll(cell, params, x)
    expected = np.linalg.norm(bptt(cell, params, tape, dh).h, axis=(1, 2))
    np.testing.assert_allclose(gradient_norms(cell, params, x, dh[-1]), expected, rtol=1e-12)
    assert gradient_flow(cell, params, x, dh[-1]).norms.shape == (cell.states, len(x))


@each_cell
def test_every_pair_is_one_backward_pass_with_one_loss(cell):
    params, x, dh = setting(cell)
    _, _, tape = unroll(cell, params, x)
    pairs = pair_norms(cell, params, x, dh)
    assert (np.triu(pairs, 1) == 0).all()
    for t in range(len(x)):
        alone = np.zeros_like(dh)
        alone[t] = dh[t]
        expected = np.linalg.norm(bptt(cell, params, tape, alone).h, axis=(1, 2))
        np.testing.assert_allclose(pairs[t], expected, rtol=1e-12, atol=1e-300)


@each_cell
def test_jacobian_products_carry_any_gradient(cell):
    params, x, dh = setting(cell, N=1)
    products = jacobian_products(cell, params, x)
    back = gradient_flow(cell, params, x, dh[-1]).back.h[:, 0]
    np.testing.assert_allclose(np.einsum("i,tij->tj", dh[-1, 0], products), back, rtol=1e-9, atol=1e-14)
    np.testing.assert_array_equal(products[-1], np.eye(4))


@each_cell
def test_jacobian_norms_bound_every_gradient_and_are_reached(cell):
    params, x, dh = setting(cell, N=1)
    bound = jacobian_norms(cell, params, x)
    norms = gradient_norms(cell, params, x, dh[-1]) / np.linalg.norm(dh[-1])
    assert (norms <= bound * (1 + 1e-9)).all()
    u = np.linalg.svd(jacobian_products(cell, params, x)[0])[0][:, 0]
    assert gradient_norms(cell, params, x, u[None])[0] == pytest.approx(bound[0])


@each_cell
def test_the_step_jacobian_is_the_derivative_of_the_step(cell):
    params, x, _ = setting(cell)
    rng = np.random.default_rng(5)
    state = tuple(rng.normal(size=(2, 4)) for _ in range(cell.states))
    _, _, tape = unroll(cell, params, x, state)
    found = step_jacobian(cell, params, tape, step=0, sequence=1)

    def step(old):
        parts = tuple(part[None] for part in np.split(old, cell.states))
        return np.concatenate([s[0] for s in unroll(cell, params, x[:1, 1:], parts)[1]])

    old, eps = np.concatenate([part[1] for part in state]), 1e-6
    numeric = np.stack([(step(old + e) - step(old - e)) / (2 * eps) for e in eps * np.eye(len(old))], axis=1)
    np.testing.assert_allclose(found, numeric, atol=1e-8)


def test_an_rnn_jacobian_is_diag_slopes_times_w():
    params, x, _ = setting(RNN(), N=1)
    h, _, tape = unroll(RNN(), params, x)
    np.testing.assert_allclose(step_jacobian(RNN(), params, tape), np.diag(1 - h[-1, 0] ** 2) @ params["W_hh"].T)


@given(st.floats(0.3, 1.5), st.integers(0, 20), st.sampled_from(["orthogonal", "identity"]))
def test_the_linear_slope_is_log10_rho(rho, seed, start):
    rng = np.random.default_rng(seed)
    params = init_params(RNN("identity"), 2, 16, rng, recurrent=start, gain=rho)
    norms = gradient_norms(RNN("identity"), params, rng.normal(size=(50, 3, 2)), rng.normal(size=(3, 16)))
    assert slope(norms) == pytest.approx(np.log10(rho), abs=1e-6)
    assert theory_slope(RNN("identity"), params, None) == pytest.approx(np.log10(rho), abs=1e-6)


@pytest.mark.parametrize("rho", [0.8, 1.0, 1.5])
def test_the_tanh_slope_is_rho_times_the_root_mean_square_of_the_slopes(rho):
    rng = np.random.default_rng(0)
    params = init_params(RNN(), 4, 256, rng, gain=rho, input_scale=0.3)
    flow = gradient_flow(RNN(), params, rng.normal(size=(200, 8, 4)), rng.normal(size=(8, 256)))
    assert slope(flow.norms[0]) == pytest.approx(theory_slope(RNN(), params, flow.tape), abs=0.01)


def test_there_is_no_theory_for_gates_relu_or_other_starts():
    for cell in (LSTM(), GRU(), RNN("relu")):
        params, x, _ = setting(cell)
        assert theory_slope(cell, params, unroll(cell, params, x)[2]) is None
    params, x, _ = setting(RNN())
    assert theory_slope(RNN(), params, unroll(RNN(), params, x)[2]) is None
    params["W_hh"] = 0.5 * np.eye(4)  # orthogonal but for a number, and it mixes nothing
    assert theory_slope(RNN(), params, unroll(RNN(), params, x)[2]) is None


def test_a_network_that_passes_nothing_has_an_infinite_slope():
    params = init_params(RNN("identity"), 1, 4, np.random.default_rng(0), gain=0.0)
    assert theory_slope(RNN("identity"), params, None) == -np.inf
    assert np.isnan(slope(np.array([0.0, 0.0, 1.0])))


def test_the_spectrum_is_that_of_w_or_of_the_last_step():
    params, x, _ = setting(RNN())
    seen = spectrum(RNN(), params)
    assert seen.of == "W_hh"
    np.testing.assert_allclose(np.sort(np.abs(np.linalg.eigvals(params["W_hh"]))), np.sort(np.abs(seen.eigenvalues)))
    assert (np.diff(seen.singular_values) <= 0).all()
    for cell in (LSTM(), GRU()):
        params, x, _ = setting(cell)
        tape = unroll(cell, params, x)[2]
        seen = spectrum(cell, params, tape)
        assert len(seen.eigenvalues) == cell.states * 4
        product = np.prod(seen.eigenvalues).real
        assert product == pytest.approx(np.linalg.det(step_jacobian(cell, params, tape)))
        with pytest.raises(ValueError, match="give the tape"):
            spectrum(cell, params)


@given(st.integers(-250, 250))
def test_magnitudes_neither_overflow_nor_underflow(exponent):
    numbers = np.array([[3.0, 4.0]]) * 10.0**exponent
    assert magnitudes(numbers) == pytest.approx(5 * 10.0**exponent)
    assert magnitudes(np.zeros((2, 1, 3))).tolist() == [0, 0]
    assert magnitudes(np.array([[np.inf, 1.0]])) == np.inf


def test_an_explosion_beyond_floating_point_is_inf_and_no_warning():
    params = init_params(RNN("identity"), 1, 4, np.random.default_rng(0), gain=1e10)
    norms = gradient_norms(RNN("identity"), params, np.zeros((60, 1, 1)), np.ones((1, 4)))
    assert not np.isfinite(norms[0])
    assert norms[-1] == 2


def test_a_nonnormal_matrix_grows_before_it_dies():
    params = {"W_xh": np.zeros((1, 2)), "W_hh": np.array([[0.9, 5.0], [0.0, 0.9]]), "b_h": np.zeros(2)}
    back = jacobian_norms(RNN("identity"), params, np.zeros((101, 1, 1)))[::-1]
    exact = [np.linalg.norm(np.linalg.matrix_power(params["W_hh"], k), 2) for k in range(101)]
    np.testing.assert_allclose(back, exact, rtol=1e-10)
    assert 19 < back.max() < 20
    assert back[100] < 0.02


def test_cosine_knows_direction_only():
    a = {"w": np.array([1.0, 2.0]), "b": np.array([[3.0]])}
    assert cosine(a, {key: 7 * value for key, value in a.items()}) == pytest.approx(1)
    assert cosine(a, {key: -value for key, value in a.items()}) == pytest.approx(-1)
    with pytest.raises(ValueError, match="zero has no direction"):
        cosine(a, {key: 0 * value for key, value in a.items()})
    with pytest.raises(ValueError, match="same parameters"):
        cosine(a, {"w": a["w"]})


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_looking_back_is_the_gradient_of_that_predictions_loss(cell):
    task, rng = Text("to be or not to be"), np.random.default_rng(0)
    model = task.model(cell)
    params = model.init_params(task.input_size, 6, task.output_size, rng)
    reading = read(model, params, task.tokens)
    for target in (1, 5, 17):
        found = look_back(model, params, reading, target)
        batch = task.make_batch(rng, 1)
        mask = np.arange(len(batch.y))[:, None] == target - 1
        whole = model.gradients(params, batch._replace(mask=mask))
        assert found.loss == pytest.approx(whole.loss)
        np.testing.assert_allclose(found.inputs, np.linalg.norm(whole.back.x, axis=(1, 2))[:target], rtol=1e-10)
        np.testing.assert_allclose(found.states, np.linalg.norm(whole.back.h, axis=(1, 2))[:target], rtol=1e-10)
        assert found.best == whole.y[target - 1, 0].argmax()
    with pytest.raises(ValueError, match="target is at most 17"):
        look_back(model, params, reading, 18)


def test_bad_input_is_named():
    params, x, dh = setting(RNN())
    with pytest.raises(ValueError, match=r"dh_last has shape \(N = 2, H = 4\); got \(3, 4\)"):
        gradient_norms(RNN(), params, x, np.ones((3, 4)))
    with pytest.raises(ValueError, match="dh has shape"):
        pair_norms(RNN(), params, x, dh[:3])
    with pytest.raises(ValueError, match=r"one sequence.*got N = 2"):
        jacobian_norms(RNN(), params, x)
    assert set_spectral_radius(params["W_hh"], 0.5).shape == (4, 4)
