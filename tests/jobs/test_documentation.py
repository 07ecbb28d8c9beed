"""Every kind of job and every chore of the site is described."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from igsite.jobs.kinds import all_kinds

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "jobs.md"
NOT_FOR_THE_SITE = ("practice.", "bench.")


def test_every_kind_of_job_is_documented() -> None:
    text = DOCUMENT.read_text()
    # Other test modules register kinds of their own in this process.
    ours = [kind.name for kind in all_kinds() if not type(kind).__module__.startswith("tests.")]
    kinds = [name for name in ours if not name.startswith(NOT_FOR_THE_SITE)]
    assert "jobs.canary" in kinds
    assert [name for name in kinds if f"`{name}`" not in text] == []
