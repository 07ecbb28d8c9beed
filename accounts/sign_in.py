"""Placeholder: written next."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """As it comes."""


class MFAAdapter(DefaultMFAAdapter):
    """As it comes."""
