"""The forms in which a secret may show."""
import base64
import json
import urllib.parse


def forms(secret):
    """A secret in plain, and as it's written in URLs, forms, JSON and base64; the latter within other text too."""
    percent = urllib.parse.quote(secret, safe="")
    texts = {
        secret, percent, urllib.parse.quote(secret), urllib.parse.quote_plus(secret), percent.lower(),
        urllib.parse.quote(percent, safe=""), urllib.parse.quote_plus(urllib.parse.quote_plus(secret)),
        json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1],
        secret.replace("'", "'\\''"),
    }
    found = {text.encode() for text in texts}
    raw = secret.encode()
    for offset in range(3):
        # The characters at both ends depend on what stands before and behind.
        coded = base64.b64encode(b"\0" * offset + raw)
        inner = coded[(4 if offset else 0): len(coded) - 4]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in found if len(form) >= 8}
