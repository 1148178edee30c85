// Work that goes on if the GPU is lost: a driver that is reset or takes too long, a computer that
// sleeps, a GPU process that crashes.

import type { Device } from "./device.js";
import { GpuError } from "./errors.js";

/** Losses in a row, without progress in between, that work survives. */
const MOST_LOSSES = 3;

/** Milliseconds before each attempt to open the adapter: a reset driver needs seconds. */
const DELAYS = [0, 250, 500, 1000, 2000, 4000];

/** Work can fail before the GPU reports that it is lost. */
const REPORT_MS = 500;

/** What an attempt at some work knows. */
export interface Attempt {
  /** The loss that ended the attempt before; undefined in the first. */
  readonly loss: GpuError | undefined;
  /** Called when the work has come further: the losses so far no longer count. */
  progressed(): void;
}

/**
 * Runs `work` again each time that the device is lost, on the device renewed. It starts where it can
 * from what it has in host memory. Rejects with any other error, and with the loss if the device cannot
 * be opened again or is lost a fourth time without progress.
 */
export async function surviving<T>(
  device: Device,
  work: (attempt: Attempt) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let losses = 0;
  let loss: GpuError | undefined;
  const progressed = () => {
    losses = 0;
  };
  for (;;) {
    const { renewals } = device;
    try {
      return await work({ loss, progressed });
    } catch (error) {
      if (!device.isRenewable || (signal?.aborted && error === signal.reason)) throw error;
      loss = await lossSince(device, renewals);
      if (!loss) throw error;
      if (++losses > MOST_LOSSES) {
        throw new GpuError(`${loss.message}, for the ${losses}th time in a row without progress`);
      }
      await reopened(device, loss, signal);
      // A copy of a device, with other members, does not see that the original is renewed.
      if (device.renewals === renewals) throw loss;
    }
  }
}

/** The loss of a device, if it is lost by now or soon, or was since it had been renewed so often. */
async function lossSince(device: Device, renewals: number): Promise<GpuError | undefined> {
  if (device.renewals !== renewals) return new GpuError("the GPU device was lost");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, REPORT_MS, undefined);
  });
  const loss = await Promise.race([device.lost, later]);
  clearTimeout(timer);
  return loss;
}

async function reopened(device: Device, loss: GpuError, signal?: AbortSignal): Promise<void> {
  let reason = "";
  for (const delay of DELAYS) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    signal?.throwIfAborted();
    try {
      return await device.renew();
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new GpuError(`${loss.message}; it could not be opened again: ${reason}`, { cause: loss });
}
