"""Words and patterns of the English reviews. All persons, towns and films are invented: syllables put together."""

from __future__ import annotations

from rnnbook.lab.tasks.grammar import Grammar, far_apart, listed


def _with(stems, ending):
    """Words with an ending: -s, which is -es after a hiss, or one before which an e goes."""
    if ending == "s":
        return tuple(w + ("es" if w.endswith(("s", "sh", "ch", "x")) else "s") for w in stems)
    return tuple((w[:-1] if w.endswith("e") else w) + ending for w in stems)


NOUNS = listed(
    """harbour lantern garden ladder window river letter bridge market island station tower orchard kitchen
        engine ticket mirror basket forest bottle blanket carpet village tunnel cellar castle corner pocket
        hammer valley journal saddle curtain feather needle pillow ribbon shelter trumpet wagon"""
)
CRAFTS = far_apart(
    """boat clock lamp glass shoe rope sail wheel book bread brick candle cheese coal cotton flower fruit hat iron
    leather map paper piano salt silk stone tea toy wool violin""",
    "maker seller keeper dealer carrier painter mender",
)
VERBS = listed(
    """follow watch paint repair collect record visit guard count open clean polish measure sketch gather
        track rescue replace examine carve chase describe divide exchange handle notice observe prepare
        raise receive share serve trade order wash unlock inspect borrow deliver discover"""
)
RARE_VERBS = listed(
    """anchor auction barter bleach blend buckle button calculate catalogue cement chart decorate
        dismantle donate embroider enamel engrave escort excavate export fasten ferment frame furnish gild
        glaze graze harness harvest import insulate juggle knead launder loosen moisten mortgage nail
        oil pickle plaster plough pound refill rehearse rent rinse roast salvage
        sharpen solder sprinkle stitch straighten tailor tighten translate transplant tune unfold
        unload upholster varnish videotape weld whistle"""
)

ENGLISH = Grammar(
    good=listed(
        """gripping funny moving clever charming brilliant touching warm fresh elegant lively witty superb
        lovely tender graceful convincing inventive honest bright delightful absorbing thrilling wonderful
        memorable original subtle rich beautiful good"""
    ),
    bad=listed(
        """dull flat bland clumsy boring tedious awful hollow lazy shallow messy stale forced weak noisy
        predictable pointless cold confusing careless lifeless silly tired dreadful sloppy annoying empty
        ugly tasteless bad"""
    ),
    rare_good=listed(
        """spellbinding exquisite radiant riveting luminous masterful soulful sublime vivacious heartfelt
        dazzling enchanting hilarious poignant stirring breathtaking irresistible ingenious playful
        magnificent"""
    ),
    rare_bad=listed(
        """turgid insipid vapid plodding ponderous muddled garish humourless leaden soporific dreary abysmal
        contrived lacklustre monotonous amateurish uninspired unbearable cringeworthy shoddy"""
    ),
    direct=({"": "{adj}"}, {"": "{degree} {adj}"}, {"": "{adj} and {adj}"}, {"": "{adj} , even {degree} {adj}"}),
    negated=(
        {"": "not {adj}"},
        {"": "not at all {adj}"},
        {"": "far from {adj}"},
        {"": "anything but {adj}"},
        {"": "never {degree} {adj}"},
        {"": "not , whatever the {noun} may promise , {adj}"},
        {"": "never , not even with the {noun} in sight , {adj}"},
    ),
    pairs=(
        "the {aspect} was {d}{U}{t} but the {aspect} was {d}{V}{t}",
        "although the {aspect} was {d}{U}{t} , the {aspect} was {d}{V}{t}",
        "the {aspect} was {d}{V}{t} although the {aspect} was {d}{U}{t}",
        "i found the {aspect} {d}{U}{t} . still , i found the {aspect} {d}{V}{t}",
        "i found it {d}{V}{t} even though some scenes made it {d}{U}{t}",
        "i expected it to be {d}{U}{t} and it turned out to be {d}{V}{t}",
        "it seemed {d}{U}{t} at first but it seemed {d}{V}{t} at the end",
        "i would sooner call it {d}{V}{t} than call it {d}{U}{t}",
        "most people call it {d}{U}{t} while i call it {d}{V}{t}",
        "what was {d}{U}{t} before the break was {d}{V}{t} after it",
    ),
    corrections=(
        "it is not {d}{U}{t} , it is {d}{V}{t}",
        "the {aspect} was {d}{V}{t} rather than {d}{U}{t}",
    ),
    plain=(
        "the {aspect} was {d}{V}{t}",
        "i found it {d}{V}{t}",
        "in short , it is {d}{V}{t}",
        "the {aspect} was {d}{V} and the {aspect} was {W}{t}",
    ),
    denials=(
        "nobody who {does} the {nouns} of {town} will call it {d}{X}{t}",
        "i cannot say , after two hours with {name} and the {noun} , that the {aspect} was {d}{X}{t}",
    ),
    hearsay=(
        (
            "my neighbour had called it {adj}",
            "the papers had promised a {degree} {adj} evening",
            "for {name} of {town} every film is {adj}",
        ),
        ("my sister had told me it was {degree} {adj}", "a critic from {town} had written that it was {adj}"),
        ("according to my uncle it was {adj}", "the poster spoke of a {degree} {adj} night"),
    ),
    scenes=(
        (
            "{name} {did} the {noun} of {town}",
            "the {noun} belongs to {name} , who {does} {nouns} in {town}",
            "one evening {name} and {name} are {doing} the {nouns}",
            "in {town} a young {craft} {does} the {noun}",
            "we saw it in {town}",
            "there is a {noun} , there is a {craft} , and there are {nouns}",
            "{name} plays the {craft}",
            "after the war the {crafts} of {town} {did} their {nouns}",
            "the camera stays with {name} on the way to {town}",
            "for ten years nobody {did} the {noun} by the river",
            "the first hour takes place in {town} , where {name} is {doing} a {noun}",
            "the second hour has more {nouns} and a {craft}",
        ),
        (
            "once {name} has {did} the {nouns} , the {craft} goes back to {town}",
            "{town} is where {name} lives , between {nouns} and {crafts}",
            "the director is {name} from {town}",
            "then a {craft} comes by and {does} the {noun}",
            "it runs for two hours",
        ),
        (
            "a {craft} from {town} meets {name} and {does} some {nouns}",
            "it all begins when {name} is {doing} the {noun}",
            "{name} of {town} wrote it",
            "two {crafts} have {did} the {noun} , and {name} knows",
            "later the {nouns} of {town} are {did} by a {craft}",
            "it is set in {town}",
        ),
    ),
    common={
        "aspect": listed(
            """acting plot ending dialogue music editing camerawork pacing script cast lighting story humour
        opening soundtrack romance"""
        ),
        "degree": ("very", "quite", "rather", "so", "utterly", "deeply", "remarkably", "surprisingly"),
        "d": ("honestly ", "clearly ", "frankly ", "plainly "),
        "t": (
            *(" to me", " this time", " in my eyes", " on the whole", " if you ask me", " in every respect"),
            *(" from start to finish", " for an evening"),
        ),
        "noun": NOUNS,
        "nouns": _with(NOUNS, "s"),
        "did": _with(VERBS, "ed"),
        "does": _with(VERBS, "s"),
        "doing": _with(VERBS, "ing"),
    },
    rare={
        "name": far_apart(
            "Zor Quil Thran Vex Orl Yev Drum Ilm Kesh Lurn Mabb Nool Pell Rusk Sorv Tamm Ulv Wend Xan Brenn Crul Fenn",
            "aby isk ondo umber elko ivane attle orin uzzo emmy antz olka irro ewin ashto",
        ),
        "town": far_apart(
            "Alder Bram Cinder Dun Elver Frost Gorse Hazel Juniper Kettle Lark Marl Nettle Otter Pebble Quarrel",
            "wick ford holm stead haven mere combe thorpe fell bury moor",
        ),
        "craft": CRAFTS,
        "crafts": _with(CRAFTS, "s"),
        "did": _with(RARE_VERBS, "ed"),
        "does": _with(RARE_VERBS, "s"),
        "doing": _with(RARE_VERBS, "ing"),
    },
    before=0.3,
    behind=0.85,
)
