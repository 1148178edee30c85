// Builds HTML. All text from outside is escaped with `escapeHtml`.

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes a text for HTML and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A cell: text, which is escaped, or a number, which is right-aligned. */
export type Cell = string | number;

/** Returns a table with a head; numbers are right-aligned. Wide tables scroll separately. */
export function tableHtml(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const isNumber = head.map((_, i) => rows.length > 0 && rows.every((row) => isFigure(row[i])));
  const numeric = (i: number) => (isNumber[i] ? ' class="number"' : "");
  const cell = (value: Cell, i: number) =>
    i === 0
      ? `<th scope="row"${numeric(i)}>${escapeHtml(String(value))}</th>`
      : `<td${numeric(i)}>${escapeHtml(String(value))}</td>`;
  const headCells = head.map((name, i) => `<th scope="col"${numeric(i)}>${escapeHtml(name)}</th>`);
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return (
    `<div class="wide${head.length < 4 ? " narrow" : ""}" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>` +
    `<caption>${escapeHtml(caption)}</caption>\n<thead><tr>${headCells.join("")}</tr></thead>\n` +
    `<tbody>\n${body}\n</tbody></table></div>`
  );
}

function isFigure(value: Cell | undefined): boolean {
  return typeof value === "number" || (value !== undefined && /^[\d.,\s%–-]*$/.test(value));
}

/** Returns names with their values; "plain": one below the other, for long values. */
export function listHtml(
  entries: readonly (readonly [string, string])[],
  shape: "columns" | "plain" = "columns",
): string {
  const items = entries.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="facts${shape === "plain" ? " plain" : ""}">${items.join("\n")}</dl>`;
}

/** A section of a page with a heading; `id` is its anchor. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** A sentence below the heading, as text. */
  readonly lead?: string | undefined;
  readonly html: string;
}

export function sectionHtml({ id, title, lead, html }: Section): string {
  const intro = lead === undefined ? "" : `<p class="lead">${escapeHtml(lead)}</p>\n`;
  return (
    `<section id="${id}" aria-labelledby="${id}-title">\n` +
    `<h2 id="${id}-title">${escapeHtml(title)}</h2>\n${intro}${html}\n</section>`
  );
}
