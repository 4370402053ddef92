"""Batches made ahead of their step, by a thread or by processes; always in the order of the steps."""

import collections
import concurrent.futures
import multiprocessing

_source = None


def _enter(source):
    global _source
    _source = source


def _batch(step: int):
    return _source.batch(step)


class Ahead:
    """`source.batch(step)` for step after step. With `workers`, as many processes make them; without, one thread,
    which is enough where a step takes longer than its batch."""

    def __init__(self, source, first: int, workers: int = 0):
        self.pending = collections.deque()
        self.next = first
        if workers:
            self.pool = concurrent.futures.ProcessPoolExecutor(
                workers, multiprocessing.get_context("fork"), initializer=_enter, initargs=(source,))
            self.work = _batch
        else:
            self.pool = concurrent.futures.ThreadPoolExecutor(1)
            self.work = source.batch
        for _ in range(max(2, 3 * workers)):
            self._submit()

    def _submit(self):
        self.pending.append(self.pool.submit(self.work, self.next))
        self.next += 1

    def take(self):
        self._submit()
        return self.pending.popleft().result()

    def close(self):
        self.pool.shutdown(wait=False, cancel_futures=True)
