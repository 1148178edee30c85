// The GPU: its name in the header, and all details that a bug report needs.

import { useState } from "preact/hooks";
import { type Examination, examinationLines, verdictOf } from "../../../src/index.js";
import { gpuAdvice } from "../state/gpu-advice.js";
import type { DeviceStatus, DoctorStatus } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

export function DeviceChip() {
  const { device } = useAppState();
  return (
    <span class={`chip device ${device.kind}`} title={deviceName(device)}>
      {deviceName(device)}
    </span>
  );
}

function deviceName(device: DeviceStatus): string {
  if (device.kind === "opening") return "Looking for a GPU…";
  if (device.kind === "missing") return "No GPU";
  const { adapter, kind } = device.description;
  return kind === "cpu" ? `${adapter} (processor)` : adapter;
}

/** What the engine runs on, or what to do if there is no GPU. */
export function DeviceCard() {
  const { device } = useAppState();
  if (device.kind === "missing") return <NoGpu reason={device.reason} />;
  if (device.kind === "opening") return null;
  const { kind } = device.description;
  return (
    <section class="card">
      <div class="card-head">
        <h2>{deviceName(device)}</h2>
        <CopyDetails />
      </div>
      <p class="faint">
        {kind === "cpu"
          ? "No GPU found: running on the processor, which takes many times as long. Train with the preset Fast first."
          : "This GPU trains the network."}
      </p>
      <Doctor status={device.doctor} />
    </section>
  );
}

/** Whether the GPU computes right results. */
function Doctor({ status }: { readonly status: DoctorStatus | undefined }) {
  const app = useApp();
  if (status?.kind === "running") {
    const { done, total } = status;
    return (
      <>
        <p class="faint">Comparing its results with exact ones…</p>
        <progress value={done} max={total} aria-label="Check of the GPU" />
      </>
    );
  }
  const examination = status?.examination;
  return (
    <>
      {examination ? (
        <>
          <p role="status" class={examination.passed ? "faint" : "problem"}>
            {examination.passed
              ? "Its results are right: kernels and driver were compared with exact results."
              : verdictOf(examination)}
          </p>
          {examination.passed ? null : (
            <ul class="faint">
              {problemsOf(examination).map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          )}
        </>
      ) : null}
      <button type="button" class="small" onClick={app.examine}>
        {examination ? "Check again" : "Check its results"}
      </button>
    </>
  );
}

function problemsOf({ avoided, unusable, hazards }: Examination): string[] {
  const failed = hazards.filter(({ verdict }) => verdict === "failed");
  return [
    ...Object.entries(avoided).map(([kernel, problem]) => `${kernel}: ${problem}`),
    ...unusable,
    ...failed.map(({ name, detail }) => `${name}: ${detail}`),
  ];
}

function NoGpu({ reason }: { readonly reason: string }) {
  const { userAgent } = navigator;
  const advice = gpuAdvice({ isSecure: isSecureContext, hasWebGpu: "gpu" in navigator, userAgent });
  return (
    <section class="card warning" role="alert">
      <h2>No WebGPU: training is not possible yet</h2>
      {advice.map((sentence) => (
        <p key={sentence}>
          {sentence.split("`").map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}
        </p>
      ))}
      <p>Images can be labelled without it.</p>
      <details class="faint">
        <summary>Details</summary>
        {reason}
      </details>
      <CopyDetails />
    </section>
  );
}

function CopyDetails() {
  const { device } = useAppState();
  const [said, setSaid] = useState("Copy system details");
  const copy = async () => {
    const found = device.kind === "ready" ? device.description : device;
    const { userAgent } = navigator;
    const details = JSON.stringify({ userAgent, hasWebGpu: "gpu" in navigator, found }, null, 2);
    const doctor = device.kind === "ready" ? device.doctor : undefined;
    const report = doctor?.kind === "done" ? examinationLines(doctor.examination) : [];
    const text = [details, ...report].join("\n");
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Could not copy");
    }
  };
  return (
    <button type="button" class="small" onClick={copy}>
      {said}
    </button>
  );
}
