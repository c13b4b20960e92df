"""Learn: short lessons on what masks do, and a look inside one small LSTM."""

from masklab.ui.learn.course import show_learn

show_learn()
