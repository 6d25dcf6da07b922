"""Real programs on loopback: a server, administrators, officers. Used by deploy/demo.py and the end-to-end tests.

Every program runs as its own process with its own profile below one folder; nothing is shared but what the real ones
share. Ports come from the kernel. Processes are ended by their ids.
"""

import json
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import time

PASSPHRASE = "cuatro palabras para probar esto"
START_TIMEOUT_S = 30


class CommandFailed(Exception):
    """A program gave another exit code than expected."""


class World:
    """One folder with everything: programs' profiles, the server's data, scratch files."""

    def __init__(self, root, programs):
        self.root = pathlib.Path(root)
        self.bin = pathlib.Path(programs)
        self.root.mkdir(parents=True, exist_ok=True)
        self.home = self.root / "home"
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.passphrase = self.root / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n")
        self.passphrase.chmod(0o600)
        self.server = None
        self.adopted_pid = None
        self.ports = {}
        self.log = []

    def environment(self):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("LC_", "ENLACE_")) and key not in ("LANG", "LANGUAGE")}
        environment.update({"ENLACE_HOME": str(self.home), "LC_ALL": "C.UTF-8", "TZ": "America/Tegucigalpa",
                            "COLUMNS": "80"})
        return environment

    def run(self, program, *arguments, expect=0, stdin=None, timeout=120):
        """Runs a program to its end; the completed process. CommandFailed when the exit code is another."""
        command = [str(self.bin / program), *map(str, arguments)]
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, input=stdin,
                              env=self.environment(), stdin=subprocess.DEVNULL if stdin is None else None)
        self.log.append((time.monotonic() - begun, command, done.returncode))
        if expect is not None and done.returncode != expect:
            raise CommandFailed(f"{' '.join(command)}\nexit {done.returncode}, expected {expect}\n"
                                f"{done.stdout}{done.stderr}")
        return done

    def run_on_terminal(self, program, *arguments, prompt, answer, expect=0, timeout=60):
        """Runs a program on a terminal of its own; when `prompt` stands on the screen, types what `answer` makes of
        the screen so far, once for each time. The whole screen."""
        command = [str(self.bin / program), *map(str, arguments)]
        leader, follower = pty.openpty()
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=follower, stdout=follower, stderr=follower, env=self.environment(), start_new_session=True)
        os.close(follower)
        screen, answered = "", 0
        until = time.monotonic() + timeout
        try:
            while time.monotonic() < until:
                if not select.select([leader], [], [], 0.2)[0]:
                    if process.poll() is not None:
                        break
                    continue
                try:
                    part = os.read(leader, 4096)
                except OSError:
                    break  # The program closed its terminal.
                screen += part.decode("utf-8", "replace")
                if screen.count(prompt) > answered:
                    answered += 1
                    os.write(leader, (answer(screen) + "\n").encode())
            code = process.wait(timeout=max(1, until - time.monotonic()))
        except subprocess.TimeoutExpired as late:
            process.kill()
            process.wait()
            raise CommandFailed(f"{' '.join(command)} did not end; its screen:\n{screen}") from late
        finally:
            os.close(leader)
        if code != expect:
            raise CommandFailed(f"{' '.join(command)}\nexit {code}, expected {expect}\n{screen}")
        return screen.replace("\r\n", "\n")

    def admin(self, profile, *arguments, **options):
        return self.run("enlace-admin", "--profile", profile, "--lang", "en", "--passphrase-file", self.passphrase,
                        "--yes", *arguments, **options)

    def officer(self, profile, *arguments, lang="es", **options):
        return self.run("enlace", "--profile", profile, "--lang", lang, "--passphrase-file", self.passphrase,
                        *arguments, **options)

    def enrol(self, authority, profile, officer, office):
        """One more officer: invited by the authority's administrator, compared in person, admitted."""
        invitation, words = self.root / f"{officer}.txt", self.root / f"{officer}.words"
        self.admin(authority, "officer", "invite", "--office", office, "--name", "Prueba Ficticia", "--id", officer,
                   "--out", invitation)
        self.officer(profile, "join", invitation, "--yes", "--no-wait", "--words-out", words)
        self.admin(authority, "approve", officer, "--words", words)
        self.officer(profile, "join", "--resume")

    def officer_json(self, profile, *arguments, **options):
        done = self.run("enlace", "--profile", profile, "--lang", "en", "--passphrase-file", self.passphrase,
                        "--output", "json", *arguments, **options)
        return json.loads(done.stdout)

    # The server.

    @property
    def data(self):
        return self.root / "server"

    @property
    def config(self):
        return self.root / "server.toml"

    def write_config(self, charter_root=None):
        lines = [f'data_folder = "{self.data}"', 'public_name = "localhost"']
        if charter_root:
            lines.append(f'charter_root = "{charter_root}"')
        lines += ["[listen]", 'addresses = ["127.0.0.1"]', f'port = {self.ports.get("main", 0)}',
                  f'enrolment_port = {self.ports.get("enrolment", 0)}',
                  "[metrics]", 'address = "127.0.0.1:0"']
        self.config.write_text("\n".join(lines) + "\n")

    def start_server(self, *options):
        """Starts the server, with further options of `run`, and waits until its ports are known."""
        ports_file = self.root / "ports.json"
        ports_file.unlink(missing_ok=True)
        log = open(self.root / "server.log", "ab")  # pylint: disable=consider-using-with
        self.server = subprocess.Popen(  # pylint: disable=consider-using-with
            [str(self.bin / "enlace-server"), "run", "--config", str(self.config), "--ports-file", str(ports_file),
             *options],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment())
        log.close()
        until = time.monotonic() + START_TIMEOUT_S
        while not ports_file.exists():
            if self.server.poll() is not None or time.monotonic() > until:
                raise CommandFailed("the server did not start:\n" + (self.root / "server.log").read_text()[-4000:])
            time.sleep(0.02)
        self.ports = json.loads(ports_file.read_text())
        # The same ports after a restart: clients keep their addresses.
        self.write_config(self.charter_root)
        return self.server

    charter_root = None

    def adopt_server(self):
        """Takes over the server that `enlace-admin trial` left running here."""
        self.adopted_pid = int((self.root / "server.pid").read_text())
        self.ports = json.loads((self.root / "ports.json").read_text())
        line = next(line for line in self.config.read_text().splitlines() if line.startswith("charter_root"))
        self.charter_root = line.split('"')[1]
        self.write_config(self.charter_root)

    def server_pid(self):
        return self.server.pid if self.server else self.adopted_pid

    def main_address(self):
        return f"127.0.0.1:{self.ports['main']}"

    def enrolment_address(self):
        return f"127.0.0.1:{self.ports['enrolment']}"

    def kill_server(self):
        """SIGKILL: no chance to tidy up."""
        if self.adopted_pid is not None:
            self.end_adopted(signal.SIGKILL)
            return
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        self.server = None

    def end_adopted(self, how):
        os.kill(self.adopted_pid, how)
        until = time.monotonic() + START_TIMEOUT_S
        while pathlib.Path(f"/proc/{self.adopted_pid}").exists() and time.monotonic() < until:
            # A zombie has ended; its parent is whoever adopted it.
            if " Z " in pathlib.Path(f"/proc/{self.adopted_pid}/stat").read_text().split(")")[-1][:4] + " ":
                break
            time.sleep(0.02)
        self.adopted_pid = None

    def stop_server(self):
        if self.adopted_pid is not None:
            self.end_adopted(signal.SIGTERM)
            return
        if self.server is None:
            return
        self.server.terminate()
        try:
            self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.server = None

    def lock_all(self):
        """Ends every officer's agent."""
        agents = self.home / "data" / "enlace"
        for profile in sorted(agents.iterdir()) if agents.is_dir() else ():
            self.run("enlace", "--profile", profile.name, "lock", expect=None)

    def close(self):
        self.lock_all()
        self.stop_server()


def trial(folder, programs, *options):
    """A conference made by `enlace-admin trial` in the new folder `folder`/conference; its server runs."""
    folder = pathlib.Path(folder)
    world = World(folder / "conference", programs)
    # The trial wants a new folder, and a caller whose own profiles are elsewhere.
    shutil.rmtree(world.root)
    home, world.home = world.home, folder / "caller"
    world.trial_output = world.run("enlace-admin", "--lang", "en", "trial", world.root, *options, timeout=300).stdout
    world.home = home
    world.adopt_server()
    return world


def wait_until(condition, what, timeout_s=30):
    """Asks until `condition` gives something true; that value."""
    until = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise CommandFailed(f"waited in vain for: {what}")
        time.sleep(0.1)
