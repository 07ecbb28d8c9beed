"""The server's side of Instagram's password encryption (`#PWD_INSTAGRAM:4:<time>:<base64>`)."""

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID = 41


class UnreadablePasswordError(ValueError):
    """The password was not encrypted for this server, or was damaged on the way."""


class PasswordKey:
    """An RSA key pair, made anew at each start."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        pem = self._private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_base64 = base64.b64encode(pem).decode()

    def decrypt(self, sealed: str) -> str:
        """The password in clear. The payload is 01 | key id | iv (12) | length (2, little-endian) | RSA of the AES
        key | tag (16) | AES-GCM of the password, with the time as additional data."""
        parts = sealed.split(":", 3)
        if len(parts) != 4 or parts[0] != "#PWD_INSTAGRAM" or parts[1] != "4":
            raise UnreadablePasswordError("not a #PWD_INSTAGRAM:4 password")
        try:
            raw = base64.b64decode(parts[3], validate=True)
            if raw[:2] != bytes([1, KEY_ID]):
                raise UnreadablePasswordError("encrypted for another key")
            iv, size = raw[2:14], int.from_bytes(raw[14:16], "little")
            locked, tag, text = raw[16 : 16 + size], raw[16 + size : 32 + size], raw[32 + size :]
            key = self._private.decrypt(locked, padding.PKCS1v15())
            return AESGCM(key).decrypt(iv, text + tag, parts[2].encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise UnreadablePasswordError(str(error)) from error
