"""Several processes of one thread each on one machine, which average their gradients. Where other programs share the
processors this is about twice as fast as one process of several threads, whose threads wait for each other in every
operation."""

import os

import torch
import torch.distributed as distributed
import torch.multiprocessing


def world() -> int:
    return distributed.get_world_size() if distributed.is_initialized() else 1


def _choose_precision(options):
    """Of products of float32 matrices: in TF32 on a GPU; in bfloat16 where that was asked for, which processors with
    AMX do several times faster."""
    if options.bf16:
        torch.set_float32_matmul_precision("medium")
    elif options.device.startswith("cuda"):
        torch.set_float32_matmul_precision("high")


def _enter(rank: int, work, options):
    torch.set_num_threads(1)
    _choose_precision(options)
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", str(29500 + os.getppid() % 1000))
    distributed.init_process_group("gloo", rank=rank, world_size=options.processes)
    work(rank, options)


def launch(work, options):
    """`work(rank, options)` in `options.processes` processes."""
    if options.processes > 1:
        torch.multiprocessing.spawn(_enter, (work, options), options.processes)
    else:
        _choose_precision(options)
        work(0, options)


def average_gradients(parameters: list[torch.nn.Parameter]):
    """What a process has no gradient for counts as zero."""
    if world() == 1:
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    flat = torch.cat([parameter.grad.reshape(-1) for parameter in parameters])
    distributed.all_reduce(flat)
    flat /= world()
    start = 0
    for parameter in parameters:
        parameter.grad = flat[start:start + parameter.numel()].view_as(parameter)
        start += parameter.numel()


def first_decides(flags: list[bool]) -> list[bool]:
    """What the first process says, in all of them: clocks differ."""
    if world() == 1:
        return flags
    decided = torch.tensor(flags, dtype=torch.int32)
    distributed.broadcast(decided, 0)
    return decided.bool().tolist()


LONGEST_STEP = 60.0  # seconds; a step that took longer was paused, which is no training


def first_says(value: float) -> float:
    """The first process's value, in all of them, so that what follows from its clock is the same everywhere."""
    if world() == 1:
        return value
    said = torch.tensor([value], dtype=torch.float64)
    distributed.broadcast(said, 0)
    return said.item()


def gathered(value) -> list:
    if world() == 1:
        return [value]
    parts = [None] * world()
    distributed.all_gather_object(parts, value)
    return parts
