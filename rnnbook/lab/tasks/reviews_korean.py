"""Words and patterns of the Korean reviews. All persons and towns are invented: syllables put together."""

from __future__ import annotations

from dataclasses import dataclass

from rnnbook.lab.tasks.grammar import Grammar, far_apart, listed


@dataclass(frozen=True)
class Adjective:
    """An adjective in the forms that the patterns ask for: 훌륭하, 훌륭한, 훌륭하다."""

    stem: str
    before: str  # a noun
    quoted: str  # before 는 and 고


def _adjectives(regular, others=""):
    """Adjectives in 하, and others as stem/form before a noun."""
    pairs = [(f"{root}하", f"{root}한") for root in regular.split()] + [word.split("/") for word in others.split()]
    return tuple(Adjective(stem, before, stem + ("라" if stem.endswith("적이") else "다")) for stem, before in pairs)


KOREAN = Grammar(
    good=_adjectives(
        "훌륭 흥미진진 참신 섬세 탄탄 유쾌 따뜻 신선 기발 우아 통쾌 정교 치밀 완벽 특별 풍부",
        """재미있/재미있는 아름답/아름다운 뛰어나/뛰어난 멋지/멋진 감동적이/감동적인 매력적이/매력적인
        자연스럽/자연스러운 사랑스럽/사랑스러운""",
    ),
    bad=_adjectives(
        "지루 따분 엉성 허술 진부 밋밋 답답 산만 황당 조잡 빈약 유치 난해 뻔 식상 어색",
        """재미없/재미없는 형편없/형편없는 어설프/어설픈 촌스럽/촌스러운
        억지스럽/억지스러운 지겹/지겨운 느슨하/느슨한
        실망스럽/실망스러운""",
    ),
    rare_good=_adjectives(
        "탁월 절묘 찬란 황홀 경쾌 화려 애틋 명쾌 강렬 생생 발랄 웅장", "세련되/세련된 눈부시/눈부신 놀랍/놀라운"
    ),
    rare_bad=_adjectives(
        "무미건조 장황 조악 천박 난잡 졸렬 공허 막막 침침 투박 부실 미흡",
        "거칠/거친 어수선하/어수선한 민망스럽/민망스러운",
    ),
    direct=(
        {"quote": "{adj:quoted}는", "noun": "{adj:before}"},
        {"quote": "{degree} {adj:quoted}는", "noun": "{degree} {adj:before}"},
        {"quote": "{adj:stem}고 {adj:quoted}는", "noun": "{adj:stem}고 {adj:before}"},
    ),
    negated=(
        {"quote": "{adj:stem}지 않다는", "noun": "{adj:stem}지 않은"},
        {"quote": "전혀 {adj:stem}지 않다는", "noun": "전혀 {adj:stem}지 않은"},
        {"quote": "결코 {adj:quoted}고 할 수 없다는", "noun": "결코 {adj:quoted}고 할 수 없는"},
        {
            "quote": "조금도 , {noun}이(가) 나올 때조차 , {adj:stem}지 않다는",
            "noun": "조금도 , {noun}이(가) 나올 때조차 , {adj:stem}지 않은",
        },
    ),
    pairs=(
        "{aspect}은(는) {d}{U:quote} 생각이 들었지만 {aspect}은(는) {d}{V:quote} 생각이 들었다",
        "비록 {aspect}은(는) {d}{U:quote} 느낌이 들었어도 {aspect}은(는) {d}{V:quote} 느낌이 들었다",
        "{aspect}은(는) {d}{V:quote} 생각이 들었다 . 물론 {aspect}은(는) {d}{U:quote} 생각이 들기는 했다",
        "처음에는 {d}{U:noun} 영화 같았는데 나중에는 {d}{V:noun} 영화 같았다",
        "{d}{U:noun} 영화일 줄 알았는데 알고 보니 {d}{V:noun} 영화였다",
        "다들 {d}{U:quote} 말을 하지만 나는 {d}{V:quote} 말을 하겠다",
        "{d}{V:quote} 말이 {d}{U:quote} 말보다 이 영화에 어울린다",
        "앞부분에는 {d}{U:noun} 장면이 이어졌으나 뒤로 갈수록 {d}{V:noun} 장면이 이어졌다",
    ),
    corrections=(
        "이 작품은 {d}{U:noun} 쪽이 아니라 {d}{V:noun} 쪽이다",
        "이 작품은 {d}{U:noun} 영화라기보다는 {d}{V:noun} 영화라고 하겠다",
    ),
    plain=(
        "{aspect}은(는) {d}{V:quote} 생각이 들었다",
        "한마디로 말해 이 작품은 {d}{V:noun} 영화다",
        "전체적으로 보면 이것은 {d}{V:noun} 작품이었다",
        "{aspect}은(는) {d}{V:quote} 생각이 들었고 {aspect}도 {d}{W:quote} 생각이 들었다",
    ),
    denials=(
        "{town}에서 온 누구도 이 영화를 두고 {d}{X:quote} 말은 하지 못한다",
        "{name}이(가) 나오는 두 시간을 다 보고도 {aspect}이(가) {d}{X:quote} 말은 나오지 않는다",
    ),
    hearsay=(
        (
            "이웃은 {adj:quoted}고 했었다",
            "신문에는 {degree} {adj:before} 영화라고 적혀 있었다",
            "{name}에게는 모든 영화가 {adj:before} 영화다",
        ),
        ("누나는 {degree} {adj:quoted}고 했었다", "{town}의 어느 평론가는 {adj:before} 작품이라고 썼었다"),
        ("삼촌 말로는 {adj:before} 영화라고 했다", "포스터에는 {degree} {adj:before} 밤이라고 쓰여 있었다"),
    ),
    scenes=(
        (
            "{name}은(는) {town}에서 {noun}을(를) {did}",
            "{noun}은(는) {craft}의 것이고 {craft}은(는) {town}에 산다",
            "어느 날 저녁 {name}과(와) {name}은(는) {noun}을(를) {did}",
            "{town}의 젊은 {craft}이(가) {noun}과(와) {noun}을(를) {did}",
            "{town}에서 보았다",
            "{name}이(가) {craft} 역을 맡았다",
            "카메라는 {town}까지 {name}을(를) 따라간다",
            "십 년 동안 아무도 강가의 {noun}을(를) 찾지 않았다",
            "두 번째 시간에는 {noun}과(와) {craft}이(가) 더 나온다",
        ),
        (
            "{name}이(가) {noun}을(를) 두고 {town}으로(로) 떠난다",
            "감독은 {town} 출신의 {name}이다",
            "이윽고 {craft}이(가) 와서 {noun}을(를) {did}",
            "상영 시간은 두 시간이다",
        ),
        (
            "{town}에서 온 {craft}이(가) {name}을(를) 만나 {noun}을(를) {did}",
            "모든 것은 {name}이(가) {noun}을(를) 잃어버리면서 시작된다",
            "각본은 {name}이(가) 썼다",
            "두 {craft}은(는) {noun}을(를) {did}",
            "무대는 {town}이다",
        ),
    ),
    common={
        "aspect": listed("""연기 줄거리 결말 대사 음악 편집 촬영 전개 구성 배역 조명 이야기 유머 도입부 연출 분위기"""),
        "degree": ("아주", "꽤", "상당히", "매우", "제법", "몹시"),
        "d": ("솔직히 ", "확실히 ", "분명히 ", "아무래도 "),
        "t": (),
        "noun": listed(
            """등불 사다리 편지 거울 바구니 병 담요 양탄자 망치 일기장 안장 커튼 깃털 바늘 베개 리본 나팔 수첩 가방
        지팡이 우표 동전 시집 악보 상자 자물쇠 촛대 물감 붓 돋보기"""
        ),
        "did": listed(
            """찾았다 그렸다 모았다 지켰다 닦았다 세었다 살폈다 챙겼다 빌렸다 옮겼다 팔았다 숨겼다 훔쳤다 꺼냈다"""
        ),
    },
    rare={
        "name": far_apart(
            "도라 미르 가온 노을 다솔 라온 마루 바론 사빈 아렌 자루 차온 카린 타니 파란 하론 너울 두리 모란 비단",
            "벨 온 탄 솔 린 뫼 결 담 늘 찬 휘 란 별 음 슬",
        ),
        "town": far_apart(
            "갈대 너른 돌담 달빛 버들 새벽 솔밭 안개 은빛 이슬 조약 참나무 토끼 푸른 하늘 해돋",
            "골 마을 나루 고개 내 들 섬 벌 터 재",
        ),
        "craft": far_apart(
            """배 시계 등잔 유리 신발 밧줄 돛 바퀴 책 빵 벽돌 양초 치즈 석탄 꽃 과일 모자 가죽 지도 종이 소금 비단
            돌 차 장난감""",
            "장수 장인 지기 상인 수집가",
        ),
        "noun": far_apart(
            "나무 종이 유리 구리 은 돌 가죽 비단 놋쇠 대나무",
            "상자 인형 의자 접시 단추 그릇 팔찌 피리 주전자 우산 책상 액자 열쇠 가면 화분",
        ),
        "did": listed(
            """내놓았다 사들였다 칠했다 포장했다 감추었다 만졌다 던졌다 떨어뜨렸다 물려받았다 돌려주었다 빼앗았다
        내려놓았다 치웠다 파묻었다 발굴했다 수출했다 수집했다 운반했다 기증했다 맡겼다 나눠주었다 진열했다
        감정했다 경매했다 보관했다 촬영했다 주웠다 씻었다 부쳤다 건졌다 흔들었다 들여왔다 되찾았다 구경했다
        선물했다 자랑했다 정리했다 버렸다 집어들었다 바꿔치기했다"""
        ),
    },
    before=0.8,
    behind=0.0,
)
