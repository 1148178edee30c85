// Sliders for the overlay of an image.

import { useApp, useAppState, useProject } from "./context.js";
import { Slider } from "./slider.js";

interface SlidersProps {
  /** Whether the overlay is the mask, with two classes above a threshold. */
  readonly ofMask?: boolean;
}

export function OverlaySliders({ ofMask = true }: SlidersProps) {
  const app = useApp();
  const { view } = useAppState();
  const two = useProject().classes.length === 2 && ofMask;
  const change = (changes: Partial<typeof view>) => app.dispatch({ type: "view", changes });
  return (
    <div class="sliders">
      <Slider
        label="Opacity"
        value={view.opacity}
        onChange={(opacity) => change({ opacity })}
        text={`${Math.round(100 * view.opacity)} %`}
      />
      {two ? (
        <Slider
          label="Threshold"
          value={view.threshold}
          onChange={(threshold) => change({ threshold })}
          text={view.threshold.toFixed(2)}
        />
      ) : null}
    </div>
  );
}
