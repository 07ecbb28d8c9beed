"""A person exports what a page shows, sees it become ready, and saves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.by_hand import export, sign_up, track, upload
from tests.browser.looking import faults_now, listen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_what_a_page_shows_is_exported_and_saved(page: Page, axe_script: Path, tmp_path: Path) -> None:
    heard = listen(page)
    sign_up(page, "exporter")
    account = track(page, "paper.crane")
    upload(page, account, export(range(120), range(30)))
    page.goto("/exports/")
    expect(page.get_by_text("No exports yet")).to_be_visible()
    page.goto(f"{account}people/?q=person.11")
    assert faults_now(page, axe_script) == []
    page.get_by_label("Export these as").select_option("xlsx")
    page.get_by_role("button", name="Export", exact=True).click()
    saved = page.get_by_role("link", name="paper.crane-followers-people-")
    expect(saved).to_be_visible(timeout=60_000)  # the row hears of the job's end
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert faults_now(page, axe_script) == []
    with page.expect_download() as download:
        saved.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    download.value.save_as(tmp_path / "saved.xlsx")
    assert (tmp_path / "saved.xlsx").read_bytes().startswith(b"PK")
    assert heard == []
    assert page.evaluate("violations") == []
