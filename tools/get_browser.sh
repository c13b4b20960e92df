#!/bin/sh
# Make sure that a Chromium is there for the browser tests: one that is installed, else Debian's,
# else Playwright's own; else say so, and the browser tests are skipped.
set -u

for name in "${MASKLAB_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

playwright_has_one() {
    "$PYTHON" - <<'PY'
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))
PY
}

if playwright_has_one 2>/dev/null; then
    exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
fi
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
    echo "Installing Debian's chromium for the browser tests"
    if $as_root apt-get update -qq >/dev/null && $as_root apt-get install -y -qq chromium >/dev/null 2>&1; then
        exit 0
    fi
fi

echo "Fetching Playwright's Chromium for the browser tests"
if "$PYTHON" -m playwright install chromium >/dev/null 2>&1; then
    exit 0
fi

echo "No Chromium could be had: the browser tests are skipped. Install one, or set MASKLAB_CHROMIUM to its path."
exit 0
