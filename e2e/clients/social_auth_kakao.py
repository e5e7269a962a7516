"""Python Social Auth with its Kakao backend: https://python-social-auth.readthedocs.io/en/latest/backends/kakao.html

It sends no redirect_uri to the token endpoint, and the access token twice. The address of the user
is fixed in its code: it is replaced there.
"""

from django.contrib.auth import logout
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import include, path

from django_site import CLIENT_ID, CLIENT_SECRET, ISSUER, configure, json, serve

configure(
    apps=["social_django"],
    middleware=["social_django.middleware.SocialAuthExceptionMiddleware"],
    AUTHENTICATION_BACKENDS=["social_core.backends.kakao.KakaoOAuth2"],
    LOGIN_REDIRECT_URL="/session",
    LOGIN_ERROR_URL="/failed",
    SOCIAL_AUTH_KAKAO_KEY=CLIENT_ID,
    SOCIAL_AUTH_KAKAO_SECRET=CLIENT_SECRET,
    SOCIAL_AUTH_KAKAO_AUTHORIZATION_URL=f"{ISSUER}/oauth/authorize",
    SOCIAL_AUTH_KAKAO_ACCESS_TOKEN_URL=f"{ISSUER}/oauth/token",
    SOCIAL_AUTH_URL_NAMESPACE="social",
)

from social_core.backends.kakao import KakaoOAuth2  # noqa: E402
from social_django.models import UserSocialAuth  # noqa: E402
from social_django.utils import load_strategy  # noqa: E402

get_json = KakaoOAuth2.get_json


def get_json_here(self, url, *arguments, **more):
    """Asks this backend in place of the platform."""
    return get_json(self, url.replace("https://kapi.kakao.com", ISSUER), *arguments, **more)


KakaoOAuth2.get_json = get_json_here
KakaoOAuth2.EXTRA_DATA = [*(KakaoOAuth2.EXTRA_DATA or []), ("refresh_token", "refresh_token")]


def login(request):
    """A page with the button that signs in: Python Social Auth starts with a POST."""
    token = get_token(request)
    return HttpResponse(
        '<form method="post" action="/login/kakao/">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        "<button>Sign in with Kakao</button></form>"
    )


def session(request):
    """Who is signed in, and what the provider gave."""
    account = UserSocialAuth.objects.filter(user_id=request.user.pk).first()
    return json(account and {"user": user_of(account)})


def user_of(account):
    """The user as the provider describes them now."""
    return account.get_backend_instance(load_strategy()).user_data(account.access_token)


def refresh(request):
    """Refreshes the tokens as Python Social Auth does."""
    account = UserSocialAuth.objects.get(user_id=request.user.pk)
    account.refresh_token(load_strategy())
    return json({"user": user_of(account)})


def sign_out(request):
    """Ends the session."""
    logout(request)
    return redirect("/session")


def failed(request):
    """Where the browser comes when the user cancels."""
    return json({"error": "access_denied"})


urlpatterns = [
    path("", include("social_django.urls", namespace="social")),
    path("login", login),
    path("session", session),
    path("refresh", refresh),
    path("logout", sign_out),
    path("failed", failed),
]

serve()
