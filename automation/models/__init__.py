"""What we do on Instagram: batches of actions, every attempt at one, and who is safe from them."""

from automation.models.alternatives import AlternativeAccount
from automation.models.attempts import Attempt, AttemptState
from automation.models.batches import ON_POSTS, ActionKind, Batch, BatchState, Exclusion, Item, ItemState
from automation.models.comparisons import ComparedAccount, ComparedPair, Comparison, ListReading, Side
from automation.models.ghosts import ActivePerson, GhostPost, GhostReport
from automation.models.paces import WritePace
from automation.models.predictions import (
    SETTLED,
    UNSETTLED,
    Candidate,
    DiscoverySearch,
    FollowModel,
    FollowOutcome,
    Happened,
    Knowledge,
    OutcomeState,
    Prediction,
    PredictionSession,
    TargetFacts,
)
from automation.models.restores import RestoreGap
from automation.models.safelists import Safelist, SafelistEntry

__all__ = [
    "ON_POSTS",
    "SETTLED",
    "UNSETTLED",
    "ActionKind",
    "ActivePerson",
    "AlternativeAccount",
    "Attempt",
    "AttemptState",
    "Batch",
    "BatchState",
    "Candidate",
    "ComparedAccount",
    "ComparedPair",
    "Comparison",
    "DiscoverySearch",
    "Exclusion",
    "FollowModel",
    "FollowOutcome",
    "GhostPost",
    "GhostReport",
    "Happened",
    "Item",
    "ItemState",
    "Knowledge",
    "ListReading",
    "OutcomeState",
    "Prediction",
    "PredictionSession",
    "RestoreGap",
    "Safelist",
    "SafelistEntry",
    "Side",
    "TargetFacts",
    "WritePace",
]
