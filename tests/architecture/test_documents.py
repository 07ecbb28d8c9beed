"""The documents on security and the API name files, tests and codes that exist."""

from __future__ import annotations

import re

from igsite.api_errors import CODES
from tests.architecture.sources import ROOT, modules, text


def test_the_security_page_names_tests_and_modules_that_exist() -> None:
    document = (ROOT / "docs" / "security.md").read_text()
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", document):
        anywhere = [path for path in modules() if path.name == name]
        assert (ROOT / name).exists() or anywhere, name
    everything = "".join(text(path) for path in modules() if path.parts[0] == "tests")
    for name in re.findall(r"`(test_\w+)`", document):
        assert f"def {name}(" in everything, name


def test_the_api_page_names_every_code() -> None:
    document = (ROOT / "docs" / "api.md").read_text()
    for status, code in CODES.items():
        assert re.search(rf"^\| {status} \| [^|]*`{code}`", document, re.MULTILINE), (status, code)
