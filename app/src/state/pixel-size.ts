// The size of a pixel: what the user entered for the project, else what an image's file says.

import type { PixelSize } from "../../../src/index.js";
import type { Project, ProjectImage } from "./project-types.js";

/** In micrometres; undefined if neither is known. */
export function pixelSizeOf(
  project: Pick<Project, "pixelSize">,
  image: Pick<ProjectImage, "pixelSize">,
): PixelSize | undefined {
  return project.pixelSize ?? image.pixelSize;
}

/** The size that all images of the project have; undefined if one has none, or two differ. */
export function commonPixelSize(project: Project): PixelSize | undefined {
  const [first, ...others] = project.images.map((image) => pixelSizeOf(project, image));
  const isSame = others.every((size) => first && size?.x === first.x && size.y === first.y);
  return isSame ? first : undefined;
}

/** The size if it is one: a file of a project may hold anything. */
export function knownPixelSize(size: Partial<PixelSize> | undefined): PixelSize | undefined {
  const isLength = (value: unknown) => Number.isFinite(value) && (value as number) > 0;
  const { x, y } = size ?? {};
  return isLength(x) && isLength(y) ? { x: x as number, y: y as number } : undefined;
}
