// What the colours over an image mean.

import { useProject } from "./context.js";

export function ClassLegend() {
  const { classes } = useProject();
  return (
    <ul class="colours faint" aria-label="Colours of the classes">
      {classes.map(({ name, colour }, index) => (
        <li key={index}>
          <span class="swatch" style={{ background: colour }} /> {name}
        </li>
      ))}
    </ul>
  );
}

export function DoubtLegend() {
  return (
    <p class="colours faint">
      certain <span class="ramp" /> uncertain
    </p>
  );
}
