/** Tests the flags of lease-grant and lease-keepalive: defaults, and errors in one line. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { refusal } from "../../harness/refusal.ts";

function planned(command: "lease-grant" | "lease-keepalive", flags: GivenFlags) {
  const { plan } = planFromFlags({ command, flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return plan.workload;
}

function refuses(flags: GivenFlags, pattern: RegExp): void {
  assert.match(
    refusal(() => planned("lease-grant", flags)),
    pattern,
  );
}

test("lease-keepalive renews leases of 100 s as upstream, on one stream or a new one each time", () => {
  const workload = { kind: "lease-keepalive", ttlSeconds: 100, newStream: false };
  assert.equal(planned("lease-keepalive", {}), workload);
  const streams = planned("lease-keepalive", { "new-stream": true });
  assert.equal(streams, { ...workload, newStream: true });
});

test("lease-grant without flags puts one 8-byte value with a lease of a minute, and revokes it", () => {
  assert.equal(planned("lease-grant", {}), {
    kind: "lease-grant",
    ttlSeconds: 60,
    keysPerLease: 1,
    valSizeBytes: 8,
    valueSize: null,
    prefix: "bench-lease/",
    expire: false,
  });
});

test("each flag of lease-grant sets its field", () => {
  const flags = { ttl: "2m", "keys-per-lease": "3", "val-size": "1KiB", prefix: "" };
  const workload = planned("lease-grant", flags);
  assert.ok(workload.kind === "lease-grant");
  const { ttlSeconds, keysPerLease, valSizeBytes, prefix } = workload;
  assert.equal([ttlSeconds, keysPerLease, valSizeBytes, prefix], [120, 3, 1024, ""]);
  const none = planned("lease-grant", { "keys-per-lease": "0" });
  assert.ok(none.kind === "lease-grant" && none.keysPerLease === 0);
});

test("a time to live is whole seconds, like etcd's leases", () => {
  refuses({ ttl: "1500ms" }, /^--ttl: "1500ms" is not a duration of whole seconds/);
  refuses({ ttl: "0s" }, /^--ttl: /);
  refuses({ ttl: "5" }, /^--ttl: "5"/);
});

test("--expire needs a key to watch, and a timeout longer than the time to live", () => {
  const expiring = planned("lease-grant", { expire: true, ttl: "5s" });
  assert.ok(expiring.kind === "lease-grant" && expiring.expire);
  refuses({ expire: true, ttl: "5s", "keys-per-lease": "0" }, /^--expire .*--keys-per-lease=1/);
  refuses({ expire: true, ttl: "6s" }, /^--expire .*--timeout=10s .*give --timeout=11s or more/);
  const patient = { expire: true, ttl: "6s", timeout: "11s" };
  assert.is(planned("lease-grant", patient).kind, "lease-grant");
});

test.run();
