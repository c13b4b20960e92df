"""Imported by the fork server, once: what each worker would otherwise import and find out anew."""

# ruff: noqa: F401
import torch
import torch._dynamo  # without it each first Adam() takes 1.4 s

import masklab.data.read
import masklab.runs.course
import masklab.runs.desk
import masklab.runs.facts
import masklab.runs.panels
import masklab.runs.spec
import masklab.runs.worker
import masklab.training.loop
import masklab.training.prepare
from masklab.runs.environment import learn

learn()
