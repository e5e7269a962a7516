"""httpx-oauth with its Kakao client: https://frankie567.github.io/httpx-oauth/

It asks for the user by POST, with property_keys in the query. The addresses are attributes.
"""

import secrets

from asgiref.sync import async_to_sync
from django.shortcuts import redirect
from django.urls import path
from httpx_oauth.clients import kakao

from django_site import CLIENT_ID, CLIENT_SECRET, ISSUER, configure, json, serve

configure(apps=[])

kakao.PROFILE_ENDPOINT = f"{ISSUER}/v2/user/me"
client = kakao.KakaoOAuth2(CLIENT_ID, CLIENT_SECRET)
client.authorize_endpoint = f"{ISSUER}/oauth/authorize"
client.access_token_endpoint = client.refresh_token_endpoint = f"{ISSUER}/oauth/token"
client.revoke_token_endpoint = f"{ISSUER}/v1/user/unlink"


def login(request):
    """Sends the browser to sign in."""
    callback = request.build_absolute_uri("/callback")
    return redirect(async_to_sync(client.get_authorization_url)(callback, state=secrets.token_urlsafe()))


def callback(request):
    """Takes the answer."""
    if "error" in request.GET:
        return json({"error": request.GET["error"]})
    here = request.build_absolute_uri("/callback")
    token = async_to_sync(client.get_access_token)(request.GET["code"], here)
    request.session["token"] = dict(token)
    return redirect("/session")


def session(request):
    """Who is signed in, and what the provider gives."""
    token = request.session.get("token")
    if token is None:
        return json(None)
    return json({"user": async_to_sync(client.get_profile)(token["access_token"])})


def refresh(request):
    """Refreshes the tokens."""
    token = request.session["token"]
    fresh = async_to_sync(client.refresh_token)(token["refresh_token"])
    request.session["token"] = {**token, **fresh}
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
