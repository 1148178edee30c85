// The results as a table: a line per pipeline.

import type { Result } from "./results.js";

type Cell = number | string;
export type Columns = Readonly<Record<string, Cell>>;

/**
 * Registers and workgroup memory as reported by the compiler, what a multiprocessor can hold, and
 * the mix of the hottest loop. Occupancy: waves per SIMD (AMD), warps per scheduler (NVIDIA).
 * bench/README.md explains the columns.
 */
export function columnsOf(result: Result): Columns {
  const { family, width, label, stats, dispatches, invocations } = result;
  const first = (...names: string[]) =>
    names.map((name) => stats[name]).find((value) => value !== undefined) ?? "";
  const sum = dispatches.reduce((total, { multiplyAdds }) => total + multiplyAdds, 0) / 1e9;
  return {
    family,
    width,
    label,
    lanes: invocations,
    subgroup: stats.subgroup ?? 32,
    VGPRs: first("VGPRs", "Registers", "GRF registers", "Max live registers"),
    SGPRs: first("Pre-Sched SGPRs"),
    spills: first("Spilled VGPRs", "Spill Count"),
    LDS: first("LDS size", "Workgroup Memory Size"),
    occupancy: occupancyOf(stats),
    bytes: first("Code size"),
    instructions: first("Instructions", "Instruction Count"),
    "inv.thr.": first("Inverse Throughput"),
    latency: first("Latency", "Cycle Count", "Cycles"),
    ...hotLoop(result),
    dispatches: dispatches.length,
    GMAC: sum ? sum.toFixed(sum < 1 ? 2 : 1) : "",
  };
}

function occupancyOf(stats: Result["stats"]): Cell {
  if ("Warps per SM" in stats) return Number(stats["Warps per SM"]) / 4;
  // RADV counts waves of 32 lanes, whatever their size.
  const waves = stats["Subgroups per SIMD"];
  return waves === undefined ? "" : (Number(waves) * 32) / Number(stats.subgroup);
}

/** Instructions of the loop with most multiply-adds, and shares of them in percent. */
function hotLoop({ mix }: Result): Columns {
  const hot = mix?.loops[0];
  const share = (...kinds: string[]) => {
    if (!hot) return "";
    const count = kinds.reduce((total, kind) => total + (hot.counts[kind] ?? 0), 0);
    return Math.round((100 * count) / hot.instructions);
  };
  const shares = {
    "fma%": share("fma"),
    "lds%": share("ldsLoad", "ldsStore"),
    "mem%": share("load", "store", "scalarLoad"),
    "wait%": share("wait", "hint", "barrier"),
  };
  const known = Object.values(shares).reduce<number>((total, value) => total + Number(value), 0);
  return { hot: hot?.instructions ?? "", ...shares, "other%": hot ? 100 - known : "" };
}

/** Which pipelines were chosen, if nothing was compiled. */
export function choiceOf({ family, width, tile, kernel, label, dispatches }: Result): Columns {
  return { family, width, tile, kernel, dispatches: dispatches.length, label };
}

const TEXTS = ["family", "label", "kernel"];

/** Returns lines of aligned columns, or a Markdown table. */
export function tableOf(rows: readonly Columns[], isMarkdown = false): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => `${row[name]}`))];
  if (isMarkdown) {
    const rule = `|${names.map(() => "---").join("|")}|`;
    const [head, ...body] = lines.map((cells) => `| ${cells.join(" | ")} |`);
    return [head, rule, ...body].join("\n");
  }
  const widths = names.map((_, i) => Math.max(...lines.map((cells) => cells[i].length)));
  const aligned = (cells: readonly string[]) =>
    cells.map((cell, i) =>
      TEXTS.includes(names[i]) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    );
  return lines.map((cells) => aligned(cells).join("  ").trimEnd()).join("\n");
}
