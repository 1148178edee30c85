// Station 7: what there is to take home.

import { download } from "../outputs/download.js";
import { predictionFiles } from "../outputs/pictures.js";
import { useAppState, useProject } from "./context.js";

export function HomeStation() {
  const { images, training } = useProject();
  const { predictions, view } = useAppState();
  const segmented = images.filter(({ name }) => predictions[name]);
  const checkpoint = training.best ?? training.last;
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>Take home</h1>
      </div>
      <section class="card">
        <h2>The network</h2>
        <p>
          A checkpoint for this app and for <code>micrograph predict</code>, with PyTorch's shapes.
        </p>
        <button
          type="button"
          disabled={!checkpoint}
          onClick={() =>
            checkpoint && download({ path: "best.safetensors", bytes: checkpoint.bytes })
          }
        >
          Download the checkpoint
        </button>
      </section>
      <section class="card">
        <h2>Segmented images</h2>
        {segmented.length === 0 ? <p class="faint">None yet: segment some first.</p> : null}
        <ul class="plain">
          {segmented.map(({ name, raw }) => (
            <li key={name} class="row">
              <strong>{name}</strong>
              {["mask", "probability", "components", "overlay"].map((kind, i) => (
                <button
                  key={kind}
                  type="button"
                  class="small"
                  onClick={() =>
                    download(predictionFiles(name, raw, predictions[name], view.threshold)[i])
                  }
                >
                  {kind}
                </button>
              ))}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
