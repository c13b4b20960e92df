"""A page with the panel of layers alone, for AppTest: the project is that of the address."""

import numpy as np
import streamlit as st

from masklab.data.series import Panel
from masklab.split import Split
from masklab.ui import guard
from masklab.ui.mask_layers import layers_panel, receive_layers
from masklab.ui.mask_versions import versions_control

panel = Panel(
    ("one", "two"),
    np.array([0, 80, 100]),
    np.datetime64("2024-01-01", "us") + np.arange(100) * np.timedelta64(1, "h"),
    np.stack([np.arange(100.0), np.arange(100.0)], axis=1),
    ("temp", "wind*"),
)
guard.problems()
receive_layers()
layers_panel(panel, Split().parts(panel))
versions_control(panel)
st.caption("drawn")
