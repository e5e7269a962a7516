# Leads host names to ports of this machine, for clients that hard-code an address:
#   PYTHONPATH=docs/ci REQUESTS_CA_BUNDLE=tls/ca.pem SSL_CERT_FILE=tls/ca.pem \
#       LEAD='{"kauth.kakao.com:443": 8443}' python app.py
# Covers what resolves names by socket.getaddrinfo: urllib, http.client, requests, httpx.
# A name that is not in LEAD is resolved as usual.
import json
import os
import socket

_ports = json.loads(os.environ.get("LEAD", "{}"))
_getaddrinfo = socket.getaddrinfo


def _lead(host, port, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    to = _ports.get(f"{name}:{port}")
    return _getaddrinfo(host, port, *args, **kwargs) if to is None else _getaddrinfo(
        "127.0.0.1", to, *args, **kwargs
    )


socket.getaddrinfo = _lead
