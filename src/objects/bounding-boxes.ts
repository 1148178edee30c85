// The smallest upright rectangles around objects.

/** The bounding box of each object: first and last column and row, as left, top, right, bottom. */
export function boundingBoxes(labels: Int32Array, count: number, width: number): Int32Array {
  const boxes = new Int32Array(4 * count);
  for (let at = 0; at < boxes.length; at += 4) boxes[at] = boxes[at + 1] = labels.length;
  for (let y = 0, pixel = 0; pixel < labels.length; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (labels[pixel] === 0) continue;
      const at = 4 * (labels[pixel] - 1);
      if (x < boxes[at]) boxes[at] = x;
      if (y < boxes[at + 1]) boxes[at + 1] = y;
      if (x > boxes[at + 2]) boxes[at + 2] = x;
      boxes[at + 3] = y; // rows only rise
    }
  }
  return boxes;
}
