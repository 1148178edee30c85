// The table of cells, a row each. Only the rows in sight exist: there may be ten thousand.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CellColumn, FoundCells } from "../../cells/found-cells.js";
import { useProject } from "../context.js";
import { channelsOf, columnTitle, shortTitle, shownColumns, valueText } from "./column-words.js";
import { rowOrder, rowsInSight, type Sorting } from "./row-order.js";

interface TableProps {
  readonly found: FoundCells;
  readonly kept: Uint8Array;
  /** The number of the selected cell. */
  readonly selected: number | undefined;
  onSelect(number: number): void;
}

/** Of a row in pixels, as the style sheet has it. */
const ROW = 28;

export function CellTable({ found, kept, selected, onSelect }: TableProps) {
  const [sorting, setSorting] = useState<Sorting>({ column: "label", isRising: true });
  const order = useMemo(() => rowOrder(found, kept, sorting), [found, kept, sorting]);
  const { columns: chosen } = useProject().cells ?? {};
  const columns = useMemo(() => shownColumns(found.columns, chosen), [found, chosen]);
  const { scroller, sight, onScroll } = useSight();
  const at = selected === undefined ? -1 : order.indexOf(selected - 1);
  useScrolledTo(scroller, at);
  const [first, end] = rowsInSight(order.length, sight, ROW);
  const move = (to: number) => {
    const index = order[Math.max(0, Math.min(order.length - 1, to))];
    if (index !== undefined) onSelect(index + 1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(sight.height / ROW) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: Math.max(0, at - 1),
      PageDown: at + page,
      PageUp: Math.max(0, at - page),
      Home: 0,
      End: order.length - 1,
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    move(steps[event.key]);
    event.preventDefault();
  };
  return (
    <div class="cell-table" ref={scroller} onScroll={onScroll}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: keys select its rows
        role="grid"
        aria-label="Cells. Arrow keys select one."
        aria-rowcount={order.length + 1}
        aria-activedescendant={at >= first && at < end ? `cell-${selected}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <Head columns={columns} all={found.columns} sorting={sorting} onSort={setSorting} />
        <tbody>
          <Gap rows={first} />
          {Array.from(order.subarray(first, end), (index, i) => (
            <Row
              key={index}
              index={index}
              place={first + i}
              columns={columns}
              isSelected={index + 1 === selected}
              onSelect={onSelect}
            />
          ))}
          <Gap rows={order.length - end} />
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  readonly columns: readonly CellColumn[];
  readonly all: readonly CellColumn[];
  readonly sorting: Sorting;
  onSort(sorting: Sorting): void;
}

function Head({ columns, all, sorting, onSort }: HeadProps) {
  const channels = channelsOf(all);
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map(({ name }) => {
          const isSorted = sorting.column === name;
          const order = sorting.isRising ? "ascending" : "descending";
          return (
            <th key={name} scope="col" aria-sort={isSorted ? order : undefined}>
              <button
                type="button"
                title={`Sort by ${columnTitle(name, channels)}`}
                onClick={() =>
                  onSort({ column: name, isRising: isSorted ? !sorting.isRising : true })
                }
              >
                {shortTitle(name, channels)}
                <span aria-hidden="true">{isSorted ? (sorting.isRising ? " ↑" : " ↓") : ""}</span>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface RowProps {
  readonly index: number;
  /** Its place in the table, from 0. */
  readonly place: number;
  readonly columns: readonly CellColumn[];
  readonly isSelected: boolean;
  onSelect(number: number): void;
}

function Row({ index, place, columns, isSelected, onSelect }: RowProps) {
  return (
    <tr
      id={`cell-${index + 1}`}
      aria-rowindex={place + 2}
      aria-selected={isSelected}
      onClick={() => onSelect(index + 1)}
    >
      {columns.map(({ name, values }) => (
        <td key={name}>{valueText(values[index])}</td>
      ))}
    </tr>
  );
}

/** The place of rows that are out of sight. */
function Gap({ rows }: { readonly rows: number }) {
  if (rows === 0) return null;
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus, the table does
  return <tr aria-hidden="true" style={{ height: `${rows * ROW}px` }} />;
}

/** The part of the table that is in sight, in pixels. */
function useSight() {
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 300 });
  const onScroll = () => {
    const element = scroller.current;
    if (element) setSight({ top: element.scrollTop, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(onScroll);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  return { scroller, sight, onScroll };
}

/** Scrolls to a row that is out of sight when another one is selected. */
function useScrolledTo(scroller: { readonly current: HTMLElement | null }, at: number): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element || at < 0) return;
    // The head stays at the top.
    const [top, bottom] = [at * ROW, (at + 2) * ROW - element.clientHeight];
    if (element.scrollTop > top) element.scrollTop = top;
    else if (element.scrollTop < bottom) element.scrollTop = bottom;
  }, [at]);
}
