"""RFC 6238, appendix B, cut to six digits."""

from __future__ import annotations

import base64

import pytest

from accounts.gateway.totp import totp_code

SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_vectors_of_the_standard(at: int, code: str) -> None:
    assert totp_code(SEED, at) == code


def test_seeds_are_read_as_people_write_them() -> None:
    assert totp_code("jbsw y3dp-ehpk 3pxp", 59) == totp_code("JBSWY3DPEHPK3PXP", 59)
    assert totp_code("JBSWY3DPEHPK3PX", 59)


@pytest.mark.parametrize("seed", ["", "  ", "0189", "é", "A"])
def test_what_is_no_seed_is_an_error(seed: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        totp_code(seed, 59)
