/** Tests the cache of compiled code: each test runs chunks in a thread with a new cache folder. */
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/package-root.ts";

const test = suite<{ folder: string }>("code cache", { folder: "" });

test.before.each((context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), "bench-code-"));
  const chunks = path.join(context.folder, "chunks");
  mkdirSync(chunks);
  writeFileSync(
    path.join(chunks, "main-1.cjs"),
    `const path = require("node:path");
exports.name = path.basename(__filename);
const later = require("./later-1.cjs");
process.exitCode = later.run(exports.name, require("./main-1.cjs") === exports);`,
  );
  writeFileSync(
    path.join(chunks, "later-1.cjs"),
    `exports.run = (name, isOne) => {
  console.log(name, isOne);
  return process.argv.includes("--fail") ? 1 : 0;
};`,
  );
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** The output of the chunks, in a thread: it has its own argv and env, and starts fast. */
async function run(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const module = path.join(packageRoot(), "dist/src/code-cache.js");
  const script = `const { runChunks } = await import(${JSON.stringify(module)});
    const { createRequire } = await import("node:module");
    const entry = ${JSON.stringify(path.join(folder, "chunks/main-1.cjs"))};
    runChunks(entry, createRequire(entry));`;
  const starter = path.join(folder, "start.mjs");
  writeFileSync(starter, script);
  const worker = new Worker(starter, {
    argv: [...args],
    env: { ...process.env, XDG_CACHE_HOME: path.join(folder, "cache"), ...env },
    stdout: true,
  });
  let printed = "";
  worker.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await Promise.all([once(worker, "exit"), once(worker.stdout, "end")]);
  return printed;
}

function kept(folder: string): string[] {
  return filesBelow(path.join(folder, "cache/etcd-bench/code"));
}

/** The files of the chunks, as paths relative to `folder`. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.includes("main-1"));
}

test("a command that succeeds caches its code, and the next run uses it", async ({ folder }) => {
  const printed = "main-1.cjs true\n";
  assert.is(await run(folder, ["put", "--fail"]), printed);
  assert.equal(kept(folder), []);
  assert.is(await run(folder, ["put"]), printed);
  const names = kept(folder);
  assert.is(names.length, 1);
  const file = path.join(folder, "cache/etcd-bench/code", names[0]!);
  const code = readFileSync(file);
  assert.is(await run(folder, ["put"]), printed);
  assert.equal(readFileSync(file), code);
  await run(folder, ["put", "--help"]);
  await run(folder, ["range", "foo"]);
  const commands = kept(folder).map((name) => path.extname(name));
  assert.equal(commands.sort(), [".help", ".put", ".range"]);
});

test("a damaged cache is written again", async ({ folder }) => {
  await run(folder, ["put"]);
  const file = path.join(folder, "cache/etcd-bench/code", kept(folder)[0]!);
  const code = readFileSync(file);
  for (const broken of [code.subarray(0, code.length / 2), Buffer.from("no JSON\nat all")]) {
    writeFileSync(file, broken);
    assert.is(await run(folder, ["put"]), "main-1.cjs true\n");
    assert.ok(readFileSync(file).length >= code.length / 2 && readFileSync(file) !== broken);
  }
});

test("a cache folder that cannot be made, or is disabled, does not fail the command", async ({
  folder,
}) => {
  writeFileSync(path.join(folder, "cache"), "a file");
  assert.is(await run(folder, ["put"]), "main-1.cjs true\n");
  rmSync(path.join(folder, "cache"));
  assert.is(await run(folder, ["put"], { NODE_DISABLE_COMPILE_CACHE: "1" }), "main-1.cjs true\n");
  assert.equal(kept(folder), []);
});

test("nothing is cached below a home folder that does not exist", async ({ folder }) => {
  const home = path.join(folder, "nobody");
  for (const XDG_CACHE_HOME of ["", "relative", path.join(home, "cache")]) {
    assert.is(await run(folder, ["put"], { HOME: home, XDG_CACHE_HOME }), "main-1.cjs true\n");
    assert.is(existsSync(home), false, XDG_CACHE_HOME);
  }
});

test("the cache is below the home folder if XDG_CACHE_HOME is empty or relative", async ({
  folder,
}) => {
  const home = path.join(folder, "home");
  for (const XDG_CACHE_HOME of ["", "relative"]) {
    mkdirSync(home);
    await run(folder, ["put"], { HOME: home, XDG_CACHE_HOME });
    assert.is(filesBelow(path.join(home, ".cache/etcd-bench/code")).length, 1, XDG_CACHE_HOME);
    rmSync(home, { recursive: true });
  }
});

test("a cache file that cannot be moved to its place leaves no file", async ({ folder }) => {
  await run(folder, ["put"]);
  const code = path.join(folder, "cache/etcd-bench/code");
  const [name] = kept(folder);
  rmSync(path.join(code, name!));
  mkdirSync(path.join(code, name!));
  assert.is(await run(folder, ["put"]), "main-1.cjs true\n");
  assert.equal(kept(folder), [name]);
});

test.run();
