"""What `MaskedLSTM` can't do, it says at once; each message ends with what arrived."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from masklab.nn import MaskedLSTM

X = torch.zeros(2, 5, 3)
OBSERVED = torch.tensor([[True, True, False, True, True]] * 2)
H = torch.zeros(1, 2, 4)


@pytest.mark.parametrize(
    ("options", "end"),
    [
        ({"proj_size": 2}, "proj_size=2."),
        ({"batch_first": False}, "batch_first=False."),
        ({"on_masked": "skip"}, "'skip'."),
    ],
)
def test_unsupported_options_raise_at_construction(options, end):
    with pytest.raises(ValueError, match=r"MaskedLSTM|on_masked") as error:
        MaskedLSTM(3, 4, **options)
    assert str(error.value).endswith(end)


def test_options_that_differ_in_order_from_nn_lstm_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        MaskedLSTM(3, 4, 1, True, True)
    assert MaskedLSTM(3, 4, 1, True, batch_first=True).batch_first


@pytest.mark.parametrize(
    ("arguments", "error", "end"),
    [
        ((np.zeros((2, 5, 3)),), TypeError, "type ndarray."),
        ((pack_sequence([X[0]]), OBSERVED), TypeError, "type PackedSequence."),
        ((X[..., :2],), ValueError, "shape (2, 5, 2)."),
        ((X[None],), ValueError, "shape (1, 2, 5, 3)."),
        ((X.double(), OBSERVED), ValueError, "torch.float64."),
        ((X, OBSERVED.numpy()), TypeError, "got ndarray."),
        ((X, (H, H)), TypeError, "got tuple."),
        ((X, OBSERVED.float()), ValueError, "dtype torch.float32."),
        ((X, OBSERVED[:1]), ValueError, "shape (1, 5)."),
        ((X, OBSERVED[..., None].expand(2, 5, 3)), ValueError, "shape (2, 5, 3)."),
        ((X[0], OBSERVED), ValueError, "shape (2, 5)."),
        ((X, OBSERVED.to("meta")), ValueError, "lies on meta."),
        ((X.to("meta"), OBSERVED), ValueError, "lies on meta."),
        ((X, OBSERVED, H), TypeError, "is a Tensor."),
        ((X, OBSERVED, (H, H, H)), TypeError, "is a tuple."),
        ((X, OBSERVED, (H, None)), TypeError, "is a NoneType."),
        ((X, OBSERVED, (H, H[:, :1])), ValueError, "shape (1, 1, 4)."),
        ((X[0], OBSERVED[0], (H, H)), ValueError, "shape (1, 2, 4)."),
        ((X, OBSERVED, (H, H.double())), ValueError, "torch.float64."),
        ((X, OBSERVED, (H, H.to("meta"))), ValueError, "lies on meta."),
        ((X, None, (H, H[:, :1])), ValueError, "shape (1, 1, 4)."),
    ],
)
def test_wrong_arguments_are_named_with_what_arrived(arguments, error, end):
    with pytest.raises(error) as raised:
        MaskedLSTM(3, 4)(*arguments)
    assert str(raised.value).endswith(end)
