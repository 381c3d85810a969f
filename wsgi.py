"""The web application: ``granian --interface wsgi wsgi:app`` or any other WSGI server; ``flask`` finds it too."""

from app import create_app

app = create_app()
