"""Chapter 09's exercises: words to tokens, the loss from logits, the readout back, last states, their mean, ratios."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import sigmoid

WORDS = ("the", "a", "film", "and", "was", "not", "good", "bad", "plot", "dull", "never", "but", "warm", "slow", "bold")
STRANGE = ("zither", "quince", "yonder")  # in no index


def encode(words, index, n):
    """Tokens of words: 1 for what is not one of the n most frequent, and the most frequent has 2."""
    return tokens(words, index, n)


def tokens(words, index, n, shift=1, unknown=1, absent=None, most=None, start=()):
    """Tokens by another rule; `absent` is the token of a word without index, `most` the last index that counts."""
    most = n if most is None else most
    found = list(start)
    for word in words:
        k = index.get(word)
        none = unknown if absent is None or k else absent
        found.append(k + shift if k and k <= most else none)
    return np.array(found)


def encode_cases(rng):
    """Texts with the most frequent word, both words at the border, a rarer one, and one that no index has."""
    cases = []
    for T, n in ((7, 6), (6, 5), (9, 8), (13, 10)):
        index = {str(word): k for k, word in enumerate(rng.permutation(WORDS)[: n + 3], start=1)}
        by_index = list(index)
        chosen = [by_index[k - 1] for k in (1, n - 1, n, n + 1, n + 3)] + [str(rng.choice(STRANGE))]
        chosen += [str(word) for word in rng.choice(by_index, size=T - len(chosen))]
        cases.append(([str(word) for word in rng.permutation(chosen)], index, n))
    return [*cases, (["good"], {"the": 1, "film": 2, "good": 3}, 3)]


def wrong_tokens(**changes):
    """Another rule; `most` is a function of n."""
    most = changes.pop("most", lambda n: n)
    return lambda words, index, n: tokens(words, index, n, most=most(n), **changes)


def everything(n):
    """No limit to the index."""
    return np.inf


ENCODE = Exercise(
    name="encode",
    chapter="09",
    solution=encode,
    cases=encode_cases,
    axes={"words": "T", "": "T"},
    counted="texts",
    tolerance=0.0,
    mistakes={
        "Keras' ids: there words are shifted by three, unknown is 2, and n counts shifted ids, so that n - 4 words are "
        "left; here the word of index 1 has the token 2, and unknown is 1": (
            wrong_tokens(shift=3, unknown=2, most=lambda n: n - 4)
        ),
        "Keras' ids with their start: there every text begins with a 1, words are shifted by three, and unknown is 2; "
        "here a token stands for a word, and the word of index 1 has the token 2": (
            wrong_tokens(shift=3, unknown=2, most=lambda n: n - 4, start=(1,))
        ),
        "Keras' shift: there the word of index 1 has the id 4; here it has the token 2": wrong_tokens(shift=3),
        "Keras' shift and unknown: there words begin at 4, and unknown is 2; here they begin at 2, and unknown is 1": (
            wrong_tokens(shift=3, unknown=2)
        ),
        "not shifted: the index counts from 1, and 1 is the token of unknown words": wrong_tokens(shift=0),
        "shifted by two: the index counts from 1, and the words begin at 2": wrong_tokens(shift=2),
        "an unknown word becomes padding: 0 is for steps that are no words, 1 for words that are unknown": (
            wrong_tokens(unknown=0)
        ),
        "an unknown word becomes the most frequent one: 2 is the token of the word of index 1": wrong_tokens(unknown=2),
        "n is not looked at: a word whose index is above n is unknown too": wrong_tokens(most=everything),
        "one word too few: the index counts from 1, so the word of index n has a token of its own": (
            wrong_tokens(most=lambda n: n - 1)
        ),
        "one word too many: the index counts from 1, so the word of index n + 1 is unknown": (
            wrong_tokens(most=lambda n: n + 1)
        ),
        "a rare word is unknown, and a word of no index is padding: both have the token 1": wrong_tokens(absent=0),
        "unknown words are left out: they are steps too, with the token 1": (
            lambda words, index, n: np.array([index[word] + 1 for word in words if index.get(word, n + 1) <= n])
        ),
    },
)


def log_loss(logits, y):
    """Mean logistic loss and its gradient by the logits, at any size of a logit."""
    return losses(logits, y)


def losses(logits, y, each=None, mean=True, mean_back=True, share=1.0, slope=None):
    """Loss and gradient, with another loss of each review, another divisor, or another gradient of each review."""
    stable = np.maximum(logits, 0) - logits * y + np.log1p(np.exp(-np.abs(logits)))
    each = stable if each is None else each
    slope = sigmoid(logits) - y if slope is None else slope
    N = len(y)
    return {"loss": float(share * each.sum() / (N if mean else 1)), "dlogits": share * slope / (N if mean_back else 1)}


def loss_cases(rng):
    """Moderate logits, and logits of +-1000 on the right and on the wrong side."""
    cases = [(np.array([0.75]), np.array([1.0]))]
    for N in (6, 7, 8, 12):
        logits = np.concatenate([[1000, 1000, -1000, -1000], rng.choice([-1, 1], N - 4) * rng.uniform(0.2, 3, N - 4)])
        y = np.concatenate([[1, 0, 1, 0, 1, 0], rng.integers(0, 2, size=N - 6)])
        order = rng.permutation(N)
        cases.insert(0, (logits[order], y[order].astype(float)))
    return cases


def written_out(logits, y):
    """-(y log p + (1 - y) log(1 - p)), as it is written."""
    p = sigmoid(logits)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def chosen_out(logits, y):
    """-log of the probability of the label that is right."""
    return -np.log(np.where(y == 1, sigmoid(logits), 1 - sigmoid(logits)))


def clipped(eps, back=False):
    """The loss of a probability that is kept away from 0 and 1; and the gradient by it too."""

    def wrong(logits, y):
        p = np.clip(sigmoid(logits), eps, 1 - eps)
        return losses(logits, y, each=-(y * np.log(p) + (1 - y) * np.log(1 - p)), slope=p - y if back else None)

    return wrong


LOG_LOSS = Exercise(
    name="log_loss",
    chapter="09",
    solution=log_loss,
    cases=loss_cases,
    axes={"logits": "N", "y": "N"},
    counted="batches",
    tolerance=1e-10,
    mistakes={
        "0 times infinity: at +-1000 the sigmoid is exactly 0 or 1, its logarithm infinite; from the logit itself "
        "the loss is log(1 + exp(a)) - y a": lambda a, y: losses(a, y, each=written_out(a, y)),
        "an infinite loss: a wrong answer at +-1000 has a probability of exactly 0, or its exp overflows; the loss is "
        "1000, and is to be had from the size of the logit": lambda a, y: losses(a, y, each=chosen_out(a, y)),
        **{
            f"clipped at {eps:.0e}{back}: no loss is above {-np.log(eps):.1f} then; a wrong one at +-1000 is 1000": (
                clipped(eps, bool(back))
            )
            for eps in (1e-7, 1e-10, 1e-15)
            for back in ("", ", in the gradient too")
        },
        "the sum: loss and gradient are means over the N reviews": (
            lambda a, y: losses(a, y, mean=False, mean_back=False)
        ),
        "the gradient of the sum: the loss is a mean, so its gradient is divided by N too": (
            lambda a, y: losses(a, y, mean_back=False)
        ),
        "the loss is a sum: it is a mean over the N reviews, as its gradient is": (
            lambda a, y: losses(a, y, mean=False)
        ),
        "the sign of the gradient: a logit that grows makes a bad review's loss larger": (
            lambda a, y: losses(a, y, slope=y - sigmoid(a))
        ),
        "the slope of the sigmoid twice: by the logit the gradient is p - y, without p (1 - p)": (
            lambda a, y: losses(a, y, slope=(sigmoid(a) - y) * sigmoid(a) * sigmoid(-a))
        ),
        "the labels exchanged: y = 1 is a good review, and its loss falls as the logit grows": (
            lambda a, y: losses(a, 1 - y)
        ),
        "only good reviews count: a bad one costs -log(1 - p)": (
            lambda a, y: losses(
                a, y, each=y * (np.maximum(-a, 0) + np.log1p(np.exp(-np.abs(a)))), slope=-y * sigmoid(-a)
            )
        ),
        "a logarithm to base 2: in nats it is the natural one": lambda a, y: losses(a, y, share=1 / np.log(2)),
    },
)


def readout_gradients(h, err, W_hy):
    """Gradients of y = h W_hy + b_y: by W_hy, by b_y and by h."""
    return readout_back(h, err, W_hy)


def readout_back(h, err, W, /, **instead):
    """The three gradients, some of them others."""
    return {"W_hy": h.T @ err, "b_y": err.sum(axis=0), "h": err @ W.T} | instead


def readout_cases(rng):
    """States and gradients of one output and of several."""
    shapes = [(5, 4, 2), (4, 3, 5), (3, 5, 4), (6, 2, 3), (3, 4, 1), (1, 1, 1), (2, 1, 3)]  # N, H, K
    return [(rng.uniform(-1, 1, (N, H)), rng.normal(size=(N, K)), rng.normal(size=(H, K))) for N, H, K in shapes]


READOUT_GRADIENTS = Exercise(
    name="readout_gradients",
    chapter="09",
    solution=readout_gradients,
    cases=readout_cases,
    axes={"h": "N H", "err": "N K", "W_hy": "H K"},
    tolerance=1e-10,
    mistakes={
        "one number for b_y: summed over everything it is right for one output alone; K outputs have K biases, and the "
        "sum goes over the sequences": lambda h, err, W: readout_back(h, err, W, b_y=np.sum(err)),
        "one number for b_y, a mean over the sequences: err holds 1/N already, and K outputs have K biases": (
            lambda h, err, W: readout_back(h, err, W, b_y=np.sum(err) / len(err))
        ),
        "one number for b_y, a mean over everything: K outputs have K biases, each the sum over the sequences": (
            lambda h, err, W: readout_back(h, err, W, b_y=np.mean(err))
        ),
        "one number for b_y, and W_hy divided by N as well: err holds the loss's 1/N already, and K outputs have K "
        "biases": lambda h, err, W: readout_back(h, err, W, W_hy=h.T @ err / len(h), b_y=np.sum(err) / len(err)),
        "b_y is summed over the outputs too: right for one output alone; the sum goes over the sequences": (
            lambda h, err, W: readout_back(h, err, W, b_y=np.full(err.shape[1], err.sum()))
        ),
        "b_y is summed over the outputs in place of the sequences: there is one bias an output": (
            lambda h, err, W: readout_back(h, err, W, b_y=err.sum(axis=1))
        ),
        "b_y keeps an axis of length 1: it is (K,)": (
            lambda h, err, W: readout_back(h, err, W, b_y=err.sum(axis=0, keepdims=True))
        ),
        "b_y is a mean: err holds the loss's 1/N already": (
            lambda h, err, W: readout_back(h, err, W, b_y=err.mean(axis=0))
        ),
        "W_hy and b_y are divided by N: err holds the loss's 1/N already": (
            lambda h, err, W: readout_back(h, err, W, W_hy=h.T @ err / len(h), b_y=err.mean(axis=0))
        ),
        "W_hy is divided by N: err holds the loss's 1/N already": (
            lambda h, err, W: readout_back(h, err, W, W_hy=h.T @ err / len(h))
        ),
        "W_hy is a product of sums: each sequence has a product, and these are added": (
            lambda h, err, W: readout_back(h, err, W, W_hy=np.outer(h.sum(axis=0), err.sum(axis=0)))
        ),
        "W_hy is turned: it is (H, K), as W_hy itself": lambda h, err, W: readout_back(h, err, W, W_hy=err.T @ h),
        "the tanh is in it: asked is the gradient by h; by the pre-activation it is multiplied by 1 - h**2": (
            lambda h, err, W: readout_back(h, err, W, h=(err @ W.T) * (1 - h**2))
        ),
        "all sequences have the same gradient by h: no sum goes over them, each row of err gives its own": (
            lambda h, err, W: readout_back(h, err, W, h=np.tile(err.sum(axis=0) @ W.T, (len(h), 1)))
        ),
        "the sign: err is the loss's gradient by y; what is subtracted comes in the step of descent": (
            lambda h, err, W: {key: -gradient for key, gradient in readout_back(h, err, W).items()}
        ),
    },
)


def last_real(h, real):
    """The state after the last real step of each sequence, wherever its padding lies."""
    return h[last_places(real), np.arange(real.shape[1])]


def last_places(real):
    """Index of the last real step of each sequence."""
    return len(real) - 1 - real[::-1].argmax(axis=0)


def at(place):
    """The states at other places, which are kept inside the sequence."""
    return lambda h, real: h[np.clip(place(real), 0, len(h) - 1), np.arange(real.shape[1])]


def real_steps(rng, T, N):
    """Steps that are real: padding behind, in front, on both sides, and what comes."""
    real = np.zeros((T, N), bool)
    for n in range(N):
        length = int(rng.integers(2, T - 1)) if T > 3 else T
        start = (0, T - length, int(rng.integers(1, max(2, T - length))))[n % 3]
        real[start : start + length, n] = True
    return real


def real_cases(rng):
    """States that go on over padding."""
    sizes = [(7, 4, 3), (6, 3, 4), (9, 5, 2), (1, 1, 1), (5, 1, 2), (8, 6, 5)]
    return [(rng.uniform(-1, 1, size=(T, N, H)), real_steps(rng, T, N)) for T, N, H in sizes]


LAST_REAL = Exercise(
    name="last_real",
    chapter="09",
    solution=last_real,
    cases=real_cases,
    axes={"h": "T N H", "real": "T N", "": "N H"},
    mistakes={
        "the last step of all: where the padding is behind, the state has gone on over it": lambda h, real: h[-1],
        "all these steps of every sequence: one index takes them from the whole batch; each sequence wants its own "
        "step, so the second axis needs an index too": lambda h, real: h[last_places(real)],
        "all these steps of every sequence, and counted from the start: the second axis needs an index too, and the "
        "count is the last one's index only where the padding is behind": lambda h, real: h[real.sum(axis=0) - 1],
        "counted: the number of real steps, minus one, is the last one's index only where the padding is behind": (
            at(lambda real: real.sum(axis=0) - 1)
        ),
        "counted, and one step too far: after n real steps from the start the last one has the index n - 1": (
            at(lambda real: real.sum(axis=0))
        ),
        "the first real step: there the sequence has only begun": at(lambda real: real.argmax(axis=0)),
        "counted from the end: in real[::-1] the index 0 is the last step, T - 1": (
            at(lambda real: real[::-1].argmax(axis=0))
        ),
        "one step too far: counted from the end, index 0 is T - 1 and not T": at(lambda real: last_places(real) + 1),
        "one step too few: the last real word is read too": at(lambda real: last_places(real) - 1),
        "the same step for all: each sequence ends at a step of its own": at(
            lambda real: np.full(real.shape[1], last_places(real).min())
        ),
        "padding cleared and the last step taken: what is multiplied by 0 is lost, and the step is another one": (
            lambda h, real: (h * real[:, :, None])[-1]
        ),
        "a mean over the real steps: asked is the one state after the last of them": (
            lambda h, real: (h * real[:, :, None]).sum(axis=0) / real.sum(axis=0)[:, None]
        ),
    },
)


def pool_backward(dmean, real):
    """Gradient by every state of the mean over the real ones."""
    return spread(dmean, real)


def spread(dmean, real, count=None, everywhere=False):
    """The gradient, shared by another count or handed to padding too."""
    count = real.sum(axis=0)[:, None] if count is None else count
    return (np.ones_like(real) if everywhere else real)[:, :, None] * (dmean / count)


def pool_cases(rng):
    """Gradients of means, with padding in front, behind and on both sides."""
    sizes = [(7, 4, 3), (6, 3, 4), (9, 5, 2), (1, 1, 1), (5, 1, 2), (8, 6, 5)]
    return [(rng.normal(size=(N, H)), real_steps(rng, T, N)) for T, N, H in sizes]


POOL_BACKWARD = Exercise(
    name="pool_backward",
    chapter="09",
    solution=pool_backward,
    cases=pool_cases,
    axes={"dmean": "N H", "real": "T N", "": "T N H"},
    mistakes={
        "divided by T: the mean goes over a sequence's real steps, and is divided by their number": (
            lambda dmean, real: spread(dmean, real, count=len(real))
        ),
        "padding gets a share, and all are divided by T: padding is not in the mean, so its gradient is 0": (
            lambda dmean, real: spread(dmean, real, count=len(real), everywhere=True)
        ),
        "padding gets a share: it is not in the mean, so its gradient is 0": (
            lambda dmean, real: spread(dmean, real, everywhere=True)
        ),
        "not divided: this is the backward of a sum; each state is in the mean with a weight of 1 / count": (
            lambda dmean, real: spread(dmean, real, count=1)
        ),
        "nothing is divided, and padding gets all of it too: a real state has the weight 1 / count, padding 0": (
            lambda dmean, real: spread(dmean, real, count=1, everywhere=True)
        ),
        "divided by all real steps of the batch: each sequence has a count of its own": (
            lambda dmean, real: spread(dmean, real, count=real.sum())
        ),
        "divided by the sequences that are real at a step: the mean goes over the steps of a sequence": (
            lambda dmean, real: real[:, :, None] * dmean / np.maximum(real.sum(axis=1), 1)[:, None, None]
        ),
        "multiplied by the count: it is divided by it": (
            lambda dmean, real: spread(dmean, real, count=1 / real.sum(axis=0)[:, None])
        ),
        "all of it to the last real state: in a mean every real state has the same weight": (
            lambda dmean, real: (np.arange(len(real))[:, None] == last_places(real))[:, :, None] * dmean
        ),
    },
)


def log_count_ratio(x, real, y, V, alpha):
    """Log ratio of each token's share among good reviews to its share among bad ones, by reviews that have it."""
    return ratio(x, real, y, V, alpha)


def ratio(x, real, y, V, alpha, binary=True, masked=True, norm="smoothed", inside=True, log=np.log):
    """The ratios with counts, smoothing or norm of another kind."""
    real = real if masked else np.ones_like(real)
    counts = np.array([np.bincount(x[real[:, n], n], minlength=V) for n in range(x.shape[1])])
    counts = np.minimum(counts, 1) if binary else counts
    shares = []
    for label in (1, 0):
        total = counts[y == label].sum(axis=0)
        p = total + alpha * inside
        size = {"smoothed": p.sum(), "counts": max(total.sum(), 1), "reviews": max((y == label).sum(), 1), "none": 1}[
            norm
        ]
        shares.append(p / size + (0 if inside else alpha))
    return log(shares[0] / shares[1])


def ratio_cases(rng):
    """Reviews with words that occur twice, and more good ones than bad; no ratio near 1, whose logarithm is near 0."""
    cases = []
    for T, N, V, alpha in ((8, 5, 6, 0.5), (6, 4, 5, 2.0), (12, 7, 9, 0.7), (1, 1, 3, 0.5), (9, 6, 7, 1.5)):
        while True:
            real = real_steps(rng, T, N)
            x = np.where(real, rng.integers(1, V, size=(T, N)), 0)
            x[real.argmax(axis=0) + (T > 1), np.arange(N)] = x[real.argmax(axis=0), np.arange(N)]
            y = rng.permutation(np.arange(N) < N // 2 + 1).astype(int)
            r = ratio(x, real, y, V, alpha)
            if np.abs(r).min() > 1e-3:
                break
        cases.append((x, real, y, V, alpha))
    return cases


def wrong_ratio(**changes):
    """Ratios with something else."""
    return lambda x, real, y, V, alpha: ratio(x, real, y, V, alpha, **changes)


LOG_COUNT_RATIO = Exercise(
    name="log_count_ratio",
    chapter="09",
    solution=log_count_ratio,
    cases=ratio_cases,
    axes={"x": "T N", "real": "T N", "y": "N", "": "V"},
    counted="sets of reviews",
    tolerance=1e-9,
    mistakes={
        "counts in place of reviews: a word that stands twice in a review counts once": wrong_ratio(binary=False),
        "padding counts: steps that are not real are no words": wrong_ratio(masked=False),
        "not divided by the norms: p and q are divided by their sums first": wrong_ratio(norm="none"),
        "divided by the number of reviews: ||p||_1 is the sum over all tokens": wrong_ratio(norm="reviews"),
        "divided by the counts alone: ||p||_1 is the sum of p, with the V times alpha that is in it": (
            wrong_ratio(norm="counts")
        ),
        "smoothed after dividing: alpha is added to the counts": wrong_ratio(norm="counts", inside=False),
        "no smoothing: where a token is in no review of one kind, the logarithm is infinite or of 0/0": (
            lambda x, real, y, V, alpha: ratio(x, real, y, V, 0)
        ),
        "alpha is always 1: it is an argument": lambda x, real, y, V, alpha: ratio(x, real, y, V, 1),
        "good and bad exchanged: p counts the reviews with y = 1, and stands above": (
            lambda x, real, y, V, alpha: -ratio(x, real, y, V, alpha)
        ),
        "no logarithm: r is the logarithm of the ratio": wrong_ratio(log=lambda share: share),
        "a logarithm to base 2: in nats it is the natural one": wrong_ratio(log=np.log2),
    },
)


EXERCISES = (ENCODE, LOG_LOSS, READOUT_GRADIENTS, LAST_REAL, POOL_BACKWARD, LOG_COUNT_RATIO)
