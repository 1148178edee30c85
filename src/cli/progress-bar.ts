// What the user sees while the GPU works: a bar on a terminal, lines elsewhere.

import * as clack from "@clack/prompts";
import type { Output } from "./services.js";

/** The display of a long task. `update` may be called often. */
export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Moves to `done` of `total`. */
  update(done: number, total: number, text: string): void;
  /** Ends the bar and removes its last line; `line` still works. */
  stop(): void;
}

const LINE_EVERY_MS = 5000;

/**
 * A bar if `output` is a terminal, else a line every few seconds. A terminal that reports no columns (in a
 * container without a size) would get each letter on its own line, so it counts as none.
 */
export function createProgress(output: Output): Progress {
  return output.isTTY && output.columns !== 0 ? barProgress(output) : lineProgress(output);
}

function lineProgress(output: Output): Progress {
  let last = Number.NEGATIVE_INFINITY;
  const line = (text: string) => output.write(`${text}\n`);
  return {
    line,
    update(_done, _total, text) {
      if (performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      line(text);
    },
    stop() {},
  };
}

function barProgress(output: Output): Progress {
  keepInterruptKey();
  let bar: clack.ProgressResult | undefined;
  let state = { done: 0, total: 0, text: "" };
  let shown = 0;
  const clear = () => {
    bar?.clear();
    bar = undefined;
  };
  const draw = () => {
    if (!bar) {
      // Wide enough for the bar and the text on one line of 80 columns.
      const size = Math.max(8, Math.min(40, (output.columns ?? 80) - 68));
      bar = clack.progress({
        output: output as NodeJS.WriteStream,
        max: Math.max(1, state.total),
        size,
        indicator: "dots",
        withGuide: false,
        cancelMessage: "stopping",
        errorMessage: "stopped",
      });
      bar.start(state.text);
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
      shown = 0;
    }
    bar.advance(state.done - shown, state.text);
    shown = state.done;
  };
  return {
    line(text) {
      const running = bar !== undefined;
      clear();
      output.write(`${text}\n`);
      if (running) draw();
    },
    update(done, total, text) {
      state = { done, total, text };
      if (bar?.isCancelled) bar = undefined;
      draw();
    },
    stop: clear,
  };
}

/**
 * Clack reads the keyboard in raw mode and exits at Ctrl-C or Escape, with nothing saved. With these two
 * keys unbound and the terminal in its usual mode, Ctrl-C sends SIGINT again.
 */
function keepInterruptKey(): void {
  clack.settings.aliases.delete("\x03");
  clack.settings.aliases.delete("escape");
}
