/** The state of agents from the status of their pods: running, waiting and why, ended and how. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Pod, podsByIndex, seePod } from "../../../../src/placement/kubernetes/pods.ts";

type Status = NonNullable<Pod["status"]>;
type Container = NonNullable<Status["containerStatuses"]>[number];

function pod(status: Status, metadata: Pod["metadata"] = { name: "p" }): Pod {
  return { metadata, spec: { containers: [], nodeName: "node-1" }, status };
}

function container(state: Container["state"], restartCount = 0): Container {
  return { ...{ name: "agent", image: "i", imageID: "", ready: false, restartCount }, state };
}

const seen = (status: Status) => {
  const { state, detail } = seePod(pod(status));
  return { state, detail };
};

test("a running pod, and one whose agent was started again", () => {
  const running = { phase: "Running" as const, containerStatuses: [container({ running: {} })] };
  assert.equal(seen(running), { state: "running", detail: null });
  const again = { ...running, containerStatuses: [container({ running: {} }, 2)] };
  assert.equal(seen(again), { state: "running", detail: "started 3 times" });
  assert.is(seePod(pod(again)).hasRestarted, true);
});

test("a pod without a node waits, with the scheduler's reason", () => {
  const conditions = [
    {
      ...{ type: "PodScheduled", status: "False" as const, reason: "Unschedulable" },
      message: "0/3 nodes are available",
    },
  ];
  assert.equal(seen({ phase: "Pending", conditions }), {
    ...{ state: "waiting", detail: "Unschedulable: 0/3 nodes are available" },
  });
  assert.equal(seen({ phase: "Pending" }), { state: "waiting", detail: null });
});

test("a pod whose image cannot be pulled has ended, and one that pulls its image waits", () => {
  const waiting = (reason: string, phase: "Pending" | "Running" = "Pending") =>
    seen({ phase, containerStatuses: [container({ waiting: { reason, message: "m" } })] });
  assert.equal(waiting("ImagePullBackOff"), { state: "ended", detail: "ImagePullBackOff: m" });
  assert.equal(waiting("InvalidImageName").state, "ended");
  assert.equal(waiting("ContainerCreating").state, "waiting");
  assert.equal(waiting("CrashLoopBackOff", "Running").state, "running");
});

test("a pod that has ended shows how it ended", () => {
  const terminated = { exitCode: 3, reason: "Error" };
  const failed = { phase: "Failed" as const, containerStatuses: [container({ terminated })] };
  assert.equal(seen(failed), { state: "ended", detail: "Error, exit code 3" });
  const evicted = { phase: "Failed" as const, reason: "Evicted", message: "low on memory" };
  assert.equal(seen(evicted), { state: "ended", detail: "Evicted: low on memory" });
});

test("the newest pod of an index counts, and pods without an index do not", () => {
  const at = (name: string, index: string | null, creationTimestamp: string) =>
    pod(
      { phase: "Running" },
      {
        ...{ name, creationTimestamp },
        annotations: index === null ? {} : { "batch.kubernetes.io/job-completion-index": index },
      },
    );
  const found = podsByIndex([
    at("new", "0", "2026-01-01T00:00:02Z"),
    at("old", "0", "2026-01-01T00:00:01Z"),
    at("one", "1", "2026-01-01T00:00:01Z"),
    at("other", null, "2026-01-01T00:00:01Z"),
  ]);
  assert.equal([...found].map(([index, { metadata }]) => [index, metadata!.name]).sort(), [
    ["0", "new"],
    ["1", "one"],
  ]);
});

test.run();
