// The frame: navigation at the top, the page below it, and messages.

import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { obstacle, PAGES } from "../state/pages.js";
import { titleOf } from "../state/progress.js";
import type { Page } from "../state/types.js";
import { savedText } from "../state/words.js";
import { AccessBanner } from "./access-banner.js";
import { useApp, useAppState } from "./context.js";
import { CorrectPage } from "./correct.js";
import { DeviceChip } from "./device.js";
import { useDropsAnywhere } from "./drop-zone.js";
import { ExportPage } from "./export.js";
import { ImagesPage } from "./images.js";
import { LabelPage } from "./label.js";
import { LabelQuestions } from "./label-question.js";
import { lazily } from "./lazy.js";
import { Notices } from "./notices.js";
import { Questions } from "./question.js";
import { SegmentPage } from "./segment.js";
import { StartPage } from "./start.js";
import { TrainPage } from "./train.js";

const VIEWS: Readonly<Record<Page, ComponentType>> = {
  start: StartPage,
  images: ImagesPage,
  label: LabelPage,
  train: TrainPage,
  correct: CorrectPage,
  segment: SegmentPage,
  measure: lazily(async () => (await import("./measure/measure-page.js")).MeasurePage),
  export: ExportPage,
  slide: lazily(async () => (await import("./slide/slide-page.js")).SlidePage),
};

export function Shell() {
  const { page } = useAppState();
  const View = VIEWS[page];
  useDropsAnywhere();
  useTitle();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page);
  // Effects that move the focus or listen to keys run before the next event: a key may follow at once,
  // and `useEffect` waits for a frame.
  useLayoutEffect(() => {
    // Move the focus of keyboard and screen reader users to the new page.
    if (shown.current !== page) main.current?.focus({ preventScroll: true });
    shown.current = page;
  }, [page]);
  return (
    <>
      <header class="top">
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          Skip to content
        </button>
        <span class="brand">Micrograph</span>
        <Road />
        <div class="chips">
          <SavingChip />
          <DeviceChip />
        </div>
      </header>
      <AccessBanner />
      <main id="page" ref={main} tabIndex={-1}>
        <View />
      </main>
      <Notices />
      <LabelQuestions />
      <Questions />
    </>
  );
}

/** Shows the progress in the title of the browser's tab. */
function useTitle(): void {
  const title = titleOf(useAppState());
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** Whether the project is saved. */
function SavingChip() {
  const { project, saving, access, persisted } = useAppState();
  if (!project || access !== "write") return null;
  const words = { saved: "saved", saving: "saving", failed: "not saved" };
  return (
    <span
      class={`chip saving ${saving}`}
      role="status"
      title={saving === "saved" ? savedText(persisted) : undefined}
    >
      {words[saving]}
    </span>
  );
}

function Road() {
  const app = useApp();
  const state = useAppState();
  const at = PAGES.findIndex(({ id }) => id === state.page);
  return (
    <nav class="road" aria-label="Pages">
      <ol>
        {PAGES.map(({ id, title }, index) => {
          const why = obstacle(state, id);
          return (
            <li key={id} class={index < at ? "passed" : ""}>
              <button
                type="button"
                aria-current={id === state.page ? "step" : undefined}
                disabled={why !== undefined}
                title={why}
                onClick={() => app.dispatch({ type: "go", page: id })}
              >
                <span class="number" aria-hidden="true">
                  {index + 1}
                </span>
                {title}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
