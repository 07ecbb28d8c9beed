"""Landmarks of one page have names of their own: a section and the region in it that scrolls would be told as one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
HEADING = re.compile(r'<h[2-4] id="([\w-]+)">\s*\{% translate ["\'](.*?)["\'] %\}')
SECTION = re.compile(r'<section[^>]*aria-labelledby="([\w-]+)"')
REGION = re.compile(r'role="region"[^>]*aria-label="\{% translate ["\'](.*?)["\'] %\}"')


@pytest.mark.parametrize("app", sorted(one.name for one in TEMPLATES.iterdir() if one.is_dir()))
def test_a_section_and_what_scrolls_in_it_are_named_apart(app: str) -> None:
    for path in sorted((TEMPLATES / app).rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        named = {words: heading for heading, words in HEADING.findall(text) if heading in SECTION.findall(text)}
        same = set(named) & set(REGION.findall(text))
        assert not same, f"{path.name}: leave the section without a name: {same}"
