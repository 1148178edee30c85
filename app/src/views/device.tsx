// The GPU: its name in the frame, and all that a report of a problem needs.

import type { DeviceStatus } from "../state/types.js";
import { useAppState } from "./context.js";
import { bytesText } from "./format.js";

export function DeviceChip() {
  const { device } = useAppState();
  return (
    <span class={`chip device ${device.kind}`} title={deviceTitle(device)}>
      {device.kind === "ready" ? device.description.adapter : null}
      {device.kind === "opening" ? "looking for a GPU" : null}
      {device.kind === "missing" ? "no GPU" : null}
    </span>
  );
}

function deviceTitle(device: DeviceStatus): string | undefined {
  if (device.kind === "missing") return device.reason;
  if (device.kind === "opening") return undefined;
  return `Largest buffer ${bytesText(device.description.limits.maxBufferSize)}`;
}
