// The texts of the embedded shaders, without comments and unneeded blanks, which are loaded when they are
// asked for: those that a GPU runs by default in one piece, the others in another.

/** Loads the texts that most programs need, so that a page can do so while its GPU starts. */
export async function loadUsualTexts() {
  return (await import("./texts-usual.generated.js")).texts;
}

type Texts = Awaited<ReturnType<typeof loadUsualTexts>>;
type OtherTexts = typeof import("./texts-on-demand.generated.js").texts;

export const usual = async (name: keyof Texts) => (await loadUsualTexts())[name];

export const onDemand = async (name: keyof OtherTexts) =>
  (await import("./texts-on-demand.generated.js")).texts[name];

type CanvasTexts = typeof import("./texts-canvas.generated.js").texts;

export const onCanvas = async (name: keyof CanvasTexts) =>
  (await import("./texts-canvas.generated.js")).texts[name];
