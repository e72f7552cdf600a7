/** Tests which etcd a soak may be resumed on, and the command line that resumes it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  findSoakTarget,
  haveSameFlags,
  refuseEmptied,
  refuseOtherCluster,
  resumeLine,
} from "../../../../src/cli/soak/same-target.ts";
import { newManifest, type SoakManifest } from "../../../../src/soak/folder.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { planFixture } from "../../../fixtures/result-fixture.ts";
import { startFakeEtcd } from "../../../peers/fake-etcd.ts";

const A = { endpoints: ["127.0.0.1:1"], clusterId: "aa" };

function manifest(words: string[], target: SoakManifest["target"]): SoakManifest {
  return newManifest({
    ...{ id: "s1", startedAt: "2026-01-01T00:00:00.000Z", tool: "bench", describe: "put" },
    ...{ everyMs: 600_000, durationMs: 3_600_000, maxErrorRate: 0, arguments: words, target },
  });
}

test("a soak continues only on its own cluster, which other endpoints may name", () => {
  const refuse = (was: SoakManifest["target"], now: SoakManifest["target"]) => () =>
    refuseOtherCluster("env2", manifest(["soak", "put"], was), now, planFixture());
  const other = { endpoints: ["127.0.0.1:2"], clusterId: "bb" };
  assert.throws(
    refuse(A, other),
    /^--resume: the soak in env2 was begun on 127.0.0.1:1 \(cluster aa\), and 127.0.0.1:2 \(cluster bb\) is another etcd; give --endpoints=127.0.0.1:1$/,
  );
  assert.throws(refuse(A, { ...A, clusterId: "bb" }), /is another etcd/);
  assert.throws(refuse(A, { ...other, clusterId: null }), /is another etcd/);
  assert.not.throws(refuse(A, { ...other, clusterId: "aa" }));
  assert.not.throws(refuse(A, { ...A, clusterId: null }));
  assert.not.throws(refuse(null, other), "of an earlier version");
  assert.not.throws(refuse(A, null));
});

test("the fix of a soak on another cluster is one that its command takes", () => {
  const now = { endpoints: ["127.0.0.1:2"], clusterId: "bb" };
  const plan = planFixture();
  const refuse = (word: string, tls: typeof plan.target.tls = null) => {
    const of = { ...plan, target: { ...plan.target, tls } };
    return () => refuseOtherCluster("d", manifest(["soak", "put", word], A), now, of);
  };
  const tls = { caFile: null, certFile: null, keyFile: null, serverName: null, skipVerify: false };
  assert.throws(refuse("--endpoints=h:1", tls), /give --endpoints=https:\/\/127\.0\.0\.1:1$/);
  assert.throws(refuse("--cluster=three"), /is another etcd; begin a new soak$/);
  assert.throws(refuse("--discovery-srv=h"), /is another etcd; begin a new soak$/);
});

test("a cluster that does not tell its id is unknown, and the run says why", async () => {
  const etcd = await startFakeEtcd({
    Status() {
      throw { code: Status.PERMISSION_DENIED, details: "etcdserver: permission denied" };
    },
  });
  const access = { tls: null, credentials: null };
  const targetAt = (endpoint: string) => {
    return findSoakTarget(planFixture({ target: { endpoints: [endpoint] } }), access);
  };
  try {
    const { endpoint } = etcd;
    const target = { endpoints: [endpoint], clusterId: null };
    assert.equal(await targetAt(endpoint), { target, revision: null });
  } finally {
    await etcd.stop();
  }
  const target = { endpoints: ["127.0.0.1:1"], clusterId: null };
  assert.equal(await targetAt("127.0.0.1:1"), { target, revision: null });
});

test("a soak does not continue on an etcd whose revision its writes have passed", () => {
  assert.throws(
    () => refuseEmptied("env2", 550, 1),
    /^--resume: etcd's revision is 1, and the soak in env2 has written 550 times: .*begin a new soak$/,
  );
  assert.not.throws(() => refuseEmptied("env2", 550, 551));
  assert.not.throws(() => refuseEmptied("env2", 550, null));
});

test("other endpoints are the same flags where the cluster is known", () => {
  const words = ["soak", "put", "--rate=5"];
  const named = [...words, "--endpoints=127.0.0.1:1"];
  assert.ok(haveSameFlags(manifest(words, A), named));
  assert.ok(haveSameFlags(manifest(named, A), words));
  assert.not(haveSameFlags(manifest(words, A), ["soak", "put", "--rate=6"]));
  assert.not(haveSameFlags(manifest(words, null), named));
  assert.ok(haveSameFlags(manifest(words, null), words));
});

test("the line that resumes a soak names endpoints that came from a variable", () => {
  const plan = planFixture();
  const etcd = { endpoints: ["127.0.0.1:1"], local: null, cluster: null, tls: null };
  const target = { ...plan.target, ...etcd };
  const line = (words: string[]) => resumeLine(manifest(words, A), "d", { ...plan, target });
  assert.is(line(["soak", "put"]), "bench soak put --endpoints=127.0.0.1:1 --resume=d");
  assert.is(line(["soak", "put", "--endpoints=h:1"]), "bench soak put --endpoints=h:1 --resume=d");
  assert.is(
    line(["soak", "put", "--discovery-srv=example.com"]),
    "bench soak put --discovery-srv=example.com --resume=d",
  );
  assert.is(
    line(["soak", "range", "--", "k"]),
    "bench soak range --endpoints=127.0.0.1:1 --resume=d -- k",
  );
});

test.run();
