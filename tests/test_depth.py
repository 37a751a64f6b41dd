"""Laws of the gradient in a net of several layers: its magnitude by layer and step, and where it came down."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook import LSTM, RNN, Both, Dropout, Recurrent, Residual, Stack, gradient_norms
from rnnbook.lab.gradients import came_down, depth_flow
from tests.problems import ALL_CELLS, cells, seeds

D, H = 3, 4
depths = st.integers(2, 4)
lengths = st.integers(1, 6)


def net(cell, L, T, seed=0, residual=False, **start):
    """A stack of L layers, its parameters, an input of T steps and a gradient for each output."""
    rng, layer = np.random.default_rng(seed), Recurrent(cell, H)
    stack = Stack((layer, *[Residual(layer) if residual else layer] * (L - 1)))
    params = stack.init(D, rng, **{"recurrent": "gaussian"} | start)
    return stack, params, rng.normal(size=(T, 1, D)), rng.normal(size=(T, 1, H))


@cells
@given(L=depths, T=lengths, seed=seeds, residual=st.booleans())
@settings(max_examples=8)
def test_the_magnitudes_are_those_of_one_backward_pass(cell, L, T, seed, residual):
    stack, params, x, dy = net(cell, L, T, seed, residual)
    norms, back, _ = depth_flow(stack, params, x, dy)
    assert norms.shape == (L, T)
    for row, states in zip(norms, back.states, strict=True):
        np.testing.assert_allclose(row, np.linalg.norm(states[0], axis=(1, 2)), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_gradient_is_what_the_loss_says_when_a_state_is_moved(layer, residual):
    stack, params, x, dy = net(RNN("identity"), 3, 5, residual=residual)
    back, eps = depth_flow(stack, params, x, dy).back, 1e-6
    for t in range(5):
        for unit in range(H):
            found = []
            for sign in (1, -1):
                h = x
                for k, part in enumerate(stack.layers):
                    own = {name[3:]: array for name, array in params.items() if name.startswith(f"l{k}.")}
                    if k == layer:  # h_t moves, and in a linear network all later h_s of the layer with it
                        moved = np.zeros((5, 1, H))
                        moved[t:, 0] = [sign * eps * np.linalg.matrix_power(own["W_hh"], s)[unit] for s in range(5 - t)]
                        h = part.forward(own, h)[0] + moved
                    else:
                        h = part.forward(own, h)[0]
                found.append((h * dy).sum())
            assert back.states[layer][0, t, 0, unit] == pytest.approx((found[0] - found[1]) / (2 * eps), abs=1e-7)


@cells
def test_one_layer_is_the_flow_of_chapter_04(cell):
    stack, params, x, dy = net(cell, 1, 6)
    dy[:-1] = 0
    own = {name[3:]: array for name, array in params.items()}
    for layer, its in ((stack, params), (stack.layers[0], own)):
        np.testing.assert_array_equal(depth_flow(layer, its, x, dy).norms, [gradient_norms(cell, own, x, dy[-1])])


@given(L=st.integers(1, 5), T=lengths, gain=st.floats(0.25, 2))
def test_a_linear_net_of_equal_layers_counts_its_ways(L, T, gain):
    """Every way has T - 1 steps back and L - 1 down, in any order; all of them add up where nothing is turned."""
    stack, params, x, dy = net(RNN("identity"), L, T, recurrent="identity", gain=gain)
    params |= {f"l{k}.W_xh": np.eye(H) for k in range(1, L)}
    dy[:-1] = 0
    norms = depth_flow(stack, params, x, dy).norms
    for layer in range(L):
        for t in range(T):
            down, back = L - 1 - layer, T - 1 - t
            ways = comb(down + back, down)
            assert norms[layer, t] == pytest.approx(ways * gain**back * np.linalg.norm(dy[-1]))


@pytest.mark.parametrize("cell", ALL_CELLS, ids=str)
def test_a_residual_step_passes_the_gradient_on_whatever_the_weights(cell):
    stack, params, x, dy = net(cell, 4, 5, residual=True, input_scale=0.0)
    norms = depth_flow(stack, params, x, dy).norms
    back = depth_flow(stack, params, x, dy).back
    np.testing.assert_allclose(norms[:, -1], np.linalg.norm(dy[-1]), rtol=1e-12)
    assert len(back.states) == 4
    bare = Stack(tuple(getattr(layer, "layer", layer) for layer in stack.layers))
    assert not depth_flow(bare, params, x, dy).norms[:-1].any()


def test_a_layer_without_a_state_has_no_row():
    layer = Recurrent(LSTM(), H)
    stack = Stack((layer, Dropout(0.5), Stack((layer, layer))))
    params = stack.init(D, np.random.default_rng(0))
    assert depth_flow(stack, params, np.ones((3, 1, D)), np.ones((3, 1, H))).norms.shape == (3, 3)


@cells
@given(L=depths, T=lengths, seed=seeds, residual=st.booleans(), step=st.integers(0, 5))
@settings(max_examples=10)
def test_shares_add_up_to_one_and_come_from_no_earlier_step(cell, L, T, seed, residual, step):
    stack, params, x, dy = net(cell, L, T, seed, residual)
    norms, _, tape = depth_flow(stack, params, x, dy)
    step = min(step, T - 1)
    if norms[0, step] == 0:  # a dead ReLU
        return
    share = came_down(stack, params, tape, dy, step)
    assert share.shape == (T,)
    assert share.sum() == pytest.approx(1)
    assert (share[:step] == 0).all()


@cells
@pytest.mark.parametrize("residual", [False, True])
def test_a_share_is_what_is_lost_when_no_gradient_comes_down_at_that_step(cell, residual):
    stack, params, x, dy = net(cell, 2, 5, seed=3, residual=residual)
    _, back, tape = depth_flow(stack, params, x, dy)
    share, whole = came_down(stack, params, tape, dy), back.states[0][0, 0, 0]
    above, names = Stack(stack.layers[1:]), {f"l0.{name[3:]}": a for name, a in params.items() if name[1] == "1"}
    arrives = above.backward(names, tape[1:], dy).x
    own = {name[3:]: array for name, array in params.items() if name[1] == "0"}
    for t in range(5):
        cut = np.where(np.arange(5)[:, None, None] == t, 0, arrives)
        rest = stack.layers[0].backward(own, tape[0], cut).h[0, 0]
        assert 1 - share[t] == pytest.approx(rest @ whole / (whole @ whole), rel=1e-9, abs=1e-9)


@given(T=st.integers(1, 8))
def test_in_a_linear_net_of_equal_layers_every_way_counts_alike(T):
    for L in (2, 3):
        stack, params, x, dy = net(RNN("identity"), L, T, recurrent="identity", gain=0.5)
        params |= {f"l{k}.W_xh": np.eye(H) for k in range(1, L)}
        dy[:-1] = 0
        share = came_down(stack, params, stack.forward(params, x)[2], dy)
        ways = [comb(T - 1 - t + L - 2, L - 2) for t in range(T)]  # to layer 2 at step t, and then one way
        np.testing.assert_allclose(share, np.array(ways) / sum(ways))


def test_small_gradients_have_shares_too():
    stack, params, x, dy = net(RNN("identity"), 2, 5, gain=0.5)
    tape = stack.forward(params, x)[2]
    np.testing.assert_allclose(
        came_down(stack, params, tape, 1e-250 * dy), came_down(stack, params, tape, dy), rtol=1e-9
    )


def test_bad_input_is_named():
    stack, params, x, dy = net(RNN(), 2, 5)
    tape = stack.forward(params, x)[2]
    with pytest.raises(ValueError, match="reads from both ends"):
        depth_flow(Both(Recurrent(RNN(), 2)), {}, x, dy)
    with pytest.raises(ValueError, match="no recurrent layer"):
        depth_flow(Dropout(0.5), {}, x, x)
    with pytest.raises(ValueError, match=r"dy has shape \(T = 5, N = 1, D = 4\); got \(4, 1, 4\)"):
        depth_flow(stack, params, x, dy[1:])
    with pytest.raises(ValueError, match="step is below T = 5; got 5"):
        came_down(stack, params, tape, dy, step=5)
    with pytest.raises(ValueError, match="finite and not zero"):
        came_down(stack, params, tape, 0 * dy)
    with pytest.raises(ValueError, match="comes down from a second layer"):
        came_down(Stack(stack.layers[:1]), params, tape, dy)
    with pytest.raises(TypeError, match="whose first layer is a Recurrent"):
        came_down(Stack((Dropout(0.5), *stack.layers)), params, tape, dy)
