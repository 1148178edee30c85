// Writes libjpeg-turbo as WebAssembly (@cornerstonejs/codec-libjpeg-turbo-8bit) to a module,
// src/formats/jpeg/libjpeg.generated.ts, so that Node and every bundler import it like any other:
// no file next to the bundle whose URL must be found, no bundler settings, nothing from Node in a
// page.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const NAME = "@cornerstonejs/codec-libjpeg-turbo-8bit";
const { resolve } = createRequire(import.meta.url);
const target = new URL("../src/formats/jpeg/libjpeg.generated.ts", import.meta.url);
const { version } = JSON.parse(
  readFileSync(resolve(`${NAME}/decode`).replace(/dist.*/, "package.json"), "utf8"),
);

/** The loader checks at run time whether it runs in Node, and would read its file there. */
const absent = Object.fromEntries(
  ["process", "__filename", "__dirname", "document"].map((name) => [name, "undefined"]),
);
const nothing = {
  name: "nothing of Node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(fs|path)$/ }, ({ path }) => ({ path, namespace: "nothing" }));
    onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "module.exports = {}" }));
  },
};
const { outputFiles } = await build({
  entryPoints: [resolve(`${NAME}/decodewasmjs`)],
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  define: absent,
  plugins: [nothing],
  write: false,
});
const wasm = readFileSync(resolve(`${NAME}/decodewasm`)).toString("base64");
const loader = outputFiles[0].text.replace(/export default (.*?);?\s*$/, "export const load = $1;");
const text = `// @ts-nocheck
// Generated from ${NAME} ${version} by scripts/embed-jpeg.js. Do not edit.
/*!
 * @license ${NAME} ${version}, ISC, around libjpeg-turbo, BSD-3-Clause and IJG. This software is
 * based in part on the work of the Independent JPEG Group.
 */
${loader}
/** The code, in base 64. */
export const wasm: string = "${wasm}";
`;
let old = "";
try {
  old = readFileSync(target, "utf8");
} catch {}
if (old !== text) writeFileSync(fileURLToPath(target), text);
