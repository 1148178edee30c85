// Selects the image: from a list, the previous one, the next one.

import type { ProjectImage } from "../state/project-types.js";
import { useApp, useAppState } from "./context.js";

interface PickerProps {
  readonly images: readonly ProjectImage[];
  /** The selected image, if it is not the state's. */
  readonly shown?: string;
}

export function ImagePicker({ images, shown }: PickerProps) {
  const app = useApp();
  const { view } = useAppState();
  const current = shown ?? view.image;
  const at = images.findIndex(({ name }) => name === current);
  const show = (image: string) => app.dispatch({ type: "view", changes: { image } });
  const step = (by: number) => show(images[(at + by + images.length) % images.length].name);
  return (
    <span class="picker">
      <button type="button" class="small" aria-label="Previous image" onClick={() => step(-1)}>
        ‹
      </button>
      <select
        aria-label="Selected image"
        value={current}
        onChange={({ currentTarget }) => show(currentTarget.value)}
      >
        {images.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <button type="button" class="small" aria-label="Next image" onClick={() => step(1)}>
        ›
      </button>
    </span>
  );
}
