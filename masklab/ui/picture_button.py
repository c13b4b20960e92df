"""Buttons that save a Plotly chart as PNG or SVG in the browser, without the network."""

from __future__ import annotations

from typing import Any

import streamlit as st

_HTML = '<span class="row"><button type="button" data-as="png">PNG</button><button type="button" data-as="svg">SVG</button></span>'
_CSS = """
.row { display: inline-flex; gap: .5rem; }
button {
  font: inherit; font-size: .875rem; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, .375rem);
  min-height: 2.5rem; padding: .25rem .75rem; cursor: pointer;
}
button:hover, button:focus-visible { color: var(--st-primary-color); border-color: var(--st-primary-color); outline: none; }
"""
_JS = """
function saveSvg(chart, name, ground) {
  const layers = [...chart.querySelectorAll('svg.main-svg')];
  const box = layers[0].getBoundingClientRect();
  const space = 'http://www.w3.org/2000/svg';
  const whole = document.createElementNS(space, 'svg');
  whole.setAttribute('xmlns', space);
  whole.setAttribute('width', box.width);
  whole.setAttribute('height', box.height);
  const paper = document.createElementNS(space, 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', ground);
  whole.append(paper);
  for (const layer of layers) {
    if (layer.closest('.modebar')) continue;
    const place = layer.getBoundingClientRect();
    const copy = layer.cloneNode(true);
    copy.setAttribute('x', place.x - box.x);
    copy.setAttribute('y', place.y - box.y);
    copy.style.background = 'none';
    whole.append(copy);
  }
  const link = document.createElement('a');
  const text = new XMLSerializer().serializeToString(whole);
  link.href = URL.createObjectURL(new Blob([text], {type: 'image/svg+xml'}));
  link.download = name + '.svg';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export default function (component) {
  const { parentElement, data } = component;
  for (const button of parentElement.querySelectorAll('button')) {
    button.title = 'Save the chart as ' + button.dataset.as.toUpperCase();
    button.onclick = () => {
      const chart = document.querySelector('.st-key-' + data.chart + ' .js-plotly-plot');
      if (!chart) return;
      if (button.dataset.as === 'png') {
        const camera = [...chart.querySelectorAll('.modebar-btn')]
          .find(one => (one.dataset.title || '').includes('PNG') || one.getAttribute('data-attr') === 'toImage');
        (camera || chart.querySelector('.modebar-btn')).click();
      } else {
        saveSvg(chart, data.name, getComputedStyle(document.querySelector('.stApp')).backgroundColor);
      }
    };
  }
}
"""


def picture_buttons(chart: str, name: str, place: str = "") -> None:
    """Draw buttons that save the chart in the container of key `chart` under a file name.

    `place`: a word that tells them from others for the same chart on the page.
    """
    _component()(
        key=f"pictures.{chart}{place}",
        data={"chart": chart, "name": name},
        width="content",
        height="content",
    )


def _component() -> Any:
    """Return the component, registered for this run of the script as Streamlit asks."""
    return st.components.v2.component("masklab_pictures", html=_HTML, css=_CSS, js=_JS)
