"""Placeholder: written next."""

from django.http import HttpResponse
from django.urls import path


def dashboard(request):
    return HttpResponse("")


urlpatterns = [path("", dashboard, name="dashboard")]
