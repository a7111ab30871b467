"""Worker processes that do not outlive who started them."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this worker when its parent does, even if that is killed: it would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
