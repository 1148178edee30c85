// The size of a pixel: what the files say, or what the user enters for all images.

import { useState } from "preact/hooks";
import type { PixelSize } from "../../../src/index.js";
import { commonPixelSize, pixelSizeOf } from "../state/pixel-size.js";
import type { Project } from "../state/project-types.js";
import { useApp, useAppState, useProject } from "./context.js";
import { DraftInput } from "./draft-input.js";

export function PixelSizeInput() {
  const app = useApp();
  const { access } = useAppState();
  const project = useProject();
  const [mayDiffer, setMayDiffer] = useState(false);
  const size = commonPixelSize(project);
  const hasTwo = mayDiffer || (size !== undefined && size.x !== size.y);
  const set = (size: PixelSize | undefined) => app.dispatch({ type: "pixel-size", size });
  const commit = (side: "x" | "y") => (text: string) => {
    const value = Number(text);
    if (text.trim() === "") set(undefined);
    else if (value > 0 && Number.isFinite(value)) {
      const square = { x: value, y: value };
      set(hasTwo && size ? { ...size, [side]: value } : square);
    }
  };
  const input = (side: "x" | "y", label: string) => (
    <DraftInput
      type="number"
      min={0}
      step="any"
      value={size ? String(size[side]) : ""}
      disabled={access !== "write"}
      aria-label={label}
      onCommit={commit(side)}
    />
  );
  return (
    <div class="pixel-size">
      <span>Pixel size (µm)</span>
      {input("x", hasTwo ? "Pixel width (µm)" : "Pixel size (µm)")}
      {hasTwo ? <> × {input("y", "Pixel height (µm)")}</> : null}
      <label class="choice">
        <input
          type="checkbox"
          checked={!hasTwo}
          disabled={access !== "write"}
          onChange={({ currentTarget }) => {
            setMayDiffer(!currentTarget.checked);
            if (currentTarget.checked && size) set({ x: size.x, y: size.x });
          }}
        />
        square
      </label>
      <span class="faint">{sourceText(project)}</span>
    </div>
  );
}

/** Where the size comes from. */
function sourceText(project: Project): string {
  const files = project.images.filter(({ pixelSize }) => pixelSize).length;
  if (project.pixelSize) {
    return files > 0 ? "Entered here. Clear it to use what the files say." : "Entered here.";
  }
  if (commonPixelSize(project)) return "From the image files.";
  const known = project.images.filter((image) => pixelSizeOf(project, image)).length;
  if (known === 0) return "Unknown: lengths are in pixels.";
  return known < project.images.length
    ? `Only ${known} of ${project.images.length} files say it.`
    : "The files say different sizes.";
}
