"""A Django site of one file: what every Django application of this directory has in common."""

import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.http import JsonResponse

ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
CLIENT_SECRET = os.environ["CLIENT_SECRET"]
PORT = int(os.environ["PORT"])


def configure(apps, middleware=(), context_processors=(), **more):
    """Configures Django, with a database in memory."""
    processors = ["django.template.context_processors.request", *context_processors]
    settings.configure(
        SECRET_KEY="known to this application only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="__main__",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": f"file:site-{PORT}?mode=memory&cache=shared",
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            *apps,
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            *middleware,
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": processors},
            }
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        **more,
    )
    django.setup()
    call_command("migrate", verbosity=0)


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, *_):
        """Says nothing."""


def serve():
    """Serves the site until it is killed."""
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", PORT, get_wsgi_application(), handler_class=Quiet)
    print(f"listening on http://127.0.0.1:{PORT}", flush=True)
    server.serve_forever()


def json(value):
    """What a page shows."""
    return JsonResponse(value, safe=False)
