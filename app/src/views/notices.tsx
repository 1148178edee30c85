// Sentences that a person has to read, at the foot of the page.

import { useApp, useAppState } from "./context.js";

export function Notices() {
  const app = useApp();
  const { notices } = useAppState();
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {notices.map(({ id, kind, text, remedy }) => (
        <p key={id} class={`notice ${kind}`} role={kind === "error" ? "alert" : undefined}>
          <span>{text}</span>
          {remedy ? (
            <button
              type="button"
              class="small"
              onClick={() => {
                app.dispatch({ type: "settings", changes: remedy.changes });
                app.dispatch({ type: "dismiss", id });
              }}
            >
              {remedy.label}
            </button>
          ) : null}
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss this message"
            onClick={() => app.dispatch({ type: "dismiss", id })}
          >
            ×
          </button>
        </p>
      ))}
    </section>
  );
}
