"""django-allauth with its Kakao provider: https://docs.allauth.org/en/latest/socialaccount/providers/kakao.html

The addresses are attributes of the provider's adapter.
"""

import requests
from django.contrib.auth import logout
from django.shortcuts import redirect
from django.urls import include, path

from django_site import CLIENT_ID, CLIENT_SECRET, ISSUER, configure, json, serve

configure(
    apps=["allauth", "allauth.account", "allauth.socialaccount", "allauth.socialaccount.providers.kakao"],
    middleware=["allauth.account.middleware.AccountMiddleware"],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    LOGIN_REDIRECT_URL="/session",
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    SOCIALACCOUNT_STORE_TOKENS=True,
    SOCIALACCOUNT_PROVIDERS={"kakao": {"APP": {"client_id": CLIENT_ID, "secret": CLIENT_SECRET, "key": ""}}},
)

from allauth.socialaccount.models import SocialAccount, SocialToken  # noqa: E402
from allauth.socialaccount.providers.kakao.views import KakaoOAuth2Adapter  # noqa: E402

KakaoOAuth2Adapter.authorize_url = f"{ISSUER}/oauth/authorize"
KakaoOAuth2Adapter.access_token_url = f"{ISSUER}/oauth/token"
KakaoOAuth2Adapter.profile_url = f"{ISSUER}/v2/user/me"


def login(request):
    """Sends the browser to sign in."""
    return redirect("/accounts/kakao/login/")


def session(request):
    """Who is signed in, and what the provider gave."""
    account = SocialAccount.objects.filter(user_id=request.user.pk).first()
    return json(account and {"user": account.extra_data})


def refresh(request):
    """django-allauth keeps tokens and leaves it to applications to refresh them."""
    token = SocialToken.objects.get(account__user_id=request.user.pk)
    body = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": token.token_secret,
    }
    fresh = requests.post(f"{ISSUER}/oauth/token", data=body, timeout=10).json()
    bearer = {"Authorization": f"Bearer {fresh['access_token']}"}
    user = requests.get(f"{ISSUER}/v2/user/me", headers=bearer, timeout=10).json()
    return json({"user": user, "tokens": fresh})


def sign_out(request):
    """Ends the session."""
    logout(request)
    return redirect("/session")


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("login", login),
    path("session", session),
    path("refresh", refresh),
    path("logout", sign_out),
]

serve()
