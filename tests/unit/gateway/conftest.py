"""The gateway without its house: no broker answers, so whatever needs a service is 503."""

import pytest

from chassis.config import settings

SECRET = "a secret of the unit tests, long enough"


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    told = {
        "RAPPORT_SECRET": SECRET,
        "RAPPORT_AMQP_URI": "amqp://guest:guest@127.0.0.1:9/",
        "RAPPORT_STORAGE": str(tmp_path_factory.mktemp("storage")),
        "RAPPORT_RATE_LIMITS": "off",
        "RAPPORT_CORS_ORIGINS": "https://app.example",
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in told.items():
            environment.setenv(name, value)
        settings.cache_clear()
        from gateway.web import create_app

        app = create_app()
        app.extensions["notices"].learn({"ended_sessions": [], "changed_members": []})
        yield app
    settings.cache_clear()


@pytest.fixture
def client(gateway):
    return gateway.test_client()
