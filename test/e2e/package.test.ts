/** Tests that the package of `npm pack` works in an empty folder, without other packages. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot, toolName } from "../../src/package-root.ts";
import { parseResults } from "../../src/saved/parse.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { patient } from "../harness/patience.ts";

/** Time limit; only a hang reaches it. */
const LIMIT_MS = patient(300_000);

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: LIMIT_MS,
    env: { ...process.env, ETCDCTL_ENDPOINTS: "" },
  });
  assert.is(status, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

test("the packed package, installed globally without a registry, measures a local etcd", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-package-"));
  try {
    const [packed, prefix, empty] = ["packed", "prefix", "empty"].map((name) => join(folder, name));
    for (const each of [packed!, prefix!, empty!]) mkdirSync(each);
    // The bundle was made before the tests started.
    run("npm", ["pack", "--ignore-scripts", "--pack-destination", packed!], packageRoot());
    const archive = join(packed!, readdirSync(packed!)[0]!);
    const options = ["--offline", "--no-audit", "--no-fund"];
    run("npm", ["install", "-g", "--prefix", prefix!, ...options, archive], empty!);

    const bench = join(prefix!, "bin", "bench");
    assert.is(run(bench, ["--version"], empty!), `${toolName()}\n`);
    assert.match(run(bench, ["put", "--help"], empty!), "--sequential-keys");
    const { path } = await etcdForTests();
    const flags = ["--local", `--etcd=${path}`, "--total=200", "--output=json=result.json"];
    run(bench, ["put", ...flags, "--quiet"], empty!);
    const text = readFileSync(join(empty!, "result.json"), "utf8");
    const [result] = parseResults(text, "result.json");
    assert.equal([result!.status, result!.operations[0]!.requests.succeeded], ["complete", 200]);
    const suites = run(bench, ["run", "quick", "--dry-run"], empty!);
    assert.match(suites, "quick");
    const installed = join(prefix!, "lib/node_modules/etcd-bench");
    assert.ok(existsSync(join(installed, "dist/bundle/LICENSES.txt")));
    assert.not.ok(existsSync(join(installed, "node_modules")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
