"""Outputs shown at every step, and their gradients, against plain indexing."""

import numpy as np
import pytest
import torch
from step_masks import KINDS, mask

from masklab.nn.packing import Packing
from masklab.nn.showing import show
from masklab.nn.unpacking import outputs_by_step


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "empty"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(
    ("on_masked", "zero_at_masked"), [("carry", False), ("carry", True), ("reset", True)]
)
def test_gradients_are_those_of_indexing(
    kind, bidirectional, on_masked, zero_at_masked, monkeypatch
):
    packing = Packing.of(mask(kind, batch=7, time=11), on_masked, hidden_size=512)
    output = torch.randn(len(packing.source), 6, requires_grad=True)
    weight = torch.randn(7, 11, 6)

    def shown_with_gradient():
        shown = outputs_by_step(
            output, packing, zero_at_masked=zero_at_masked, bidirectional=bidirectional
        )
        return shown, torch.autograd.grad((shown * weight).sum(), output)[0]

    shown, gradient = shown_with_gradient()
    monkeypatch.setattr(
        "masklab.nn.unpacking.show", lambda output, index, *_: output[torch.from_numpy(index)]
    )
    expected, expected_gradient = shown_with_gradient()
    assert torch.equal(shown, expected)
    has_step = torch.from_numpy(packing.source < packing.observed.size)
    torch.testing.assert_close(gradient[has_step], expected_gradient[has_step])
    assert not gradient[~has_step].any()


def test_a_gradient_has_a_gradient():
    output = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    shown, source = np.array([0, 0, 1, 1]), np.array([0, 2, 4])
    starts = np.array([True, False, True, False])
    run = lambda x: show(x, shown, source, starts)[:, :1] ** 2  # noqa: E731
    assert torch.autograd.gradcheck(run, output)
    assert torch.autograd.gradgradcheck(run, output)
