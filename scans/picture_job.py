"""The job that fetches the pictures that pages asked for, a few a second, and the nightly clearing of their cache."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.gateway.pictures import AddressRefused, PictureGone, PictureRefused, PictureSource, PictureUnreachable
from igsite.jobs.housekeeping import nightly
from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.run import Run
from scans import picture_files, pictures
from scans.models import PictureState, ProfilePicture
from scans.picture_codec import NotAPicture, small_webp

#: Pictures of one step, the seconds it may take, and the pause behind it.
_BATCH: Final = 6
_SLICE: Final = 1.5
_PAUSE: Final = timedelta(seconds=1)
#: Failures after which an address is given up, and the pause between two tries.
_TRIES: Final = 3
_TRY_AGAIN: Final = timedelta(minutes=5)


@register
class FetchPictures(Kind):
    """Fetches wanted pictures, those first that were shown last."""

    name = pictures.FETCH_JOB
    label = _("Fetch profile pictures")

    def step(self, run: Run) -> Outcome:
        """A few pictures; each is committed by itself."""
        waiting = _wanted(run.now())
        if not waiting:
            return Done()
        over = time.monotonic() + _SLICE
        with PictureSource(settings.INSTAGRAM_BASE_URL) as source:
            for picture in waiting:
                values = _fetched(source, picture, run.now())
                with run.save(done=run.job.done_units + 1):
                    # A scan may have seen another address meanwhile: then this try says nothing about it.
                    ProfilePicture.objects.filter(pk=picture.pk, path=picture.path).update(**values)
                if time.monotonic() > over:
                    break
        return Again(_PAUSE)


def _wanted(now: datetime) -> list[ProfilePicture]:
    wanted = ProfilePicture.objects.filter(state=PictureState.WANTED, seen_at__gt=now - pictures.FRESH)
    is_due = Q(tried_at__isnull=True) | Q(tried_at__lt=now - _TRY_AGAIN)
    return list(wanted.filter(is_due).exclude(address="").order_by("-asked_at", "profile_id")[:_BATCH])


def _fetched(source: PictureSource, picture: ProfilePicture, now: datetime) -> dict[str, object]:
    """Fetches, re-encodes and stores one picture; what to write down about it."""
    tried: dict[str, object] = {"tried_at": now}
    try:
        data = small_webp(source.fetch(picture.address))
    except (AddressRefused, PictureRefused, NotAPicture):
        return tried | {"state": PictureState.REFUSED}
    except PictureGone:
        return tried | {"state": PictureState.GONE}
    except PictureUnreachable:
        failures = picture.failures + 1
        state = PictureState.GONE if failures >= _TRIES else PictureState.WANTED
        return tried | {"failures": failures, "state": state}
    picture_files.write(picture.pk, data)
    return tried | {
        "state": PictureState.STORED, "fetched_at": now, "fetched_path": picture.path, "size": len(data), "failures": 0,
    }  # fmt: skip


@nightly("scans.pictures")
def clear_the_cache(now: datetime) -> None:
    """Pictures that no page shows any more, and what does not fit."""
    while pictures.evict(now) == pictures.BATCH:
        pass
