// Station 1: what to begin with.

import { useApp, useAppState } from "./context.js";

export function StartStation() {
  const app = useApp();
  const { device } = useAppState();
  return (
    <div class="start">
      <section class="hero">
        <h1>Teach a network to see your cells</h1>
        <p class="lead">
          Paint a few labels, train a U-Net on this computer's GPU, take the masks home. Nothing
          leaves this computer.
        </p>
        <div class="row">
          <button type="button" class="primary" onClick={() => app.openSample()}>
            Try the sample
          </button>
        </div>
      </section>
      {device.kind === "missing" ? <NoGpu reason={device.reason} /> : null}
    </div>
  );
}

function NoGpu({ reason }: { readonly reason: string }) {
  return (
    <section class="card warning" role="alert">
      <h2>This browser gives no GPU</h2>
      <p>
        Training needs WebGPU: Chrome or Edge 113 and later, Safari 26, Firefox 141 on Windows. On
        Linux, Chrome may need the flag <code>chrome://flags/#enable-unsafe-webgpu</code>. Images
        can be labelled without it.
      </p>
      <p class="faint">{reason}</p>
    </section>
  );
}
