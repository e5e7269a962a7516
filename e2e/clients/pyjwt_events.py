"""PyJWT, receiving Security Event Tokens (RFC 8935): https://pyjwt.readthedocs.io/en/stable/usage.html"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
PORT = int(os.environ["PORT"])

keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")
heard = []


class Receiver(BaseHTTPRequestHandler):
    """Takes events, and shows those that it has verified."""

    def do_POST(self):
        """Takes an event."""
        token = self.rfile.read(int(self.headers["content-length"])).decode()
        try:
            if jwt.get_unverified_header(token)["typ"] != "secevent+jwt":
                raise jwt.InvalidTokenError("no Security Event Token")
            claims = jwt.decode(
                token,
                keys.get_signing_key_from_jwt(token),
                algorithms=["RS256"],
                audience=CLIENT_ID,
                issuer=ISSUER,
                options={"require": ["iss", "aud", "iat", "jti"]},
            )
        except jwt.PyJWTError as error:
            return self.answer(400, {"err": "invalid_request", "description": str(error)})
        heard.append(claims)
        return self.answer(202, None)

    def do_GET(self):
        """Shows what was verified."""
        self.answer(200, heard)

    def answer(self, status, value):
        """Answers with JSON, or with nothing."""
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
