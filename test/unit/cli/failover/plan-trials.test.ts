import { test } from "uvu";
import * as assert from "uvu/assert";
import { FAILOVER_FLAGS } from "../../../../src/cli/failover/failover-flags.ts";
import { planTrials } from "../../../../src/cli/failover/plan-trials.ts";
import { type GivenFlags, readFlags } from "../../../../src/flags/flag.ts";

function planned(given: GivenFlags) {
  const all = { local: "3", event: ["kill leader"], ...given };
  return planTrials(readFlags(FAILOVER_FLAGS, all), { asGiven: all, given: all }, {});
}

const timesOf = (given: GivenFlags) =>
  planned(given).cells.flatMap(({ plan }) => plan.maintenance.events.map(({ atMs }) => atMs));

test("the seed draws a time within the heartbeat for the event of each trial", () => {
  const times = timesOf({ trials: "9" });
  assert.is(times.length, 9);
  assert.ok(times.every((ms) => ms >= 5_000 && ms < 5_100));
  assert.ok(new Set(times).size > 4);
  assert.equal(timesOf({ trials: "9" }), times);
  assert.not.equal(timesOf({ trials: "9", seed: "2" }), times);
});

test("the times within a heartbeat follow the heartbeat interval that etcd is given", () => {
  const times = timesOf({ trials: "30", "etcd-args": "--heartbeat-interval=10" });
  assert.ok(times.every((ms) => ms >= 5_000 && ms < 5_010));
});

test("controls are the same runs without the event, and all runs are shuffled", () => {
  const { cells, runs } = planned({ trials: "4", controls: "2" });
  assert.equal(
    cells.map(({ name, plan }) => [name, plan.maintenance.events.length]),
    [
      ...[1, 2, 3, 4].map((number) => [`trial ${number}`, 1]),
      ...[1, 2].map((number) => [`control ${number}`, 0]),
    ],
  );
  assert.is(new Set(cells.map(({ plan }) => plan.limits.durationMs)).size, 1);
  assert.is(runs.length, 6);
  assert.ok(cells.every(({ plan }) => plan.judge.checkHashKv));
});

test("a fault with a duration ends after 5 s by default", () => {
  const [cell] = planned({ trials: "1", before: "2s", after: "3s" }).cells;
  assert.is(cell!.plan.maintenance.events[0]!.lastsMs, 5_000);
  assert.is(cell!.plan.limits.durationMs, 10_100);
});

test("the flags of a trial make its plan", () => {
  const [cell] = planned({ trials: "1", event: ["for=3s pause follower"] }).cells;
  assert.match(cell!.words.join(" "), /^availability .*--event=at=5\.0\d+s for=3s pause follower/);
});

test("a label with the name of one that the trials have is refused", () => {
  assert.equal(planned({ label: ["team=a"] }).cells[0]!.plan.labels, { team: "a" });
  for (const name of ["failover", "trial", "control"]) {
    assert.throws(
      () => planned({ label: ["team=a", `${name}=9`] }),
      new RegExp(`^--label: ${name} is a label that failover gives its runs`),
    );
  }
});

test("an agent on another machine may send the trials, but only one, since one thread judges them", () => {
  const [cell] = planned({ trials: "1", agents: "1" }).cells;
  assert.is(cell!.plan.load.agents, 1);
  assert.is(cell!.words[1], "--agents=1");
  assert.throws(() => planned({ trials: "1", agents: "2" }), /give --agents=1/);
});

test("an impossible plan is refused with the fix", () => {
  assert.throws(() => planned({ event: [] }), /--event='kill leader'/);
  assert.throws(() => planned({ event: ["at=3s kill leader"] }), /leave at= out/);
  assert.throws(() => planned({ event: ["explode leader"] }), /explode/);
  const others = { local: undefined, endpoints: "127.0.0.1:2379", event: ["compact"] };
  assert.throws(() => planned({ ...others, "etcd-args": "--quota-backend-bytes=1" }), /--local=3/);
});

test("the command of a trial names its etcd as the user did", () => {
  const asGiven = { cluster: "three", event: ["kill leader"], trials: "1" };
  const given = { ...asGiven, endpoints: "http://127.0.0.1:1", cacert: "", user: "" };
  const flags = readFlags(FAILOVER_FLAGS, given);
  const [cell] = planTrials(flags, { asGiven, given }, {}).cells;
  assert.equal(cell!.plan.target.endpoints, ["127.0.0.1:1"]);
  assert.equal(cell!.words.slice(0, 2), ["availability", "--cluster=three"]);
  assert.not.match(cell!.words.join(" "), /--endpoints|--cacert|--user/);
});

test.run();
