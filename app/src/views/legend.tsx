// The legend of the colours over an image.

import { useApp, useAppState, useProject } from "./context.js";

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

/** The legend on a stage: a click shows or hides a class. */
export function ClassToggles() {
  const app = useApp();
  const { classes } = useProject();
  const { look } = useAppState().view;
  const toggle = (index: number) => {
    const others = look.hidden.filter((one) => one !== index);
    const hidden = look.hidden.includes(index) ? others : [...others, index];
    app.dispatch({ type: "view", changes: { look: { ...look, hidden } } });
  };
  return (
    <ul class="colours toggles" aria-label="Colours of the classes">
      {classes.map(({ name, colour }, index) => (
        <li key={index}>
          <button
            type="button"
            class="small"
            aria-pressed={!look.hidden.includes(index)}
            title={look.hidden.includes(index) ? "Show this class" : "Hide this class"}
            onClick={() => toggle(index)}
          >
            <span class="swatch" style={{ background: colour }} /> {name}
          </button>
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
