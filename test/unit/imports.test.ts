/** Checks every import in src/ against import-rules.ts. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WORKLOAD_COMMANDS } from "../../src/workloads/catalogue.ts";
import { MAY_IMPORT, PACKAGE_BELONGS_TO, RUN_MAY_IMPORT_OF_LOAD } from "./import-rules.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SRC = join(ROOT, "src");
const COMPILED = join(ROOT, "dist/src");

/** The `imports` of package.json, without the extension. */
const ALIASES: Record<string, string | undefined> = Object.fromEntries(
  Object.entries(
    (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as PackageJson).imports,
  ).map(([name, file]) => [name, relative("dist/src", file).replace(/\.js$/, "")]),
);

interface PackageJson {
  imports: Record<string, string>;
}

interface Import {
  /** Paths relative to src/. */
  from: string;
  /** Another file of src/, or a package. */
  to: string;
  /** True for a dynamic import, which is not loaded with the file. */
  isLater: boolean;
}

/** Static and dynamic imports and re-exports, types included. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s*"([^"]+)"|(?:^|\n)import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/g;

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, extension);
    return entry.name.endsWith(extension) ? [path] : [];
  });
}

function importsOf(file: string, root: string): Import[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(IMPORT)].map((match) => {
    const to = match[1] ?? match[2] ?? match[3]!;
    const extension = root === SRC ? ".ts" : ".js";
    const alias = ALIASES[to];
    const isOurs = to.startsWith(".");
    const target =
      alias !== undefined
        ? alias + extension
        : isOurs
          ? relative(root, join(dirname(file), to))
          : to;
    return { from: relative(root, file), to: target, isLater: match[3] !== undefined };
  });
}

const sources = filesBelow(SRC, ".ts");
const imports = sources.flatMap((file) => importsOf(file, SRC));
const known = new Set(sources.map((file) => relative(SRC, file)));
const ours = imports.filter(({ to }) => known.has(to));

function partOf(file: string): string {
  return file.split("/")[0]!;
}

function listed(wrong: readonly Import[]): string {
  return wrong.map(({ from, to }) => `${from} -> ${to}`).join("\n");
}

test("every form of import is found, and every imported file exists", () => {
  assert.ok(sources.length > 100 && ours.length > 200, `${ours.length} imports`);
  const see = (from: string, to: string) =>
    assert.ok(
      imports.some((one) => one.from === from && one.to === to),
      `${from} -> ${to}`,
    );
  see("main.ts", "cli/main.ts");
  see("workers/wire-worker.ts", "wire/index.ts");
  see("wire/channel.ts", "node:net");
  see("reference/grpc-js-transport.ts", "@grpc/grpc-js");
  // One over several lines, and one of a type only.
  see("wire/send-queue.ts", "wire/frames.ts");
  see("load/messages.ts", "plan/schema.ts");
  const lost = imports.filter(({ to }) => to.endsWith(".ts") && !known.has(to));
  assert.is(listed(lost), "");
});

test("imports run downward only", () => {
  const wrong = ours.filter(({ from, to }) => {
    const [part, target] = [partOf(from), partOf(to)];
    return part !== target && !MAY_IMPORT[part]?.includes(target);
  });
  assert.is(listed(wrong), "");
});

test("the allowed imports have no cycle", () => {
  const visit = (part: string, path: readonly string[]): void => {
    assert.not(path.includes(part), `${[...path, part].join(" -> ")}`);
    for (const next of MAY_IMPORT[part] ?? []) visit(next, [...path, part]);
  };
  for (const part of Object.keys(MAY_IMPORT)) visit(part, []);
});

test("run/ imports the messages of load/, and neither the driver nor a transport", () => {
  const wrong = ours.filter(
    ({ from, to }) =>
      partOf(from) === "run" && partOf(to) === "load" && !RUN_MAY_IMPORT_OF_LOAD.test(to),
  );
  assert.is(listed(wrong), "");
});

test("wire/ is imported only through its two index files", () => {
  const wrong = ours.filter(
    ({ from, to }) =>
      partOf(to) === "wire" &&
      partOf(from) !== "wire" &&
      !["wire/index.ts", "wire/framing.ts"].includes(to),
  );
  assert.is(listed(wrong), "");
});

/** Files in which a workload's name has another meaning. */
const OTHER_MEANINGS: Record<string, readonly string[]> = {
  // Requests of other clients, and commands of etcd's own tool.
  "calibrate/cost.ts": ["put", "range"],
  "calibrate/etcd-benchmark.ts": ["put", "range"],
  "calibrate/h2load.ts": ["put"],
  "calibrate/other-client.ts": ["put", "range"],
  "calibrate/workloads.ts": ["put", "range"],
  // The commands that help shows first, and an example.
  "cli/argv/yargs-help.ts": ["put"],
  "cli/saved/list-flags.ts": ["put"],
  // The doctor runs it as its light load.
  "doctor/probes/load.ts": ["mixed"],
  // The words of --event.
  "events/compaction.ts": ["compact"],
  "events/defragmentation.ts": ["defrag"],
  // The kinds of single requests.
  "failover/assess.ts": ["lease-keepalive", "lock", "put", "watch"],
  "failover/data-figures.ts": ["lease-keepalive"],
  "failover/report.ts": ["watch"],
  "failover/verdict.ts": ["lease-keepalive", "lock", "put", "watch"],
  // A verb of kubectl, and the system that places agents.
  "placement/kubernetes/actions.ts": ["delete"],
  "placement/kubernetes/engine.ts": ["kubernetes"],
  // Files of etcd's protocol, and a header of HTTP.
  "proto-files.ts": ["election", "lock", "watch"],
  "wire/hpack/static-table.ts": ["range"],
};

test("no file outside of workloads/ names a workload", () => {
  const names = new Set(WORKLOAD_COMMANDS.map(({ name }) => name));
  const files = sources.map((file) => relative(SRC, file));
  const wrong = files
    .filter((file) => partOf(file) !== "workloads")
    .flatMap((file) => {
      const text = readFileSync(join(SRC, file), "utf8");
      const literals = [...text.matchAll(/(?<!formatNoun\([\w.]+, )"([\w-]+)"/g)];
      const prefixes = [...text.matchAll(/\b(?:starts|ends)With\("([\w-]+?)-?"/g)];
      return [...literals, ...prefixes]
        .map((each) => each[1]!)
        .filter((word) => names.has(word) && !OTHER_MEANINGS[file]?.includes(word))
        .map((word) => `${file}: ${word}`);
    });
  assert.equal(wrong, []);
  for (const file of Object.keys(OTHER_MEANINGS)) assert.ok(files.includes(file), file);
});

test("a package is imported only by the parts that the rules name", () => {
  const wrong = imports.filter(({ from, to }) => {
    const owners = Object.entries(PACKAGE_BELONGS_TO).find(
      ([name]) => to === name || to.startsWith(`${name}/`),
    )?.[1];
    return owners !== undefined && !owners.includes(partOf(from));
  });
  assert.is(listed(wrong), "");
});

/** All files that the compiled `entries` load; with `andLater`, dynamic imports too. */
function loadedWith(entries: readonly string[], { andLater }: { andLater: boolean }): Set<string> {
  const loaded = new Set<string>(entries);
  for (const file of loaded) {
    if (!known.has(file.replace(/\.js$/, ".ts"))) continue;
    for (const { to, isLater } of importsOf(join(COMPILED, file), COMPILED)) {
      if (andLater || !isLater) loaded.add(to);
    }
  }
  return loaded;
}

test("a start without a command loads only the package that finds similar names", () => {
  const loaded = [...loadedWith(["main.js", "cli/main.js"], { andLater: false })];
  assert.ok(loaded.includes("workloads/catalogue.js"), "all commands are known by then");
  // Some texts look like imports; names of packages have no blanks.
  const packages = loaded.filter((name) => /^[@\w][\w@/-]*$/.test(name));
  assert.equal(packages, ["fastest-levenshtein"]);
});

for (const [worker, own] of [
  ["wire-worker", "wire/connection.js"],
  ["gateway-worker", "gateway/gateway-connection.js"],
] as const) {
  test(`a ${worker} loads no grpc-js, no histogram, no schema, no report and no command`, () => {
    const loaded = loadedWith([`workers/${worker}.js`], { andLater: true });
    assert.ok(loaded.has("load/driver.js") && loaded.has(own));
    const unwanted = [...loaded].filter((file) =>
      /^(@grpc\/grpc-js|hdr-histogram-js|yargs|cli-table3|zod|yaml|(calibrate|cli|compare|reference|report|run|etcd)\/)/.test(
        file,
      ),
    );
    assert.equal(unwanted, []);
  });
}

test("no file imports itself through others, except for types", () => {
  const next = new Map<string, string[]>();
  for (const file of filesBelow(COMPILED, ".js")) {
    const name = relative(COMPILED, file);
    // Files deleted from src/ may still be in dist/.
    if (!known.has(name.replace(/\.js$/, ".ts"))) continue;
    next.set(
      name,
      importsOf(file, COMPILED).map(({ to }) => to),
    );
  }
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.not(path.includes(file), [...path, file].join(" -> "));
    if (finished.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    finished.add(file);
  };
  for (const file of next.keys()) visit(file, []);
});

test.run();
