"""What happened here that apps above may listen to."""

from __future__ import annotations

from django.dispatch import Signal

#: A scan ended, whatever its state. Sent within the transaction that ended it, so that what a receiver enqueues is
#: neither lost nor premature; receivers must be quick. Arguments: ``scan`` (:class:`scans.models.Scan`), ``now``.
scan_completed = Signal()

#: A job that checks an account's losses ended, whatever became of it, in the same transaction; what it found stands in
#: :class:`scans.models.LossVerdict`. Arguments: ``account_id`` (text), ``since`` (when the job was ordered), ``now``.
losses_checked = Signal()

#: The demo has its accounts and their first scans; apps above add what they show. Sent again at each start of the demo.
#: Arguments: ``workspace``, ``person``, ``now``.
demo_filled = Signal()
