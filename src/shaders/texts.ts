// The texts of the embedded shaders, without comments and unneeded blanks, loaded when needed:
// those that a GPU runs by default in one chunk, those of ops that the paper's U-Net does not use in
// another, the remaining ones in a third.

import type { Shader } from "./shader.js";

/** Loads the texts that most programs need, so that a page can do it while its GPU starts. */
export async function loadUsualTexts() {
  return (await import("./texts-usual.generated.js")).texts;
}

// The methods `text` of shaders, which look up the text by name.

type Texts = Readonly<Record<string, string>>;

export async function usual(this: Shader): Promise<string> {
  return textOf(this, await loadUsualTexts());
}

export async function onDemand(this: Shader): Promise<string> {
  return textOf(this, (await import("./texts-on-demand.generated.js")).texts);
}

export async function general(this: Shader): Promise<string> {
  return textOf(this, (await import("./texts-general.generated.js")).texts);
}

export async function onCanvas(this: Shader): Promise<string> {
  return textOf(this, (await import("./texts-canvas.generated.js")).texts);
}

export async function onCheck(this: Shader): Promise<string> {
  return textOf(this, (await import("./texts-check.generated.js")).texts);
}

const textOf = ({ name }: Shader, texts: Texts) => texts[name];
