// Merges an import into a project that has changed meanwhile.

import type { Project, ProjectImage } from "../state/project-types.js";

/**
 * The current project with the results of an import that began when it was `before`: strokes, edits of cells,
 * checkpoints and removals of images since then are kept.
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
    const edits = is ? is.edits : image.edits;
    const { label: _, edits: __, ...rest } = image;
    const own = {
      ...(label ? { label: { ...label, classes: length } } : {}),
      ...(edits ? { edits } : {}),
    };
    return [{ ...rest, role, ...own }];
  });
  const changed = <Key extends keyof Project>(key: Key) =>
    imported[key] === before[key] ? now[key] : imported[key];
  return {
    ...now,
    images,
    classes: changed("classes"),
    ...(imported.labelReading ? { labelReading: imported.labelReading } : {}),
    ...(imported.objects ? { objects: imported.objects } : {}),
    settings: changed("settings"),
    training: changed("training"),
  };
}
