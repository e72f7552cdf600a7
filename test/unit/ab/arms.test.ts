/** Tests the two arms that flags give: what they share, what differs, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ArmsGiven, armsFromFlags } from "../../../src/ab/arms.ts";
import { refuses as refusesAct } from "../../harness/refusal.ts";

const arms = (given: Partial<ArmsGiven>, env: NodeJS.ProcessEnv = {}) =>
  armsFromFlags(
    { command: "put", positionals: [], shared: {}, a: {}, b: {}, isCanary: false, ...given },
    env,
  );

const refuses = (given: Partial<ArmsGiven>, ...words: string[]) =>
  refusesAct(() => arms(given), ...words);

test("two binaries get throwaway clusters of one member, unless --local sets more", () => {
  const { a, b } = arms({ a: { etcd: "old/etcd" }, b: { etcd: "new/etcd" } });
  assert.equal([a.flags.etcd, b.flags.etcd], ["old/etcd", "new/etcd"]);
  assert.equal([a.etcdFlag, b.etcdFlag], ["--a-etcd", "--b-etcd"]);
  assert.equal([a.plan.target.local?.members, b.plan.target.local?.members], [1, 1]);
  assert.is(a.label, "a (--a-etcd=old/etcd)");
  const among = arms({ b: { flags: { etcd: "new/etcd" } } });
  assert.equal([among.b.etcdFlag, among.a.etcdFlag], ["--b-flags: --etcd", "--etcd"]);
  assert.is(among.a.plan.target.local?.members, 1);
  const three = arms({ shared: { local: "3" }, b: { etcd: "new/etcd" } });
  assert.equal([three.a.plan.target.local?.members, three.a.label], [3, "a"]);
});

test("flags for etcd apply only to the clusters of their arm", () => {
  const { a, b } = arms({ b: { args: ["--snapshot-count", "10"] } });
  assert.equal(a.plan.target.local?.serverArgs, []);
  assert.equal(b.plan.target.local?.serverArgs, ["--snapshot-count", "10"]);
});

test("flags of one arm override flags of both arms", () => {
  const { a, b } = arms({
    shared: { conns: "10", clients: "100" },
    b: { flags: { conns: "100" } },
  });
  assert.equal([a.plan.load.connections, b.plan.load.connections], [10, 100]);
  assert.equal([a.plan.load.clients, b.plan.load.clients], [100, 100]);
  assert.equal(a.plan.target.endpoints, ["127.0.0.1:2379"]);
});

test("arms with endpoints start no cluster, and both get the arguments of the workload", () => {
  const { a, b } = arms({
    command: "range",
    positionals: ["foo"],
    a: { endpoints: "h1:1" },
    b: { endpoints: "h2:2" },
  });
  assert.equal([a.plan.target.endpoints, b.plan.target.endpoints], [["h1:1"], ["h2:2"]]);
  assert.equal([a.plan.target.local, b.plan.target.local], [null, null]);
  for (const { plan } of [a, b])
    assert.is(plan.workload.kind === "range" && plan.workload.key, "foo");
});

test("a canary uses arm a twice, and refuses flags of b", () => {
  const { a, b } = arms({ isCanary: true, a: { etcd: "old/etcd" } });
  assert.equal(b.plan, a.plan);
  assert.equal([a.name, b.name], ["a", "b"]);
  refuses({ isCanary: true, b: { etcd: "x" } }, "--canary", "--b-etcd");
});

test("the warm-up is a tenth of the measured load, unless --warmup is given", () => {
  const warmup = (shared: ArmsGiven["shared"], command: "put" | "delete" = "put") => {
    const { warmupRequests, warmupMs } = arms({ command, shared, isCanary: true }).a.plan.limits;
    return [warmupRequests, warmupMs];
  };
  assert.equal(warmup({}), [1000, null]);
  assert.equal(warmup({ duration: "5s" }), [null, 500]);
  assert.equal(warmup({ total: "15", duration: "5s" }), [null, 500]);
  assert.equal(warmup({ total: "15" }), [2, null]);
  assert.equal(warmup({ warmup: "0" }), [null, null]);
  assert.equal(warmup({ warmup: "7" }), [7, null]);
  // A warm-up would delete the keys that the run measures.
  assert.equal(warmup({}, "delete"), [null, null]);
});

test("equal arms are refused, and so are endpoints together with local clusters", () => {
  refuses({}, "arms a and b are the same", "--canary");
  refuses({ a: { endpoints: "h:1" }, b: { etcd: "x" } }, "--b-etcd", "--a-endpoints");
  refuses({ shared: { local: "3" }, a: { endpoints: "h:1" } }, "--local", "--a-endpoints");
  refuses({ shared: { endpoints: "h:1" }, a: { args: ["--x"] } }, "--a-args", "--endpoints");
});

test("an error names the flag that the user gave", () => {
  refuses({ a: { endpoints: "h1" } }, "--a-endpoints: ");
  refuses({ b: { flags: { conns: "0" } } }, "--b-flags: --conns: ");
  refuses({ shared: { conns: "0" }, b: { flags: { clients: "2" } } }, "--conns: ");
  refuses({ shared: { label: ["pair=1"] }, isCanary: true }, "--label: pair");
  refuses({ b: { flags: { label: ["side=a"] } } }, "--b-flags: --label: side is a label");
});

test("flags that bench sets for its throwaway clusters are refused", () => {
  refuses({ b: { args: ["--data-dir=/x"] } }, "--b-args", "--data-dir");
  refuses({ a: { args: ["-listen-client-urls", "http://x"] } }, "--a-args", "-listen-client-urls");
  refuses({ a: { args: ["10000"] } }, "--a-args", '"10000" is no flag');
  arms({ a: { args: ["--quota-backend-bytes=1", "--heartbeat-interval", "50"] } });
});

test("a label contains no password", () => {
  const { b } = arms({ b: { flags: { user: "root:secret", force: true } } });
  assert.is(b.label, "b (--b-flags='--user=root --force')");
});

test.run();
