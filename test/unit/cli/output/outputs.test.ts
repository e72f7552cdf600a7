/** The files of reports: checked before a run and written after it. */
import { chmod, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as outputs from "../../../../src/cli/output/outputs.ts";
import { BenchError } from "../../../../src/errors.ts";
import type { FormatEntry } from "../../../../src/report/format.ts";

const test = suite<{ folder: string }>("outputs");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-outputs-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const parse = (...texts: string[]) =>
  outputs.parseOutputs(texts).map(({ format, file }) => ({ format: format.name, file }));

/** A format that prints its own name. */
const format = (name: string): FormatEntry => ({
  name,
  shows: ["results"],
  load: async () => ({ name, render: () => `${name}\n` }),
});

async function refuses(act: () => unknown, ...words: string[]): Promise<void> {
  const error = await Promise.resolve()
    .then(act)
    .then(() => null)
    .catch((thrown: unknown) => thrown);
  assert.instance(error, BenchError);
  assert.is((error as BenchError).exitCode, 2);
  for (const word of words) assert.ok((error as BenchError).message.includes(word), word);
}

test("without an output the table goes to standard output", () => {
  assert.equal(parse(), [{ format: "table", file: null }]);
});

test("an output to standard output replaces the table, and an output to a file does not", () => {
  assert.equal(parse("json"), [{ format: "json", file: null }]);
  assert.equal(parse("json=-"), [{ format: "json", file: null }]);
  assert.equal(parse("json=a=b.json"), [
    { format: "table", file: null },
    { format: "json", file: "a=b.json" },
  ]);
});

test("a path of standard output is standard output: the table does not go before its data", async ({
  folder,
}) => {
  const link = path.join(folder, "out.json");
  await symlink("/dev/stdout", link);
  for (const file of ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1", link]) {
    assert.equal(parse(`json=${file}`), [{ format: "json", file: null }], file);
  }
  await refuses(() => parse("table", "json=/dev/stdout"), "table and json", "--output=json=FILE");
  const [table, json] = parse("json=/dev/stderr");
  assert.equal([table?.format, json?.file], ["table", "/dev/stderr"]);
});

test("an open descriptor is written to where its file lies in a folder that the user may not enter", async ({
  folder,
}) => {
  const closed = path.join(folder, "closed");
  await mkdir(closed);
  const log = path.join(closed, "log");
  await writeFile(log, "before\n");
  const handle = await open(log, "a");
  await chmod(closed, 0);
  const written = [`/dev/fd/${handle.fd}`, `/proc/self/fd/${handle.fd}`].map((file) => ({
    format: format("csv"),
    file,
  }));
  const user = process.geteuid!();
  // Root may enter every folder.
  if (user === 0) process.seteuid!(65_534);
  try {
    await outputs.checkWritable(written, null);
    const failures = await outputs.writeOutputs(
      written,
      { kind: "results", results: [] },
      { color: false, widthColumns: null },
    );
    assert.equal(failures, []);
  } finally {
    process.seteuid!(user);
    await handle.close();
    await chmod(closed, 0o700);
  }
  assert.is(await readFile(log, "utf8"), "before\ncsv\ncsv\n");
});

test("unknown formats, missing files and clashes are refused", async () => {
  await refuses(() => parse("jsn"), "--output", '"jsn"', "did you mean json?");
  await refuses(
    () => parse("xml=f"),
    "--output",
    '"xml"',
    "table, summary, markdown, html, json, csv",
  );
  await refuses(() => parse(""), "--output", '""');
  await refuses(() => parse("json="), "--output", "names no file");
  await refuses(() => parse("json", "csv"), "--output", "standard output", "--output=csv=FILE");
  await refuses(() => parse("json=f", "csv=./f"), "--output", "named twice");
});

test("a file or folder that cannot be written is refused, and the error names its flag", async ({
  folder,
}) => {
  const missing = path.join(folder, "none", "run.json");
  await refuses(
    () => outputs.checkWritable([{ format: format("json"), file: missing }], null),
    "--output: ",
    missing,
  );
  const file = path.join(folder, "file");
  await writeFile(file, "");
  await refuses(() => outputs.checkWritable([], path.join(file, "results")), "--save: ", file);
  await outputs.checkWritable(
    [{ format: format("json"), file }],
    path.join(folder, "new", "folder"),
  );
});

test("two outputs, one a link to the other, are one file, whether it exists or not", async ({
  folder,
}) => {
  const target = path.join(folder, "target.json");
  const link = path.join(folder, "link.csv");
  await symlink("target.json", link);
  const both = [
    { format: format("json"), file: target },
    { format: format("csv"), file: link },
  ];
  await refuses(() => outputs.checkWritable(both, null), "--output: ", "are one file", link);
  await writeFile(target, "");
  await refuses(() => outputs.checkWritable(both, null), "--output: ", "are one file", link);
  await outputs.checkWritable(
    ["json", "csv"].map((name) => ({ format: format(name), file: "/dev/null" })),
    null,
  );
});

test("an output must not be one of the input results", async ({ folder }) => {
  const input = path.join(folder, "run.json");
  const link = path.join(folder, "link.json");
  await writeFile(input, "{}");
  await symlink(input, link);
  const check = (file: string) =>
    outputs.checkNotAnInput([{ format: format("json"), file }], [input]);
  await refuses(() => check(input), "--output: ", input);
  await refuses(() => check(link), "--output: ", link);
  await check(path.join(folder, "other.json"));
});

test("an output that cannot be written does not affect the others", async ({ folder }) => {
  const gone = path.join(folder, "gone", "a.json");
  const kept = path.join(folder, "b.csv");
  await mkdir(path.dirname(gone));
  await outputs.checkWritable([{ format: format("json"), file: gone }], null);
  await rm(path.dirname(gone), { recursive: true });
  const failures = await outputs.writeOutputs(
    [
      { format: format("json"), file: gone },
      { format: format("csv"), file: kept },
    ],
    { kind: "results", results: [] },
    { color: false, widthColumns: null },
  );
  assert.is(failures.length, 1);
  assert.is(failures[0]!.exitCode, 1);
  assert.ok(failures[0]!.message.includes(gone));
  assert.is(await readFile(kept, "utf8"), "csv\n");
});

test.run();
