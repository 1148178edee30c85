// What a person has to read, at the foot of the page: sentences, and how far the reading and packing of files is.

import { useEffect, useRef } from "preact/hooks";
import { shownMs } from "../state/notices.js";
import type { Notice } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

export function Notices() {
  const app = useApp();
  const { notices, importing, packing } = useAppState();
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {importing ? (
        <Working
          title="Reading file"
          total={importing.files}
          stop="Stop"
          onStop={app.stopImport}
          {...importing}
        />
      ) : null}
      {packing ? <Working stop="Cancel" onStop={app.stopPacking} {...packing} /> : null}
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeCard({ notice }: { readonly notice: Notice }) {
  const app = useApp();
  const { id, kind, text, items = [], remedy, removed } = notice;
  const dismiss = () => app.dispatch({ type: "dismiss", id });
  const listeners = useLifetime(notice, dismiss);
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : undefined} {...listeners}>
      <div>
        <p>{text}</p>
        {items.length > 1 ? <NoticeItems items={items} /> : null}
      </div>
      {remedy ? (
        <button
          type="button"
          class="small"
          onClick={() => {
            app.dispatch({ type: "settings", changes: remedy.changes });
            dismiss();
          }}
        >
          {remedy.label}
        </button>
      ) : null}
      {removed ? (
        <button
          type="button"
          class="small"
          onClick={() => app.dispatch({ type: "restore-images", notice: id })}
        >
          Undo
        </button>
      ) : null}
      <button type="button" class="quiet" aria-label="Dismiss this message" onClick={dismiss}>
        ×
      </button>
    </div>
  );
}

/** Closes a message that only informs after some seconds, except while somebody is at it. */
function useLifetime(notice: Notice, dismiss: () => void) {
  const isHeld = useRef(false);
  useEffect(() => {
    const ms = shownMs(notice);
    if (ms === undefined) return;
    let timer = setTimeout(end, ms);
    function end() {
      // Nobody has seen it in a tab that is not on show.
      if (document.hidden || isHeld.current) timer = setTimeout(end, ms);
      else dismiss();
    }
    return () => clearTimeout(timer);
  }, [notice]);
  const hold = () => {
    isHeld.current = true;
  };
  const release = () => {
    isHeld.current = false;
  };
  return {
    onPointerEnter: hold,
    onPointerLeave: release,
    onFocusCapture: hold,
    onBlurCapture: release,
  };
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

interface WorkingProps {
  /** What is done, with its number of so many. */
  readonly title: string;
  readonly name: string;
  readonly done: number;
  readonly total: number;
  readonly stop: string;
  onStop(): void;
}

/** How far work on many files is, and a button that ends it. */
function Working({ title, name, done, total, stop, onStop }: WorkingProps) {
  return (
    // A reader who hears the page would hear each file: the end of it shows in what is said then.
    <div class="notice working" aria-live="off">
      <label>
        <span>
          {title} {done + 1} of {total}
        </span>
        <span class="faint file-name">{name}</span>
        <progress max={total} value={done} />
      </label>
      <button type="button" class="small" onClick={onStop}>
        {stop}
      </button>
    </div>
  );
}
