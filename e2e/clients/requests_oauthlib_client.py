"""Requests-OAuthlib: https://requests-oauthlib.readthedocs.io/en/latest/oauth2_workflow.html

It takes another scope than it asked for only with OAUTHLIB_RELAX_TOKEN_SCOPE, and a user may refuse
what is asked for. When it refreshes, it repeats the scope that it asked for.
"""

import os

from django.shortcuts import redirect
from django.urls import path
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from django_site import CLIENT_ID, CLIENT_SECRET, ISSUER, configure, json, serve

os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"
# The backend of a test speaks plain http.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

configure(apps=[])


def client(request, **more):
    """The client of this request's session."""
    return OAuth2Session(
        CLIENT_ID,
        redirect_uri=request.build_absolute_uri("/callback"),
        scope=["openid", "profile", "email", "offline_access"],
        token=request.session.get("token"),
        **more,
    )


def login(request):
    """Sends the browser to sign in."""
    url, state = client(request).authorization_url(f"{ISSUER}/oauth/authorize")
    request.session["state"] = state
    return redirect(url)


def callback(request):
    """Takes the answer."""
    try:
        token = client(request, state=request.session["state"]).fetch_token(
            f"{ISSUER}/oauth/token",
            authorization_response=request.build_absolute_uri(),
            client_secret=CLIENT_SECRET,
        )
    except OAuth2Error as error:
        return json({"error": error.error})
    request.session["token"] = dict(token)
    return redirect("/session")


def session(request):
    """Who is signed in, and what the provider gives."""
    if "token" not in request.session:
        return json(None)
    return json({"user": client(request).get(f"{ISSUER}/oauth/userinfo").json()})


def refresh(request):
    """Refreshes the tokens."""
    fresh = client(request).refresh_token(
        f"{ISSUER}/oauth/token", client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    request.session["token"] = dict(fresh)
    return session(request)


def sign_out(request):
    """Ends the session."""
    request.session.flush()
    return redirect("/session")


urlpatterns = [
    path("login", login),
    path("callback", callback),
    path("session", session),
    path("refresh", refresh),
    path("logout", sign_out),
]

serve()
