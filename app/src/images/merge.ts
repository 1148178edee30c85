// What an import brings to a project that went on meanwhile.

import type { Project, ProjectImage } from "../state/project-types.js";

/**
 * The project as it is now with what an import brought, which began when it was `before`: strokes and
 * checkpoints that came meanwhile stay, and so does the removal of an image.
 */
export function merged(before: Project, imported: Project, now: Project): Project {
  if (now === before) return imported;
  const of = (project: Project) => new Map(project.images.map((image) => [image.name, image]));
  const [earlier, current] = [of(before), of(now)];
  const { length } = imported.classes === before.classes ? now.classes : imported.classes;
  const images = imported.images.flatMap((image): ProjectImage[] => {
    const was = earlier.get(image.name);
    const is = current.get(image.name);
    if (was && !is) return [];
    const label = was && image.label === was.label ? is?.label : image.label;
    const role = is && is.role !== was?.role ? is.role : image.role;
    const { label: _, ...rest } = image;
    return [{ ...rest, role, ...(label ? { label: { ...label, classes: length } } : {}) }];
  });
  const changed = <Key extends keyof Project>(key: Key) =>
    imported[key] === before[key] ? now[key] : imported[key];
  return {
    ...now,
    images,
    classes: changed("classes"),
    ...(imported.labelReading ? { labelReading: imported.labelReading } : {}),
    settings: changed("settings"),
    training: changed("training"),
  };
}
