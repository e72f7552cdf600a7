/** Runs `bench monitor`: its files for a real etcd, and the start and end of Prometheus. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cwd: string; cluster: LocalCluster; args: string[] }>("bench monitor");

/** A fake Prometheus: it saves its arguments and pid, and answers that it is ready. */
const STAND_IN = `#!${process.execPath}
const { writeFileSync } = require("node:fs");
const { createServer } = require("node:http");
const args = process.argv.slice(2);
const [host, port] = args.find((each) => each.startsWith("--web.listen-address=")).split("=")[1].split(":");
const server = createServer((request, response) => response.end("ready"));
server.on("error", (error) => {
  console.error('level=error err="' + error.message + '"');
  process.exit(1);
});
server.listen(Number(port), host, () => {
  writeFileSync("started.json", JSON.stringify({ args, pid: process.pid }));
});
`;

before(test, async (context) => {
  context.cwd = mkdtempSync(join(tmpdir(), "bench-monitor-"));
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.args = ["monitor", `--endpoints=${context.cluster.endpoints[0]}`];
  const program = join(context.cwd, "prometheus");
  writeFileSync(program, STAND_IN);
  chmodSync(program, 0o700);
});

test.after(async ({ cluster, cwd }) => {
  await cluster.down();
  rmSync(cwd, { recursive: true, force: true });
});

test("a Prometheus that is on PATH and cannot be run is named with the cause", async ({
  cwd,
  args,
}) => {
  const folder = mkdtempSync(join(cwd, "path-"));
  writeFileSync(join(folder, "prometheus"), STAND_IN);
  chmodSync(join(folder, "prometheus"), 0o644);
  const { stdout } = await bench(args, { cwd, env: { PATH: folder } });
  assert.match(stdout, /path-\w+\/prometheus is not executable; start it with --config\.file=/);
});

test("without Prometheus the files are written, and the command that starts it is printed", async ({
  cwd,
  cluster,
  args,
}) => {
  const end = await bench([...args, "--scrape-interval=2s", "--bench=127.0.0.1:9555"], {
    cwd,
    env: { PATH: "/nowhere" },
  });
  assert.is(end.code, 0, end.stderr);
  const config = join(cwd, "monitor", "prometheus.yml");
  assert.match(end.stdout, /prometheus is not on PATH; start it with --config\.file=\S+yml$/m);
  const { global, scrape_configs: jobs } = parse(readFileSync(config, "utf8"));
  assert.is(global.scrape_interval, "2000ms");
  const [member] = jobs[0].static_configs;
  assert.equal([member.labels.member, member.targets.length], ["etcd1", 1]);
  const page = await fetch(`http://${member.targets[0]}/metrics`);
  assert.match(await page.text(), /^etcd_server_id\{/m);
  assert.equal(jobs[1].static_configs, [{ targets: ["127.0.0.1:9555"] }]);
  const named = await bench(
    [
      ...args,
      `--metrics-endpoints=${new URL(cluster.members[0]!.metricsUrl).origin}`,
      "--files-only",
    ],
    { cwd },
  );
  assert.is(named.code, 0, named.stderr);
  const again = parse(readFileSync(config, "utf8")).scrape_configs[0].static_configs;
  assert.is(again[0].labels.member, "etcd1");
});

test("Prometheus starts with the files, and ends with bench", async ({ cwd, args }) => {
  const env = { PATH: `${cwd}:${process.env.PATH}` };
  const started = () => {
    try {
      return JSON.parse(readFileSync(join(cwd, "started.json"), "utf8")) as {
        args: string[];
        pid: number;
      };
    } catch {
      return null;
    }
  };
  const [port] = await freePorts(1);
  const running = new BenchProcess([...args, `--listen=127.0.0.1:${port}`], { cwd, env });
  const prometheus = await running.until("Prometheus runs", async () => started());
  await running.printed(/^prometheus is at /m);
  const second = await bench([...args, `--listen=127.0.0.1:${port}`, "--dir=other"], { cwd, env });
  running.signal("SIGINT");
  const end = await running.ended;
  assert.is(second.code, 2);
  assert.match(second.stderr, /--listen=127\.0\.0\.1:\d+: the port is in use; end what listens/);
  assert.is(end.code, 0, end.stderr);
  assert.match(end.stdout, new RegExp(`^prometheus is at http://127\\.0\\.0\\.1:${port} `, "m"));
  assert.ok(prometheus.args.includes("--web.enable-remote-write-receiver"));
  assert.ok(prometheus.args.includes(`--config.file=${join(cwd, "monitor", "prometheus.yml")}`));
  await untilGone(prometheus.pid);
});

test("a later signal ends bench and a Prometheus that does not answer yet", async ({
  cwd,
  args,
}) => {
  const folder = join(cwd, "stubborn");
  mkdirSync(folder);
  const program = join(folder, "prometheus");
  const told = join(folder, "told");
  writeFileSync(
    program,
    `#!${process.execPath}
const { writeFileSync } = require("node:fs");
process.on("SIGTERM", () => writeFileSync(${JSON.stringify(told)}, String(process.pid)));
setInterval(() => {}, 1000);
writeFileSync(${JSON.stringify(join(folder, "started"))}, "");
`,
  );
  chmodSync(program, 0o700);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const [port] = await freePorts(1);
  const running = new BenchProcess([...args, `--listen=127.0.0.1:${port}`], { cwd, env });
  await running.until("Prometheus runs", async () => existsSync(join(folder, "started")) || null);
  running.signal("SIGTERM");
  const pid = await running.until(
    "Prometheus was asked to end",
    async () => (existsSync(told) && Number(readFileSync(told, "utf8"))) || null,
  );
  const end = await running.endedBySignals("SIGTERM");
  assert.is(end.signal, "SIGTERM");
  assert.not.match(end.stdout, /prometheus is at/);
  await untilGone(pid);
});

test("an error about a Prometheus that ends immediately has the last error of its log", async ({
  cwd,
  args,
}) => {
  const folder = join(cwd, "broken");
  mkdirSync(folder);
  const program = join(folder, "prometheus");
  writeFileSync(program, "#!/bin/sh\necho 'level=error err=\"opening storage: lock\"'; exit 3\n");
  chmodSync(program, 0o700);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const [port] = await freePorts(1);
  const end = await bench([...args, `--listen=127.0.0.1:${port}`], { cwd, env });
  assert.is(end.code, 1);
  assert.match(
    end.stderr,
    /prometheus: it ended with exit code 3: opening storage: lock; its log is \S+prometheus\.log$/m,
  );
});

test("an etcd that does not answer is exit code 3, and no file is written", async ({ cwd }) => {
  const end = await bench(["monitor", "--endpoints=127.0.0.1:1", "--dir=none"], { cwd });
  assert.is(end.code, 3);
  assert.throws(() => readFileSync(join(cwd, "none", "prometheus.yml")), /ENOENT/);
});

async function untilGone(pid: number): Promise<void> {
  await until("its process is gone", () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}

test.run();
