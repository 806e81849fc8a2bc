"""What gunicorn loads: `gunicorn -c gateway/gunicorn.py gateway.app:app`."""

from gateway.web import create_app

app = create_app()
