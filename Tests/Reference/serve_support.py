"""Starts `crayon serve` for the checks that speak to it as other programs do."""
import base64
import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "Samples"


def data_address(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def question(text: str, picture: bytes | str) -> list:
    address = picture if isinstance(picture, str) else data_address(picture)
    return [{"role": "user", "content": [
        {"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": address}}]}]


class Server:
    """A server that ends with the block it is used in."""

    def __init__(self, crayon: str, *arguments: str):
        self.errors = tempfile.NamedTemporaryFile("w+", suffix=".log")
        # Standard error goes through a file: a pipe that nobody reads stops the writer.
        self.process = subprocess.Popen(
            [crayon, "serve", "--port", "0", *arguments], cwd=REPOSITORY, stderr=self.errors)
        self.address = ""
        while not self.address:
            text = Path(self.errors.name).read_text()
            found = re.search(r"listening at (http://\S+)/", text)
            if found:
                self.address = found[1].replace("0.0.0.0", "127.0.0.1")
            elif self.process.poll() is not None:
                raise SystemExit(f"crayon serve ended with status {self.process.returncode}:\n{text}")
            else:
                try:
                    self.process.wait(0.05)
                except subprocess.TimeoutExpired:
                    pass

    def log(self) -> str:
        return Path(self.errors.name).read_text()

    def memory(self) -> int:
        """Resident, in MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000

    def stop(self, how=signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
