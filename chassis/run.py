"""Run one process of a service: `python -m chassis.run contacts --role rpc`."""

import eventlet

eventlet.monkey_patch()  # before anything else is imported, or half of it keeps blocking sockets

import argparse  # noqa: E402
import importlib  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402

from chassis import garbage, storage, telemetry, tracing  # noqa: E402
from chassis.config import SERVICES, STOP_SECONDS, settings  # noqa: E402
from chassis.service import ROLES, Runtime, Service  # noqa: E402

SIGNAL_SECONDS = 0.2


def service_class(name: str) -> type[Service]:
    """Find the service of that name: `contacts`, or `package.module:Class`."""
    path, _, attribute = name.partition(":")
    if attribute:
        return getattr(importlib.import_module(path), attribute)
    return getattr(importlib.import_module(f"services.{name}.service"), name.title())


def container_of(cls: type[Service], roles: tuple[str, ...]) -> ServiceContainer:
    """Make the container of one process in its roles."""
    told = settings()
    runtime = Runtime(cls.name, told, roles)
    return ServiceContainer(cls, {"runtime": runtime, "AMQP_URI": told.amqp_uri, "max_workers": told.workers})


def main(arguments: list[str]) -> int:
    """Start, wait for SIGTERM or SIGINT, finish, leave."""
    parser = argparse.ArgumentParser(prog="python -m chassis.run", description=__doc__)
    parser.add_argument("service", help=f"one of {', '.join(SERVICES)}, or package.module:Class")
    parser.add_argument("--role", default="all", help=f"all, or some of {', '.join(ROLES)}, joined by commas")
    told = parser.parse_args(arguments)
    roles = ROLES if told.role == "all" else tuple(told.role.split(","))
    if unknown := set(roles) - set(ROLES):
        parser.error(f"no such role: {', '.join(sorted(unknown))}")
    cls = service_class(told.service)
    tracing.set_up(cls.name, told.role)
    telemetry.set_up_logging(cls.name, settings().log_level)
    log = telemetry.logger(__name__)
    storage.warm_up()
    container = container_of(cls, roles)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.append(number))
    container.start()
    garbage.look_seldom()
    log.info("started", roles=roles, pid=os.getpid())
    life = eventlet.spawn(container.wait)
    while not asked and not life.dead:  # a signal does not end the hub's wait: it is seen when a timer is due
        eventlet.sleep(SIGNAL_SECONDS)
    if not asked:
        return _died(life)
    with eventlet.Timeout(STOP_SECONDS, False):
        container.stop()
        log.info("stopped", roles=roles)
    tracing.traces.stop()
    return 0


def _died(life: eventlet.greenthread.GreenThread) -> int:
    """Say what a part of the container failed with that nothing caught; whoever watches the process starts it again."""
    try:
        life.wait()
    except Exception:
        telemetry.logger(__name__).exception("died")
    return 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # threads of native code must not hold up a process that has finished
