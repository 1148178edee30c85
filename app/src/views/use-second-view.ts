// The second view, next to the image on the stage.

import { useMemo } from "preact/hooks";
import { classLayer } from "../canvas/overlay.js";
import type { ProjectImage } from "../state/project-types.js";
import { useAppState, useProject } from "./context.js";
import type { SecondView } from "./image-stage.js";

/** The image by itself or with its label, as the user chose; undefined for neither. */
export function useSecondView(image: ProjectImage | undefined): SecondView | undefined {
  const { secondView } = useAppState().view;
  const { classes } = useProject();
  return useMemo(() => {
    if (!image || secondView === "nothing") return undefined;
    if (secondView === "image") return { title: `Image ${image.name}` };
    const colours = classes.map(({ colour }) => colour);
    const { label, raw, name } = image;
    return {
      title: `Label of ${name}`,
      layer: label && classLayer(label.data, raw.width, colours),
    };
  }, [image, secondView, classes]);
}
