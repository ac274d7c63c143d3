"""Whether a process is gone."""
import os


def has_ended(pid):
    """True once nothing of it is left: no file open, no lock held.

    A process whose first thread has ended shows as a zombie while its other threads, in a sync perhaps, still hold its files.
    """
    try:
        with open(f"/proc/{pid}/stat") as stat:
            zombie = stat.read().rsplit(")", 1)[1].split()[0] == "Z"
        return zombie and len(os.listdir(f"/proc/{pid}/task")) <= 1
    except (FileNotFoundError, ProcessLookupError):
        return True
