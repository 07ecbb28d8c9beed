"""The house keeps its shape: caps on sizes, names from the domain, no markup in Python, no style in markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, code_lines, functions, modules, templates, text

MODULE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 40, 150
DRAWERS = {"utils", "helpers", "services", "common", "misc", "base"}
# allauth and Django look for these names.
GIVEN_NAMES = {"templates/base.html"}


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_and_functions_stay_small(package: str) -> None:
    long = [
        f"{path}: {len(text(path).splitlines())} lines"
        for path in modules()
        if path.parts[0] == package and len(text(path).splitlines()) > MODULE_LINES
    ]
    long += [
        f"{path}:{function.lineno} {function.name}: {code_lines(function)} lines"
        for path in modules()
        if path.parts[0] == package
        for function in functions(path)
        if code_lines(function) > FUNCTION_LINES
    ]
    assert not long


def test_templates_stay_small() -> None:
    long = [str(path) for path in templates() if len(text(path).splitlines()) > TEMPLATE_LINES]
    assert not long


def test_nothing_is_named_for_a_drawer() -> None:
    names = [path for path in (*modules(), *templates()) if str(path) not in GIVEN_NAMES]
    drawers = [str(path) for path in names if {path.stem, *path.parts[:-1]} & DRAWERS]
    assert not drawers


STYLE = re.compile(r"""<[^>]*\sstyle\s*=|<style\b""", re.IGNORECASE)
HANDLER = re.compile(r"""<[^>]*\son[a-z]+\s*=|\shx-on\b|javascript:""", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", re.DOTALL)
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


@pytest.mark.parametrize("path", [path for path in templates() if path.suffix in {".html", ".svg"}], ids=str)
def test_markup_carries_no_style_no_handler_and_no_script(path: Path) -> None:
    source = COMMENT.sub("", text(path))
    markup = TEMPLATE_TAG.sub("", source)
    assert not STYLE.search(markup)
    assert not HANDLER.search(markup)
    for attributes, body in SCRIPT.findall(source):
        assert "src=" in attributes or "application/json" in attributes, attributes
        assert not body.strip() or "application/json" in attributes
    assert "|safe" not in source
    assert "autoescape off" not in source


def test_every_form_that_posts_carries_the_token() -> None:
    without = [
        str(path)
        for path in templates()
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", COMMENT.sub("", text(path)), re.DOTALL)
        if "csrf_token" not in form and "allauth/elements" not in str(path)
    ]
    assert not without


def test_there_is_no_markup_in_python() -> None:
    # Charts and icons are drawn by template tags; the markers of SVG and HTML belong to them alone.
    drawing = {"igsite/charts.py", "igsite/templatetags/ui.py", "igsite/patterns.py"}  # and a hostile sample name
    markup = re.compile(r"[\"'](?:[^\"'\n]*)</?(?:div|span|p|a|table|tr|td|ul|li|form|button|h[1-6]|script|svg)\b")
    found = [
        str(path)
        for path in modules()
        if path.parts[0] not in {"tests", "benchmarks", "simulator"} and str(path) not in drawing
        if markup.search(text(path))
    ]
    assert not found


def test_nothing_comes_from_another_host() -> None:
    files = [ROOT / path for path in templates()] + sorted((ROOT / "static").rglob("*.*"))
    loaded = r"""<(?:script|link|img|source|iframe|object|use|image)\b[^>]*(?:src|href)=["'](?:https?:)?//"""
    foreign = re.compile(loaded + r"""|url\(["']?(?:https?:)?//|import\s+["']https?:""")
    found = [
        str(path) for path in files if path.suffix in {".html", ".css", ".js"} and foreign.search(path.read_text())
    ]
    assert not found
