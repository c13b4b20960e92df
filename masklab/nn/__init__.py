"""Masked LSTMs: needs torch and nothing else."""

from masklab.nn.masked_lstm import MaskedLSTM
from masklab.nn.network import MaskedNetwork, build_network
from masklab.nn.reference import reference_masked_lstm

__all__ = ["MaskedLSTM", "MaskedNetwork", "build_network", "reference_masked_lstm"]
