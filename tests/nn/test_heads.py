"""The head reads the last *usable* step, not whatever stands last."""

import torch
from step_masks import mask

from masklab.nn.heads import last_usable

OUTPUT = torch.arange(2 * 4 * 6, dtype=torch.float32).view(2, 4, 6)


def test_the_last_usable_step_is_read():
    steps = torch.tensor([[True, True, False, False], [False, True, False, True]])
    picked = last_usable(OUTPUT, steps)
    assert torch.equal(picked, torch.stack([OUTPUT[0, 1], OUTPUT[1, 3]]))


def test_without_a_mask_it_is_the_last_step():
    assert torch.equal(last_usable(OUTPUT), OUTPUT[:, -1])


def test_the_backward_half_is_read_at_the_first_usable_step():
    steps = torch.tensor([[False, True, True, False], [True, True, True, True]])
    picked = last_usable(OUTPUT, steps, bidirectional=True)
    assert torch.equal(picked[0], torch.cat([OUTPUT[0, 2, :3], OUTPUT[0, 1, 3:]]))
    assert torch.equal(picked[1], torch.cat([OUTPUT[1, 3, :3], OUTPUT[1, 0, 3:]]))


def test_a_row_without_a_usable_step_gives_zeros_even_of_nan():
    output = torch.full((2, 3, 4), float("nan"), requires_grad=True)
    picked = last_usable(output, torch.zeros(2, 3, dtype=torch.bool))
    assert torch.equal(picked, torch.zeros(2, 4))
    picked.sum().backward()
    assert (output.grad == 0).all()


def test_it_equals_a_loop_over_rows():
    output = torch.randn(16, 7, 4)
    steps = mask("mixed", 16, 7)
    for row, picked in enumerate(last_usable(output, steps)):
        usable = [t for t in range(7) if steps[row, t]]
        expected = output[row, usable[-1]] if usable else torch.zeros(4)
        assert torch.equal(picked, expected)
