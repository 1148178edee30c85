// The filter: bounds of a measurement, set on its histogram, and cells at the image's edge.

import { useMemo, useState } from "preact/hooks";
import type { FoundCells } from "../../cells/found-cells.js";
import { type Bounds, isOpen, NO_FILTER, withBounds } from "../../state/cell-settings.js";
import { useApp, useAppState } from "../context.js";
import { channelsOf, columnTitle, filterColumns, valueText } from "./column-words.js";
import { HistogramSlider } from "./histogram-slider.js";
import { useCellFilter } from "./use-cells.js";

export function FilterCard({ found }: { readonly found: FoundCells }) {
  const app = useApp();
  const filter = useCellFilter();
  const { access } = useAppState();
  const columns = useMemo(() => filterColumns(found.columns), [found]);
  const channels = channelsOf(found.columns);
  const [chosen, setChosen] = useState(() => Object.keys(filter.bounds)[0]);
  const column = columns.find(({ name }) => name === chosen) ?? columns[0];
  const change = (filter: typeof NO_FILTER) => app.dispatch({ type: "cells", changes: { filter } });
  const bind = (name: string, bounds: Bounds) => change(withBounds(filter, name, bounds));
  return (
    <fieldset class="card filter" disabled={access !== "write"} aria-label="Filter">
      <div class="card-head">
        <h2>Filter</h2>
        {isOpen(filter) ? null : (
          <button type="button" class="small" onClick={() => change(NO_FILTER)}>
            Clear
          </button>
        )}
      </div>
      <select
        aria-label="Measurement to filter by"
        value={column.name}
        onChange={({ currentTarget }) => setChosen(currentTarget.value)}
      >
        {columns.map(({ name }) => (
          <option key={name} value={name}>
            {columnTitle(name, channels)}
          </option>
        ))}
      </select>
      <HistogramSlider
        key={column.name}
        title={columnTitle(column.name, channels)}
        values={column.values}
        bounds={filter.bounds[column.name] ?? {}}
        onChange={(bounds) => bind(column.name, bounds)}
      />
      <label class="choice">
        <input
          type="checkbox"
          checked={filter.withoutBorder}
          onChange={({ currentTarget }) =>
            change({ ...filter, withoutBorder: currentTarget.checked })
          }
        />
        Leave out cells at the image's edge
      </label>
      <ul class="bounds" aria-label="Bounds that are set">
        {Object.entries(filter.bounds).map(([name, bounds]) => (
          <li key={name} class="tag">
            {columnTitle(name, channels)} {boundsText(bounds)}
            <button
              type="button"
              class="quiet"
              aria-label={`Remove the bounds of ${columnTitle(name, channels)}`}
              onClick={() => bind(name, {})}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function boundsText({ least, most }: Bounds): string {
  if (least === undefined) return `up to ${valueText(most ?? 0)}`;
  return most === undefined
    ? `from ${valueText(least)}`
    : `${valueText(least)} to ${valueText(most)}`;
}
