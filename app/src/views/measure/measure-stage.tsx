// The image with its cells; a click selects one.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { cellLayer } from "../../canvas/cell-layer.js";
import type { Area, Point } from "../../canvas/geometry.js";
import type { Surface } from "../../canvas/surface.js";
import { columnOf, type FoundCells } from "../../cells/found-cells.js";
import type { ProjectImage } from "../../state/project-types.js";
import { countText } from "../../state/words.js";
import { useAppState, useProject } from "../context.js";
import { ImagePicker } from "../image-picker.js";
import { ImageStage } from "../image-stage.js";
import { OverlaySliders } from "../overlay-sliders.js";
import { useSecondView } from "../use-second-view.js";
import type { Editing } from "./use-editing.js";

interface StageProps {
  readonly image: ProjectImage;
  readonly found: FoundCells | undefined;
  readonly kept: Uint8Array | undefined;
  /** The number of the selected cell. */
  readonly selected: number | undefined;
  onSelect(number: number): void;
  readonly editing: Editing;
}

export function MeasureStage({ image, found, kept, selected, onSelect, editing }: StageProps) {
  const { images } = useProject();
  const { view } = useAppState();
  const secondView = useSecondView(image);
  const { layer, onLayer, marked } = useCellLayer({ found, kept, selected });
  const onClick = ({ x, y }: Point) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (!found || column < 0 || row < 0 || column >= found.width || row >= found.height) return;
    onSelect(found.data[row * found.width + column]);
  };
  const cells = found ? ` with ${countText(found.count, "cell")}` : "";
  return (
    <div class="stage-column">
      <ImageStage
        raw={image.raw}
        layer={layer}
        onLayer={onLayer}
        // Outlines have to be seen, and the inside is fainter in the layer itself.
        opacity={Math.sqrt(view.opacity)}
        secondView={secondView}
        onClick={onClick}
        tool={editing.stageTool}
        cursor={editing.stageTool ? "crosshair" : undefined}
        line={editing.line}
        marked={marked}
        label={`Image ${image.name}${cells}`}
      >
        <ImagePicker images={images} />
      </ImageStage>
      <OverlaySliders ofMask={false} />
    </div>
  );
}

/** The layer of all cells, of which only the selected one is drawn again when it changes. */
function useCellLayer({ found, kept, selected }: Pick<StageProps, "found" | "kept" | "selected">) {
  const { kind } = useAppState().view.look;
  const shown = useRef(selected);
  const surface = useRef<Surface>(undefined);
  const layer = useMemo(() => {
    return found && kept && cellLayer(found, kept, kind, () => shown.current);
  }, [found, kept, kind]);
  const marked = useMemo(() => found && selected && areaOf(found, selected), [found, selected]);
  useEffect(() => {
    const before = shown.current;
    shown.current = selected;
    if (!found || !layer || before === selected) return;
    for (const number of [before, selected]) {
      const area = number && areaOf(found, number);
      if (area) surface.current?.put(layer(area), area);
    }
  }, [found, layer, selected]);
  return {
    layer,
    marked: marked || undefined,
    onLayer(opened: Surface) {
      surface.current = opened;
    },
  };
}

/** The smallest rectangle around a cell. */
function areaOf(found: FoundCells, number: number): Area | undefined {
  const valueIn = (name: string) => columnOf(found, name)?.[number - 1];
  const [x, y] = [valueIn("box_x_px"), valueIn("box_y_px")];
  const [width, height] = [valueIn("box_width_px"), valueIn("box_height_px")];
  if (x === undefined || y === undefined || !width || !height) return undefined;
  return { x, y, width, height };
}
