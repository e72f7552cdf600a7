/**
 * Checks which packages each command loads, because loading is most of the start time: each package
 * costs about ten milliseconds, and most are needed by few commands.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { BenchProcess } from "../harness/bench-process.ts";
import { MODULES } from "../harness/built-bench.ts";

const DIST = new URL("../../", import.meta.url).href;
/** Modules that the bundle replaces by their data: see scripts/bundle.mjs. */
const DATA_MODULES = ["src/proto-definitions.js", "src/saved/published-results.js"];

/** Writes each loaded module, in any thread, and the module that imports it to $LOADED. */
const HOOK = `import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(\`
  import { appendFileSync } from "node:fs";
  export async function resolve(name, context, next) {
    const found = await next(name, context);
    appendFileSync(process.env.LOADED, JSON.stringify([context.parentURL, found.url]) + "\\\\n");
    return found;
  }\`));
`;

/** The packages that our modules import during the command, sorted. */
async function packagesOf(args: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "bench-start-up-"));
  try {
    const hook = path.join(folder, "hook.mjs");
    const loaded = path.join(folder, "loaded");
    await writeFile(hook, HOOK);
    const env = { NODE_OPTIONS: `--import=file://${hook}`, LOADED: loaded };
    const { code, stderr } = await new BenchProcess(args, { env, program: MODULES }).ended;
    assert.is(code, 0, stderr);
    return packagesIn(await readFile(loaded, "utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function packagesIn(loaded: string): string[] {
  const imports = new Map<string, string[]>();
  const ours = new Set<string>();
  for (const line of loaded.trimEnd().split("\n")) {
    const [from, to] = JSON.parse(line) as [string | undefined, string];
    // Entry modules of a process or thread are imported by no module of ours.
    if (from?.startsWith(DIST)) imports.set(from, [...(imports.get(from) ?? []), to]);
    else if (to.startsWith(DIST)) ours.add(to);
  }
  assert.ok(ours.size > 0, "the program has been loaded");
  const packages = new Set<string>();
  for (const file of ours) {
    if (DATA_MODULES.some((module) => file === DIST + module)) continue;
    for (const to of imports.get(file) ?? []) {
      const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(fileURLOf(to))?.[1];
      if (name !== undefined) packages.add(name);
      else if (to.startsWith(DIST)) ours.add(to);
    }
  }
  return [...packages].sort();
}

/** Empty for one of Node's own modules. */
function fileURLOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : "";
}

onEachEtcd("start-up", {}, (test, etcd) => {
  for (const [line, packages] of [
    ["--help", ["fastest-levenshtein", "yargs"]],
    ["put --help", ["fastest-levenshtein", "yargs"]],
    ["completion bash", ["fastest-levenshtein"]],
  ] as const) {
    test(`bench ${line} loads only ${packages.join(" and ")}`, async () => {
      assert.equal(await packagesOf(line.split(" ")), packages);
    });
  }

  test("a run loads no yargs, no zod and no YAML", async () => {
    assert.equal(await packagesOf(["put", `--endpoints=${etcd.endpoint}`, "--total=1"]), [
      "@grpc/grpc-js",
      "cli-table3",
      "fastest-levenshtein",
      "hdr-histogram-js",
      "protobufjs",
    ]);
  });
});
