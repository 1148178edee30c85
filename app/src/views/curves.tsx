// The live curves of a run: loss of each batch, loss on what is held out.

import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { Training } from "../state/types.js";
import { loadPlot } from "./load-plot.js";

const HEIGHT = 160;

export function Curves({ training }: { readonly training: Training }) {
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(training);
  latest.current = training;
  const [library, setLibrary] = useState<{ readonly Plot: typeof uPlot }>();
  useEffect(() => {
    let isThere = true;
    loadPlot().then((Plot) => isThere && setLibrary({ Plot }));
    return () => {
      isThere = false;
    };
  }, []);
  useEffect(() => {
    if (!library) return;
    const element = root.current as HTMLDivElement;
    const build = () => {
      plot.current?.destroy();
      plot.current = new library.Plot(options(element), alignedData(latest.current), element);
    };
    build();
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", build);
    return () => {
      scheme.removeEventListener("change", build);
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [library]);
  useEffect(() => plot.current?.setData(alignedData(training)), [training]);
  const last = training.losses.at(-1);
  const said = last ? `loss ${last.loss.toFixed(3)} at step ${last.step}` : "no step yet";
  return <div class="curves" ref={root} role="img" aria-label={`Loss by step: ${said}`} />;
}

function options(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = {
    stroke: colour("--faint"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false },
    legend: { show: false },
    padding: [6, 14, 0, 0],
    scales: { x: { time: false }, y: { range: ({ data }) => [0, ceilingOf(data)] } },
    axes: [
      { ...axis, size: 24 },
      { ...axis, size: 38 },
    ],
    series: [
      { label: "step" },
      { label: "training", stroke: colour("--faint"), width: 1, points: { show: false } },
      {
        label: "validation",
        stroke: colour("--accent"),
        width: 2,
        spanGaps: true,
        // A line has no length before the second: points are seen from the first on.
        points: { show: true, size: 5, fill: colour("--accent") },
      },
    ],
  };
}

/** Steps, losses, held-out losses: as uPlot takes them. */
export function alignedData({ losses, validations }: Training): uPlot.AlignedData {
  const held = new Map(validations.map(({ step, loss }) => [step, loss]));
  return [
    losses.map(({ step }) => step),
    smoothed(losses.map(({ loss }) => loss)),
    losses.map(({ step }) => held.get(step) ?? null),
  ];
}

/** The largest loss but for the first steps, which would press the rest to the floor. */
function ceilingOf([steps, training, held]: uPlot.AlignedData): number {
  const skipped = Math.min(20, Math.floor(steps.length / 5));
  const values = [...training.slice(skipped), ...held];
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  return 1.1 * (most || 1);
}

/** Single tiles differ much: the mean over the last ones shows where the loss goes. */
function smoothed(values: readonly number[]): number[] {
  let mean = values[0];
  return values.map((value) => {
    mean += 0.15 * (value - mean);
    return mean;
  });
}
