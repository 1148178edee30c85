// Downloads of the cells on the page of measurements.

import { CELL_KINDS } from "../../outputs/cell-kinds.js";
import { isOpen } from "../../state/cell-settings.js";
import type { ProjectImage } from "../../state/project-types.js";
import { useApp, useAppState } from "../context.js";
import { useCellFilter } from "./use-cells.js";

export function DownloadsCard({ image }: { readonly image: ProjectImage }) {
  const app = useApp();
  const { packing } = useAppState();
  const filter = useCellFilter();
  return (
    <section class="card">
      <h2>Download</h2>
      <p class="faint">
        {isOpen(filter)
          ? "The files of micrograph predict, with the numbers of the table."
          : "Without the cells that the filter leaves out; the numbers are those of the table."}
      </p>
      <div class="row">
        {CELL_KINDS.map(({ key, title, what }) => (
          <button
            key={key}
            type="button"
            class="small"
            title={`Download the ${what} of ${image.name}`}
            onClick={() => app.takeCells(key, image.name)}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="row">
        <button type="button" disabled={packing !== undefined} onClick={app.takeCellTable}>
          CSV of all images
        </button>
      </div>
    </section>
  );
}
