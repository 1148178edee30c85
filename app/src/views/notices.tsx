// What a person has to read, at the foot of the page: sentences, and how far the reading of files is.

import type { ImportProgress } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

export function Notices() {
  const app = useApp();
  const { notices, importing } = useAppState();
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {importing ? <Importing progress={importing} /> : null}
      {notices.map(({ id, kind, text, items, remedy }) => (
        <div key={id} class={`notice ${kind}`} role={kind === "error" ? "alert" : undefined}>
          <div>
            <p>{text}</p>
            {items ? <NoticeItems items={items} /> : null}
          </div>
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
        </div>
      ))}
    </section>
  );
}

/** A list that scrolls by itself where it is long, by keys too. */
function NoticeItems({ items }: { readonly items: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without focus no key would scroll it
    <ul class="notice-items" tabIndex={0} aria-label="Each of them">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

function Importing({ progress }: { readonly progress: ImportProgress }) {
  const app = useApp();
  const { done, files, name } = progress;
  return (
    // A reader who hears the page would hear each file: the end of it shows in what is said then.
    <div class="notice importing" aria-live="off">
      <label>
        <span>
          Reading file {done + 1} of {files}
        </span>
        <span class="faint file-name">{name}</span>
        <progress max={files} value={done} />
      </label>
      <button type="button" class="small" onClick={app.stopImport}>
        Stop
      </button>
    </div>
  );
}
