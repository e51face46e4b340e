"""`segue serve` and the worker process that it runs where there is work."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from segue.bootstrap import App
from segue.cli.root import cli, opened
from segue.errors import ConfigurationError, SegueError
from segue.jobs.queue import LOOK_EVERY_S, JobQueue
from segue.log import get_logger
from segue.settings import Settings

RESTART_AFTER_S = 1.0
PARENT_CHECK_S = 1.0
SHUTDOWN_S = 10
WORKER_IDLE_S = 60.0
CHECK_EVERY_S = 60.0

_log = get_logger("serve")


@cli.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.")] = None,
    music: Annotated[
        list[Path] | None, typer.Option("--music", help="Folder to scan; may be repeated.")
    ] = None,
    sign_up: Annotated[
        str | None, typer.Option("--sign-up", help="open or closed: who may make an account.")
    ] = None,
    scan: Annotated[
        bool, typer.Option("--scan/--no-scan", help="Scan the folders at start.")
    ] = True,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run jobs beside the server.")
    ] = True,
) -> None:
    """Serve the player and the API, and run jobs in a process beside it."""
    import uvicorn
    from threadpoolctl import threadpool_limits

    from segue.server.app import create_app

    flags = {"host": host, "port": port, "music_dirs": music or None, "sign_up": sign_up}
    with opened(context, **flags) as app:
        # the products of a list are small: on a busy machine threads of BLAS wait for each other
        threadpool_limits(limits=1, user_api="blas")
        refuse_taken_port(app.settings)
        announce(app)
        if scan:
            for folder in app.folders.all():
                app.jobs.submit("scan", {"folder": str(folder.expanduser().resolve())})
        keeper = WorkerKeeper(app.settings, app.queue) if worker else None
        gc.disable()  # until it is ready, see _started
        try:
            uvicorn.run(
                create_app(app, on_ready=partial(_started, keeper)),
                host=app.settings.host,
                port=app.settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_S,
                timeout_keep_alive=15,
            )
        finally:
            if keeper:
                keeper.stop()


@cli.command(hidden=True)
def worker(
    context: typer.Context,
    parent: Annotated[int, typer.Option("--parent", help="Stop when this process ends.")] = 0,
) -> None:
    """Run queued jobs until stopped; `segue serve` starts one by itself where there is work."""
    with opened(context) as app:
        if parent:
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
            threading.Thread(target=_end_when_idle, args=(app.queue,), daemon=True).start()
        app.queue.run_worker(app.settings.job_workers)


def _started(keeper: "WorkerKeeper | None") -> None:
    """What comes when requests can be answered.

    What a start has made stays for ever, so no later search for garbage walks over it again.
    """
    gc.freeze()
    gc.enable()
    if keeper:  # two processes that start at once are both late: the worker comes second
        keeper.start()


def refuse_taken_port(settings: Settings) -> None:
    """Raise :class:`ConfigurationError` when another program listens there already."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen on {settings.host} port {settings.port} ({error.strerror}); "
                "is Segue running already? Choose another with --port"
            ) from error


def announce(app: App) -> None:
    """Print the address and how to sign in."""
    settings = app.settings
    shown = "localhost" if settings.host in ("127.0.0.1", "::1") else settings.host
    address = f"http://{shown}:{settings.port}"
    typer.echo(f"\nSegue is at {address}")
    if app.accounts.needs_setup():
        token = app.accounts.make_setup_token()
        typer.echo("Make the first account here; the address has a one-time token in it:")
        typer.echo(f"  {address}/welcome?token={token}\n")
    else:
        typer.echo("Sign in with your account.\n")


class WorkerKeeper:
    """Runs one worker process while there is work: a job that takes it down does not end all jobs.

    A worker that has had nothing to do for a minute ends, and its memory is free; what is due at an
    hour is looked for here meanwhile.
    """

    def __init__(self, settings: Settings, queue: JobQueue) -> None:
        self._environment = os.environ | _as_environment(settings)
        self._queue = queue
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """Begin to look for work, and run a worker for it."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker; a job that runs is taken up again at the next start."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        if self._thread.is_alive():
            self._thread.join(SHUTDOWN_S)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def _keep(self) -> None:
        looked_at = time.monotonic()
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                if time.monotonic() - looked_at >= CHECK_EVERY_S:
                    looked_at = time.monotonic()
                    self._queue.look()
                if self._queue.has_work():
                    self._run_worker()
            except SegueError as error:
                _log.error("work cannot be looked for", reason=str(error))

    def _run_worker(self) -> None:
        """Run a worker to its end: none had work for a while, or a job took it down."""
        command = [sys.executable, "-m", "segue", "worker", "--parent", str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
            command, env=self._environment, stdin=subprocess.DEVNULL
        )
        code = self._process.wait()
        if code and not self._stopping.is_set():
            _log.warning("worker ended, starting another", exit_code=code)
            self._stopping.wait(RESTART_AFTER_S)


def _as_environment(settings: Settings) -> dict[str, str]:
    """What the worker must know, as variables; it reads no file and no flag."""
    return {
        "SEGUE_DATA_DIR": str(settings.data_dir),
        "SEGUE_MUSIC_DIRS": os.pathsep.join(str(folder) for folder in settings.music_dirs),
        "SEGUE_SCAN_WORKERS": str(settings.scan_workers),
        "SEGUE_ANALYSIS_WORKERS": str(settings.analysis_workers),
        "SEGUE_ANALYSE_AFTER_SCAN": str(settings.analyse_after_scan).lower(),
        "SEGUE_JOB_WORKERS": str(settings.job_workers),
        "SEGUE_RETRAIN_AT_HOUR": str(settings.retrain_at_hour),
        "SEGUE_LOG_LEVEL": settings.log_level,
        "SEGUE_LOG_FORM": settings.log_form,
    }


def _end_when_idle(queue: JobQueue) -> None:
    if queue.wait_until_idle(WORKER_IDLE_S, threading.Event()):
        os.kill(os.getpid(), signal.SIGTERM)  # what a job began meanwhile is finished first


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_S)
    _log.warning("the server is gone, the worker ends")
    os.kill(os.getpid(), signal.SIGTERM)
