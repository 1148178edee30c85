// The classes of instructions in the three vendors' listings.

export type Maker = "amd" | "intel" | "nvidia";

/** Instructions, and bytes that one lane loads and stores, by class. */
export type Counts = Readonly<Record<string, number>>;

/** The first match wins. */
const CLASSES: Readonly<Record<Maker, readonly (readonly [string, RegExp])[]>> = {
  // RDNA and GCN, as printed by LLVM.
  amd: [
    [
      "fma",
      /^v_(pk_)?(fma|fmac|mad|mac|fmaak|fmamk|fma_mix|dot)\w*_(f32|f16)|^v_dual_(fmac|fma)|^v_(wmma|mfma)/,
    ],
    ["ldsLoad", /^ds_(load|read)/],
    ["ldsStore", /^ds_(store|write)/],
    ["load", /^(buffer|global|flat|image|scratch)_(load|sample)|^image_/],
    ["store", /^(buffer|global|flat|scratch)_store/],
    ["scalarLoad", /^s_(buffer_)?load/],
    ["barrier", /^s_barrier/],
    ["wait", /^s_wait/],
    [
      "hint",
      /^s_(nop|delay_alu|clause|sendmsg|inst_prefetch|set_inst_prefetch|code_end|sleep|setprio)/,
    ],
    ["branch", /^s_(cbranch|branch)/],
    ["move", /^v_(mov|swap|dual_mov|accvgpr)/],
    ["valu", /^v_/],
    ["salu", /^s_/],
  ],
  // As printed by ANV; the message of a send is on the same line here (`loops.ts`).
  intel: [
    ["fma", /^mad\(/],
    ["ldsLoad", /^send.*(\bslm MsgDesc: \( load|surface read, Surface = 254)/],
    ["ldsStore", /^send.*(\bslm MsgDesc: \( store|surface write, Surface = 254)/],
    ["barrier", /^send.*(barrier|gateway)|sync bar/],
    ["load", /^send.*(load|read|sampler)/],
    ["store", /^send.*(store|write)/],
    ["wait", /^(sync|wait|nop)/],
    ["branch", /^(while|break|if|else|endif|do|halt|cont|jmpi)\(/],
    ["move", /^mov\(/],
    ["valu", /^\w+(\.\w+)*\(/],
  ],
  // SASS, as printed by nvdisasm.
  nvidia: [
    ["fma", /^(FFMA|HFMA2|HMMA|FMUL|FADD)/],
    ["ldsLoad", /^LDS/],
    ["ldsStore", /^STS/],
    ["load", /^(LDG|LD\b|TLD|SULD|LDL|LD\.)/],
    ["store", /^(STG|ST\b|SUST|STL|ST\.)/],
    ["scalarLoad", /^(LDC|ULDC)/],
    ["barrier", /^BAR/],
    ["wait", /^(DEPBAR|WARPSYNC|NOP)/],
    ["branch", /^(BRA|EXIT|BSSY|BSYNC|RET|CALL)/],
    ["move", /^(MOV|UMOV|CS2R|S2R|S2UR|R2UR)/],
    ["salu", /^U[A-Z]/],
    ["valu", /^[A-Z]/],
  ],
};

/** Counts instructions by class, and the bytes per lane through workgroup memory and memory. */
export function countInstructions(lines: readonly string[], maker: Maker): Counts {
  const counts: Record<string, number> = {};
  const add = (name: string, value: number) => {
    counts[name] = (counts[name] ?? 0) + value;
  };
  for (const line of lines) {
    const name = maker === "intel" ? line : line.split(/\s/)[0];
    const kind = CLASSES[maker].find(([, pattern]) => pattern.test(name))?.[0];
    if (!kind) continue;
    add(kind, 1);
    if (/^(lds|load|store)/.test(kind)) add(`${kind}Bytes`, bytesOf(name, maker));
  }
  return counts;
}

/** Returns the bytes that one lane loads or stores. */
function bytesOf(name: string, maker: Maker): number {
  if (maker === "nvidia") return Number(/\.(64|128)\b/.exec(name)?.[1] ?? 32) / 8;
  if (maker === "intel") return 4 * Number(/, V(\d+)/.exec(name)?.[1] ?? 4);
  const both = /2addr|read2|write2/.test(name) ? 2 : 1;
  const bits = /_b(32|64|96|128)$/.exec(name)?.[1];
  const words = /dwordx(\d)$/.exec(name)?.[1];
  return both * (bits ? Number(bits) / 8 : words ? Number(words) * 4 : 4);
}
