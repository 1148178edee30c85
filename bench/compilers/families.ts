// The families of GPUs whose compilers are run, by the names that the compilers use.

import type { Maker } from "./instructions.js";

export interface Family {
  /** As requested: "navi31", "navi31-w32". */
  readonly name: string;
  readonly maker: Maker;
  /** Name of the chip: "navi31". */
  readonly chip: string;
  /** Subgroup size, instead of the one that Dawn or a shader requests. */
  readonly subgroup?: number;
}

/** The chips that Mesa 25.0 and NVRTC 11.8 support by name, the newest last. */
export const CHIPS: Readonly<Record<Maker, readonly string[]>> = {
  amd: [
    ..."vega10 vega12 vega20 raven renoir navi10 navi12 navi14 navi21 navi22 navi23".split(" "),
    ..."vangogh navi24 rembrandt navi31 navi32 navi33 phoenix".split(" "),
    ..."gfx1150 gfx1151 gfx1152 gfx1153 gfx1200 gfx1201".split(" "),
  ],
  intel: [
    ..."skl bxt kbl aml glk cfl whl cml icl ehl jsl".split(" "),
    ..."tgl rkl dg1 adl sg1 rpl dg2 mtl arl lnl bmg ptl".split(" "),
  ],
  nvidia: "sm_75 sm_80 sm_86 sm_87 sm_89 sm_90".split(" "),
};

export const USUAL = ["navi21", "navi31", "navi31-w32", "gfx1201", "dg2", "lnl", "sm_90"];

/** Subgroup sizes that the vendors' compilers accept. */
const SUBGROUPS: Readonly<Record<Maker, readonly number[]>> = {
  amd: [32, 64],
  intel: [8, 16, 32],
  nvidia: [],
};

/** Throws if there is no such family, or it does not have this subgroup size. */
export function familyOf(name: string): Family {
  const [, chip = name, size] = /^(.*?)(?:-w(\d+))?$/.exec(name) ?? [];
  const maker = (Object.keys(CHIPS) as Maker[]).find((key) => CHIPS[key].includes(chip));
  if (!maker) {
    const known = Object.values(CHIPS).flat().join(", ");
    throw new Error(`there is no family "${name}", expected some of ${known}`);
  }
  if (size === undefined) return { name, maker, chip };
  const sizes = SUBGROUPS[maker];
  if (!sizes.includes(Number(size))) {
    const expected = sizes.length > 0 ? sizes.map((s) => `${chip}-w${s}`) : [chip];
    throw new Error(`"${name}" has no subgroups of ${size}, expected ${expected.join(" or ")}`);
  }
  return { name, maker, chip, subgroup: Number(size) };
}
