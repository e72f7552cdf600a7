/** The two sides of a session from flags: what they share, what differs, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type SidesGiven, sidesFromFlags } from "../../../src/ab/sides.ts";
import { refuses as refusesAct } from "../../harness/refusal.ts";

const sides = (given: Partial<SidesGiven>, env: NodeJS.ProcessEnv = {}) =>
  sidesFromFlags(
    { command: "put", positionals: [], shared: {}, a: {}, b: {}, isCanary: false, ...given },
    env,
  );

const refuses = (given: Partial<SidesGiven>, ...words: string[]) =>
  refusesAct(() => sides(given), ...words);

test("two binaries have throwaway clusters of one member, unless --local says more", () => {
  const { a, b } = sides({ a: { etcd: "old/etcd" }, b: { etcd: "new/etcd" } });
  assert.equal([a.flags.etcd, b.flags.etcd], ["old/etcd", "new/etcd"]);
  assert.equal([a.etcdFlag, b.etcdFlag], ["--a-etcd", "--b-etcd"]);
  assert.equal([a.plan.target.local?.members, b.plan.target.local?.members], [1, 1]);
  assert.is(a.label, "a (--a-etcd=old/etcd)");
  const among = sides({ b: { flags: { etcd: "new/etcd" } } });
  assert.equal([among.b.etcdFlag, among.a.etcdFlag], ["--b-flags: --etcd", "--etcd"]);
  assert.is(among.a.plan.target.local?.members, 1);
  const three = sides({ shared: { local: "3" }, b: { etcd: "new/etcd" } });
  assert.equal([three.a.plan.target.local?.members, three.a.label], [3, "a"]);
});

test("flags of etcd reach the clusters of their side alone", () => {
  const { a, b } = sides({ b: { args: ["--snapshot-count", "10"] } });
  assert.equal(a.plan.target.local?.serverArgs, []);
  assert.equal(b.plan.target.local?.serverArgs, ["--snapshot-count", "10"]);
});

test("flags of the workload stand above those that both share", () => {
  const { a, b } = sides({
    shared: { conns: "10", clients: "100" },
    b: { flags: { conns: "100" } },
  });
  assert.equal([a.plan.load.connections, b.plan.load.connections], [10, 100]);
  assert.equal([a.plan.load.clients, b.plan.load.clients], [100, 100]);
  assert.equal(a.plan.target.endpoints, ["127.0.0.1:2379"]);
});

test("two endpoints start nothing, and the workload's arguments are those of both", () => {
  const { a, b } = sides({
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

test("a canary is a twice, and has nothing of b", () => {
  const { a, b } = sides({ isCanary: true, a: { etcd: "old/etcd" } });
  assert.equal(b.plan, a.plan);
  assert.equal([a.name, b.name], ["a", "b"]);
  refuses({ isCanary: true, b: { etcd: "x" } }, "--canary", "--b-etcd");
});

test("a tenth of what is measured is sent before it, unless the person says how much", () => {
  const warmup = (shared: SidesGiven["shared"], command: "put" | "delete" = "put") => {
    const { warmupRequests, warmupMs } = sides({ command, shared, isCanary: true }).a.plan.limits;
    return [warmupRequests, warmupMs];
  };
  assert.equal(warmup({}), [1000, null]);
  assert.equal(warmup({ duration: "5s" }), [null, 500]);
  assert.equal(warmup({ total: "15", duration: "5s" }), [null, 500]);
  assert.equal(warmup({ total: "15" }), [2, null]);
  assert.equal(warmup({ warmup: "0" }), [null, null]);
  assert.equal(warmup({ warmup: "7" }), [7, null]);
  // Its warm-up would delete the keys that it measures.
  assert.equal(warmup({}, "delete"), [null, null]);
});

test("sides that nothing tells apart are refused, and sides of two kinds", () => {
  refuses({}, "nothing tells side a from side b", "--canary");
  refuses({ a: { endpoints: "h:1" }, b: { etcd: "x" } }, "--b-etcd", "--a-endpoints");
  refuses({ shared: { local: "3" }, a: { endpoints: "h:1" } }, "--local", "--a-endpoints");
  refuses({ shared: { endpoints: "h:1" }, a: { args: ["--x"] } }, "--a-args", "--endpoints");
});

test("an error names the flag that the person gave", () => {
  refuses({ a: { endpoints: "h1" } }, "--a-endpoints: ");
  refuses({ b: { flags: { conns: "0" } } }, "--b-flags: --conns: ");
  refuses({ shared: { conns: "0" }, b: { flags: { clients: "2" } } }, "--conns: ");
  refuses({ shared: { label: ["pair=1"] }, isCanary: true }, "--label: pair");
});

test("what makes a throwaway cluster one is not for a person to set", () => {
  refuses({ b: { args: ["--data-dir=/x"] } }, "--b-args", "--data-dir");
  refuses({ a: { args: ["-listen-client-urls", "http://x"] } }, "--a-args", "-listen-client-urls");
  refuses({ a: { args: ["10000"] } }, "--a-args", '"10000" is no flag');
  sides({ a: { args: ["--quota-backend-bytes=1", "--heartbeat-interval", "50"] } });
});

test("a label holds no password", () => {
  const { b } = sides({ b: { flags: { user: "root:secret", force: true } } });
  assert.is(b.label, "b (--b-flags='--user=root --force')");
});

test.run();
