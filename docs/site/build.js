// Builds the site with TypeDoc: the guides are its documents, the entry points of the package its modules.

import { existsSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  JSX,
  KindRouter,
  Logger,
  LogLevel,
  OptionDefaults,
  PageEvent,
  ReflectionKind,
} from "typedoc";
import { addCodePage, CODE_GROUP, linkedCode, showExamples } from "./code.js";
import { draw } from "./drawings.js";
import { GUIDE_GROUPS, guideFiles, guideGroup } from "./guides.js";
import { brokenLinks } from "./links.js";
import { CATEGORY_ORDER, categoryOf, ENTRY_POINTS, headComment } from "./reference.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const SITE = `${root}dist/docs-site`;
const APP = `${root}dist/app-site`;
/** Starts a link of the bar on top, which is the same on pages of every folder. */
const FROM_ROOT = "site:";
const PAGE_TITLE = /<div class="tsd-page-title">.*?<\/div>/s;
/** The groups of the side bar that are open until a reader closes them. */
const OPEN_GROUPS = `<script>try {
  for (const name of ${JSON.stringify([...GUIDE_GROUPS.slice(0, 1), "Modules"])})
    localStorage["tsd-accordion-" + name] ??= "true";
} catch {}</script>`;
const UNDOCUMENTED = / does not have any documentation$/;
/** What the text of its owner describes: `close` and `using`, an error's name, parts of a type in a signature. */
const DESCRIBED = /\.\[dispose\] |(?:Error|Question)\.name |\.__type\./;

/** Writes the site. What is wrong with it, as lines: public names without documentation, and the rest. */
export async function buildSite() {
  const files = guideFiles();
  const guides = ["README.md", ...files].map((file) => [file, readFileSync(root + file, "utf8")]);
  const faults = [];
  const drawings = await draw(guides, faults);
  const app = await Application.bootstrap(options(files, drawings));
  app.logger = new Collector(faults);
  describe(app, linkedCode(root, guides));
  const project = await app.convert();
  if (project === undefined) throw new Error(`TypeDoc failed:\n${faults.join("\n")}`);
  finishComments(project);
  app.validate(project);
  await app.generateDocs(project, SITE);
  if (existsSync(APP)) await cp(APP, `${SITE}/app`, { recursive: true });
  return {
    undocumented: faults.filter((fault) => UNDOCUMENTED.test(fault) && !DESCRIBED.test(fault)),
    faults: [...faults.filter((fault) => !UNDOCUMENTED.test(fault)), ...(await brokenLinks(SITE))],
  };
}

function options(files, drawings) {
  return {
    name: "Micrograph",
    includeVersion: true,
    entryPoints: [...ENTRY_POINTS.keys()],
    projectDocuments: files.map((file) => root + file),
    readme: `${root}README.md`,
    tsconfig: `${root}tsconfig.json`,
    skipErrorChecking: true, // the project's own TypeScript checks them
    disableGit: true,
    disableSources: true,
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    intentionallyNotExported: ["DTYPE_BYTES"], // only its keys are public
    sort: ["documents-first", "kind", "alphabetical"],
    kindSortOrder: [
      "Document",
      "Module",
      "Function",
      "Class",
      "Variable",
      "Interface",
      "TypeAlias",
    ],
    sortEntryPoints: false,
    groupOrder: [...GUIDE_GROUPS, "Modules", CODE_GROUP],
    categorizeByGroup: false,
    categoryOrder: CATEGORY_ORDER,
    navigation: { includeGroups: true, includeCategories: true, excludeReferences: true },
    searchInDocuments: true,
    searchInComments: true,
    useFirstParagraphOfCommentAsSummary: true,
    router: "site",
    visibilityFilters: {},
    customCss: `${root}docs/site/style.css`,
    favicon: `${root}app/public/icon.svg`,
    hideGenerator: true,
    highlightLanguages: [...OptionDefaults.highlightLanguages, "wgsl", "tsx", "python", "css"],
    navigationLinks: navigationLinks(files),
    markdownItLoader(parser) {
      const { fence } = parser.renderer.rules;
      parser.renderer.rules.fence = (tokens, i, ...rest) => {
        tokens[i].info ||= "text"; // TypeDoc takes what has no language for TypeScript
        return drawings.get(tokens[i].content) ?? fence(tokens, i, ...rest);
      };
    },
  };
}

/** The links of the bar on top; the app is there if `npm run app:build` has built it. */
function navigationLinks(files) {
  const links = { API: "modules/micrograph.html" };
  for (const [title, name] of [
    ["Guides", "README"],
    ["Examples", "examples"],
  ]) {
    if (files.includes(`docs/${name}.md`)) links[title] = `guides/${name}.html`;
  }
  if (existsSync(APP)) links.App = "app/index.html";
  return Object.fromEntries(
    Object.entries(links).map(([title, path]) => [title, FROM_ROOT + path]),
  );
}

/** Gives guides their titles and groups, entry points the names that programs import, and names their headings. */
function describe(app, codeFiles) {
  const { converter } = app;
  converter.on(Converter.EVENT_CREATE_PROJECT, (_, project) => {
    project.files.registerReflectionPath(`${root}README.md`, project);
    for (const file of codeFiles) addCodePage(project, root, file);
  });
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, guide) => describeGuide(guide));
  converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getChildrenByKind(ReflectionKind.Module)) {
      describeModule(module, context);
    }
  });
  app.renderer.defineRouter("site", SiteRouter);
  app.renderer.hooks.on("body.begin", () => JSX.createElement(JSX.Raw, { html: OPEN_GROUPS }));
  app.renderer.on(PageEvent.END, (page) => {
    const up = "../".repeat(page.url.split("/").length - 1);
    page.contents = page.contents.replaceAll(`href="${FROM_ROOT}`, `href="${up}`);
    // The README brings a title of its own.
    if (page.url === "index.html") page.contents = page.contents.replace(PAGE_TITLE, "");
  });
}

function describeGuide(guide) {
  const file = relative(root, guide.project.files.getReflectionPath(guide));
  const title = /^#\s+(.*)\n/.exec(guide.content[0]?.text ?? "")?.[1];
  if (title !== undefined) guide.name = title;
  if (file === "docs/examples.md")
    guide.content = showExamples(guide.content, guide.project.files, root);
  guide.frontmatter.group = guideGroup(file);
}

function describeModule(module, context) {
  const fileOf = (reflection) =>
    context.getSymbolFromReflection(reflection)?.declarations?.[0].getSourceFile().fileName ?? "";
  const file = fileOf(module);
  module.name = ENTRY_POINTS.get(file);
  module.comment = new Comment([{ kind: "text", text: headComment(file) }]);
  for (const child of module.children ?? []) {
    child.comment ??= new Comment();
    const text = categoryOf(fileOf(child.isReference() ? child.getTargetReflectionDeep() : child));
    child.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text }]));
  }
}

/** Removes the categories, and repeats documentation for names that are in several entry points. */
function finishComments(project) {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    for (const child of module.children ?? []) {
      child.comment?.removeTags("@category");
      if (!child.comment?.hasVisibleComponent()) child.comment = undefined;
    }
  }
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    for (const child of module.children?.filter((child) => child.isReference()) ?? []) {
      const target = child.getTargetReflectionDeep();
      child.comment = (target.comment ?? target.signatures?.[0].comment)?.clone();
    }
  }
}

/** Guides lie in guides/ under the names of their files. */
class SiteRouter extends KindRouter {
  getIdealBaseName(reflection) {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection);
    const file = reflection.project.files.getReflectionPath(reflection);
    const path = relative(root, file)
      .replace(/^docs\//, "")
      .replace(/\.md$/, "");
    return `guides/${path.replaceAll("/", "-")}`;
  }
}

/** Keeps warnings and errors, with the file and line that they are about. */
class Collector extends Logger {
  constructor(faults) {
    super();
    this.level = LogLevel.Warn;
    this.faults = faults;
  }

  log(message, level) {
    if (level >= LogLevel.Warn) this.faults.push(message);
  }

  addContext(message, _level, place, file = place?.getSourceFile?.()) {
    if (!file) return message;
    const at = typeof place === "number" ? place : place.getStart(file, false);
    const { line } = file.getLineAndCharacterOfPosition(at);
    return `${relative(root, file.fileName)}:${line + 1}: ${message}`;
  }
}
