/** Reads the machine's state from Linux's files, as found on real machines. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cpuQuota, memoryLimitBytes, throttledSeconds } from "../../../src/machine/cgroup.ts";
import { familyCpuSeconds, machineCpu } from "../../../src/machine/cpu-times.ts";
import { MachineWatch } from "../../../src/machine/machine-watch.ts";
import type { SystemFiles } from "../../../src/machine/system-files.ts";
import { isLocalEndpoint } from "../../../src/result/local-endpoint.ts";
import {
  machineDoubts,
  targetCpuSeconds,
  tooManyWorkers,
} from "../../../src/run/machine-doubts.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

function filesOf(texts: Record<string, string>): SystemFiles {
  return {
    read: (path) => texts[path] ?? null,
    list: (folder) =>
      Object.keys(texts)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split("/")[0]!)
        .filter((name, at, names) => names.indexOf(name) === at),
  };
}

const NONE = filesOf({});

test("a system without these files gives null for each figure", () => {
  assert.equal(
    [cpuQuota(NONE), memoryLimitBytes(NONE), throttledSeconds(NONE), machineCpu(NONE)],
    [null, null, null, null],
  );
  assert.is(familyCpuSeconds(NONE, 1), null);
  const watch = new MachineWatch(NONE);
  watch.begin();
  watch.end();
  const { loadAverage1m, ...others } = watch.result(0)!;
  assert.type(loadAverage1m, "number");
  assert.ok(Object.values(others).every((figure) => figure === null));
});

test("the tightest limit of cgroup version 2 holds, from the group or from one above it", () => {
  const files = filesOf({
    "/proc/self/cgroup": "0::/pod/box\n",
    "/sys/fs/cgroup/pod/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/pod/memory.max": "1073741824\n",
    "/sys/fs/cgroup/pod/box/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/pod/box/memory.max": "max\n",
    "/sys/fs/cgroup/pod/box/cpu.stat": "usage_usec 5\nnr_throttled 3\nthrottled_usec 2500000\n",
  });
  assert.equal(
    [cpuQuota(files), memoryLimitBytes(files), throttledSeconds(files)],
    [1.5, 2 ** 30, 2.5],
  );
  const both = filesOf({
    "/proc/self/cgroup": "0::/pod/box\n",
    "/sys/fs/cgroup/pod/cpu.max": "50000 100000\n",
    "/sys/fs/cgroup/pod/memory.max": "2147483648\n",
    "/sys/fs/cgroup/pod/box/cpu.max": "200000 100000\n",
    "/sys/fs/cgroup/pod/box/memory.max": "1073741824\n",
  });
  assert.equal([cpuQuota(both), memoryLimitBytes(both)], [0.5, 2 ** 30]);
});

test("throttling by the quota of a group above counts, once for each group", () => {
  const files = filesOf({
    "/proc/self/cgroup": "2:cpu,cpuacct:/slice/pod/box\n",
    ...Object.fromEntries(
      // One mount with two names.
      ["cpu", "cpu,cpuacct"].flatMap((mount) => [
        [`/sys/fs/cgroup/${mount}/slice/pod/box/cpu.stat`, "throttled_time 0\n"],
        [`/sys/fs/cgroup/${mount}/slice/pod/cpu.stat`, "throttled_time 1200000000\n"],
        [`/sys/fs/cgroup/${mount}/slice/cpu.stat`, "throttled_time 300000000\n"],
        [`/sys/fs/cgroup/${mount}/cpu.stat`, "nr_periods 0\n"],
      ]),
    ),
  });
  assert.is(throttledSeconds(files), 1.5);
});

test("limits of version 1 are found in a container whose group has its path on the host", () => {
  const files = filesOf({
    "/proc/self/cgroup": "4:memory:/docker/1f\n2:cpu,cpuacct:/docker/1f\n0::/\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.stat":
      "nr_periods 9\nnr_throttled 1\nthrottled_time 700000000\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
  });
  assert.equal(
    [cpuQuota(files), memoryLimitBytes(files), throttledSeconds(files)],
    [0.5, 2 ** 29, 0.7],
  );
  const unlimited = filesOf({
    "/proc/self/cgroup": "4:memory:/\n1:cpu:/\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
  });
  assert.equal([cpuQuota(unlimited), memoryLimitBytes(unlimited)], [null, null]);
});

/** A line as in proc_pid_stat(5): ticks of 10 ms of the process, and of its ended children. */
function statOf(pid: number, name: string, parent: number, own: number, ended = 0): string {
  return `${pid} (${name}) S ${parent} 1 1 0 -1 4194304 0 0 0 0 ${own} 0 ${ended} 0 20 0 1 0 9\n`;
}

const FAMILY = {
  "/proc/1/stat": statOf(1, "init", 0, 100_000),
  "/proc/10/stat": statOf(10, "node", 1, 300, 50),
  "/proc/11/stat": statOf(11, "etcd) S 1 (", 10, 200),
  "/proc/12/stat": statOf(12, "sh", 11, 7),
  "/proc/20/stat": statOf(20, "etcd", 1, 900),
  "/proc/meminfo": "",
};

test("all descendants are of the family, whatever their names, and other processes are not", () => {
  assert.is(familyCpuSeconds(filesOf(FAMILY), 10), 5.57);
});

test("where the kernel lists children, the children of every thread are of the family", () => {
  const files = filesOf({
    ...FAMILY,
    "/proc/10/task/10/children": "",
    "/proc/10/task/13/children": "11 ",
    "/proc/11/task/11/children": "12 14 ",
    "/proc/12/task/12/children": "",
  });
  assert.is(familyCpuSeconds(files, 10), 5.57);
});

test("CPU of neither this client, its children nor the target is the CPU of others", () => {
  const texts: Record<string, string> = {
    "/proc/stat": "cpu  1000 0 0 1000 0 0 0 0 0 0\n",
    "/proc/10/stat": statOf(10, "node", 1, 100),
    "/proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n",
    "/proc/uptime": "100.00 50.00\n",
  };
  let nowMs = 0;
  const watch = new MachineWatch(filesOf(texts), () => nowMs, 10);
  watch.begin();
  nowMs = 10_000;
  // Of 20 s of two CPUs: 12 s busy, of them 4 s ours and 3 s the target's; 1 s stolen; 7 s idle.
  texts["/proc/stat"] = "cpu  1900 100 200 1600 100 0 0 100 0 0\n";
  texts["/proc/10/stat"] = statOf(10, "node", 1, 500);
  texts["/proc/pressure/cpu"] = "some avg10=0.00 avg60=0.00 avg300=0.00 total=3500000\n";
  texts["/proc/uptime"] = "117.00 60.00\n";
  watch.end();
  const { loadAverage1m: _, ...state } = watch.result(3)!;
  assert.equal(state, {
    otherCpuPercent: 25,
    idleCpuPercent: 35,
    stealPercent: 5,
    cpuPressurePercent: 25,
    ioPressurePercent: null,
    memoryPressurePercent: null,
    throttledSeconds: null,
    suspendedSeconds: 7,
  });
});

test("a machine is doubted where others use scarce CPU, and for steal, throttling and sleep", () => {
  const calm = resultFixture().machine!;
  const doubts = (state: Partial<typeof calm>) => machineDoubts({ ...calm, ...state }, 10);
  assert.equal(doubts({}), []);
  assert.equal(machineDoubts(null, 10), []);
  // On a large machine others may use a tenth, if CPUs are idle.
  assert.equal(doubts({ otherCpuPercent: 20, idleCpuPercent: 60 }), []);
  assert.equal(doubts({ otherCpuPercent: 9, idleCpuPercent: 1 }), []);
  assert.equal(doubts({ otherCpuPercent: null, idleCpuPercent: 50 }), []);
  assert.match(
    doubts({ otherCpuPercent: null, idleCpuPercent: 1 })[0]!,
    /^1% of this machine's CPU was left .*, and how much of it other processes took is not known/,
  );
  const [busy] = doubts({ otherCpuPercent: 62, idleCpuPercent: 3, loadAverage1m: 18.9 });
  assert.match(busy!, /^Other processes took 62% of this machine's CPU .* 3% was left .*18\.9/);
  assert.match(doubts({ stealPercent: 4 })[0]!, /4\.0% .*steal/);
  assert.match(doubts({ throttledSeconds: 1.5 })[0]!, /1\.50 s: raise the quota/);
  assert.equal(doubts({ throttledSeconds: 0.05 }), []);
  assert.match(doubts({ suspendedSeconds: 3 })[0]!, /slept for 3\.0 s/);
});

test("a target on this machine that is not a child of bench does not count as other processes", () => {
  const { plan, server } = resultFixture();
  const [one] = server;
  const remote = { ...one!, endpoint: "10.0.0.7:2379", cpuSeconds: 9 };
  assert.is(targetCpuSeconds(plan, [{ ...one!, cpuSeconds: 2 }, remote], isLocalEndpoint), 2);
  assert.is(targetCpuSeconds(plan, [{ ...one!, cpuSeconds: null }], isLocalEndpoint), null);
  assert.is(targetCpuSeconds(plan, [{ ...remote, cpuSeconds: null }], isLocalEndpoint), 0);
});

test("more workers than CPUs available to this client are reported", () => {
  assert.match(tooManyWorkers(4, 2)!, /^--workers=4 is more than the 2 CPUs that are available/);
  assert.match(tooManyWorkers(2, 1)!, /more than the one CPU that is available/);
  assert.is(tooManyWorkers(2, 2), null);
  assert.is(tooManyWorkers(1, 0.5), null, "one worker is the least there is");
  assert.is(tooManyWorkers(64, null), null);
});

test.run();
