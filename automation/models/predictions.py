"""Predictions of follow backs: what was said on what grounds, what came of it, and who learned from it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, Workspace
from igsite.ownership import OwnedQuerySet


class Knowledge(models.TextChoices):
    """How much a prediction rests on."""

    UNKNOWN = "unknown", _("Not known here")
    METADATA_ONLY = "metadata_only", _("Only what lists show")
    PARTIAL = "partial", _("Profile, without the relationship")
    READY = "ready", _("Profile and relationship")
    GONE = "gone", _("Not found on Instagram")


class Happened(models.TextChoices):
    """What a person says happened; never whether the prediction was right."""

    FOLLOWED_BACK = "followed_back", _("They followed back")
    DID_NOT = "did_not", _("They did not follow back")
    NOT_FOLLOWED = "not_followed", _("I did not follow them")


class OutcomeState(models.TextChoices):
    """What was observed. Only ``followed_back`` and ``did_not`` teach anything."""

    OPEN = "open", _("The week is not over")
    WAITING = "waiting", _("Waits for a complete scan")
    FOLLOWED_BACK = "followed_back", _("Followed back")
    DID_NOT = "did_not", _("Did not follow back")
    ALREADY = "already", _("Followed you before")
    UNKNOWN = "unknown", _("Cannot be told")


#: What a model learns from and is measured by.
SETTLED = (OutcomeState.FOLLOWED_BACK, OutcomeState.DID_NOT)
#: Looked at again with each scan.
UNSETTLED = (OutcomeState.OPEN, OutcomeState.WAITING)


class FollowModel(models.Model):
    """One version of a workspace's model: ``number`` counts from 1; 0 everywhere stands for the untrained prior.

    ``weights`` and ``covariance`` follow ``features``, the names as they were then. ``outcomes`` is how many observed
    outcomes it learned from, ``through`` when the last of those people was followed.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="follow_models")
    number = models.PositiveIntegerField()
    features = models.JSONField()
    weights = models.JSONField()
    covariance = models.JSONField()
    outcomes = models.PositiveIntegerField()
    followed_back = models.PositiveIntegerField()
    through = models.DateTimeField(null=True)
    trained_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="follow_model_number_once"),
            models.CheckConstraint(condition=models.Q(number__gt=0), name="follow_model_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class TargetFacts(models.Model):
    """How one person stands to one login, as it was read: the cache of relationships.

    Of ``sample`` people on the first page of their followers, ``sample_follow_you`` follow the login and
    ``sample_you_follow`` are followed by it; None where the page, or the login's own list, could not be read.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="target_facts")
    login = models.ForeignKey(InstagramLogin, on_delete=models.CASCADE, related_name="target_facts")
    target_pk = models.BigIntegerField()
    category = models.CharField(max_length=100, default="", blank=True)
    follows_you = models.BooleanField(null=True)
    you_follow = models.BooleanField(null=True)
    sample = models.PositiveIntegerField(null=True)
    sample_follow_you = models.PositiveIntegerField(null=True)
    sample_you_follow = models.PositiveIntegerField(null=True)
    profile_read_at = models.DateTimeField(null=True)
    relationship_read_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["login", "target_pk"], name="target_facts_once"),
            models.CheckConstraint(condition=models.Q(target_pk__gt=0), name="target_facts_is_a_person"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "target_pk"], name="target_facts_by_target")]

    def __str__(self) -> str:
        return f"{self.target_pk} for {self.login_id}"


class PredictionSession(models.Model):
    """People predicted together, for one login. ``job_uuid``: the job that reads what is not known, if any."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="prediction_sessions")
    login = models.ForeignKey(InstagramLogin, on_delete=models.CASCADE, related_name="prediction_sessions")
    title = models.CharField(max_length=200, default="", blank=True)
    total = models.PositiveIntegerField(default=0)
    job_uuid = models.UUIDField(null=True, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="prediction_session_newest")]

    def __str__(self) -> str:
        return self.title or f"session {self.id}"


class Prediction(models.Model):
    """What was said about one person: the probability, its interval, and the facts it rests on.

    ``probability`` is −1 while nothing can be said (nobody of that name is known yet), so that lists sort by it.
    ``values`` follow the features of the model ``model_number`` (0: the prior); ``parts`` are their log-odds.
    ``is_pending``: a job is still to read about them. ``feedback`` is what a person said happened.
    """

    workspace_path = "session__workspace"

    session = models.ForeignKey(PredictionSession, on_delete=models.CASCADE, related_name="predictions")
    position = models.PositiveIntegerField()
    target_pk = models.BigIntegerField(null=True)
    username = models.CharField(max_length=150)
    knowledge = models.CharField(max_length=15, choices=Knowledge.choices, default=Knowledge.UNKNOWN)
    is_pending = models.BooleanField(default=False)
    probability = models.FloatField(default=-1.0)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    prior_probability = models.FloatField(null=True)
    model_number = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=list)
    parts = models.JSONField(default=list)
    predicted_at = models.DateTimeField(null=True)
    feedback = models.CharField(max_length=15, choices=Happened.choices, default="", blank=True)
    feedback_at = models.DateTimeField(null=True)
    feedback_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "username"], name="prediction_name_once"),
            models.CheckConstraint(condition=models.Q(knowledge__in=Knowledge.values), name="prediction_knowledge"),
            models.CheckConstraint(
                condition=models.Q(probability=-1.0) | models.Q(probability__range=(0, 1), target_pk__isnull=False),
                name="prediction_probability",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["session", "-probability", "-id"], name="prediction_likeliest"),
            models.Index(fields=["target_pk", "-predicted_at"], name="prediction_by_target"),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"

    @property
    def is_said(self) -> bool:
        """Whether there is a probability."""
        return self.probability >= 0


class FollowOutcome(models.Model):
    """Somebody was followed on a date: did they follow back within the week?

    ``values``, ``probability``, ``prior_probability`` and ``model_number`` are as they stood when the person was
    followed: of the last prediction before, or made when the follow came to be known. ``seen_at`` is when the follow
    back, or its absence after the week, was seen.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="follow_outcomes")
    login = models.ForeignKey(InstagramLogin, on_delete=models.CASCADE, related_name="follow_outcomes")
    target_pk = models.BigIntegerField()
    followed_at = models.DateTimeField()
    is_ours = models.BooleanField(default=False)
    state = models.CharField(max_length=15, choices=OutcomeState.choices, default=OutcomeState.OPEN)
    seen_at = models.DateTimeField(null=True)
    prediction = models.ForeignKey(Prediction, null=True, on_delete=models.SET_NULL, related_name="outcomes")
    knowledge = models.CharField(max_length=15, choices=Knowledge.choices)
    values = models.JSONField()
    probability = models.FloatField()
    prior_probability = models.FloatField()
    model_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["login", "target_pk", "followed_at"], name="follow_outcome_once"),
            models.CheckConstraint(condition=models.Q(state__in=OutcomeState.values), name="follow_outcome_state"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-followed_at", "-id"], name="follow_outcome_newest"),
            models.Index(fields=["workspace", "model_number", "state"], name="follow_outcome_by_model"),
            models.Index(
                fields=["login", "followed_at"], condition=models.Q(state__in=["open", "waiting"]),
                name="follow_outcome_unsettled",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.target_pk}: {self.state}"


class DiscoverySearch(models.Model):
    """A search for people to follow. ``options`` are its wishes, ``left_out`` counts whom they left out, by reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="discovery_searches")
    login = models.ForeignKey(InstagramLogin, on_delete=models.CASCADE, related_name="discovery_searches")
    title = models.CharField(max_length=200, default="", blank=True)
    options = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    found = models.PositiveIntegerField(null=True)
    job_uuid = models.UUIDField(null=True, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="discovery_newest")]

    def __str__(self) -> str:
        return self.title or f"search {self.id}"


class Candidate(models.Model):
    """Somebody whom a search found: on how many of its lists, under how many of its posts, and how likely it is that
    they follow back (−1: not yet worked out)."""

    workspace_path = "search__workspace"

    search = models.ForeignKey(DiscoverySearch, on_delete=models.CASCADE, related_name="candidates")
    target_pk = models.BigIntegerField()
    lists = models.PositiveSmallIntegerField(default=0)
    liked = models.PositiveSmallIntegerField(default=0)
    commented = models.PositiveSmallIntegerField(default=0)
    knowledge = models.CharField(max_length=15, choices=Knowledge.choices, default=Knowledge.METADATA_ONLY)
    probability = models.FloatField(default=-1.0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["search", "target_pk"], name="candidate_once"),
            models.CheckConstraint(condition=models.Q(target_pk__gt=0), name="candidate_is_a_person"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["search", "-probability", "-lists", "-target_pk"], name="candidate_likeliest")
        ]

    def __str__(self) -> str:
        return f"{self.target_pk} in {self.search_id}"
