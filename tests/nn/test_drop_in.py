"""`MaskedLSTM` is an `nn.LSTM`: same numbers without a mask, same keys, copied and saved alike."""

import copy
import inspect
import pickle
import subprocess
import sys

import pytest
import torch
from step_masks import mask
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from masklab.nn import MaskedLSTM

CONFIGURATIONS = [
    {"num_layers": layers, "bidirectional": bidirectional, "bias": bias, "dtype": dtype}
    for layers in (1, 2)
    for bidirectional in (False, True)
    for bias in (True, False)
    for dtype in (torch.float32, torch.float64)
]


def twins(**options) -> tuple[MaskedLSTM, nn.LSTM]:
    """Return both with the same weights."""
    torch.manual_seed(0)
    ours = MaskedLSTM(3, 4, **options)
    options = {key: value for key, value in options.items() if key != "on_masked"}
    plain = nn.LSTM(3, 4, batch_first=True, **options)
    plain.load_state_dict(ours.state_dict())
    return ours, plain


@pytest.mark.parametrize("options", CONFIGURATIONS)
@pytest.mark.parametrize("on_masked", ["carry", "reset"])
def test_without_a_mask_it_is_nn_lstm_bit_for_bit(on_masked, options):
    ours, plain = twins(on_masked=on_masked, **options)
    x = torch.randn(5, 7, 3, dtype=options["dtype"])
    rows = options["num_layers"] * (2 if options["bidirectional"] else 1)
    state = tuple(torch.randn(rows, 5, 4, dtype=options["dtype"]) for _ in range(2))
    for given in (None, state):
        theirs, (h_0, c_0) = plain(x, given)
        for observed in (None, torch.ones(5, 7, dtype=torch.bool)):
            output, (h, c) = ours(x, observed, given)
            assert torch.equal(output, theirs)
            assert torch.equal(h, h_0)
            assert torch.equal(c, c_0)


def test_without_a_mask_it_takes_unbatched_and_packed_input_as_nn_lstm_does():
    ours, plain = twins(bidirectional=True)
    x = torch.randn(7, 3)
    assert torch.equal(ours(x)[0], plain(x)[0])
    packed = pack_padded_sequence(torch.randn(2, 7, 3), torch.tensor([7, 4]), batch_first=True)
    assert torch.equal(ours(packed)[0].data, plain(packed)[0].data)


def test_the_constructor_takes_the_words_of_nn_lstm_with_its_defaults():
    ours = inspect.signature(MaskedLSTM.__init__).parameters
    theirs = inspect.signature(nn.RNNBase.__init__).parameters
    assert issubclass(MaskedLSTM, nn.LSTM)
    assert set(ours) - set(theirs) == {"on_masked", "zero_output"}
    assert set(theirs) - set(ours) == {"mode"}, "which is what makes it an LSTM"
    differ = {
        name for name in set(ours) & set(theirs) if ours[name].default != theirs[name].default
    }
    assert differ == {"batch_first"}, "it is always batch-first"


def test_seeded_alike_it_starts_from_the_weights_of_nn_lstm():
    torch.manual_seed(5)
    ours = MaskedLSTM(3, 4, 2, bidirectional=True)
    torch.manual_seed(5)
    plain = nn.LSTM(3, 4, 2, bidirectional=True)
    assert all(
        torch.equal(a, b) for a, b in zip(ours.parameters(), plain.parameters(), strict=True)
    )


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_weights_go_both_ways(options):
    ours, plain = twins(**options)
    assert list(ours.state_dict()) == list(plain.state_dict())
    with torch.no_grad():
        for weight in plain.parameters():
            weight.add_(1)
    ours.load_state_dict(plain.state_dict())
    x = torch.randn(2, 5, 3, dtype=options["dtype"])
    assert torch.equal(ours(x)[0], plain(x)[0])


def test_copies_pickles_and_saved_modules_give_the_same_answer(tmp_path):
    ours = MaskedLSTM(3, 4, 2, bidirectional=True, on_masked="reset", zero_output=True)
    torch.save(ours, tmp_path / "lstm.pt")
    others = (
        copy.deepcopy(ours),
        pickle.loads(pickle.dumps(ours)),  # noqa: S301
        torch.load(tmp_path / "lstm.pt", weights_only=False),
    )
    x, observed = torch.randn(4, 6, 3), mask("random", 4, 6)
    for other in others:
        assert (other.on_masked, other.zero_output) == ("reset", True)
        assert torch.equal(other(x, observed)[0], ours(x, observed)[0])


def test_a_copy_has_weights_of_its_own():
    ours = MaskedLSTM(3, 4)
    other = copy.deepcopy(ours)
    x, observed = torch.randn(4, 6, 3), mask("random", 4, 6)
    before = ours(x, observed)[0]
    with torch.no_grad():
        other.weight_hh_l0.zero_()
    assert torch.equal(ours(x, observed)[0], before)
    assert not torch.equal(other(x, observed)[0], before)


def test_it_follows_weights_swapped_by_functional_call():
    ours = MaskedLSTM(3, 4, bidirectional=True)
    other = MaskedLSTM(3, 4, bidirectional=True)
    x, observed = torch.randn(4, 6, 3), mask("random", 4, 6)
    swapped = torch.func.functional_call(ours, dict(other.named_parameters()), (x, observed))
    assert torch.equal(swapped[0], other(x, observed)[0])


def test_repr_names_what_differs_from_an_lstm():
    assert repr(MaskedLSTM(3, 4)) == "MaskedLSTM(3, 4, batch_first=True, on_masked='carry')"
    assert "zero_output=True" in repr(MaskedLSTM(3, 4, zero_output=True))


def test_importing_it_needs_torch_and_nothing_else():
    heavy = ("streamlit", "plotly", "pandas", "pydantic", "jaxtyping", "sklearn", "yaml")
    code = (
        "import sys, masklab.nn; from masklab.nn import MaskedLSTM, reference_masked_lstm;"
        "lstm = MaskedLSTM(2, 3); import torch;"
        "lstm(torch.zeros(2, 4, 2), torch.tensor([[True, False] * 2] * 2));"
        f"found = [name for name in {heavy!r} if name in sys.modules];"
        "assert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
