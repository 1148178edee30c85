// What is loaded of a slide for a view: squares of the picture and of the segmentation, both bounded.

import type { Size } from "../../canvas/geometry.js";
import type { Pixels, Range } from "../../canvas/layers.js";
import { type Look, predictionLayer } from "../../canvas/overlay.js";
import type { Viewport } from "../../canvas/viewport.js";
import {
  type PlaneChoice,
  type PredictedSquare,
  SIDE,
  type SlideFacts,
} from "../../slides/messages.js";
import { levelOfView, squaresInView } from "../../slides/seen-squares.js";
import type { SlideWork } from "../../slides/slide-work.js";
import { createSquareQueue, type SquareQueue } from "../../slides/square-queue.js";
import { nextTask } from "../../threads/next-task.js";
import type { DrawnSquare } from "./draw-slide.js";
import { canvasOf } from "./square-canvases.js";

/** Squares of the picture that are kept, of 1 MiB each; and bytes of probabilities. */
const MOST_SQUARES = 96;
const MOST_BYTES = 2 ** 27;

/** How the segmentation is coloured. */
export interface Colouring {
  readonly threshold: number;
  readonly colours: readonly string[];
  readonly look: Look;
}

/** What is segmented, by the network that was prepared. */
export interface SegmentedPlane {
  readonly plane: PlaneChoice;
  readonly level: number;
  readonly classes: number;
}

export interface SceneProgress {
  readonly done: number;
  readonly total: number;
  /** Squares in view that are too many to segment at once: those next to the middle are. */
  readonly leftOut: number;
}

export type SlideScene = ReturnType<typeof createSlideScene>;

export function createSlideScene(
  work: SlideWork,
  { levels }: SlideFacts,
  { onChange, onFailed }: { onChange(): void; onFailed(error: unknown): void },
) {
  let picture: SquareQueue<HTMLCanvasElement> | undefined;
  let segmented: SquareQueue<PredictedSquare> | undefined;
  let plane: SegmentedPlane | undefined;
  let seen: { readonly view: Viewport; readonly frame: Size; readonly density: number } | undefined;
  let colouring: Colouring | undefined;
  let leftOut = 0;
  /** Coloured squares; `by` is what they were coloured by. */
  const coloured = new Map<
    string,
    { readonly by: Colouring; readonly canvas: HTMLCanvasElement }
  >();
  let isColouring = false;

  const wantPicture = () => {
    if (!seen || !picture) return;
    const { view, frame, density } = seen;
    const level = levelOfView(levels, view, density);
    const squares = squaresInView(levels[level], view, frame);
    picture.want(squares.slice(0, MOST_SQUARES).map((index) => keyOf(level, index)));
  };
  const wantSegmented = () => {
    if (!seen || !segmented || !plane) return;
    const { level, classes } = plane;
    const squares = squaresInView(levels[level], seen.view, seen.frame);
    const most = mostSegmented(classes);
    leftOut = Math.max(0, squares.length - most);
    segmented.want(squares.slice(0, most).map((index) => keyOf(level, index)));
  };
  /** Colours the squares that are not yet coloured so, each in its own task. */
  const colour = async () => {
    if (isColouring) return;
    isColouring = true;
    for (;;) {
      const by = colouring;
      const next = [...(segmented?.kept() ?? [])].find(([key]) => coloured.get(key)?.by !== by);
      if (!by || !next) break;
      const [key, square] = next;
      const { width, height } = square;
      const layer = predictionLayer(square, by.threshold, by.colours, by.look);
      coloured.set(key, { by, canvas: canvasOf(square, layer({ x: 0, y: 0, width, height })) });
      onChange();
      await nextTask();
    }
    for (const key of coloured.keys()) if (!segmented?.get(key)) coloured.delete(key);
    isColouring = false;
  };

  return {
    /** Shows a plane with this contrast. */
    showPlane(shown: PlaneChoice, contrast: Range): void {
      picture?.clear();
      picture = createSquareQueue({
        async load(key) {
          const square = await work.draw({ plane: shown, ...placeOf(key) }, contrast);
          return canvasOf(square, square.pixels as Pixels);
        },
        most: MOST_SQUARES,
        parallel: 4,
        onLoaded: onChange,
        onFailed,
      });
      wantPicture();
      onChange();
    },
    /** Segments what is in view, until it is undefined; what was segmented of the same plane is kept. */
    segment(next: SegmentedPlane | undefined): void {
      if (next === undefined) {
        segmented?.want([]);
        plane = undefined;
        leftOut = 0;
        return;
      }
      plane = next;
      segmented ??= createSquareQueue({
        load: (key, signal) => work.predict({ plane: next.plane, ...placeOf(key) }, { signal }),
        most: mostSegmented(next.classes),
        parallel: 2,
        onLoaded: () => void colour(),
        onFailed,
      });
      wantSegmented();
      onChange();
    },
    /** Forgets the segmentation: the plane, the level or the network is another one. */
    forget(): void {
      segmented?.clear();
      [segmented, plane, leftOut] = [undefined, undefined, 0];
      coloured.clear();
      onChange();
    },
    colourBy(next: Colouring): void {
      colouring = next;
      void colour();
    },
    /** Loads the picture of a view. */
    see(view: Viewport, frame: Size, density: number): void {
      seen = { view, frame, density };
      wantPicture();
    },
    /** Segments the view that was seen last. */
    settle: wantSegmented,
    picture: (): DrawnSquare[] =>
      [...(picture?.kept() ?? [])].map(([key, canvas]) => ({ ...placeOf(key), canvas })),
    overlay: (): DrawnSquare[] =>
      [...coloured].map(([key, { canvas }]) => ({ ...placeOf(key), canvas })),
    progress(): SceneProgress | undefined {
      return plane && segmented && { ...segmented.progress(), leftOut };
    },
    /** Whether the picture of the view is complete. */
    isComplete(): boolean {
      const { done, total } = picture?.progress() ?? { done: 0, total: 1 };
      return done === total && total > 0;
    },
    close(): void {
      picture?.clear();
      segmented?.clear();
    },
  };
}

/** Squares that are segmented for a view at most. */
const mostSegmented = (classes: number) =>
  Math.max(1, Math.floor(MOST_BYTES / (4 * SIDE * SIDE * (classes + 1))));

const keyOf = (level: number, index: number) => `${level}/${index}`;

function placeOf(key: string): { readonly level: number; readonly index: number } {
  const [level, index] = key.split("/").map(Number);
  return { level, index };
}
