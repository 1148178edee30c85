// The number of cells, and how they are separated.

import {
  DEFAULT_HOLES,
  DEFAULT_SEPARATION,
  DEFAULT_SMALLEST,
  DEFAULT_THRESHOLD,
} from "../../../../src/objects/index.js";
import type { FoundCells } from "../../cells/found-cells.js";
import { type CellContext, cellThreshold, separationOf } from "../../cells/requests.js";
import type { CellSettings } from "../../state/cell-settings.js";
import { isCurrent } from "../../state/network.js";
import type { ProjectImage } from "../../state/project-types.js";
import { countText, numberText } from "../../state/words.js";
import { useApp, useAppState, useProject } from "../context.js";
import { DraftInput } from "../draft-input.js";
import { SegmentProgress } from "../segment-progress.js";
import { Slider } from "../slider.js";
import { STOPS, separationAt, separationStop, separationText } from "./separation-stops.js";

interface CardProps {
  readonly image: ProjectImage;
  readonly found: FoundCells | undefined;
  readonly kept: Uint8Array | undefined;
  readonly context: CellContext | undefined;
}

export function CellsCard({ image, found, kept, context }: CardProps) {
  const { segmenting } = useAppState();
  return (
    <section class="card">
      <h2>Cells</h2>
      {segmenting ? (
        <SegmentProgress segmenting={segmenting} />
      ) : (
        <Count image={image} found={found} kept={kept} />
      )}
      <Threshold context={context} />
      <Separation context={context} />
      <div class="fields">
        <SizeField name="smallest" title="Smallest cell (px)" usual={DEFAULT_SMALLEST} />
        <SizeField name="holes" title="Fill holes up to (px)" usual={DEFAULT_HOLES} />
        <ClassField context={context} />
      </div>
    </section>
  );
}

function Count({ image, found, kept }: Omit<CardProps, "context">) {
  const app = useApp();
  const { training } = useProject();
  const prediction = useAppState().predictions[image.name];
  if (!prediction || !isCurrent(prediction, training)) {
    return (
      <>
        <p class="faint">
          {prediction ? "Segmented by another network than the one in use." : "Not segmented yet."}
        </p>
        <div class="row">
          <button type="button" class="primary" onClick={() => app.segment([image.name])}>
            Segment this image
          </button>
        </div>
      </>
    );
  }
  if (!found || !kept) return <p class="faint">Counting…</p>;
  const count = kept.reduce((sum, one) => sum + one, 0);
  const left = found.count - count;
  return (
    <p role="status">
      <strong class="count">{countText(count, "cell")}</strong>
      {left > 0 ? <span class="faint"> {numberText(left)} left out by the filter</span> : null}
    </p>
  );
}

/** The probability above which a pixel is cell. */
function Threshold({ context }: Pick<CardProps, "context">) {
  const app = useApp();
  const { access } = useAppState();
  const value = context ? cellThreshold(context) : DEFAULT_THRESHOLD;
  return (
    <Slider
      label="Threshold"
      value={value}
      disabled={access !== "write"}
      text={value.toFixed(2)}
      onChange={(threshold) => {
        const changes = { threshold: Math.min(threshold, MOST_CHOSEN) };
        app.dispatch({ type: "cells", changes });
      }}
    />
  );
}

/** Below 1: nothing is above that. */
const MOST_CHOSEN = 0.99;

/** The depth of a neck that separates two cells. */
function Separation({ context }: Pick<CardProps, "context">) {
  const app = useApp();
  const { cells = {} } = useProject();
  const { access } = useAppState();
  const value = separationOf(cells, context?.task) ?? DEFAULT_SEPARATION;
  const text = separationText(value);
  return (
    <>
      <label class="slider">
        <span>Separation</span>
        <input
          type="range"
          min="0"
          max={STOPS.length - 1}
          step="1"
          value={separationStop(value)}
          aria-valuetext={text}
          disabled={access !== "write"}
          onInput={({ currentTarget }) => {
            const separation = separationAt(Number(currentTarget.value));
            app.dispatch({ type: "cells", changes: { separation } });
          }}
        />
        <output>{text}</output>
      </label>
      <p class="faint">
        Above which probability a pixel is cell, and how deep a neck must be to separate two cells:
        further left, more are separated. Both are chosen on the held-out images in training.
      </p>
    </>
  );
}

interface SizeProps {
  readonly name: "smallest" | "holes";
  readonly title: string;
  readonly usual: number;
}

function SizeField({ name, title, usual }: SizeProps) {
  const app = useApp();
  const { cells = {} } = useProject();
  const { access } = useAppState();
  return (
    <label>
      <span>{title}</span>
      <DraftInput
        type="number"
        min={0}
        step={1}
        disabled={access !== "write"}
        value={String(cells[name] ?? usual)}
        onCommit={(text) => {
          const value = Number(text);
          if (text.trim() === "" || !(value >= 0)) return;
          const changes: Partial<CellSettings> = { [name]: Math.round(value) };
          app.dispatch({ type: "cells", changes });
        }}
      />
    </label>
  );
}

/** Which class counts as the cell. */
function ClassField({ context }: Pick<CardProps, "context">) {
  const app = useApp();
  const { classes, cells = {} } = useProject();
  const { access } = useAppState();
  const isBorder = context?.task?.kind === "border";
  const all = isBorder ? "Cells with their borders" : `All but ${classes[0].name}`;
  const usual = classes.length === 2 ? 1 : undefined;
  return (
    <label class="wide">
      <span>What is a cell</span>
      <select
        disabled={access !== "write"}
        value={String(cells.cellClass ?? usual ?? "all")}
        onChange={({ currentTarget: { value } }) => {
          const chosen = value === "all" ? undefined : Number(value);
          const cellClass = chosen === usual ? undefined : chosen;
          app.dispatch({ type: "cells", changes: { cellClass } });
        }}
      >
        {usual === undefined ? <option value="all">{all}</option> : null}
        {classes.map(({ name }, index) => (
          <option key={index} value={index}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
