// The frame: the road above, the station below it, and what there is to say.

import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { obstacle, PAGES } from "../state/pages.js";
import { titleOf } from "../state/progress.js";
import type { Station } from "../state/types.js";
import { savedText } from "../state/words.js";
import { AccessBanner } from "./access-banner.js";
import { useApp, useAppState } from "./context.js";
import { CorrectStation } from "./correct.js";
import { DeviceChip } from "./device.js";
import { useDropsAnywhere } from "./drop-zone.js";
import { ExportStation } from "./export.js";
import { ImagesStation } from "./images.js";
import { LabelStation } from "./label.js";
import { LabelQuestions } from "./label-question.js";
import { Notices } from "./notices.js";
import { Questions } from "./question.js";
import { SegmentStation } from "./segment.js";
import { StartStation } from "./start.js";
import { TrainStation } from "./train.js";

const VIEWS: Readonly<Record<Station, ComponentType>> = {
  start: StartStation,
  images: ImagesStation,
  label: LabelStation,
  train: TrainStation,
  correct: CorrectStation,
  segment: SegmentStation,
  export: ExportStation,
};

export function Shell() {
  const { station } = useAppState();
  const View = VIEWS[station];
  useDropsAnywhere();
  useTitle();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(station);
  useEffect(() => {
    // Who works by keys, or hears the page, goes on in what has come.
    if (shown.current !== station) main.current?.focus({ preventScroll: true });
    shown.current = station;
  }, [station]);
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
      <main id="station" ref={main} tabIndex={-1}>
        <View />
      </main>
      <Notices />
      <LabelQuestions />
      <Questions />
    </>
  );
}

/** Has the browser's tab say how far the work is. */
function useTitle(): void {
  const title = titleOf(useAppState());
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** Whether the work is safe. */
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
  const at = PAGES.findIndex(({ id }) => id === state.station);
  return (
    <nav class="road" aria-label="Stations">
      <ol>
        {PAGES.map(({ id, title }, index) => {
          const why = obstacle(state, id);
          return (
            <li key={id} class={index < at ? "passed" : ""}>
              <button
                type="button"
                aria-current={id === state.station ? "step" : undefined}
                disabled={why !== undefined}
                title={why}
                onClick={() => app.dispatch({ type: "go", station: id })}
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
