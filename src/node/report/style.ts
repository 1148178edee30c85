// The style sheet of reports and galleries: system fonts, one accent colour, light and dark, print.

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfb; --card: #ffffff; --ink: #1d2125; --soft: #5d666f; --line: #e3e5e6;
  --accent: #0b6e75; --mark: #c2571a; --pale: #9fc3c6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131618; --card: #1b1f22; --ink: #e6e8ea; --soft: #9aa4ad; --line: #2d3338;
    --accent: #5cc2ca; --mark: #f0985a; --pale: #2f6468;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
header, nav, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
.kind { margin: 0 0 .35rem; color: var(--accent); font-size: .875rem; font-weight: 600; }
h1 {
  margin: 0; font-size: clamp(1.75rem, 4vw, 2.5rem); line-height: 1.15; font-weight: 650;
  letter-spacing: -.02em; overflow-wrap: anywhere;
}
.subtitle { margin: .6rem 0 0; color: var(--soft); font-size: 1.05rem; max-width: 46rem; }
nav { margin-top: 1.5rem; }
nav ul {
  display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; margin: 0; padding: .8rem 0;
  list-style: none; border-block: 1px solid var(--line); font-size: .9rem;
}
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
section { padding-top: 3.25rem; scroll-margin-top: 0; }
h2 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.3; font-weight: 620; letter-spacing: -.01em; }
h3 { margin: 0; font-size: 1rem; line-height: 1.4; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0 0 .8rem; }
.lead, .note { color: var(--soft); max-width: 44rem; }
.lead { margin: -.6rem 0 1.2rem; }
.note { font-size: .9rem; }
.numbers {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px;
  margin: 2rem 0 0; background: var(--line); border: 1px solid var(--line); border-radius: 10px;
  overflow: hidden;
}
.numbers div { background: var(--card); padding: 1rem 1.15rem; }
.numbers dt { color: var(--soft); font-size: .85rem; }
.numbers dd {
  margin: .15rem 0 0; font-size: 1.55rem; line-height: 1.25; font-weight: 620;
  font-variant-numeric: tabular-nums; letter-spacing: -.01em;
}
.numbers div:first-child dd { color: var(--accent); }
.numbers small { display: block; color: var(--soft); font-size: .8rem; font-weight: 400; letter-spacing: 0; }
pre, code { font: .875rem/1.6 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre {
  margin: 0; padding: .9rem 1.1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere;
}
figure { margin: 0; min-width: 0; }
figcaption { margin-top: .4rem; color: var(--soft); font-size: .85rem; line-height: 1.4; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 2rem 2.5rem; }
.charts > :first-child:nth-last-child(odd) { grid-column: 1 / -1; }
.charts svg { display: block; width: 100%; height: auto; overflow: visible; }
.charts svg text { font-family: inherit; }
.charts svg.small { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .15rem 0 .5rem; color: var(--soft); font-size: .85rem; }
.key { display: inline-flex; align-items: center; gap: .4rem; margin-right: .6rem; }
.key i { width: .75rem; height: .75rem; border-radius: 2px; flex: none; }
.key i.edge { box-shadow: 0 0 0 1px var(--soft); }
.case { padding: 1.6rem 0 0; break-inside: avoid; }
.case + .case { margin-top: 1.6rem; border-top: 1px solid var(--line); }
.case > p { margin: .1rem 0 .8rem; color: var(--soft); font-size: .9rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 11.2rem), 1fr)); gap: 1rem; }
.panels.two { grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
.panels.three { grid-template-columns: repeat(3, 1fr); }
.panels.four { grid-template-columns: repeat(4, 1fr); }
.panels.one { grid-template-columns: minmax(0, 36rem); }
.panels.edged img { outline: 1px solid var(--line); }
.panels img { display: block; width: 100%; height: auto; border-radius: 4px; background: var(--line); }
.wide { overflow-x: auto; }
.wide.narrow { max-width: 40rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .45rem 1.1rem .45rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .85rem; white-space: nowrap; }
th.number, td.number { text-align: right; white-space: nowrap; }
tbody th { overflow-wrap: anywhere; min-width: 6rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0 2.5rem; margin: 0; font-size: .9rem; }
.facts div { display: flex; justify-content: space-between; gap: 1.5rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); flex: none; }
.facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; font-variant-numeric: tabular-nums; }
.facts.plain { display: block; }
.facts.plain div { justify-content: flex-start; }
.facts.plain dt { width: 8rem; }
.facts.plain dd { text-align: left; }
.gap { margin-top: 1.75rem; }
.sheet img { display: block; max-width: 100%; height: auto; border-radius: 6px; border: 1px solid var(--line); }
footer { margin-top: 4rem; padding-bottom: 3rem; color: var(--soft); font-size: .85rem; }
footer p { border-top: 1px solid var(--line); padding-top: 1rem; }
@media (max-width: 36rem) {
  header { padding-top: 2rem; }
  header, nav, main, footer { padding-inline: 1.1rem; }
  section { padding-top: 2.5rem; }
  .numbers { grid-template-columns: 1fr 1fr; }
  .numbers div:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .panels, .panels.three, .panels.four { grid-template-columns: 1fr 1fr; }
  .charts svg.large { display: none; }
  .charts svg.small { display: block; }
  .facts.plain dt { width: 6rem; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --accent: #0b6e75; --mark: #b04a10; --pale: #9fc3c6; }
  body { font-size: 10.5pt; }
  nav { display: none; }
  header { padding-top: 0; }
  section { padding-top: 1.6rem; }
  figure, tr, .facts div { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .panels { grid-template-columns: repeat(5, 1fr); gap: .5rem; }
  .wide { overflow: visible; }
}
`.trim();
