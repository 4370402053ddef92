import torch

from pocket.regions import Pointer
from pocket.train_pointer import States, fit


def test_what_states_say_of_their_segments_is_learned():
    torch.manual_seed(1)
    width, turned = 48, torch.linalg.qr(torch.randn(48, 48))[0]
    states = States()
    for number in range(80):
        segments = torch.randn(torch.randint(2, 7, ()), width)
        meant = torch.randint(len(segments), (4,))
        # The state has the segment in other columns than the segment itself.
        states.hidden.append((segments[meant] @ turned + 0.1 * torch.randn(4, width)).half())
        states.map += [len(states.segments)] * 4
        states.meant.append(meant)
        states.segments.append(segments.half())
        states.kept.append(number % 10 == 0)
    both = States()
    both.extend(states)
    both.extend(states)
    assert both.map[-1] == 159 and len(both.segments) == len(both.kept) == 160
    before, after = fit(Pointer(width), states, steps=400, rate=3e-3)
    assert before < 0.6 and after > 0.9
