// Cells in each image, and in all of them.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { CellSummary } from "../../cells/found-cells.js";
import { type CellContext, cellRequest } from "../../cells/requests.js";
import { messageOf } from "../../commands/message-of.js";
import { countText, numberText } from "../../state/words.js";
import { useApp, useAppState, useCurrentPredictions, useProject } from "../context.js";
import { valueText } from "./column-words.js";
import { useCellFilter } from "./use-cells.js";

type Summaries = Readonly<Record<string, CellSummary>>;

/** Counts wait for so many milliseconds without a change: the image on the stage comes first. */
const WAIT_MS = 400;

export function ImagesCard({ context }: { readonly context: CellContext | undefined }) {
  const app = useApp();
  const { images } = useProject();
  const { view, segmenting } = useAppState();
  const predictions = useCurrentPredictions();
  const summaries = useSummaries(context);
  const missing = images.filter(({ name }) => !predictions[name]).map(({ name }) => name);
  const known = images.flatMap(({ name }) => summaries[name] ?? []);
  const total = known.reduce((sum, { count }) => sum + count, 0);
  const unit = known[0]?.unit ?? "px²";
  return (
    <section class="card">
      <h2>Cells per image</h2>
      <table class="per-image">
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">Cells</th>
            <th scope="col">Mean area {unit}</th>
          </tr>
        </thead>
        <tbody>
          {images.map(({ name }) => (
            <tr key={name}>
              <th scope="row">
                <button
                  type="button"
                  class="entry"
                  aria-pressed={name === view.image}
                  onClick={() => app.dispatch({ type: "view", changes: { image: name } })}
                >
                  {name}
                </button>
              </th>
              <SummaryCells summary={summaries[name]} isSegmented={Boolean(predictions[name])} />
            </tr>
          ))}
        </tbody>
        {known.length > 1 ? (
          <tfoot>
            <tr>
              <th scope="row">{countText(known.length, "image")}</th>
              <td>{numberText(total)}</td>
              <td>{valueText(meanOf(known, total))}</td>
            </tr>
          </tfoot>
        ) : null}
      </table>
      {missing.length > 0 ? (
        <div class="row">
          <button
            type="button"
            disabled={segmenting !== undefined}
            onClick={() => app.segment(missing)}
          >
            Segment {countText(missing.length, "more image")}
          </button>
        </div>
      ) : null}
    </section>
  );
}

interface CellsProps {
  readonly summary: CellSummary | undefined;
  readonly isSegmented: boolean;
}

function SummaryCells({ summary, isSegmented }: CellsProps) {
  if (!summary) {
    return (
      <td colSpan={2} class="faint">
        {isSegmented ? "…" : "not segmented"}
      </td>
    );
  }
  return (
    <>
      <td>{numberText(summary.count)}</td>
      <td>{valueText(summary.meanArea)}</td>
    </>
  );
}

/** Of all cells, not of the images' means. */
function meanOf(summaries: readonly CellSummary[], total: number): number {
  const sum = summaries.reduce((sum, { count, meanArea }) => {
    return count > 0 ? sum + count * meanArea : sum;
  }, 0);
  return sum / total;
}

/** The figures of all segmented images, those that are known so far. */
function useSummaries(context: CellContext | undefined): Summaries {
  const app = useApp();
  const { images } = useProject();
  const filter = useCellFilter();
  const predictions = useCurrentPredictions();
  const requests = useMemo(() => {
    if (!context) return [];
    return images.flatMap((image) => {
      const prediction = predictions[image.name];
      return prediction ? [cellRequest(image, prediction, context)] : [];
    });
  }, [images, predictions, context]);
  const [known, setKnown] = useState<Summaries>({});
  useEffect(() => {
    const timer = setTimeout(() => {
      const add = (name: string, summary: CellSummary) =>
        setKnown((before) => ({ ...before, [name]: summary }));
      app.cells.summarise(requests, filter, add).catch((error) => {
        const text = messageOf(error);
        app.dispatch({ type: "notice", kind: "error", topic: "segmenting", text });
      });
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [app, requests, filter]);
  const names = requests.map(({ name }) => name);
  return Object.fromEntries(names.flatMap((name) => (known[name] ? [[name, known[name]]] : [])));
}
