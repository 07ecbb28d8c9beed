"""The line of an account's followers, beside their number."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django import template
from django.utils.safestring import SafeString

from accounts.models import TrackedAccount
from igsite import charts
from scans import overview_figures

register = template.Library()


@register.simple_tag
def follower_lines(accounts: Sequence[TrackedAccount]) -> dict[UUID, list[int]]:
    """``{% follower_lines page.items as follower_lines %}``: the lines of a whole page, in one query."""
    return overview_figures.follower_lines(accounts)


@register.simple_tag(takes_context=True)
def follower_line(context: template.Context, account: TrackedAccount) -> SafeString:
    """The line of one account; nothing before its second complete scan. A row that comes alone looks its own up."""
    lines: dict[UUID, list[int]] | None = context.get("follower_lines")
    if lines is None:
        lines = overview_figures.follower_lines([account])
    return charts.spark(lines.get(account.pk, []), 96, 24)
