"""What happened here that others may listen to. Sent within the transaction that wrote it; receivers must be quick."""

from __future__ import annotations

from django.dispatch import Signal

#: A source answered for a monitor. Sent by :mod:`monitoring.measuring` for every accepted answer, whether or not it
#: wrote a row. Arguments: ``monitor`` (:class:`monitoring.models.Monitor`, as it stands now) and ``taken``
#: (:class:`monitoring.measuring.Taken`: time, counts, counts before, changed facts, whether a gap ended).
#: Cached and stale answers are never measurements and send nothing.
measurement_taken = Signal()

#: Several of these at once, after each was sent by itself: for whoever asks the same of all. Arguments:
#: ``workspace_id``, ``measurements`` (pairs of a monitor and what was taken, in the order of the reads).
measurements_taken = Signal()

#: A post of a followed profile was seen for the first time after the baseline. Arguments: ``monitor`` (the post's own
#: monitor; ``monitor.parent`` is the profile's), ``now``.
post_found = Signal()

#: A monitor's target got into trouble, or out of it (``trouble`` empty): once per change of state. Arguments:
#: ``monitor``, ``code``, ``now``.
trouble_changed = Signal()
