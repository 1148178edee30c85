// What stands next to the image on the stage.

import { useMemo } from "preact/hooks";
import { classLayer } from "../canvas/overlay.js";
import type { ProjectImage } from "../state/types.js";
import { useAppState, useProject } from "./context.js";
import type { Beside } from "./image-stage.js";

/** The image alone or with its label, as a person chose; undefined for neither. */
export function useBeside(image: ProjectImage | undefined): Beside | undefined {
  const { beside } = useAppState().view;
  const { classes } = useProject();
  return useMemo(() => {
    if (!image || beside === "nothing") return undefined;
    if (beside === "image") return { title: `Image ${image.name}` };
    const colours = classes.map(({ colour }) => colour);
    const { label, raw, name } = image;
    return {
      title: `Label of ${name}`,
      layer: label && classLayer(label.data, raw.width, colours),
    };
  }, [image, beside, classes]);
}
