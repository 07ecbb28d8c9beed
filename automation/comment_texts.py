"""What is written under posts: one text a post, reviewed with the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from automation.batches import BatchConflict
from automation.models import ActionKind, Batch, BatchState, Item
from automation.models.batches import LONGEST_COMMENT
from igsite import audit
from igsite.problems import Invalid
from igsite.text import clean_text

if TYPE_CHECKING:
    from accounts.models import User


class TextInvalid(Invalid):
    """A comment without words or with too many, or words where none belong."""

    code = "comment_invalid"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, fields={"text": [sentence]})


def checked(kind: ActionKind, named: Sequence[int], texts: Mapping[int, str]) -> dict[int, str]:
    """The text of each post of ``named``, cleaned. Raises :class:`TextInvalid`."""
    if kind != ActionKind.COMMENT:
        if any(text.strip() for text in texts.values()):
            raise TextInvalid(_("Only comments have a text."))
        return {}
    return {pk: _text(texts.get(pk, "")) for pk in named}


def rewrite(*, item: Item, text: str, by: User | None, now: datetime) -> None:
    """Another text for a comment that waits for its review.

    Raises:
        TextInvalid: no words, or too many.
        BatchConflict: the batch was confirmed, or is none of comments.
    """
    words = _text(text)
    with transaction.atomic():
        batch = _open(item.batch_id)
        Item.objects.filter(pk=item.pk, batch=batch).update(text=words)
        details = {"target": item.target_pk}
        audit.record(by, "comment.rewritten", batch, workspace=batch.workspace, now=now, details=details)


def rewrite_all(*, batch: Batch, text: str, by: User | None, now: datetime) -> None:
    """The same text under every post of a batch that waits for its review. Raises as :func:`rewrite`."""
    words = _text(text)
    with transaction.atomic():
        row = _open(batch.pk)
        count = Item.objects.filter(batch=row).update(text=words)
        audit.record(by, "comment.rewritten", row, workspace=row.workspace, now=now, details={"count": count})


def _open(batch_id: UUID) -> Batch:
    """The batch, locked, while its texts may change."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=batch_id)
    if batch.state != BatchState.STAGED or batch.kind != ActionKind.COMMENT:
        raise BatchConflict(_("What was confirmed stays as it is."))
    return batch


def _text(text: str) -> str:
    words = clean_text(text, limit=LONGEST_COMMENT + 1).strip()
    if not words:
        raise TextInvalid(_("Write a text for each comment."))
    if len(words) > LONGEST_COMMENT:
        raise TextInvalid(_("A comment has at most %(most)s characters.") % {"most": LONGEST_COMMENT})
    return words
