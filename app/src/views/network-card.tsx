// The network of a project that has no images yet, or that came as a file.

import { isImported } from "../networks/decode-network.js";
import { networkInUse } from "../state/network.js";
import { bytesText, countText } from "../state/words.js";
import { useProject } from "./context.js";
import { FileButton } from "./drop-zone.js";
import { ClassLegend } from "./legend.js";

export function NetworkCard() {
  const { training, settings, images } = useProject();
  const network = networkInUse(training);
  if (!network) return null;
  const { kind, checkpoint } = network;
  const { fileName, step, bytes } = checkpoint;
  // A network that was trained here is named after its project.
  if (images.length > 0 && fileName === undefined) return null;
  return (
    <section class="card network" aria-label="Network">
      <h2>{fileName ?? `The ${kind} network of this project`}</h2>
      <p class="faint">
        {isImported(bytes)
          ? `A network of another program, ${bytesText(bytes.length)}.`
          : `Trained for ${countText(step, "step")}, ${bytesText(bytes.length)}, ${settings.base} channels in ` +
            `its first layer, depth ${settings.depth}.`}
      </p>
      {images.length === 0 ? (
        <>
          <ClassLegend />
          <div class="row">
            <p>Drop images to segment.</p>
            <FileButton primary>Choose images</FileButton>
          </div>
        </>
      ) : null}
    </section>
  );
}
