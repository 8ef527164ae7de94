"""Verifies a compact JWS against a JWK with somebody else's cryptography, and prints header and payload as JSON.

Reads {"jws": ..., "jwk": ...} from standard input; ends with 1 where the signature does not fit.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def decoded(part):
    if "=" in part:
        raise ValueError("padded")
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def number(text):
    return int.from_bytes(decoded(text), "big")


asked = json.load(sys.stdin)
header, payload, signature = asked["jws"].split(".")
jwk = asked["jwk"]
if jwk["kty"] != "RSA" or json.loads(decoded(header))["alg"] != "RS256":
    sys.exit("neither RSA nor RS256")
key = rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()
if key.key_size < 2048:
    sys.exit("a short key")
try:
    key.verify(decoded(signature), f"{header}.{payload}".encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
except InvalidSignature:
    sys.exit(1)
json.dump({"header": json.loads(decoded(header)), "payload": json.loads(decoded(payload))}, sys.stdout)
