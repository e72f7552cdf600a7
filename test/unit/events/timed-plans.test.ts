/** --events that a plan refuses: too late, overlapping, or not possible on the cluster. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  checkEventsHere,
  checkEventTargets,
  checkEventTimes,
  type EventPlans,
  plannedEvents,
} from "../../../src/events/catalogue.ts";
import type { EventTarget, OwnCluster } from "../../../src/events/definition.ts";
import { EVENT } from "../../../src/events/event-flag.ts";

function plansOf(...texts: string[]): EventPlans {
  return { events: EVENT.read({ event: texts }) };
}

const members = ["etcd1", "etcd2", "etcd3"].map((name, index) => ({
  ...{ id: `${index}`, name, endpoint: `127.0.0.1:${index + 1}`, isLeader: index === 0 },
  ...{ peerEndpoint: "", pid: 1, running: true, dataDir: "" },
}));
const foreign: EventTarget = {
  ...{ members, endpoints: members.map(({ endpoint }) => endpoint), cluster: null },
};

function own(count: number): EventTarget {
  // The check of an event uses only the cluster's list of members.
  const cluster = { name: null, members: members.slice(0, count) } as unknown as OwnCluster;
  return { ...foreign, cluster };
}

function checkTimes(durationMs: number | null, ...texts: string[]): void {
  checkEventTimes(plansOf(...texts), durationMs);
}

test("an event at or after the end of the run is refused, and one that ends after it too", () => {
  checkTimes(10_000, "at=9s kill leader", "at=0s for=10s exec true");
  checkTimes(null, "at=1h kill leader");
  assert.throws(
    () => checkTimes(10_000, "at=10s kill leader"),
    "--event='at=10s kill leader': the run is over after 10s; give an earlier at= or a longer --duration",
  );
  assert.throws(
    () => checkTimes(10_000, "at=8s for=3s kill leader"),
    "--event='at=8s for=3s kill leader': it ends at 11s, and the run is over after 10s; " +
      "give a shorter for=, none (to the end of the run), or a longer --duration",
  );
});

test("two events on one process at one time are refused", () => {
  const message =
    "--event='at=3s pause etcd1': it would begin while 'at=1s for=5s kill etcd1' has the process of etcd1; " +
    "give a for= that ends before, or another time";
  const kill = "at=1s for=5s kill etcd1";
  assert.throws(() => checkTimes(null, kill, "at=3s pause etcd1"), message);
  assert.throws(() => checkTimes(null, "at=3s pause etcd1", kill), message);
  assert.throws(() => checkTimes(null, "at=1s kill etcd1", "at=1h restart etcd1"), /while 'at=1s/);
  assert.throws(
    () => checkTimes(null, "at=1s restart etcd1", "at=1s replace etcd1"),
    /while 'at=1s/,
  );
  assert.throws(() => checkTimes(null, "at=1s alarm nospace", "at=2s alarm nospace"), /the alarm/);
  checkTimes(null, kill, "at=6s pause etcd1");
  checkTimes(null, kill, "at=3s pause etcd2");
  // The leader is known only at the time of the event.
  checkTimes(null, kill, "at=3s for=5s kill leader");
  checkTimes(null, kill, "at=3s compact", "at=3s compact");
});

test("a cluster that bench did not start allows only scripts, compactions and defragmentations", () => {
  checkEventTargets(plansOf("at=1s exec true", "at=1s compact", "at=1s defrag etcd1"), foreign);
  for (const action of ["kill leader", "move-leader", "add", "alarm nospace"]) {
    assert.throws(
      () => checkEventTargets(plansOf(`at=1s ${action}`), foreign),
      `--event='at=1s ${action}': bench did not start this cluster, and touches only processes that it started; ` +
        "add --local or --cluster, or bring a script of your own: --event='at=1s for=5s exec ./my-script'",
    );
  }
});

test("a name must be that of a member or of an added member", () => {
  checkEventTargets(plansOf("at=1s kill etcd3", "at=1s add etcd4", "at=2s kill etcd4"), own(3));
  assert.throws(
    () => checkEventTargets(plansOf("at=1s kill etcd4"), own(3)),
    /^--event='at=1s kill etcd4': "etcd4" is no member of the cluster; give one of etcd1, etcd2, etcd3$/,
  );
});

test("an event that needs several members is refused on a cluster of one", () => {
  for (const action of ["kill follower", "move-leader", "remove etcd1", "replace leader"]) {
    assert.throws(
      () => checkEventTargets(plansOf(`at=1s ${action}`), own(1)),
      /^--event.*a cluster of one member.*use --local=3$/,
    );
  }
});

test("an event of a later version is described, and refused before the run", () => {
  const plans = { events: [{ atMs: 1_000, lastsMs: null, action: "melt etcd1" }] };
  const [planned] = plannedEvents(plans);
  assert.is(planned!.event.describePlan(planned!.plan, String), "melt etcd1 at 1000");
  assert.throws(() => checkEventTargets(plans, own(3)), /this version of bench does not know it/);
});

test("an event whose script or program is not there is refused, and what a shell makes of words is not", () => {
  const check = (command: string) => checkEventsHere(plansOf(`at=1s exec ${command}`));
  assert.throws(
    () => check("./nope.sh now"),
    /there is no script \.\/nope\.sh that may be run, seen from \//,
  );
  assert.throws(
    () => check("no-such-program --x"),
    /there is no program no-such-program on the PATH/,
  );
  for (const known of [
    "true",
    "/bin/sh -c 'exit 1'",
    "A=b no-such-program",
    "$SCRIPT",
    "if true; then :; fi",
  ]) {
    check(known);
  }
});

test("an event whose script is there and cannot be run is refused with the cause and the fix", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-timed-plans-"));
  try {
    const script = join(folder, "fault.sh");
    writeFileSync(script, "#!/bin/sh\n");
    chmodSync(script, 0o644);
    assert.throws(
      () => checkEventsHere(plansOf(`at=1s exec ${script} now`)),
      /fault\.sh is not executable; make it executable \(chmod \+x\)/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
