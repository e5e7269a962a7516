# pip install pytest requests authlib
import os, subprocess
import pytest, requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

@pytest.fixture(scope="session")
def issuer():
    program = os.environ.get("CONSENT_BACKEND", "consent-backend")
    options = ["--demo", "--test-hooks", "--listen", "127.0.0.1:0", "--drain", "0s"]
    with subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().split()[-1]
        server.terminate()

def sign_in(issuer, account, answer):
    requests.post(f"{issuer}/__test/answer", json={"answer": answer}).raise_for_status()
    client = OAuth2Session("demo-shop", "demo-shop-is-no-secret", scope="openid",
        redirect_uri=f"{issuer}/demo/callback", code_challenge_method="S256")
    verifier = generate_token(48)
    url, state = client.create_authorization_url(
        f"{issuer}/oauth/authorize", login_hint=account, code_verifier=verifier)
    callback = requests.get(url, allow_redirects=False).headers["location"]
    client.fetch_token(f"{issuer}/oauth/token", authorization_response=callback,
        state=state, code_verifier=verifier)
    return client.get(f"{issuer}/oauth/userinfo").json()

@pytest.mark.parametrize("answer, has_phone", [("required", False), ("everything", True)])
def test_the_phone_number_is_there_only_if_it_was_agreed_to(issuer, answer, has_phone):
    requests.post(f"{issuer}/__test/reset").raise_for_status()
    assert ("phone_number" in sign_in(issuer, "new", answer)) == has_phone
