// A histogram with two bounds, to be dragged or typed.

import { useMemo } from "preact/hooks";
import type { Bounds } from "../../state/cell-settings.js";
import { DraftInput } from "../draft-input.js";
import { valueText } from "./column-words.js";
import { type Histogram, histogramOf } from "./histogram.js";

interface SliderProps {
  readonly title: string;
  readonly values: Float64Array;
  readonly bounds: Bounds;
  onChange(bounds: Bounds): void;
}

const BARS = 40;

export function HistogramSlider({ title, values, bounds, onChange }: SliderProps) {
  const histogram = useMemo(() => histogramOf(values, BARS), [values]);
  if (!histogram) return <p class="faint">Not defined for any cell.</p>;
  const { low, high } = histogram;
  const least = Math.max(low, Math.min(high, bounds.least ?? low));
  const most = Math.max(low, Math.min(high, bounds.most ?? high));
  // A bound at its end of the scale filters nothing out, in other images either.
  const set = (end: keyof Bounds, value: number | undefined) => {
    const isEnd = value === undefined || (end === "least" ? value <= low : value >= high);
    const { [end]: _, ...other } = bounds;
    onChange(isEnd ? other : { ...other, [end]: value });
  };
  const drag = { min: low, max: high, step: "any", disabled: low === high };
  return (
    <div class="histogram">
      <Bars histogram={histogram} least={least} most={most} />
      <div class="two-ends">
        <input
          {...drag}
          type="range"
          value={least}
          aria-label={`Least ${title}`}
          aria-valuetext={valueText(least)}
          onInput={({ currentTarget }) => set("least", Math.min(Number(currentTarget.value), most))}
        />
        <input
          {...drag}
          type="range"
          value={most}
          aria-label={`Greatest ${title}`}
          aria-valuetext={valueText(most)}
          onInput={({ currentTarget }) => set("most", Math.max(Number(currentTarget.value), least))}
        />
      </div>
      <div class="row">
        <End
          title={`From, ${title}`}
          value={bounds.least}
          usual={low}
          onSet={(v) => set("least", v)}
        />
        <span class="faint">to</span>
        <End
          title={`To, ${title}`}
          value={bounds.most}
          usual={high}
          onSet={(v) => set("most", v)}
        />
      </div>
    </div>
  );
}

interface EndProps {
  readonly title: string;
  readonly value: number | undefined;
  /** The end of the scale. */
  readonly usual: number;
  onSet(value: number | undefined): void;
}

function End({ title, value, usual, onSet }: EndProps) {
  return (
    <DraftInput
      type="number"
      step="any"
      aria-label={title}
      placeholder={valueText(usual)}
      value={value === undefined ? "" : String(Number(value.toPrecision(6)))}
      onCommit={(text) => {
        if (text.trim() === "") onSet(undefined);
        else if (Number.isFinite(Number(text))) onSet(Number(text));
      }}
    />
  );
}

interface BarsProps {
  readonly histogram: Histogram;
  readonly least: number;
  readonly most: number;
}

function Bars({ histogram: { low, high, counts }, least, most }: BarsProps) {
  const top = Math.max(...counts);
  const width = (high - low) / counts.length || 1;
  return (
    <svg viewBox={`0 0 ${counts.length} 1`} preserveAspectRatio="none" aria-hidden="true">
      {counts.map((count, bar) => {
        const middle = low + (bar + 0.5) * width;
        const isIn = counts.length === 1 || (middle >= least && middle <= most);
        // Few are seen too.
        const height = count === 0 ? 0 : Math.max(0.03, count / top);
        const at = { x: bar + 0.06, y: 1 - height, width: 0.88, height };
        return <rect key={bar} class={isIn ? "" : "out"} {...at} />;
      })}
    </svg>
  );
}
