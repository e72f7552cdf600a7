/** Tests the flags of lock and election: defaults, and waits that are too long for the timeout. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";

function planned(command: "lock" | "election", flags: GivenFlags) {
  const { plan, notes } = planFromFlags({ command, flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { workload: plan.workload, notes };
}

test("lock and election without flags use one name and etcd's own services, and release at once", () => {
  const common = { holdMs: 0, ttlSeconds: 60 };
  assert.equal(planned("lock", {}), {
    workload: { kind: "lock", locker: "lock-rpc", locks: 1, ...common, prefix: "bench-lock/" },
    notes: [],
  });
  assert.equal(planned("election", {}), {
    workload: {
      kind: "election",
      elections: 1,
      proclaims: 0,
      ...common,
      prefix: "bench-election/",
    },
    notes: [],
  });
});

test("each flag sets its field", () => {
  const shared = { hold: "10ms", ttl: "7s", prefix: "x/" };
  const { workload: lock } = planned("lock", { ...shared, locks: "5", locker: "lock-client" });
  const fields = { holdMs: 10, ttlSeconds: 7, prefix: "x/" };
  assert.equal(lock, { kind: "lock", locker: "lock-client", locks: 5, ...fields });
  const { workload } = planned("election", { ...shared, elections: "3", proclaims: "2" });
  assert.equal(workload, { kind: "election", elections: 3, proclaims: 2, ...fields });
});

test("a session's time to live is whole seconds, at least five", () => {
  assert.throws(
    () => planned("lock", { ttl: "4s" }),
    /--ttl: "4s" is not a duration of at least 5s/,
  );
  assert.throws(
    () => planned("lock", { ttl: "5500ms" }),
    /--ttl: "5500ms" is not a duration of whole/,
  );
});

test("a hold as long as the timeout of the waiting clients is refused", () => {
  assert.throws(
    () => planned("election", { hold: "2s", timeout: "2s" }),
    /--hold=2s is not shorter than --timeout=2s/,
  );
  assert.equal(planned("election", { hold: "1999ms", timeout: "2s" }).notes, []);
});

test("a note warns if clients of one name wait longer than the timeout", () => {
  const flags = { hold: "1s", clients: "11" };
  const { notes } = planned("lock", flags);
  assert.match(notes.join(), /--hold=1s makes a client wait 10s or more .*--timeout=10s/);
  assert.equal(planned("lock", { ...flags, locks: "2" }).notes, []);
  // With 21 clients on two names, one name has eleven.
  assert.is(planned("lock", { hold: "1s", clients: "21", locks: "2" }).notes.length, 1);
});

test.run();
