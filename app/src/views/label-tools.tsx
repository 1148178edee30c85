// Brush, eraser, fill, and the brush size.

import type { Tool } from "../state/types.js";
import { useApp, useAppState } from "./context.js";
import { LARGEST_RADIUS } from "./use-label-keys.js";

const TOOLS: readonly { readonly tool: Tool; readonly title: string; readonly path: string }[] = [
  { tool: "brush", title: "Brush", path: "M4 20c3 0 4-1 4-4l9-12 3 2-10 12c0 3-3 4-6 2Z" },
  { tool: "eraser", title: "Eraser", path: "M8 20h12M5 16 14 5l6 5-8 10H9Z" },
  { tool: "fill", title: "Fill", path: "M5 13 12 5l7 8-7 7Zm15 3c2 3 1 4 0 4s-2-1 0-4ZM12 5 9 2" },
];

export function BrushTools() {
  const app = useApp();
  const { brush } = useAppState();
  const change = (changes: Partial<typeof brush>) => app.dispatch({ type: "brush", changes });
  return (
    <>
      <fieldset class="segmented" aria-label="Tool">
        {TOOLS.map(({ tool, title, path }) => (
          <button
            key={tool}
            type="button"
            aria-pressed={brush.tool === tool}
            onClick={() => change({ tool })}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={path} />
            </svg>
            {title}
          </button>
        ))}
      </fieldset>
      <label class="slider">
        <span>Size</span>
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          disabled={brush.tool === "fill"}
          value={shareOf(brush.radius)}
          aria-valuetext={`${widthOf(brush.radius)} pixels`}
          onInput={({ currentTarget }) => change({ radius: radiusAt(Number(currentTarget.value)) })}
        />
        <output>{widthOf(brush.radius)} px</output>
      </label>
    </>
  );
}

const widthOf = (radius: number) => Math.max(1, Math.round(2 * radius));

/** The slider is logarithmic: steps between small sizes matter more. */
const shareOf = (radius: number) => Math.log(radius / 0.5) / Math.log(LARGEST_RADIUS / 0.5);
const radiusAt = (share: number) =>
  Math.round(2 * 0.5 * (LARGEST_RADIUS / 0.5) ** share) / 2 || 0.5;
