"""Placeholder: written next."""

from django.http import HttpResponse


def context(request):
    return {}


def patterns(request):
    return HttpResponse("")


set_theme = health = server_error = patterns


def bad_request(request, exception):
    return HttpResponse("", status=400)


forbidden = not_found = bad_request
