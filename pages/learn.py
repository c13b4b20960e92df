"""Learn: see inside the masked LSTM."""

import streamlit as st

from masklab.ui import inspector

st.title("See inside the masked LSTM", anchor=False)
inspector.show()
