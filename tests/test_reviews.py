"""The made reviews: an independent reader finds the label in the text, splits are apart, bags reach what is stated."""

import re
from collections import Counter
from functools import lru_cache

import numpy as np
import pytest

from rnnbook.lab.tasks import bag_bound, bag_floor, make_reviews, split_words, window_floor
from rnnbook.lab.tasks.reviews import GRAMMARS, NOISE

LANGUAGES = ["en", "ko"]
SPLITS = ["train", "validation", "test"]
made_once = lru_cache(make_reviews)
ENGLISH, KOREAN = GRAMMARS["en"], GRAMMARS["ko"]
SIGN = dict.fromkeys(ENGLISH.good + ENGLISH.rare_good, 1) | dict.fromkeys(ENGLISH.bad + ENGLISH.rare_bad, 0)
FORMS = {
    form: sign
    for sign, words in ((1, KOREAN.good + KOREAN.rare_good), (0, KOREAN.bad + KOREAN.rare_bad))
    for word in words
    for form in (word.before, f"{word.stem}지", f"{word.stem}고", f"{word.quoted}는", f"{word.quoted}고")
}
SAID_BY_OTHERS = {
    "en": r"neighbour|the papers|every film is|my sister|critic|my uncle|the poster",
    "ko": r"이웃은|신문에는|모든 영화가|누나는|평론가는|삼촌 말로는|포스터에는",
}
LAST_DECIDES = {
    "en": r" but |, the | and it turned out | while i call | before the break |, it is ",
    "ko": r"들었지만 |하지만 |들었어도 |같았는데 |알았는데 |아니라 |라기보다는 |이어졌으나 ",
}
FIRST_DECIDES = {"en": r" although | even though | than call it | rather than ", "ko": r" 말이 (?=.* 말보다)|들었고 "}


def corpus_of(seed, language, noise=NOISE, mirrored=False):
    """Each corpus is made once, whichever test asks first and however it says what is the default."""
    return made_once(seed, language, noise, mirrored)


def judged(text, language):
    """The sentences with opinions of the writer's own."""
    sign = {"en": SIGN, "ko": FORMS}[language]
    sentences = [sentence.strip() for sentence in text.lower().split(".")]
    return [
        sentence
        for sentence in sentences
        if not re.search(SAID_BY_OTHERS[language], sentence) and any(word in sign for word in split_words(sentence))
    ]


def sign_of(clause, language):
    """The sign of a clause: that of its first opinion word, turned where the clause negates it."""
    words = split_words(clause)
    if language == "ko":
        sign = next(FORMS[word] for word in words if word in FORMS)
        return 1 - sign if re.search("지 않|수 없", clause) else sign
    place = next(k for k, word in enumerate(words) if word in SIGN)
    return 1 - SIGN[words[place]] if {"not", "never"} & set(words[:place]) else SIGN[words[place]]


def verdict(text, language):
    """The label that a text has by the rules, read without the generator."""
    text = text.replace("anything but", "not").replace("far from", "not")
    sentences = judged(text, language)
    sentence = sentences[0] if language == "ko" else sentences[-1]  # "of course, ..."; "still, ..."
    if re.match("nobody|i cannot", sentence) or re.search("못한다$|나오지 않는다$", sentence):
        word = next(word for word in split_words(sentence) if word in SIGN or word in FORMS)
        return 1 - {**SIGN, **FORMS}[word]
    decides = re.split(LAST_DECIDES[language], sentence)[-1]
    return sign_of(re.split(FIRST_DECIDES[language], decides)[0], language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("seed", "mirrored"), [(3, False), (0, True)])
def test_the_label_follows_from_the_text(seed, mirrored, language):
    corpus = corpus_of(seed, language, 0.0, mirrored)
    wrong = [text for text, label in zip(corpus.texts, corpus.labels, strict=True) if verdict(text, language) != label]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("It was not good, bad.", 0),
        ("It was not bad, good.", 1),
        ("The plot was gripping but the ending was anything but dull.", 1),
        ("Although the plot was dull, the ending was never, not even with the lantern in sight, gripping.", 0),
        ("The papers had promised a very dull evening. The plot was gripping although the ending was dull.", 1),
    ],
)
def test_the_reader_of_these_tests_knows_the_rules(text, label):
    assert verdict(text.replace("good, bad", "good, it is bad").replace("bad, good", "bad, it is good"), "en") == label


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_noise_turns_its_share_of_the_labels_and_leaves_the_texts(language):
    clean, noisy, more = (corpus_of(0, language, noise) for noise in (0.0, NOISE, 0.2))
    assert clean.texts == noisy.texts == more.texts
    for noise, corpus in ((NOISE, noisy), (0.2, more)):
        share, n = (clean.labels != corpus.labels).mean(), len(clean.labels)
        assert abs(share - noise) < 4 * np.sqrt(noise * (1 - noise) / n)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sizes_lengths_and_the_long_tail(language):
    corpus = corpus_of(0, language)
    lengths = [len(split_words(text)) for text in corpus.texts]
    assert 5 <= min(lengths) <= 8
    assert 65 <= max(lengths) <= 80
    counts = Counter(word for text in corpus.texts for word in split_words(text))
    assert len(counts) >= 1500
    assert sum(n <= 10 for n in counts.values()) >= 400
    assert abs(corpus.labels.mean() - 0.5) < 0.03


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_seed_makes_the_same_reviews_and_another_seed_others(language):
    again = make_reviews(0, language)
    assert again.texts == corpus_of(0, language).texts
    np.testing.assert_array_equal(again.labels, corpus_of(0, language).labels)
    assert again.texts != corpus_of(3, language, 0.0).texts  # noise leaves the texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_and_no_rare_word_is_in_two_splits(language):
    corpus, grammar = corpus_of(0, language), GRAMMARS[language]
    texts = [set(corpus.part(split)[0]) for split in SPLITS]
    words = [{word for text in part for word in split_words(text)} for part in texts]
    rare = {word.lower() for slot in ("name", "town") for word in grammar.rare[slot]}
    if language == "en":
        rare |= {word for listed in grammar.rare.values() for word in listed}
        rare |= {*grammar.rare_good, *grammar.rare_bad}
        rare = {word.lower() for word in rare if word not in {*sum(grammar.common.values(), ())}}
        met = [rare & part for part in words]
    else:  # a particle follows
        met = [{name for name in rare if any(word.startswith(name) for word in part)} for part in words]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not texts[one] & texts[other]
        assert not met[one] & met[other]
    assert min(map(len, met)) > 40


def skeleton(text):
    """An English judgement with its words exchanged for their kinds."""
    common = ENGLISH.common
    sentence = " | ".join(judged(text, "en"))
    for words in common["t"] + common["d"]:
        sentence = re.sub(rf"\b{words.strip()}\b ?", "", sentence)
    kinds = {word: f"<{sign}>" for word, sign in SIGN.items()}
    for slot in ("aspect", "degree", "noun", "nouns", "does"):
        kinds |= dict.fromkeys(common[slot], f"<{slot}>")
    for slot in ("name", "town", "does"):
        kinds |= {word.lower(): f"<{slot}>" for word in ENGLISH.rare[slot]}
    return tuple(kinds.get(word, word) for word in split_words(sentence))


def test_no_pattern_of_a_judgement_is_in_two_splits():
    corpus = corpus_of(0, "en")
    found = [{skeleton(text) for text in corpus.part(split)[0]} for split in SPLITS]
    assert min(map(len, found)) > 100
    assert not found[0] & found[1]
    assert not found[0] & found[2]
    assert not found[1] & found[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mirror_has_the_same_words_and_the_other_label(language):
    corpus, mirrored = (corpus_of(0, language, 0.0, turned) for turned in (False, True))
    for text, other, label, turned in zip(corpus.texts, mirrored.texts, corpus.labels, mirrored.labels, strict=True):
        assert Counter(split_words(text)) == Counter(split_words(other))
        assert (text != other) == (label != turned)


@pytest.mark.parametrize("language", LANGUAGES)
def test_floors_rise_with_the_window_and_stay_below_their_bounds(language):
    corpus, clean = corpus_of(0, language), corpus_of(0, language, 0.0)
    mirrored, n = corpus_of(0, language, 0.0, True), len(corpus.splits["test"])
    floors = [bag_floor(corpus, k) for k in (1, 2)]
    bounds = [bag_bound(clean, mirrored, k, NOISE) for k in (1, 2, 3, 4)]
    assert bounds == sorted(bounds)
    assert bounds[-1] <= 1 - NOISE + 1e-12
    chance = 1 / np.sqrt(4 * n)  # a standard deviation of an accuracy near one half
    assert floors[0].accuracy <= floors[1].accuracy + 2 * chance
    assert floors[0].features < floors[1].features
    for floor, bound in zip(floors, bounds, strict=False):
        assert 0.5 < floor.accuracy < bound + 2 * chance
    assert floors[1].accuracy <= 0.85
    assert window_floor(corpus, 4).accuracy < floors[1].accuracy


def test_korean_particles_fit_the_sound_before_them():
    finish = KOREAN.finish
    assert finish("연기은(는) 결말은(는) 서울으로(로) 골으로(로) 나루으로(로) 섬으로(로)") == (
        "연기는 결말은 서울로 골로 나루로 섬으로."
    )
    assert finish("탑을(를) 바구니을(를) 솔과(와) 라온과(와) 마루이(가)") == "탑을 바구니를 솔과 라온과 마루가."
    assert not any(mark in text for text in corpus_of(0, "ko").texts for mark in "(){}<>")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"language": "de"}, ValueError, "language is one of 'en', 'ko'; got 'de'"),
        ({"noise": 0.5}, ValueError, "noise is a finite number of at least 0 and below 0.5; got 0.5"),
        ({"seed": -1}, ValueError, "seed is a whole number of at least 0"),
        ({"mirrored": 1}, TypeError, "mirrored is True or False; got 1"),
    ],
)
def test_bad_settings_are_named(change, error, says):
    with pytest.raises(error, match=says):
        make_reviews(**change)


def test_a_bound_is_of_a_corpus_and_its_own_mirror():
    with pytest.raises(ValueError, match="as many texts to test with; got 2000 and 1200"):
        bag_bound(corpus_of(0, "en"), corpus_of(0, "ko"), 1)
