/** Reads the times of processes, from the real /proc and from fakes. */
import { createServer } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { processListeningAt } from "../../../src/machine/listening-process.ts";
import {
  processAgeSeconds,
  processStartSeconds,
  processTimes,
  usableCpus,
} from "../../../src/machine/process-times.ts";
import { systemFiles } from "../../../src/machine/system-files.ts";

const STAT = `7 (an (odd) name) S 1 7 7 0 -1 0 0 0 0 0 250 50 0 0 20 0 9 0 12345 0 0`;

function filesOf(files: Record<string, string>, lists: Record<string, string[]> = {}) {
  return { read: (path: string) => files[path] ?? null, list: (path: string) => lists[path] ?? [] };
}

test("waits for a CPU are summed over the threads of a process", () => {
  const files = filesOf(
    {
      "/proc/7/stat": STAT,
      "/proc/7/task/7/schedstat": "2000000000 500000000 100\n",
      "/proc/7/task/8/schedstat": "1000000000 250000000 50\n",
      "/proc/7/task/9/schedstat": "0 0 0\n",
      "/proc/7/cgroup": "0::/pod\n",
      "/sys/fs/cgroup/pod/cpu.stat": "usage_usec 1\nthrottled_usec 1500000\n",
      "/sys/fs/cgroup/pod/cpu.max": "150000 100000",
      "/proc/7/status": "Name:\tetcd\nCpus_allowed_list:\t0-3,8\n",
      "/proc/stat": "cpu 1\nbtime 1000\n",
    },
    { "/proc/7/task": ["7", "8", "9", "10"] },
  );
  assert.equal(processTimes(files, 7), {
    cpuSeconds: 3,
    runQueueSeconds: 0.75,
    timeSlices: 150,
    throttledSeconds: 1.5,
  });
  assert.is(usableCpus(files, 7), 1.5, "the quota is the least");
  assert.is(processStartSeconds(files, 7), 1123.45);
});

test("figures that the system does not report are null", () => {
  assert.is(processTimes(filesOf({}), 7), null);
  assert.is(usableCpus(filesOf({}), 7), null);
  assert.is(processStartSeconds(filesOf({ "/proc/7/stat": STAT }), 7), null);
  assert.equal(processTimes(filesOf({ "/proc/7/stat": STAT }), 7), {
    cpuSeconds: 3,
    runQueueSeconds: null,
    timeSlices: null,
    throttledSeconds: null,
  });
});

test("the age of a process follows from its start and that of bench, and from no clock that can be set", () => {
  const own = STAT.replace("12345", "13345");
  const ownAge = process.uptime();
  const age = processAgeSeconds(filesOf({ "/proc/7/stat": STAT, "/proc/self/stat": own }), 7)!;
  assert.ok(age >= ownAge + 10 && age <= process.uptime() + 10, `${age}`);
  assert.is(processAgeSeconds(filesOf({ "/proc/self/stat": own }), 7), null);
});

test("a process is found by its port and start time, and no other process matches", async () => {
  const started = processStartSeconds(systemFiles, process.pid);
  if (started === null) return; // Without /proc no process is found.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as { port: number };
    assert.is(processListeningAt(port, started), process.pid);
    assert.is(processListeningAt(port, started - 3600), null, "a process of another start");
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test.run();
