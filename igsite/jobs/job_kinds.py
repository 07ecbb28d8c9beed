"""The site's own kinds of jobs; importing them registers them."""

from igsite.jobs.canary import Canary
from igsite.jobs.housekeeping import NightlyChore

__all__ = ["Canary", "NightlyChore"]
