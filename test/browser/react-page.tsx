// A page around examples/in-react.tsx. It counts the buffers and textures of the app's device, to
// show that nothing remains of a component that has been removed.

import { syntheticSample } from "micrograph";
import { StrictMode, useCallback, useState } from "react";
import { createRoot } from "react-dom/client";
import { Segmented, Training } from "../../examples/in-react.js";

const SIDE = 48;
const samples = [1, 2].map((seed) => ({
  name: `cells ${seed}`,
  ...syntheticSample({ seed, width: SIDE, height: SIDE }),
}));

function Page({ gpu }: { readonly gpu: GPUDevice }) {
  const [url, setUrl] = useState<string>();
  const keep = useCallback((file: Blob) => setUrl(URL.createObjectURL(file)), []);
  return (
    <main>
      <Training gpu={gpu} samples={samples} onTrained={keep} />
      {url && <Segmented gpu={gpu} url={url} image={samples[0].image} />}
      <Segmented gpu={gpu} url="/missing.safetensors" image={samples[0].image} />
    </main>
  );
}

/** Shows the page; `hide` removes it, `held` counts what is not destroyed on the GPU. */
export async function show(): Promise<{ hide(): void; held(): number }> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no adapter");
  const gpu = await adapter.requestDevice();
  const held = new Set<object>();
  const counted = <T extends { destroy(): undefined }>(made: T): T => {
    held.add(made);
    const destroy = made.destroy.bind(made);
    made.destroy = () => {
      held.delete(made);
      return destroy();
    };
    return made;
  };
  const { createBuffer, createTexture } = gpu;
  gpu.createBuffer = (descriptor) => counted(createBuffer.call(gpu, descriptor));
  gpu.createTexture = (descriptor) => counted(createTexture.call(gpu, descriptor));
  const root = createRoot(document.body);
  root.render(
    <StrictMode>
      <Page gpu={gpu} />
    </StrictMode>,
  );
  return { hide: () => root.unmount(), held: () => held.size };
}
