// A page that needs nothing but itself: no script, no font, no file beside it unless it says so.

import { escapeHtml, type Section, sectionHtml } from "./html.js";
import { STYLE } from "./style.js";

export interface Page {
  /** Small words above the title. */
  readonly kind: string;
  readonly title: string;
  /** A sentence below it. */
  readonly subtitle: string;
  /** Between the head and the first section: HTML. */
  readonly summary?: string | undefined;
  readonly sections: readonly Section[];
  /** The last line: text. */
  readonly footer: string;
  /** Whether pictures lie beside the page as files; else only those within it may be shown. */
  readonly files?: boolean | undefined;
}

/** The page as a document. The policy in its head forbids the browser to fetch anything. */
export function pageHtml(page: Page): string {
  const images = page.files ? "data: 'self' file:" : "data:";
  const policy = `default-src 'none'; img-src ${images}; style-src 'unsafe-inline'`;
  const links = page.sections.map(
    ({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.title)} – ${escapeHtml(page.kind)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="kind">${escapeHtml(page.kind)}</p>
<h1>${escapeHtml(page.title)}</h1>
<p class="subtitle">${escapeHtml(page.subtitle)}</p>
</header>
<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>
<main>
${page.summary ?? ""}
${page.sections.map(sectionHtml).join("\n")}
</main>
<footer><p>${escapeHtml(page.footer)}</p></footer>
</body>
</html>
`;
}
