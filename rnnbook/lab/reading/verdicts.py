"""What a network that judges a text holds of it after every word, and what each word did to that."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Vocabulary
from rnnbook.lab.tasks.corpus import UNKNOWN
from rnnbook.nn import Batch, Embedding, Stack, sigmoid
from rnnbook.nn.checks import as_array, check_arrays, check_count, check_instance, check_option, check_shape
from rnnbook.nn.contract import Cell
from rnnbook.nn.layers import check_tokens, embed
from rnnbook.nn.model import check_model

WAYS = ("left out", "unknown")


class WordGradients(NamedTuple):
    """How the logit after the last word moves with each word.

    Attributes
    ----------
    logit : float
        Of the whole text.
    norms : ndarray
        The norm of the gradient by the vector of each word, (T,).
    products : ndarray
        That gradient times the vector itself, (T,): above 0 where more of the word would raise the logit.
    """

    logit: float
    norms: np.ndarray
    products: np.ndarray


def check_judge(model, params):
    """Refuse what does not give one logit after the last step."""
    check_model(model)
    if (model.loss, model.steps) != ("logistic", "last"):
        raise ValueError(f"model has loss 'logistic' and steps 'last', as Reviews(...).model(GRU()) has; got {model}")
    check_arrays(model, params, ("W_hy", "b_y"))
    if np.shape(params["b_y"]) != (1,):
        raise ValueError(f"model has one output; got b_y of shape {np.shape(params['b_y'])}")


def as_words(tokens, mask):
    """Tokens (T,), at least one, and which of them are read."""
    tokens = as_array("tokens", tokens)
    check_shape("tokens", tokens, "T", (None,))
    check_count("the number of tokens", len(tokens))
    tokens = check_tokens(tokens, np.inf)
    mask = as_array("mask", np.ones(len(tokens), bool) if mask is None else mask)
    if mask.dtype != bool:
        raise TypeError(f"mask holds True where a step is real; got dtype {mask.dtype}")
    check_shape("mask", mask, "T", tokens.shape)
    if not mask.any():
        raise ValueError("mask is True at one step at least; here every step is padding")
    return tokens, mask


def verdicts(model, params, tokens, mask=None):
    """The probability of yes after every word of a text.

    For a layer that reads from the first word to the last, the readout is applied to its output at every step, in one
    pass. For one that also reads from the end, the text is cut after each word and read anew. Both give the same law:
    the verdict after word t is that on the text that ends there.

    Parameters
    ----------
    model : Model
        With a logistic loss at the last step.
    params : dict of str to ndarray
        Its parameters.
    tokens : ndarray of int
        The text, (T,).
    mask : ndarray of bool, optional
        (T,), False where a step is padding, which leaves the verdict as it is.

    Returns
    -------
    ndarray
        Probabilities, (T,).

    Raises
    ------
    TypeError
        If `model` is not a model, or the tokens are not whole numbers.
    ValueError
        If the model gives something else than one logit at the end, or there is no token.

    Examples
    --------
    >>> from rnnbook.lab.reading import review_reader
    >>> vocabulary, model, params = review_reader()
    >>> verdicts(model, params, vocabulary.encode("the plot was not dull")).round(2).tolist()
    [0.6, 0.59, 0.6, 0.76, 0.89]
    """
    check_judge(model, params)
    tokens, mask = as_words(tokens, mask)
    T = len(tokens)
    if not model.reads_ahead:
        logits, _ = replace(model, steps="every").predict(params, tokens[:, None], mask=mask[:, None])
        last = np.maximum.accumulate(np.where(mask, np.arange(T), -1))  # word that was read last, or none so far
        return sigmoid(logits[np.where(last < 0, np.arange(T), last), 0, 0])
    until = np.tri(T, dtype=bool).T & mask[:, None]  # column n is the text that ends after word n
    logits, _ = model.predict(params, np.broadcast_to(tokens[:, None], (T, T)), mask=until)
    return sigmoid(logits[:, 0])


def word_gradients(model, params, tokens, mask=None):
    """The gradient of the last logit by each word's vector, and its product with that vector.

    The vector is the word's row of the embedding, or the one-hot vector where there is none; then the norm is that of
    all V entries, and the product the entry of the word itself.

    Parameters
    ----------
    model : Model
        With a logistic loss at the last step; an embedding is the model's own, or the lowest layer of its stack.
    params : dict of str to ndarray
        Its parameters.
    tokens : ndarray of int
        The text, (T,).
    mask : ndarray of bool, optional
        (T,), False where a step is padding, whose gradient is 0.

    Returns
    -------
    WordGradients
        Norms and products by word.

    Raises
    ------
    TypeError
        If `model` is not a model, or the tokens are not whole numbers.
    ValueError
        If the model gives something else than one logit at the end, has its embedding elsewhere, or there is no token.

    References
    ----------
    Simonyan, Vedaldi & Zisserman (2014), "Deep inside convolutional networks: visualising image classification models
    and saliency maps", arXiv:1312.6034, for the gradient; Shrikumar, Greenside, Shcherbina & Kundaje (2016), "Not just
    a black box: learning important features through propagating activation differences", arXiv:1605.01713, for its
    product with the input; Li, Chen, Hovy & Jurafsky (2016), "Visualizing and understanding neural models in NLP",
    NAACL-HLT, for the gradient by a word's vector.

    Examples
    --------
    >>> from rnnbook.lab.reading import review_reader
    >>> vocabulary, model, params = review_reader()
    >>> found = word_gradients(model, params, vocabulary.encode("the plot was not dull"))
    >>> found.products.round(1).tolist()
    [-0.0, -0.1, -0.2, 1.8, 0.6]
    """
    check_judge(model, params)
    tokens, mask = as_words(tokens, mask)
    placed, own, x, key = _by_place(model, params, tokens)
    logits, _ = placed.predict(own, x[:, None], mask=mask[:, None])
    logit = float(logits[0, 0])
    answer = 0.0 if logit > 0 else 1.0  # of the two answers the one against which the loss has a slope of 1/2 or more
    step = placed.gradients(own, Batch(x[:, None], np.full((1, 1), answer, logits.dtype), real=mask[:, None]))
    slope = sigmoid(logits[0, 0]) - answer
    by_word = (step.back.x[:, 0] if key is None else step.params[key]) / slope
    products = by_word[np.arange(len(x)), tokens] if key is None else (by_word * own[key]).sum(axis=1)
    return WordGradients(logit, np.linalg.norm(by_word, axis=1), products)


def _by_place(model, params, tokens):
    """The same model with a token for each place of a text, so that equal words have their own rows; and their name."""
    if "E" in params:
        return model, params | {"E": embed(params, tokens)}, np.arange(len(tokens)), "E"
    layer = model.layer
    if isinstance(layer, Cell) or not layer.reads_tokens:
        return model, params, tokens, None
    if not isinstance(layer, Stack) or not isinstance(layer.layers[0], Embedding):
        raise ValueError(f"the embedding is the lowest layer of a stack; got {layer}")
    check_arrays(layer, params, ("l0.E",))
    vectors = embed({"E": params["l0.E"]}, tokens)
    layer = Stack((Embedding(*vectors.shape), *layer.layers[1:]))
    return replace(model, layer=layer), params | {"l0.E": vectors}, np.arange(len(tokens)), "l0.E"


def occlusion(model, params, tokens, way="left out"):
    """What each word adds to the last logit: the logit of the text minus that of the text without the word.

    Parameters
    ----------
    model : Model
        With a logistic loss at the last step.
    params : dict of str to ndarray
        Its parameters.
    tokens : ndarray of int
        The text, (T,).
    way : {"left out", "unknown"}
        Whether the text without the word is a word shorter, or has the unknown word in its place.

    Returns
    -------
    ndarray
        Signed differences, (T,).

    Raises
    ------
    TypeError
        If `model` is not a model, or the tokens are not whole numbers.
    ValueError
        If the model gives something else than one logit at the end, `way` is unknown, or there is no token.

    References
    ----------
    Zeiler & Fergus (2014), "Visualizing and understanding convolutional networks", ECCV, for parts of a picture; Li,
    Monroe & Jurafsky (2016), "Understanding neural networks through representation erasure", arXiv:1612.08220, for
    words.

    Examples
    --------
    >>> from rnnbook.lab.reading import review_reader
    >>> vocabulary, model, params = review_reader()
    >>> occlusion(model, params, vocabulary.encode("the plot was not dull")).round(1).tolist()
    [0.0, -0.3, 0.3, 5.1, 0.9]
    """
    check_judge(model, params)
    check_option("way", way, WAYS)
    tokens, _ = as_words(tokens, None)
    T = len(tokens)
    x = np.repeat(tokens[:, None], T + 1, axis=1)  # column n lacks word n, the last column none
    read, each = np.ones(x.shape, bool), np.arange(T)
    if way == "unknown":
        x[each, each] = UNKNOWN
    else:
        read[each, each] = False
    logits, _ = model.predict(params, x, mask=read)
    return logits[-1, 0] - logits[:-1, 0]


def neighbours(params, vocabulary, word, k=10):
    """The words whose vectors point most nearly the same way.

    Parameters
    ----------
    params : dict of str to ndarray
        With an embedding ``E``, or the ``l0.E`` of a stack, (V, D).
    vocabulary : Vocabulary
        The words of its rows.
    word : str
        One of them.
    k : int
        How many neighbours.

    Returns
    -------
    list of (str, float)
        Words and the cosines of the angles to them, the nearest first.

    Raises
    ------
    TypeError
        If `vocabulary` is not a vocabulary.
    KeyError
        If there is no embedding.
    ValueError
        If `word` is not in the vocabulary, its vector is zero, or the embedding has another number of rows.

    References
    ----------
    Mikolov, Yih & Zweig (2013), "Linguistic regularities in continuous space word representations", NAACL-HLT, who
    compare words by the cosine.

    Examples
    --------
    >>> from rnnbook.lab.reading import review_reader
    >>> vocabulary, _, params = review_reader()
    >>> [other for other, _ in neighbours(params, vocabulary, "dull", k=3)]
    ['messy', 'refilling', 'careless']
    """
    check_instance("vocabulary", vocabulary, Vocabulary, "review_reader()[0] or Reviews(...).vocabulary")
    check_count("k", k)
    key = "l0.E" if isinstance(params, dict) and "l0.E" in params else "E"
    check_arrays("the embedding", params, (key,))
    E = params[key]
    check_shape(key, E, "V D", (len(vocabulary), None))
    if not isinstance(word, str):
        raise TypeError(f"word is a string; got {word!r:.60}")
    if word not in vocabulary.words:
        raise ValueError(f"{word!r} is not one of the {len(vocabulary.words):,} words of the vocabulary")
    first = len(vocabulary) - len(vocabulary.words)  # padding and the unknown word are no words
    words, lengths = E[first:], np.linalg.norm(E[first:], axis=1)
    chosen = vocabulary.words.index(word)
    if not lengths[chosen]:
        raise ValueError(f"the vector of {word!r} is zero: it has no direction, so no word is near it")
    cosines = words @ words[chosen] / np.maximum(lengths * lengths[chosen], np.finfo(E.dtype).tiny)
    nearest = [n for n in np.argsort(-cosines, kind="stable") if n != chosen][:k]
    return [(vocabulary.words[n], float(cosines[n])) for n in nearest]
