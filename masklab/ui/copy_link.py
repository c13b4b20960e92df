"""A button that copies the address of what is on screen."""

from __future__ import annotations

from typing import Any

import streamlit as st

_HTML = '<button type="button">Copy the link</button><span role="status" aria-live="polite"></span>'
_CSS = """
button {
  font: inherit; font-size: .875rem; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, .375rem);
  min-height: 2.5rem; padding: .25rem .75rem; cursor: pointer;
}
button:hover, button:focus-visible { color: var(--st-primary-color); border-color: var(--st-primary-color); outline: none; }
span { margin-left: .75rem; font-size: .875rem; color: var(--st-text-color); }
"""
_JS = """
function copied(text) {
  // Where the page is not served over TLS, browsers keep the clipboard for selected text.
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

export default function (component) {
  const { parentElement } = component;
  const button = parentElement.querySelector('button');
  const said = parentElement.querySelector('span');
  button.onclick = async () => {
    const address = window.location.href;
    let done = false;
    try {
      await navigator.clipboard.writeText(address);
      done = true;
    } catch {
      done = copied(address);
    }
    button.focus();
    said.textContent = done ? 'Copied.' : 'The browser did not let it be copied: ' + address;
    if (done) setTimeout(() => { said.textContent = ''; }, 4000);
  };
}
"""


def copy_link() -> None:
    """Draw the button; the address holds what is on screen, so the link opens the same view."""
    _component()(key="copy.link", width="content", height="content")


def _component() -> Any:
    """Return the component, registered for this run of the script as Streamlit asks."""
    return st.components.v2.component("masklab_copy_link", html=_HTML, css=_CSS, js=_JS)
