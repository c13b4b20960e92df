// Streamlit fetches a component's script anew for every call and calls when that is there, so that an
// older call may come after a newer one: its data would then stay on screen. What is older than what
// was taken counts for nothing. More than a minute older is a clock that was set back.

const SET_BACK = 60_000;

function isOvertaken(sent, newest) {
  const behind = newest - sent;
  return behind > 0 && behind < SET_BACK;
}

function inOrder(call) {
  const newest = new WeakMap();
  return (component) => {
    const { parentElement, data } = component;
    if (isOvertaken(data.sent, newest.get(parentElement))) return undefined;
    newest.set(parentElement, data.sent);
    return call(component);
  };
}
