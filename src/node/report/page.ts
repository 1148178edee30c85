// A self-contained page: no script and no font; other files only if `files` is set.

import { escapeHtml, type Section, sectionHtml } from "./html.js";
import { STYLE } from "./style.js";

export interface Page {
  /** Small text above the title. */
  readonly kind: string;
  readonly title: string;
  /** A sentence below it. */
  readonly subtitle: string;
  /** HTML between the head and the first section. */
  readonly summary?: string | undefined;
  readonly sections: readonly Section[];
  /** The last line, as text. */
  readonly footer: string;
  /** Whether pictures are files next to the page; else only embedded ones are allowed. */
  readonly files?: boolean | undefined;
}

/**
 * Returns the page as a document, with a security policy that forbids the browser to load anything.
 */
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
