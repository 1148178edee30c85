// The uniforms of all dispatches, in one uniform buffer.

import type { UniformFields } from "../shaders/uniform-fields.js";

export interface RecordSpec {
  /** Names the dispatch in errors. */
  readonly where: string;
  readonly fields: UniformFields;
  readonly values: Readonly<Record<string, number>>;
}

export interface Records {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ranges: readonly { readonly offset: number; readonly size: number }[];
}

/**
 * Places records of this many fields one after the other, each at a multiple of `alignment` bytes.
 */
export function layRecords(fieldCounts: readonly number[], alignment: number) {
  const ranges: { offset: number; size: number }[] = [];
  let end = 0;
  for (const count of fieldCounts) {
    const size = Math.ceil((count * 4) / 16) * 16;
    ranges.push({ offset: end, size });
    end = Math.ceil((end + size) / alignment) * alignment;
  }
  return { byteCount: Math.max(16, end), ranges };
}

export function encodeRecords(specs: readonly RecordSpec[], alignment: number): Records {
  const { byteCount, ranges } = layRecords(
    specs.map(({ fields }) => Object.keys(fields).length),
    alignment,
  );
  const view = new DataView(new ArrayBuffer(byteCount));
  for (const [i, spec] of specs.entries()) encodeRecord(spec, view, ranges[i].offset);
  return { bytes: new Uint8Array(view.buffer), ranges };
}

function encodeRecord({ where, fields, values }: RecordSpec, view: DataView, offset: number): void {
  const unknown = Object.keys(values).filter((name) => !(name in fields));
  if (unknown.length > 0)
    throw new Error(`${where}: the shader has no uniform ${unknown.join(", ")}`);
  for (const [i, [name, type]] of Object.entries(fields).entries()) {
    const value = values[name];
    if (value === undefined) throw new Error(`${where}: the uniform ${name} has no value`);
    if (type === "f32") {
      if (!Number.isFinite(Math.fround(value))) {
        throw new Error(`${where}: the uniform ${name} must be a finite f32, got ${value}`);
      }
      view.setFloat32(offset + i * 4, value, true);
    } else if (!Number.isInteger(value) || (type === "u32" && value < 0)) {
      throw new Error(`${where}: the uniform ${name} must be a ${type}, got ${value}`);
    } else view.setInt32(offset + i * 4, value | 0, true);
  }
}
