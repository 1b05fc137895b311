"""Real daemons of the protocols that are checked: sshd, mosquitto and dovecot, each on a free port and of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers.process import Process, free_port, listens, program

USER, PASSWORD = "watcher", "planted-password"


class Daemon(Process):
    """A daemon on `port`; with TLS on `secure`."""

    port: int
    secure: int

    def up(self) -> Daemon:
        """Start it, and wait until it takes connections."""
        self.start(lambda: listens(self.port) and listens(self.secure))
        return self


class Sshd(Daemon):
    """OpenSSH's server; nobody can log in."""

    def __init__(self, folder: Path) -> None:
        self.port = self.secure = free_port()
        Path("/run/sshd").mkdir(parents=True, exist_ok=True)  # where it locks up whoever knocks
        subprocess.run(
            [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True, timeout=60
        )
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder / 'key'}\nPidFile none\nUsePAM no\n",
            encoding="ascii",
        )
        super().__init__([program("sshd", "/usr/sbin/sshd"), "-D", "-e", "-f", str(config)], folder, "sshd")


class Mosquitto(Daemon):
    """A broker that knows one user, in the clear and over TLS."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        """`certificate` holds its certificate and key as PEM."""
        self.port, self.secure = free_port(), free_port()
        words = folder / "passwords"
        subprocess.run(
            [program("mosquitto_passwd"), "-b", "-c", words, USER, PASSWORD],
            check=True,
            capture_output=True,
            timeout=60,
        )
        words.chmod(0o644)
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nlistener {self.secure} 127.0.0.1\ncertfile {certificate}\n"
            f"keyfile {certificate}\nallow_anonymous false\npassword_file {words}\nuser root\n",
            encoding="ascii",
        )
        super().__init__([program("mosquitto", "/usr/sbin/mosquitto"), "-c", str(config)], folder, "mosquitto")

    def publish(self, topic: str, message: str) -> None:
        """Leave a message on a topic, for whoever subscribes."""
        subprocess.run(
            [program("mosquitto_pub"), "-p", str(self.port), "-u", USER, "-P", PASSWORD, "-r",
             "-t", topic, "-m", message],
            check=True, timeout=60,
        )  # fmt: skip


class Dovecot(Daemon):
    """An IMAP server that knows one user, with STARTTLS, and with TLS from the first byte."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        """`certificate` holds its certificate and key as PEM."""
        self.port, self.secure = free_port(), free_port()
        is_root = os.geteuid() == 0  # then it wants users of its own, as Debian's package makes them
        me = pwd.getpwuid(os.geteuid()).pw_name
        inner, outer, owner = ("dovecot", "dovenull", "nobody") if is_root else (me, me, me)
        folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # those users cannot look into the folder of a test
        folder.chmod(0o755)
        self._folder, mailbox = folder, pwd.getpwnam(owner)
        (folder / "mail").mkdir()
        os.chown(folder / "mail", mailbox.pw_uid, mailbox.pw_gid)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="ascii")
        config = folder / "dovecot.conf"
        config.write_text(
            f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
default_internal_user = {inner}
default_internal_group = {inner}
default_login_user = {outer}
first_valid_uid = 0
mail_location = maildir:{folder}/mail
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={mailbox.pw_uid} gid={mailbox.pw_gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.secure}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
""",
            encoding="ascii",
        )
        super().__init__([program("dovecot", "/usr/sbin/dovecot"), "-F", "-c", str(config)], folder, "dovecot")

    def stop(self, patience: float = 20.0) -> int:
        """End it, and remove what it kept."""
        code = super().stop(patience)
        shutil.rmtree(self._folder, ignore_errors=True)
        return code
