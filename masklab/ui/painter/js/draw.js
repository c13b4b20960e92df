// The still picture: split ribbon, rows with lines, gaps, hidden stretches, axes, minimap.

function drawPicture(pen, scene) {
  const { layout, colours } = scene;
  pen.clearRect(0, 0, layout.width, layout.height);
  drawTimeGrid(pen, scene);
  for (const row of layout.rows) drawRow(pen, scene, row);
  drawRibbon(pen, scene);
  drawTimeAxis(pen, scene);
  drawMinimap(pen, scene);
  pen.globalAlpha = 1;
  pen.fillStyle = colours.ink;
}

function drawRow(pen, scene, row) {
  const channel = scene.channels[row.at];
  pen.save();
  pen.beginPath();
  pen.rect(scene.layout.left, row.y, scene.layout.plotWidth, row.height);
  pen.clip();
  if (!row.collapsed) drawValueGrid(pen, scene, channel, row);
  if (scene.picture) {
    drawMissing(pen, scene, row);
    if (!row.collapsed) drawLine(pen, scene, row);
    drawHidden(pen, scene, row);
    if (!row.collapsed) drawCutOff(pen, scene, row);
  }
  pen.restore();
  drawRowFrame(pen, scene, channel, row);
}
