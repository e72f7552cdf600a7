/** Starts the Procfiles of etcd's users, in a separate network, where their ports are free. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CertificateAuthority } from "../../src/etcd/local-cluster/certificates.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import type { ClusterStatus } from "../../src/etcd/named-cluster/cluster-status.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { measure } from "../harness/bench-process.ts";
import { builtBench } from "../harness/built-bench.ts";
import { until } from "../harness/conditions.ts";

const FIXTURES = fileURLToPath(new URL("../../../test/fixtures/procfiles", import.meta.url));
/**
 * The machine address in one of the files, and connections that come from none of the ports in the files: one
 * of a member that came from 33800 would keep the proxy from listening there.
 */
const NETWORK = [
  "ip link set lo up",
  "ip addr add 192.168.83.130/32 dev lo",
  "echo 40000 60999 > /proc/sys/net/ipv4/ip_local_port_range",
].join(" && ");
const hasNetworks = spawnSync("unshare", ["-rn", "sh", "-c", NETWORK]).status === 0;

const test = suite<{ clusters: ClusterCommands }>("Procfiles");

test.before.each((context) => {
  context.clusters = new ClusterCommands();
});

test.after.each(({ clusters }) => clusters.end());

/** Runs lines of `cluster ARGS` one after another; resolves to the output of each. */
async function inOwnNetwork(
  clusters: ClusterCommands,
  lines: readonly string[],
): Promise<string[]> {
  const mark = "-----";
  const commands = lines.map((line) => `"$NODE" "$MAIN" cluster ${line} && echo ${mark}`);
  const script = [NETWORK, ...commands].join(" && ");
  const child = spawn("unshare", ["-rn", "sh", "-c", script], {
    cwd: clusters.folder,
    env: {
      ...process.env,
      ...clusters.env,
      NODE: process.execPath,
      MAIN: builtBench(),
      ETCD_BIN: (await etcdForTests()).path,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  assert.is(code, 0, `${stdout}\n${stderr}`);
  return stdout.split(`${mark}\n`).slice(0, -1);
}

const testWithNetworks = hasNetworks ? test : test.skip;
if (!hasNetworks) console.log("skipped: Procfiles with fixed ports: unshare makes no network here");

testWithNetworks(
  "upstream's three members start unchanged, and goreman's commands have an equivalent",
  async ({ clusters }) => {
    cpSync(join(FIXTURES, "three.Procfile"), join(clusters.folder, "Procfile"));
    const [check, start, before, stop, stopped, restart, added, list, , after] = await inOwnNetwork(
      clusters,
      [
        ...["check", "start -f Procfile", "status -o json", "stop etcd1", "status -o json"],
        ...["restart etcd1", "add infra4", "status -o json", "remove infra4", "status -o json"],
        "down",
      ],
    );
    assert.is(check, "valid procfile detected (etcd1, etcd2, etcd3)\n");
    assert.match(start!, /^cluster default: 3 members of .*\/Procfile$/m);
    const members = (text: string | undefined) => (JSON.parse(text!) as ClusterStatus).members;
    assert.equal(
      members(before).map(({ name, procfileName, id, endpoint }) => [
        name,
        procfileName,
        id,
        endpoint,
      ]),
      [
        ["infra1", "etcd1", "8211f1d0f64f3269", "127.0.0.1:2379"],
        ["infra2", "etcd2", "91bc3c398fb3c146", "127.0.0.1:22379"],
        ["infra3", "etcd3", "fd422379fda50e48", "127.0.0.1:32379"],
      ],
    );
    assert.is(stop, "infra1: stopped\n");
    assert.equal(
      members(stopped).map(({ state }) => state),
      ["stopped", "running", "running"],
    );
    assert.match(restart!, /^infra1: runs, pid \d+$/m);
    assert.match(added!, /^infra4: added as a member/);
    assert.ok(members(list).every(({ isHealthy }) => isHealthy));
    assert.is(members(list).length, 4);
    assert.is(members(after).length, 3);
    assert.equal(readdirSync(clusters.folder).sort(), ["Procfile", "state"]);
  },
);

testWithNetworks(
  "upstream's members with proxies start unchanged, except for a duplicate name and the data folders",
  async ({ clusters }) => {
    // Two of this test at once would share those.
    const text = readFileSync(join(FIXTURES, "proxied.Procfile"), "utf8");
    const procfile = text.replaceAll("/tmp/", `${clusters.folder}/`);
    writeFileSync(join(clusters.folder, "Procfile"), procfile);
    const refused = await clusters.attempt("check", "-f", "Procfile");
    assert.match(refused.stderr, "s3-client-proxy is on lines 13 and 14: rename one");
    const [said, status, logs] = await inOwnNetwork(clusters, [
      ...["start -f Procfile --rename-duplicates", "status -o json", "logs", "down"],
    ]);
    const { members, helpers } = JSON.parse(status!) as ClusterStatus;
    assert.equal(
      members.map(({ name, isHealthy, endpoint }) => [name, isHealthy, endpoint]),
      [
        ["s1", true, "127.0.0.1:13790"],
        ["s2", true, "127.0.0.1:23790"],
        ["s3", true, "127.0.0.1:33790"],
      ],
    );
    assert.is(helpers.length, 6);
    const states = helpers.map(({ name, state }) => `${name} ${state}`);
    assert.ok(
      states.every((words) => words.endsWith(" running")),
      `${states.join(", ")}\n${said}\n${logs}`,
    );
  },
);

test("other programs than etcd start, stop and restart by name", async ({ clusters }) => {
  writeFileSync(join(clusters.folder, ".env"), "WORD=hello\n");
  writeFileSync(
    join(clusters.folder, "Procfile"),
    'one: echo "$WORD $PORT"; sleep 300 & sleep 300\ntwo: sleep 300\n',
  );
  await clusters.run("start", "-f", "Procfile", "--name=other");
  await until("the first has printed", async () => {
    return /^hello 5000$/m.test(await clusters.run("logs", "one"));
  });
  const { helpers } = await clusters.status("other");
  assert.equal(
    helpers.map(({ name, state }) => [name, state]),
    [
      ["one", "running"],
      ["two", "running"],
    ],
  );
  assert.is(await clusters.run("kill", "one"), "one: killed\n");
  assert.match(await clusters.run("restart", "one"), /^one: runs, pid \d+$/m);
  await clusters.run("down");
});

test("a Procfile with TLS becomes healthy, and is measured with its member's certificate", async ({
  clusters,
}) => {
  const [client, peer] = await freePorts(2);
  const authority = await CertificateAuthority.create("the Procfile's authority");
  const { cert, key } = await authority.issue({ commonName: null, hosts: ["127.0.0.1"] });
  const files = { "ca.pem": authority.cert, "etcd.pem": cert, "etcd-key.pem": key };
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(clusters.folder, name), text);
  const flags = [
    ...[`--listen-client-urls=https://127.0.0.1:${client}`, "--cert-file=etcd.pem"],
    ...[`--advertise-client-urls=https://127.0.0.1:${client}`, "--key-file=etcd-key.pem"],
    ...["--trusted-ca-file=ca.pem", "--client-cert-auth", "--peer-client-cert-auth"],
    ...[`--listen-peer-urls=https://127.0.0.1:${peer}`, "--peer-cert-file=etcd.pem"],
    ...["--peer-key-file=etcd-key.pem", "--peer-trusted-ca-file=ca.pem", "--name=one"],
    ...[`--initial-advertise-peer-urls=https://127.0.0.1:${peer}`, "--data-dir=data"],
    `--initial-cluster=one=https://127.0.0.1:${peer}`,
  ];
  const etcd = (await etcdForTests()).path;
  writeFileSync(join(clusters.folder, "Procfile"), `one: ${etcd} ${flags.join(" ")}\n`);
  await clusters.run("start", "secure", "-f", "Procfile");
  assert.ok((await clusters.status("secure")).members[0]!.isHealthy);
  const { env } = clusters;
  const { code, result, stderr } = await measure(["put", "--cluster=secure", "--total=20"], {
    env,
  });
  assert.is(code, 0, stderr);
  assert.is(result.plan.target.tls!.caFile, join(clusters.folder, "ca.pem"));
  const refused = await clusters.attempt("add", "secure/two");
  assert.match(
    refused.stderr,
    /^bench: two cannot be added: the members of this Procfile speak TLS /m,
  );
  await clusters.run("down", "secure");
  assert.not.ok(existsSync(join(clusters.folder, "data")));
});

test("an error about an address that the machine does not have names the Procfile line", async ({
  clusters,
}) => {
  writeFileSync(
    join(clusters.folder, "Procfile"),
    "# one member\nx: etcd --listen-client-urls http://192.0.2.7:2379 --listen-peer-urls http://127.0.0.1:2380\n",
  );
  const { code, stderr } = await clusters.attempt("start", "-f", "Procfile");
  assert.is(code, 2);
  assert.match(
    stderr,
    /Procfile:2: x listens on 192\.0\.2\.7, which is no address of this machine: /,
  );
  assert.not.ok(existsSync(join(clusters.clustersFolder, "default")));
});

test.run();
