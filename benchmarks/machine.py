"""Where a benchmark ran: milliseconds belong to a machine."""

import os
import platform
from contextlib import nullcontext

__all__ = ["processor"]


def processor():
    """The processor's name as the system tells it, how many cores there are, and their kind.

    Returns
    -------
    dict
        "processor", "cores" and "machine".
    """
    with open("/proc/cpuinfo", encoding="utf-8") if os.path.exists("/proc/cpuinfo") else nullcontext([]) as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
    }
