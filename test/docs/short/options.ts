/** The number of steps that the address of a module asks for: "train.js?steps=2". */
export function shortSteps(url: string): number {
  const steps = Number(new URL(url).searchParams.get("steps"));
  if (!(steps > 0)) throw new Error(`${url}: expected ?steps= and a number above 0`);
  return steps;
}
