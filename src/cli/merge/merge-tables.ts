// Joins the tables of cells that shards have written: one table for all images.

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { naturalOrder } from "../../data/pairs.js";
import { type ImageReceipt, progressFolder, receiptsOf } from "../../node/image-receipts.js";
import { writeFileAtomic } from "../../node/run-files.js";
import { readJournals } from "../../node/shard-journal.js";
import { csvRow, joinedHead, splitCsvRow } from "../../objects/measurement-table.js";

/** The suffix of a table of cells, `predict --measure`. */
const TABLE = "-objects.csv";

/** What was joined. */
export interface MergedTables {
  /** The file of the table. */
  readonly csv: string;
  readonly images: number;
  readonly objects: number;
  /** Images that were predicted with other options or another checkpoint than the last ones, and are left out. */
  readonly others: readonly string[];
}

/**
 * Writes `objects.csv` into the output folder: the rows of all images in natural order of their names. Throws one
 * line if an image has no table. Memory does not depend on the number of cells.
 */
export async function mergeTables(output: string): Promise<MergedTables> {
  const receipts = [...receiptsOf(await readJournals(progressFolder(output))).values()];
  if (receipts.length === 0) throw new Error(`${output}: no image was predicted here`);
  const { task } = receipts.reduce((a, b) => (b.at > a.at ? b : a));
  const used = receipts
    .filter((one) => one.task === task)
    .sort((a, b) => naturalOrder(a.name, b.name));
  const tables = used.map((receipt) => join(output, tableOf(receipt)));
  const heads: string[][] = [];
  for (const table of tables) heads.push(await headOf(table));
  const head = joinedHead(heads);
  const counted = { objects: 0 };
  const csv = join(output, "objects.csv");
  await writeFileAtomic(csv, rowsOf(tables, heads, head, counted));
  const others = receipts.filter((one) => one.task !== task).map(({ name }) => name);
  return { csv, images: used.length, objects: counted.objects, others };
}

function tableOf({ name, files }: ImageReceipt): string {
  const table = `${name}${TABLE}`;
  if (Object.hasOwn(files, table)) return table;
  throw new Error(`${name}: it has no table of cells; run the shards with --measure`);
}

async function headOf(table: string): Promise<string[]> {
  for await (const line of linesOf(table)) return splitCsvRow(line);
  throw new Error(`${table}: it is empty; run the shards again`);
}

/** The lines of the joined table, several at a time. */
async function* rowsOf(
  tables: readonly string[],
  heads: readonly (readonly string[])[],
  head: readonly string[],
  counted: { objects: number },
): AsyncGenerator<string> {
  yield `${head.join(",")}\n`;
  for (const [i, table] of tables.entries()) {
    const own = heads[i];
    const places = head.map((name) => own.indexOf(name));
    const isEqual = own.length === head.length;
    let [isHead, block] = [true, ""];
    for await (const line of linesOf(table)) {
      if (isHead) {
        isHead = false;
        continue;
      }
      counted.objects++;
      const cells = isEqual ? undefined : splitCsvRow(line);
      block += `${cells ? csvRow(places.map((place) => cells[place] ?? "")) : line}\n`;
      if (block.length < 2 ** 20) continue;
      yield block;
      block = "";
    }
    yield block;
  }
}

/** The rows of a table; a line break within quotes does not end a row. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let row = "";
  for await (const line of createInterface({ input: createReadStream(path) })) {
    row += row === "" ? line : `\n${line}`;
    if ((row.split('"').length - 1) % 2 === 1) continue;
    yield row;
    row = "";
  }
}
