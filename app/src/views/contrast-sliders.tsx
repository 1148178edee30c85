// Which part of the grey range is displayed.

import { useApp, useAppState } from "./context.js";
import { Slider } from "./slider.js";

export function ContrastSliders() {
  const app = useApp();
  const [black, white] = useAppState().view.contrast;
  const change = (contrast: readonly [number, number]) =>
    app.dispatch({ type: "view", changes: { contrast } });
  return (
    <>
      <Slider
        label="Black"
        value={black}
        text={`${Math.round(100 * black)} %`}
        onChange={(low) => change([Math.min(low, white - 0.02), white])}
      />
      <Slider
        label="White"
        value={white}
        text={`${Math.round(100 * white)} %`}
        onChange={(high) => change([black, Math.max(high, black + 0.02)])}
      />
    </>
  );
}
