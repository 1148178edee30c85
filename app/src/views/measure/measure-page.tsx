// Page 7: single cells, counted and measured. Its code is loaded when it is first opened.

import { useState } from "preact/hooks";
import type { FoundCells } from "../../cells/found-cells.js";
import type { ProjectImage } from "../../state/project-types.js";
import { useShownImage } from "../context.js";
import { CellTable } from "./cell-table.js";
import { CellsCard } from "./cells-card.js";
import { FilterCard } from "./filter-card.js";
import { ImagesCard } from "./images-card.js";
import { MeasureStage } from "./measure-stage.js";
import { useCellContext, useFoundCells, useKept } from "./use-cells.js";

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
  const { selected, select } = useSelection(image, found);
  return (
    <>
      <MeasureStage image={image} found={found} kept={kept} selected={selected} onSelect={select} />
      <aside class="side">
        <CellsCard image={image} found={found} kept={kept} context={context} />
        {found && kept ? <FilterCard found={found} /> : null}
        {found && kept ? (
          <section class="card">
            <h2>Table</h2>
            <CellTable found={found} kept={kept} selected={selected} onSelect={select} />
          </section>
        ) : null}
        <ImagesCard context={context} />
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
  return { selected, select };
}
