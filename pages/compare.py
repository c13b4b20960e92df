"""Compare: validation curves of strategies on the same cells, and what stands behind them."""

import streamlit as st

from masklab.charts.sketches import sketch_of_curves
from masklab.ui import state
from masklab.ui.chosen import chosen_experiments
from masklab.ui.compare.comparison import show_comparison
from masklab.ui.compare.management import undo_of_experiments
from masklab.ui.empty import empty_state

st.title("Compare", anchor=False)
undo_of_experiments()
experiments = chosen_experiments()
if not experiments:
    has_data = state.project().data is not None
    empty_state(
        "Comparing needs runs",
        "Train some strategies first. Then their validation curves stand here side by side, with a "
        "band over seeds and the naive baselines that they have to beat.",
        go="Train strategies" if has_data else "Choose data",
        page="pages/train.py" if has_data else "pages/data.py",
        picture=sketch_of_curves(bands=True),
    )
    st.stop()
show_comparison(experiments)
