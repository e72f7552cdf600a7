/** Tests saving and loading: no partial files, and an error of one line for every bad file. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { packageRoot } from "../../../src/package-root.ts";
import { assertWritable, writeFileAtomically } from "../../../src/result/atomic-file.ts";
import { saveResult } from "../../../src/result/save-result.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { loadResult, loadResults } from "../../../src/saved/store.ts";
import {
  HIGHEST_NS,
  LOWEST_NS,
  SIGNIFICANT_DIGITS,
  V2_COOKIE,
  V2_HEADER_BYTES,
} from "../../../src/stats/histogram-form.ts";
import { latencyFixture, resultFixture } from "../../fixtures/result-fixture.ts";
import { until } from "../../harness/conditions.ts";

const test = suite<{ dir: string }>("store", { dir: "" });

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(os.tmpdir(), "bench-store-"));
});

test.after.each(({ dir }) => {
  rmSync(dir, { recursive: true, force: true });
});

/** HdrHistogram V2 over one hour in nanoseconds, compressed, with these words of counts. */
function encoded(words: number[]): string {
  const header = Buffer.alloc(V2_HEADER_BYTES);
  header.writeInt32BE(V2_COOKIE, 0);
  header.writeInt32BE(words.length, 4);
  header.writeInt32BE(SIGNIFICANT_DIGITS, 12);
  header.writeBigInt64BE(BigInt(LOWEST_NS), 16);
  header.writeBigInt64BE(BigInt(HIGHEST_NS), 24);
  header.writeDoubleBE(1, 32);
  const body = deflateSync(Buffer.concat([header, Buffer.from(words)]));
  const start = Buffer.alloc(8);
  start.writeInt32BE(0x1c849314, 0);
  start.writeInt32BE(body.byteLength, 4);
  return Buffer.concat([start, body]).toString("base64");
}

const EMPTY_HISTOGRAM = encoded([]);

async function refusal(work: Promise<unknown>): Promise<BenchError> {
  const thrown = await work.then(
    () => assert.unreachable("nothing was thrown"),
    (error: unknown) => error,
  );
  assert.instance(thrown, BenchError);
  const error = thrown as BenchError;
  assert.is(error.exitCode, EXIT.usage);
  assert.not(error.message.includes("\n"), error.message);
  return error;
}

test("a saved result loads as it was, from a folder made for it", async ({ dir }) => {
  const result = resultFixture();
  const file = await saveResult(path.join(dir, "a", "b"), result);
  assert.is(path.basename(file), "20260801T101112Z-put-mfy3k2a1x9k2.json");
  assert.equal(await loadResult(file), result);
  assert.equal(readdirSync(path.dirname(file)), [path.basename(file)]);
});

test("a folder that cannot be made gives an error that names it, and the result is unchanged", async ({
  dir,
}) => {
  const blocked = path.join(dir, "file");
  writeFileSync(blocked, "");
  const result = resultFixture();
  const error = await refusal(saveResult(path.join(blocked, "results"), result));
  assert.match(error.message, path.join(blocked, "results"));
  assert.equal(result, resultFixture());
});

test("a failed write keeps the old file, gives an error that names it, and leaves no other file", ({
  dir,
}) => {
  const file = path.join(dir, "result.json");
  writeFileSync(file, "old");
  const store = path.join(packageRoot(), "dist", "src", "result", "atomic-file.js");
  const script = `
    const { writeFileAtomically } = await import(${JSON.stringify(pathToFileURL(store).href)});
    await writeFileAtomically(${JSON.stringify(file)}, "x".repeat(4 << 20)).then(
      () => console.log("written"),
      (error) => console.log(error.message),
    );`;
  // The shell's file size limit acts like a full disk, with its signal ignored.
  const child = spawnSync(
    "sh",
    [
      "-c",
      'trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ],
    { encoding: "utf8" },
  );
  assert.match(child.stdout, `cannot write ${file}: `, child.stderr);
  assert.is(readFileSync(file, "utf8"), "old");
  assert.equal(readdirSync(dir), ["result.json"]);
});

test("a file is replaced as a whole, also through a link", async ({ dir }) => {
  const file = path.join(dir, "real.txt");
  const link = path.join(dir, "link.txt");
  writeFileSync(file, "old and longer");
  symlinkSync(file, link);
  await writeFileAtomically(link, "new");
  assert.is(readFileSync(file, "utf8"), "new");
  assert.equal(readdirSync(dir).sort(), ["link.txt", "real.txt"]);
});

test("a device is written to, not replaced", async () => {
  await assertWritable("/dev/null");
  await writeFileAtomically("/dev/null", "gone");
});

test("a replaced file keeps its mode, and writing to a dangling link makes its target", async ({
  dir,
}) => {
  for (const mode of [0o600, 0o640, 0o755]) {
    const file = path.join(dir, `mode-${mode}`);
    writeFileSync(file, "old", { mode });
    chmodSync(file, mode);
    await writeFileAtomically(file, "new");
    assert.is(statSync(file).mode & 0o777, mode);
  }
  const link = path.join(dir, "link");
  symlinkSync("later.txt", link);
  await assertWritable(link);
  await writeFileAtomically(link, "there");
  assert.is(readFileSync(path.join(dir, "later.txt"), "utf8"), "there");
  assert.ok(lstatSync(link).isSymbolicLink());
});

test("a named pipe and a socket get the text, and are not replaced", async ({ dir }) => {
  const pipe = path.join(dir, "pipe");
  spawnSync("mkfifo", [pipe]);
  const [read] = await Promise.all([readFile(pipe, "utf8"), writeFileAtomically(pipe, "by pipe")]);
  assert.is(read, "by pipe");
  assert.ok(lstatSync(pipe).isFIFO());

  // The pipe blocks no thread: its reader may come much later, or never.
  const said: string[] = [];
  const unread = writeFileAtomically(pipe, "late", (line) => said.push(line));
  await until("a word on the missing reader", () => said.length > 0);
  assert.equal(said, [`waiting for a reader of the pipe ${pipe}`]);
  const [late] = await Promise.all([readFile(pipe, "utf8"), unread]);
  assert.is(late, "late");

  const file = path.join(dir, "socket");
  let heard = "";
  const server = createServer((socket) => socket.on("data", (text) => (heard += text)));
  await new Promise<void>((resolve) => server.listen(file, resolve));
  const closed = new Promise((resolve) => server.once("connection", (s) => s.on("end", resolve)));
  await assertWritable(file);
  await writeFileAtomically(file, "by socket");
  await closed;
  server.close();
  assert.is(heard, "by socket");
});

test("an open descriptor is written at its current position: no line of a log is lost", ({
  dir,
}) => {
  const log = path.join(dir, "all.log");
  const link = path.join(dir, "link");
  symlinkSync("/dev/stdout", link);
  const store = path.join(packageRoot(), "dist", "src", "result", "atomic-file.js");
  const names = ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/3", "/proc/self/fd/3", link];
  const script = `
    const { assertWritable, writeFileAtomically } = await import(${JSON.stringify(pathToFileURL(store).href)});
    process.stdout.write("first\\n");
    for (const name of ${JSON.stringify(names)}) {
      await assertWritable(name);
      await writeFileAtomically(name, name + "\\n");
    }
    await assertWritable("/dev/fd/77").catch(({ message }) => console.log(message));`;
  for (const redirect of ['>>"$2" 3>&1', '>"$2" 3>&1', '3>>"$2" >&3']) {
    writeFileSync(log, "kept\n");
    const child = spawnSync(
      "sh",
      ["-c", `exec "$0" --input-type=module -e "$1" ${redirect}`, process.execPath, script, log],
      { encoding: "utf8" },
    );
    assert.is(child.status, 0, child.stderr);
    const text = readFileSync(log, "utf8");
    const before = redirect.startsWith('>"') ? "" : "kept\n";
    assert.is(text.slice(0, text.indexOf("cannot")), `${before}first\n${names.join("\n")}\n`);
    assert.match(text, /\/dev\/fd\/77: descriptor 77 is not open/);
  }
});

test("a writable path passes the check, and the check leaves no file", async ({ dir }) => {
  writeFileSync(path.join(dir, "there"), "kept");
  await assertWritable(path.join(dir, "there"));
  await assertWritable(path.join(dir, "new"));
  await assertWritable(path.join(dir, "x", "y"), "folder");
  assert.equal(readdirSync(dir), ["there"]);
  assert.is(readFileSync(path.join(dir, "there"), "utf8"), "kept");
});

test("the error for a path that cannot be written names it", async ({ dir }) => {
  const file = path.join(dir, "file");
  writeFileSync(file, "");
  for (const work of [
    () => assertWritable(path.join(dir, "missing", "out.json")),
    () => assertWritable(path.join(file, "out.json")),
    () => assertWritable(path.join(file, "results"), "folder"),
    () => assertWritable(file, "folder"),
    () => assertWritable(dir),
    () => assertWritable("/proc/out.json"),
    () => assertWritable("/proc/results", "folder"),
  ]) {
    const { message } = await refusal(work());
    assert.match(
      message,
      /^cannot write to the (file|folder) \/\S+: .+; name a (file|folder) that/,
    );
  }
});

test("a bad file gives an error of one line that names the file and the reason", async ({
  dir,
}) => {
  const good = resultFixture();
  const file = path.join(dir, "result.json");
  const wrongCount = structuredClone(good) as unknown as {
    operations: { requests: { offered: unknown } }[];
  };
  wrongCount.operations[0]!.requests.offered = "many";
  const newer = structuredClone(good) as unknown as {
    plan: { workload: { kind: string } };
  };
  newer.plan.workload.kind = "leap";
  const newerVerdict = { ...good, verdict: { ...good.verdict, kind: "odd" } };
  const cases: [string, RegExp][] = [
    ["", /is not JSON/],
    [JSON.stringify(good).slice(0, -20), /is not JSON/],
    ["null", /is not a result of bench/],
    ["[]", /has no result/],
    ["{}", /is not a result of bench: schemaVersion: /],
    [JSON.stringify({ ...good, schemaVersion: 2 }), /has schemaVersion 2, .* newer/],
    [JSON.stringify({ ...good, schemaVersion: "1" }), /is not a result of bench: schemaVersion: /],
    [
      JSON.stringify(newer),
      / has plan\.workload\.kind "leap", which this bench does not know: use /,
    ],
    [JSON.stringify([newerVerdict]), / has \[0\]\.verdict\.kind "odd", which this bench does not /],
    [JSON.stringify(wrongCount), /operations\[0\]\.requests\.offered: expected .*number/],
    [JSON.stringify([good, wrongCount]), /: \[1\]\.operations\[0\]\.requests\.offered: /],
  ];
  for (const [text, expected] of cases) {
    writeFileSync(file, text);
    const { message } = await refusal(loadResult(file));
    assert.match(message, expected);
    assert.ok(message.startsWith(file), message);
  }
});

test("the error for a damaged histogram or an impossible time names the field", async ({ dir }) => {
  const file = path.join(dir, "result.json");
  const withHistogram = (histogram: string) => {
    const result = resultFixture();
    result.operations[0]!.serviceTime = latencyFixture({ histogram });
    return result;
  };
  const empty = withHistogram(EMPTY_HISTOGRAM);
  writeFileSync(file, JSON.stringify(empty));
  assert.equal(await loadResult(file), empty);
  const damaged = Buffer.from(EMPTY_HISTOGRAM, "base64");
  damaged[20]! ^= 0xff;
  const cases: [RunResult, RegExp][] = [
    [withHistogram(""), /: operations\[0\]\.serviceTime\.histogram: damaged histogram: /],
    [withHistogram(EMPTY_HISTOGRAM.slice(0, 20)), /damaged histogram: /],
    [withHistogram(damaged.toString("base64")), /damaged histogram: /],
    [withHistogram(encoded([0x80])), /damaged histogram: histogram is cut short/],
    [{ ...resultFixture(), startedAt: "2026-13-45T99:99:99Z" }, /: startedAt: /],
    [{ ...resultFixture(), measuredAt: "yesterday" }, /: measuredAt: /],
  ];
  for (const [result, expected] of cases) {
    writeFileSync(file, JSON.stringify(result));
    assert.match((await refusal(loadResult(file))).message, expected);
  }
});

test("the error for a missing file or a folder names it", async ({ dir }) => {
  const missing = path.join(dir, "missing.json");
  assert.is(
    (await refusal(loadResult(missing))).message,
    `cannot read ${missing}: no such file or folder`,
  );
  mkdirSync(path.join(dir, "sub"));
  assert.match((await refusal(loadResult(path.join(dir, "sub")))).message, "it is a folder");
});

test("a name as bench list prints it gets the path in the folder that it lists", async ({
  dir,
}) => {
  mkdirSync(path.join(dir, "results"));
  writeFileSync(path.join(dir, "results", "run.json"), "[]");
  const before = process.cwd();
  process.chdir(dir);
  try {
    const { message } = await refusal(loadResult("run.json"));
    assert.match(message, /no such file or folder; did you mean results\/run\.json\?$/);
    assert.not.match((await refusal(loadResult("other.json"))).message, "did you mean");
  } finally {
    process.chdir(before);
  }
});

test("an array of results loads as several, and is refused where one result is needed", async ({
  dir,
}) => {
  const file = path.join(dir, "results.json");
  const pair = [resultFixture(), resultFixture({ id: "mfy3k2a1x9k3" })];
  writeFileSync(file, JSON.stringify(pair));
  assert.equal(await loadResults(file), pair);
  assert.match((await refusal(loadResult(file))).message, "2 results");
});

test.run();
