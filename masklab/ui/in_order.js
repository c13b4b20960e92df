// Streamlit fetches a component's script anew for every call and calls when that is there, so that an
// older call may come after a newer one: its data would then stay on screen. What is older than what
// was taken counts for nothing. More than a minute older is a clock that was set back.

const MINUTE = 60_000;

function inOrder(call) {
  const newest = new WeakMap();
  return (component) => {
    const { parentElement, data } = component;
    const behind = (newest.get(parentElement) ?? 0) - data.sent;
    if (behind > 0 && behind < MINUTE) return undefined;
    newest.set(parentElement, data.sent);
    return call(component);
  };
}
