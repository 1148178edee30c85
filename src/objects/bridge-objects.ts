// Two objects that are to be one: whether they share an edge, and the background between them otherwise.

import type { Box, EditableObjects } from "./editable-objects.js";

/** Objects with more pixels of background between them are not merged. */
const WIDEST_GAP = 8;

/** Whether a pixel of the one is a 4-neighbour of a pixel of the other. */
export function areTouching(objects: EditableObjects, one: number, other: number): boolean {
  const { width } = objects;
  const area = common(objects, objects.boxOf(one), grown(objects.boxOf(other), 1));
  for (let y = area.top; y <= area.bottom; y++) {
    for (let x = area.left; x <= area.right; x++) {
      const pixel = y * width + x;
      if (objects.at(pixel) !== one) continue;
      if (x > 0 && objects.at(pixel - 1) === other) return true;
      if (x < width - 1 && objects.at(pixel + 1) === other) return true;
      if (y > 0 && objects.at(pixel - width) === other) return true;
      if (y < objects.height - 1 && objects.at(pixel + width) === other) return true;
    }
  }
  return false;
}

/**
 * The background pixels by which two objects become one that is 4-connected: all on the shortest ways from
 * the one to the other through background, and on those that are a pixel longer, so that a crack is filled
 * even if it is not of equal width. Empty if every way has more than 8 pixels.
 */
export function bridgeBetween(objects: EditableObjects, one: number, other: number): number[] {
  const reach = WIDEST_GAP + 1;
  const [near, far] = [objects.boxOf(one), objects.boxOf(other)];
  const area = common(objects, grown(near, reach), grown(far, reach));
  const [from, to] = [one, other].map((object) => waysFrom(objects, object, area, reach));
  // A way of n pixels of background: each is the k-th from the one, and the (n + 1 - k)-th from the other.
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < from.length; i++) {
    if (from[i] > 0 && to[i] > 0) shortest = Math.min(shortest, from[i] + to[i]);
  }
  if (shortest > reach) return [];
  const columns = area.right - area.left + 1;
  const bridge: number[] = [];
  for (let i = 0; i < from.length; i++) {
    if (from[i] === 0 || to[i] === 0 || from[i] + to[i] > shortest + 1) continue;
    const [x, y] = [i % columns, Math.floor(i / columns)];
    bridge.push((area.top + y) * objects.width + area.left + x);
  }
  return bridge;
}

/** For each pixel of the area the steps from the object to it through background, up to `most`; else 0. */
function waysFrom(objects: EditableObjects, object: number, area: Box, most: number): Uint8Array {
  const columns = Math.max(0, area.right - area.left + 1);
  const rows = Math.max(0, area.bottom - area.top + 1);
  const steps = new Uint8Array(columns * rows);
  const objectAt = (i: number) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    return objects.at((area.top + y) * objects.width + area.left + x);
  };
  let edge: number[] = [];
  for (let i = 0; i < steps.length; i++) if (objectAt(i) === object) edge.push(i);
  for (let step = 1; step <= most && edge.length > 0; step++) {
    const next: number[] = [];
    for (const i of edge) {
      const x = i % columns;
      for (const neighbour of [
        x > 0 ? i - 1 : -1,
        x < columns - 1 ? i + 1 : -1,
        i - columns,
        i + columns,
      ]) {
        if (neighbour < 0 || neighbour >= steps.length) continue;
        if (steps[neighbour] > 0 || objectAt(neighbour) !== 0) continue;
        steps[neighbour] = step;
        next.push(neighbour);
      }
    }
    edge = next;
  }
  return steps;
}

const grown = ({ left, top, right, bottom }: Box, by: number): Box => ({
  left: left - by,
  top: top - by,
  right: right + by,
  bottom: bottom + by,
});

/** What two boxes have in common within the image; empty if `right` is below `left`. */
function common({ width, height }: EditableObjects, one: Box, other: Box): Box {
  return {
    left: Math.max(0, one.left, other.left),
    top: Math.max(0, one.top, other.top),
    right: Math.min(width - 1, one.right, other.right),
    bottom: Math.min(height - 1, one.bottom, other.bottom),
  };
}
