// Which measurements the table shows.

import type { CellColumn } from "../../cells/found-cells.js";
import { useApp, useAppState, useProject } from "../context.js";
import {
  channelsOf,
  columnTitle,
  measurementOf,
  tableColumns,
  USUAL_COLUMNS,
} from "./column-words.js";

export function ColumnChoice({ columns }: { readonly columns: readonly CellColumn[] }) {
  const app = useApp();
  const { access } = useAppState();
  const chosen = useProject().cells?.columns ?? USUAL_COLUMNS;
  const channels = channelsOf(columns);
  const change = (columns: readonly string[] | undefined) =>
    app.dispatch({ type: "cells", changes: { columns } });
  return (
    <details class="column-choice">
      <summary>Columns</summary>
      <fieldset disabled={access !== "write"} aria-label="Columns of the table">
        {tableColumns(columns).map(({ name }) => {
          const own = measurementOf(name);
          const isOn = chosen.includes(own);
          return (
            <label key={name} class="choice">
              <input
                type="checkbox"
                checked={isOn}
                onChange={() =>
                  change(isOn ? chosen.filter((one) => one !== own) : [...chosen, own])
                }
              />
              {columnTitle(name, channels)}
            </label>
          );
        })}
        <button type="button" class="small" onClick={() => change(undefined)}>
          The usual ones
        </button>
      </fieldset>
    </details>
  );
}
