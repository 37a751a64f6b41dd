"""Film reviews made by a grammar in which word order decides."""

from __future__ import annotations

import re
from bisect import bisect
from itertools import product

import numpy as np

from rnnbook.lab.tasks.corpus import SPLITS, Corpus, split_words
from rnnbook.lab.tasks.reviews_english import ENGLISH
from rnnbook.lab.tasks.reviews_korean import KOREAN
from rnnbook.nn.checks import check_number, check_option, check_seed

GRAMMARS = {"en": ENGLISH, "ko": KOREAN}
SIZES = {"en": (5000, 1000, 2000), "ko": (3000, 600, 1200)}  # reviews to train on, to choose by, to test with
SHORTEST, LONGEST = 5, 80  # words
TURNS = ("train", "test", "validation", "train", "train")  # who gets the next pattern or rare word
NOISE = 0.03
PAIRS, CORRECTIONS, DENIALS = 0.37, 0.04, 0.03  # shares of the patterns; the plain ones have the rest
NEGATED = 0.15  # of opinions that may be
OPINIONS, DIRECTLY = "UVWX", (1, 2)  # slots for opinions; the groups in which none is negated
HEARSAY = 0.06  # of sentences that are not the judgement
RARE, RARE_OPINION = 0.6, 0.04  # how often a word is one of the split's own
SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


class _Draws:
    """Uniform numbers one at a time, drawn in blocks: a review takes a hundred."""

    def __init__(self, seed):
        self.rng, self.block = np.random.default_rng(seed), []

    def uniform(self):
        """A number from 0 to below 1."""
        if not self.block:
            self.block = self.rng.random(10_000).tolist()
        return self.block.pop()

    def below(self, n):
        """A whole number from 0 to n - 1."""
        return int(self.uniform() * n)

    def one(self, words):
        """One of some words, each as likely."""
        return words[int(self.uniform() * len(words))]


class _Writer:
    """Draws the reviews of one split."""

    def __init__(self, grammar, split, patterns, rng):
        self.grammar, self.rng, self.patterns = grammar, rng, patterns
        self.turn = SPLITS.index(split)
        mine = np.array([split == turn for turn in TURNS])
        self.rare = {
            slot: [w for k, w in enumerate(words) if mine[k % len(TURNS)]] for slot, words in grammar.rare.items()
        }
        rare = (grammar.rare_bad, grammar.rare_good)
        self.opinions = (grammar.bad, grammar.good)
        self.rare_opinions = [[w for k, w in enumerate(words) if mine[k % len(TURNS)]] for words in rare]

    def word(self, slot):
        """A word for a slot; of the rare ones the k-th is drawn about 1 / k as often as the first."""
        common, rare = self.grammar.common.get(slot), self.rare.get(slot)
        if rare is None or (common is not None and self.rng.uniform() >= RARE):
            return self.rng.one(common)
        return rare[min(int((len(rare) + 1) ** self.rng.uniform()), len(rare)) - 1]

    def opinion_word(self, sign):
        """A good word or a bad one."""
        return self.rng.one((self.rare_opinions if self.rng.uniform() < RARE_OPINION else self.opinions)[sign])

    def fill(self, pattern, sign=None):
        """A pattern with words in its slots, none twice but opinion words."""
        seen = set()

        def draw(slot):
            name, form = slot.groups()
            if name == "adj":
                word = self.opinion_word(self.rng.below(2) if sign is None else sign)
                return word if form is None else getattr(word, form)
            word = self.word(name)
            while word in seen:
                word = self.word(name)
            seen.add(word)
            return word

        return SLOT.sub(draw, pattern)

    def opinion(self, kind, sign, form):
        """An opinion of some sign, put in some way."""
        grammar = self.grammar
        negated = kind >= len(grammar.direct)
        return self.fill((grammar.direct + grammar.negated)[kind][form], 1 - sign if negated else sign)

    def judgement(self, mirrored):
        """A sentence that decides, and its label; mirrored, two opinions of opposite sign have changed places."""
        share, rng = self.rng.uniform(), self.rng
        group = bisect((PAIRS, PAIRS + CORRECTIONS, PAIRS + CORRECTIONS + DENIALS), share)
        pattern = self.rng.one(list(self.patterns[group]))
        slots = dict(slot for slot in SLOT.findall(pattern) if slot[0] in OPINIONS)
        negated = tuple(group not in DIRECTLY and rng.uniform() < NEGATED for _ in slots)
        way, form = rng.one(self.patterns[group][pattern][negated]), slots.popitem()[1]
        label = rng.below(2)
        if group < 2:
            bad, good = (self.opinion(kind, sign, form) for sign, kind in enumerate(way))
            label = 1 - label if mirrored else label
            opinions = {"U": (good, bad)[label], "V": (bad, good)[label]}
        elif group == 2:
            opinions = {"X": self.opinion(way[0], 1 - label, form)}
        else:
            opinions = {slot: self.opinion(kind, label, form) for slot, kind in zip("VW", way, strict=False)}
        before = self.word("d") if rng.uniform() < self.grammar.before else ""
        behind = self.word("t") if rng.uniform() < self.grammar.behind else ""
        for slot, words in {"d": before, "t": behind}.items():
            pattern = pattern.replace(f"{{{slot}}}", words)
        pattern = self.fill(SLOT.sub(lambda slot: f"<{slot[1]}>" if slot[1] in OPINIONS else slot[0], pattern))
        for slot, words in opinions.items():
            pattern = pattern.replace(f"<{slot}>", words)
        return pattern, label

    def scene(self, told):
        """A sentence that decides nothing, of a pattern that has not been told while there is one."""
        hearsay = self.rng.uniform() < HEARSAY
        patterns = (self.grammar.hearsay if hearsay else self.grammar.scenes)[self.turn]
        pattern = self.rng.one([pattern for pattern in patterns if pattern not in told] or patterns)
        told.add(pattern)
        return self.fill(pattern)

    def review(self, mirrored):
        """A text and its label."""
        target = SHORTEST * (LONGEST / SHORTEST) ** self.rng.uniform()
        judgement, label = self.judgement(mirrored)
        sentences, told, words = [], set(), len(split_words(judgement))
        while words < target:
            scene = self.scene(told)
            words += len(split_words(scene))
            if words > LONGEST:
                break
            sentences.append(scene)
        sentences.insert(self.rng.below(len(sentences) + 1), judgement)
        return self.grammar.finish(" . ".join(sentences)), label


def _patterns(grammar, rng):
    """The patterns of judgements by split and group: for each choice of direct or negated, the ways to put them."""
    direct = tuple(range(len(grammar.direct)))
    negated = tuple(range(len(direct), len(direct) + len(grammar.negated)))
    found = {split: [{}, {}, {}, {}] for split in SPLITS}
    for group, patterns in enumerate((grammar.pairs, grammar.corrections, grammar.denials, grammar.plain)):
        for pattern in patterns:
            opinions = len({name for name, _ in SLOT.findall(pattern) if name in OPINIONS})
            choices = product((direct,) if group in DIRECTLY else (direct, negated), repeat=opinions)
            for choice in choices:
                key, ways = tuple(kinds is negated for kinds in choice), list(product(*choice))
                for k, place in enumerate(rng.permutation(len(ways))):
                    mine = found[TURNS[k % len(TURNS)]][group].setdefault(pattern, {})
                    mine.setdefault(key, []).append(ways[place])
    return found


def make_reviews(seed=0, language="en", noise=NOISE, mirrored=False):
    """Make some thousands of film reviews, whose labels a grammar decides and word order matters to.

    A review has 5 to 80 words: one judgement, somewhere between sentences that tell what happens. Its label, 1 for good
    and 0 for bad, follows from eight rules:

    1. An opinion word is good (gripping) or bad (dull). Words of degree (very, rather) change nothing.
    2. A negation turns the opinion behind it, at any distance: not dull, far from dull, anything but dull, never, not
       even with the lantern in sight, dull.
    3. *U but V*, *although U, V*, *U. Still, V*, *expected U, turned out V*, *U at first but V at the end*, *U before,
       V after*: V decides.
    4. *V although U*, *V even though U*, *sooner V than U*, *V rather than U*: V decides here as well.
    5. *It is not U, it is V*: V decides. *V and W* agree.
    6. *Nobody who ... will call it X*, *I cannot say, after ..., that it was X*: the opposite of X.
    7. *Most people call it U while I call it V*: V decides. What neighbours, papers and posters say does not count.
    8. A stated share of the labels is turned, whatever the text says.

    For example: "I would sooner call it **not** at all **dull** in my eyes **than** call it **gripping** in my eyes".
    Of *sooner V than U*, V decides: not at all dull is good by rule 2, so the label is 1. Its mirror, in which the two
    opinions have changed places, has the same words and the label 0, and U and V are drawn with a fair coin: a bag of
    words is right half of the time on such reviews. Where the words before and behind both opinions are the same too,
    here *it* and *in my eyes*, a bag of bigrams is no better. Each split has patterns with kinds of opinions, other
    sentences and rare words of its own.

    Parameters
    ----------
    seed : int
        All that is drawn follows from it.
    language : {"en", "ko"}
        English, 8,000 reviews, or Korean, 4,800.
    noise : float
        Share of the labels that are turned, from 0 to below 0.5. The texts do not depend on it.
    mirrored : bool
        Whether two opinions of opposite sign have changed places, and the label with them. All else is the same.

    Returns
    -------
    Corpus
        Texts, labels and splits.

    Raises
    ------
    TypeError
        If something is not of its kind.
    ValueError
        If a number is out of range, or there is no such language.

    Examples
    --------
    >>> corpus = make_reviews(language="ko")
    >>> corpus
    Corpus('reviews, ko, seed 0': train 3,000, validation 600, test 1,200)
    """
    check_seed(seed)
    check_option("language", language, GRAMMARS)
    check_number("noise", noise, below=0.5)
    if not isinstance(mirrored, bool):
        raise TypeError(f"mirrored is True or False; got {mirrored!r}")
    grammar = GRAMMARS[language]
    patterns, coins = (np.random.default_rng([seed, k]) for k in range(2))
    patterns, rng = _patterns(grammar, patterns), _Draws([seed, 2])
    texts, labels, splits = [], [], {}
    for split, size in zip(SPLITS, SIZES[language], strict=True):
        writer = _Writer(grammar, split, patterns[split], rng)
        made = [writer.review(mirrored) for _ in range(size)]
        splits[split] = np.arange(len(texts), len(texts) + size)
        texts += [text for text, _ in made]
        labels += [label for _, label in made]
    turned = coins.random(len(labels)) < noise
    name = f"reviews, {language}, seed {seed}"
    return Corpus(tuple(texts), np.array(labels) ^ turned, splits, name)
