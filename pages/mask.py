"""Mask: say which parts of the series a model may see, by brush and by rule."""

import streamlit as st

from masklab.errors import MaskLabError
from masklab.ui import state
from masklab.ui.empty import empty_state
from masklab.ui.mask_exchange import exchange
from masklab.ui.mask_layers import layers_panel, receive_layers
from masklab.ui.mask_page import page_is_drawn, picture, scene, shown_channels
from masklab.ui.mask_sketch import sketch_of_mask
from masklab.ui.mask_tabs import under_the_picture
from masklab.ui.mask_versions import versions_control
from masklab.words import plain

st.title("Mask", anchor=False)
try:
    panel = state.panel()
except MaskLabError as error:
    st.error(plain(str(error)))
    panel = None
if panel is None:
    empty_state(
        "A mask needs data to lie on",
        "Choose a sample or open your own file. Then paint over what a model must not see, or say "
        "it with a rule: nights, values out of range, one hour in ten.",
        go="Choose data",
        page="pages/data.py",
        picture=sketch_of_mask(),
    )
    st.stop()

receive_layers()
main, side = st.columns([0.68, 0.32], gap="medium")
with main:
    canvas = st.container()
    channels = shown_channels(panel)
    with canvas:
        picture(panel, channels)
    now = scene(panel)
    for problem in now.problems:
        st.warning(plain(problem))
    under_the_picture(now)
with side:
    layers_panel(panel, now.parts)
    versions_control(panel)
    exchange(now)
page_is_drawn(now.revision)
