// Messages at the bottom of the page, and the progress of reading and packing files.

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

/** Closes informational messages after some seconds, except while they have the focus or the pointer. */
function useLifetime(notice: Notice, dismiss: () => void) {
  const isHeld = useRef(false);
  useEffect(() => {
    const ms = shownMs(notice);
    if (ms === undefined) return;
    let timer = setTimeout(end, ms);
    function end() {
      // In a hidden tab nobody has seen it yet.
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

/** A list that scrolls if it is long, also with keys. */
function NoticeItems({ items }: { readonly items: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it only if it can have the focus
    <ul class="notice-items" tabIndex={0} aria-label="Details">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

interface WorkingProps {
  /** The number of the current file, of how many. */
  readonly title: string;
  readonly name: string;
  readonly done: number;
  readonly total: number;
  readonly stop: string;
  onStop(): void;
}

/** The progress of work on many files, and a button to cancel it. */
function Working({ title, name, done, total, stop, onStop }: WorkingProps) {
  return (
    // A screen reader would announce each file; the result is announced at the end.
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
