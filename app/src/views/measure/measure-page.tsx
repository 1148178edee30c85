// Page 7: single cells, counted and measured. Its code is loaded when it is first opened.

import { useLayoutEffect, useState } from "preact/hooks";
import type { Point } from "../../canvas/geometry.js";
import type { FoundCells } from "../../cells/found-cells.js";
import type { ProjectImage } from "../../state/project-types.js";
import { useShownImage } from "../context.js";
import { takesLetters } from "../use-label-keys.js";
import { CellTable } from "./cell-table.js";
import { CellsCard } from "./cells-card.js";
import { ColumnChoice } from "./column-choice.js";
import { DownloadsCard } from "./downloads-card.js";
import { EditsCard } from "./edits-card.js";
import { FilterCard } from "./filter-card.js";
import { ImagesCard } from "./images-card.js";
import { MeasureStage } from "./measure-stage.js";
import { useCellContext, useFoundCells, useKept } from "./use-cells.js";
import { type Editing, useEditing } from "./use-editing.js";

export function MeasurePage() {
  const image = useShownImage();
  return (
    <div class="split">
      <h1 class="unseen">Measure</h1>
      {image ? <Measured image={image} /> : <div class="stage-column" />}
    </div>
  );
}

function Measured({ image }: { readonly image: ProjectImage }) {
  const context = useCellContext();
  const found = useFoundCells(image, context);
  const kept = useKept(found);
  const { selected, select, place } = useSelection(image, found);
  const editing = useEditing(image, context);
  useDeleteKey(selected === undefined ? undefined : place, editing);
  return (
    <>
      <MeasureStage
        image={image}
        found={found}
        kept={kept}
        selected={selected}
        onSelect={select}
        editing={editing}
      />
      <aside class="side">
        <CellsCard image={image} found={found} kept={kept} context={context} />
        {found ? <EditsCard image={image} found={found} editing={editing} /> : null}
        {found && kept ? <FilterCard found={found} /> : null}
        {found && kept ? (
          <section class="card">
            <h2>Table</h2>
            <ColumnChoice columns={found.columns} />
            <CellTable found={found} kept={kept} selected={selected} onSelect={select} />
          </section>
        ) : null}
        <ImagesCard context={context} />
        {found ? <DownloadsCard image={image} /> : null}
      </aside>
    </>
  );
}

/** The selected cell: kept as one of its pixels, since numbers change with the separation. */
function useSelection({ name }: ProjectImage, found: FoundCells | undefined) {
  const [at, setAt] = useState<{ readonly image: string; readonly pixel: number }>();
  const selected = (at?.image === name && found?.data[at.pixel]) || undefined;
  const select = (number: number) => {
    const pixel = number > 0 ? found?.data.indexOf(number) : undefined;
    setAt(pixel === undefined ? undefined : { image: name, pixel });
  };
  const { width = 1 } = found ?? {};
  const place = at && { x: at.pixel % width, y: Math.floor(at.pixel / width) };
  return { selected, select, place };
}

/** The Delete key deletes the selected cell, of which `place` is a pixel. */
function useDeleteKey(place: Point | undefined, { deleteAt }: Editing): void {
  // Not after the next frame: a key may follow the click at once.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isDelete = event.key === "Delete" || event.key === "Backspace";
      if (!place || !isDelete || takesLetters(event.target)) return;
      deleteAt(place);
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  });
}
