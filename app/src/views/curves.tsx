// The live curves of a run: loss of each batch, validation loss.

import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { Training } from "../state/project-types.js";
import { alignedData, ceilingOf, curveSeries } from "./curve-data.js";
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
    series: curveSeries(colour),
  };
}
