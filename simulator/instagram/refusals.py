"""How Instagram says no."""

from typing import Any

from simulator.wire import Response, as_json


class RefusalError(Exception):
    """Carries the answer that ends the request."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def refuse(status: int, message: str, **more: Any) -> RefusalError:
    return RefusalError(as_json({"message": message, **more, "status": "fail"}, status))


def login_required() -> RefusalError:
    return refuse(
        403,
        "login_required",
        error_title="You've Been Logged Out",
        error_body="Please log back in.",
        logout_reason=2,
    )


def user_not_found() -> RefusalError:
    return refuse(404, "User not found")


def media_not_found() -> RefusalError:
    return refuse(400, "Media not found or unavailable")


def not_authorized() -> RefusalError:
    return refuse(400, "Not authorized to view user")
