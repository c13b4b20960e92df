// What a control beside the picture would do, shown while it is dragged: other hidden columns of
// the same window, and other looks of the layers. It ends when Python sends another mask.

function listenToPreview(painter) {
  const options = { signal: painter.listeners.signal };
  window.addEventListener("masklab:preview", (event) => showPreview(painter, event.detail && event.detail.picture), options);
}

function showPreview(painter, sent) {
  const dressed = Boolean(painter.preview || sent);
  painter.preview = sent && painter.data && sent.document === painter.data.document ? sent : null;
  if (!painter.data || !dressed) return;
  painter.shades = null;
  painter.expect();
  painter.resize();
}

function endPreview(painter, data) {
  if (painter.data && painter.data.revision !== data.revision) painter.preview = null;
}

// The picture as previewed; as it is where the preview is of another window.
function withPreview(picture, preview) {
  if (!preview || !picture) return picture;
  return picture.name === preview.name ? covered(picture, preview) : picture;
}
