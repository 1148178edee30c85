// How options and their values are written in a command that somebody pastes into a shell.

/** The command line's name of an option: "--elastic-alpha" for elasticAlpha. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * An argument as the shells of a system take it in one piece; `platform` as Node names it ("win32", "linux"). On
 * Windows as both cmd and PowerShell take it: in double quotes; only what PowerShell would fill in there ($, `) is
 * in its single quotes.
 */
export function quoteFor(platform: string, text: string): string {
  if (platform !== "win32") {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  }
  if (/^[\w+=:./\\-]+$/.test(text)) return text;
  if (/[$`]/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  // Programs read \" as a quote: backslashes in front of one are doubled.
  return `"${text.replace(/(\\*)(?="|$)/g, "$1$1").replaceAll('"', '\\"')}"`;
}
