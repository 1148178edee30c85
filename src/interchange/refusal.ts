// The sentence that refuses a file. Names in it come from the file: anything may be in them.

/** Longer sentences are cut. */
const LONGEST = 500;

/** Control characters, which would move a terminal's cursor or begin a line. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Messages of engines about what is too large for them. */
const TOO_LARGE =
  /call stack|array length|allocation|Invalid string length|Set maximum|Map maximum/;

/** An error as one line that begins with the name of the file. */
export function refusal(error: unknown, fileName: string): Error {
  const { message } = error as Error;
  const begin = `${fileName}: `;
  const said = message.startsWith(begin) ? message.slice(begin.length) : message;
  if (error instanceof RangeError && TOO_LARGE.test(said)) {
    return new Error(`${begin}it is nested too deep, or too large, to be a network`);
  }
  const line = said.replace(CONTROL, " ");
  if (line === said && line.length <= LONGEST && said !== message) return error as Error;
  const text = line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}...`;
  return new Error(`${begin}${text}`, { cause: error });
}

/** Runs work on a file; what it throws is a line that begins with the name. */
export async function refusing<T>(fileName: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(error, fileName);
  }
}
