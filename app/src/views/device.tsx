// The GPU: its name in the frame, and all that a report of a problem needs.

import { useState } from "preact/hooks";
import type { DeviceStatus } from "../state/types.js";
import { bytesText } from "../state/words.js";
import { useAppState } from "./context.js";

export function DeviceChip() {
  const { device } = useAppState();
  return (
    <span class={`chip device ${device.kind}`} title={deviceName(device)}>
      {deviceName(device)}
    </span>
  );
}

function deviceName(device: DeviceStatus): string {
  if (device.kind === "opening") return "looking for a GPU";
  if (device.kind === "missing") return "no GPU";
  const { adapter, kind } = device.description;
  return kind === "cpu" ? `${adapter} (processor)` : adapter;
}

/** What the engine runs on, or what to do where there is nothing. */
export function DeviceCard() {
  const { device } = useAppState();
  if (device.kind === "missing") return <NoGpu reason={device.reason} />;
  if (device.kind === "opening") return null;
  const { limits, kind } = device.description;
  return (
    <section class="card">
      <div class="card-head">
        <h2>{deviceName(device)}</h2>
        <CopyDiagnosis />
      </div>
      <p class="faint">
        {kind === "cpu"
          ? "A graphics driver in software: it works, but slowly."
          : "This GPU trains the network."}{" "}
        It gives up to {bytesText(limits.maxBufferSize)} in one piece.
      </p>
    </section>
  );
}

function NoGpu({ reason }: { readonly reason: string }) {
  return (
    <section class="card warning" role="alert">
      <h2>This browser gives no GPU</h2>
      <p>
        Training needs WebGPU: Chrome or Edge 113 or later, Safari 26, Firefox 141 on Windows.
        Chrome on Linux may want <code>chrome://flags/#enable-unsafe-webgpu</code>. Images can be
        labelled without it.
      </p>
      <details class="faint">
        <summary>What was tried</summary>
        {reason}
      </details>
      <CopyDiagnosis />
    </section>
  );
}

function CopyDiagnosis() {
  const { device } = useAppState();
  const [said, setSaid] = useState("Copy the diagnosis");
  const copy = async () => {
    const found = device.kind === "ready" ? device.description : device;
    const { userAgent } = navigator;
    const text = JSON.stringify({ userAgent, hasWebGpu: "gpu" in navigator, found }, null, 2);
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("The clipboard is closed");
    }
  };
  return (
    <button type="button" class="small" onClick={copy}>
      {said}
    </button>
  );
}
