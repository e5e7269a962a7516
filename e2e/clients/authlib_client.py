"""Authlib for Django: https://docs.authlib.org/en/latest/client/django.html"""

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from django.shortcuts import redirect
from django.urls import path

from django_site import CLIENT_ID, CLIENT_SECRET, ISSUER, configure, json, serve

configure(
    apps=[],
    AUTHLIB_OAUTH_CLIENTS={"consent": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}},
)

oauth = OAuth()
oauth.register(
    name="consent",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256"},
)


def login(request):
    """Sends the browser to sign in."""
    return oauth.consent.authorize_redirect(request, request.build_absolute_uri("/callback"))


def callback(request):
    """Takes the answer."""
    try:
        token = oauth.consent.authorize_access_token(request)
    except OAuthError as error:
        return json({"error": error.error})
    request.session["token"] = dict(token)
    return redirect("/session")


def session(request):
    """Who is signed in, and what the provider gives."""
    token = request.session.get("token")
    if token is None:
        return json(None)
    user = oauth.consent.userinfo(token=token)
    return json({"user": user, "scope": token["scope"], "claims": token["userinfo"]})


def refresh(request):
    """Refreshes the tokens."""
    token = request.session["token"]
    endpoint = oauth.consent.load_server_metadata()["token_endpoint"]
    client = OAuth2Session(CLIENT_ID, CLIENT_SECRET)
    fresh = client.refresh_token(endpoint, refresh_token=token["refresh_token"])
    request.session["token"] = {**token, **fresh}
    return session(request)


def sign_out(request):
    """Ends the session here and at the provider."""
    end = oauth.consent.load_server_metadata()["end_session_endpoint"]
    token = request.session["token"]
    request.session.flush()
    back = request.build_absolute_uri("/session")
    return redirect(f"{end}?id_token_hint={token['id_token']}&post_logout_redirect_uri={back}")


urlpatterns = [
    path("login", login),
    path("callback", callback),
    path("session", session),
    path("refresh", refresh),
    path("logout", sign_out),
]

serve()
