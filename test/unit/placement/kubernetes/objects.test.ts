/** The manifest of agents is safe, and valid by Kubernetes' OpenAPI schema for any flags. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { readFlags } from "../../../../src/flags/flag.ts";
import { kubernetesActions } from "../../../../src/placement/kubernetes/actions.ts";
import { agentObjects } from "../../../../src/placement/kubernetes/agent-objects.ts";
import {
  type CoordinationSecrets,
  coordinationObjects,
  newCoordinationSecrets,
} from "../../../../src/placement/kubernetes/coordination-objects.ts";
import {
  KUBERNETES_FLAGS,
  type KubernetesPlan,
  kubernetesEngine,
} from "../../../../src/placement/kubernetes/engine.ts";
import { cases } from "../../../harness/whole-run.ts";
import { faultOf, type StoredObject } from "../../../peers/kubernetes/schema.ts";

const ID = "0a1b2c3d4e5f";
const GIVEN = { kubernetes: true, output: "yaml", image: "bench:1" };

function planOf(given: Record<string, string | readonly string[] | boolean> = {}, name = "load") {
  return kubernetesEngine.plan(readFlags(KUBERNETES_FLAGS, { ...GIVEN, ...given }), {
    ...{ name, id: ID },
  });
}

const placeholder = { version: 1 as const, endpoints: ["a:1"], group: "g", secret: "s" };
const JOIN = { ...placeholder, tls: null, user: null };
const SECRETS: CoordinationSecrets = {
  ...{ ca: "ca", cert: "cert", key: "key", inside: JOIN, outside: JOIN },
};

function allObjects(plan: KubernetesPlan): StoredObject[] {
  const objects = [
    ...coordinationObjects(plan, SECRETS),
    ...agentObjects(plan, { join: null, workers: null }),
    ...agentObjects({ ...plan, base: `${plan.base}x` }, { join: JOIN, workers: 3 }),
  ];
  return objects as unknown as StoredObject[];
}

function podsOf(plan: KubernetesPlan) {
  return allObjects(plan).flatMap(({ kind, spec }) =>
    kind === "Job" || kind === "StatefulSet"
      ? [(spec as { template: { spec: Record<string, unknown> } }).template.spec]
      : [],
  );
}

const labelName = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?$/);
const given = fc.record(
  {
    replicas: fc.integer({ min: 1, max: 10_000 }).map(String),
    "node-selector": fc.array(fc.tuple(labelName, labelName).map((pair) => pair.join("="))),
    namespace: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
    cpu: fc.constantFrom("1", "500m", "2.5", "64"),
    "cpu-limit": fc.constantFrom("1", "4"),
    memory: fc.constantFrom("512Mi", "2G", "1000000000"),
    expose: fc.constantFrom("node-port", "load-balancer"),
    "coordination-address": fc.constantFrom("10.0.0.1:32379", "[::1]:2379", "host:1"),
  },
  { requiredKeys: [] },
);

test("each object is valid, for any flags and any group name", () => {
  const name = fc.oneof(
    fc.stringMatching(/^[\w.-]{1,64}$/),
    fc.string({ maxLength: 80 }),
    fc.constantFrom("-", "..", "_a_", "A".repeat(64), "9", "é", "a-".repeat(32)),
  );
  fc.assert(
    fc.property(given, name, (flags, group) => {
      for (const object of allObjects(planOf(flags, group))) {
        assert.is(faultOf(object), null, JSON.stringify(object.metadata));
      }
    }),
    { numRuns: cases(25, 300) },
  );
});

test("objects of one placement have different names, and two placements share no name", () => {
  const namesOf = (plan: KubernetesPlan) =>
    [
      ...coordinationObjects(plan, SECRETS),
      ...agentObjects(plan, { join: null, workers: null }),
    ].map(({ kind, metadata }) => `${kind} ${metadata!.name}`);
  const one = namesOf(planOf({ expose: "node-port" }));
  assert.is(new Set(one).size, one.length);
  const flags = readFlags(KUBERNETES_FLAGS, GIVEN);
  const other = kubernetesEngine.plan(flags, { name: "load", id: "ffffffffffff" });
  assert.equal(
    namesOf(other).filter((each) => one.includes(each)),
    [],
  );
});

test("the schema refuses a wrong type, an unknown field and a missing one", () => {
  const job = () => allObjects(planOf()).find(({ kind }) => kind === "Job")!;
  const changed = (change: (spec: Record<string, unknown>) => void) => {
    const object = structuredClone(job());
    change(object.spec!);
    return faultOf(object);
  };
  assert.match(changed((spec) => Object.assign(spec, { completions: "2" }))!, /completions/);
  assert.match(
    changed((spec) => Object.assign(spec, { complitions: 2 }))!,
    /unknown field "spec.complitions"/,
  );
  assert.match(changed((spec) => delete spec.template)!, /template/);
  const { metadata } = job();
  const long = { ...job(), metadata: { ...metadata, name: "a".repeat(63) } };
  assert.match(faultOf(long)!, /no name of at most 61/);
});

test("pods do not run as root, have a read-only root file system and no token of the cluster", () => {
  for (const pod of podsOf(planOf())) {
    assert.is(pod.automountServiceAccountToken, false);
    const { runAsNonRoot, seccompProfile } = pod.securityContext as Record<string, unknown>;
    assert.equal([runAsNonRoot, seccompProfile], [true, { type: "RuntimeDefault" }]);
    for (const container of pod.containers as Record<string, unknown>[]) {
      assert.equal(container.securityContext, {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ["ALL"] },
      });
    }
  }
});

test("secrets are only in the Secret: not in arguments, variables or annotations", async () => {
  const plan = planOf();
  const secrets = await newCoordinationSecrets(plan, "load");
  const objects = [
    ...coordinationObjects(plan, secrets),
    ...agentObjects(plan, { join: null, workers: null }),
  ];
  const hidden = [secrets.key, secrets.inside.secret, secrets.inside.tls!.key!];
  const texts = objects.flatMap((object) =>
    object.kind === "Secret" ? [] : [JSON.stringify(object)],
  );
  for (const secret of hidden) {
    const forms = [JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64")];
    assert.not(texts.some((text) => forms.some((form) => text.includes(form))));
  }
});

test("agents run as many threads as their CPU, and have a CPU limit only if it is given", () => {
  const containerOf = (flags: Record<string, string>, workers: number | null = null) => {
    const [job] = agentObjects(planOf(flags), { join: null, workers }).filter(
      ({ kind }) => kind === "Job",
    );
    const { spec } = job as unknown as { spec: { template: { spec: { containers: unknown[] } } } };
    return spec.template.spec.containers[0] as { args: string[]; resources: unknown };
  };
  assert.ok(containerOf({ cpu: "2500m" }).args.includes("--workers=2"));
  assert.ok(containerOf({ cpu: "100m" }).args.includes("--workers=1"));
  assert.ok(containerOf({ cpu: "1", "cpu-limit": "4" }).args.includes("--workers=4"));
  assert.ok(containerOf({ cpu: "1" }, 3).args.includes("--workers=3"));
  assert.equal(containerOf({ cpu: "1", memory: "1Gi" }).resources, {
    ...{ requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
  });
});

test("flags that Kubernetes would refuse are refused by name, with an example", () => {
  for (const [flags, words] of [
    [{ namespace: "Load" }, /^--namespace: "Load": .*e.g. --namespace=load/],
    [{ namespace: "a".repeat(64) }, /^--namespace: /],
    [{ "node-selector": "pool" }, /^--node-selector: "pool": a label is/],
    [{ "node-selector": "a b=c" }, /^--node-selector: /],
    [{ "node-selector": `pool=${"v".repeat(64)}` }, /^--node-selector: /],
    [{ "node-selector": "-x.example/pool=load" }, /^--node-selector: /],
    [{ image: "bench:1 --privileged" }, /^--image: /],
    [{ image: "-bench" }, /^--image: /],
    [{ cpu: "0" }, /^--cpu: "0": CPU is/],
    [{ cpu: "1,5" }, /^--cpu: /],
    [{ memory: "1GB" }, /^--memory: "1GB": memory is/],
    [{ "coordination-address": "10.0.0.1" }, /no HOST:PORT/],
    [{ output: undefined }, /give --apply to have kubectl create/],
    [{ apply: true }, /exclude each other/],
    [{ image: undefined }, /--image is missing/],
  ] as const) {
    assert.throws(
      () => planOf(flags as unknown as Record<string, string>),
      (error: Error) => words.test(error.message) || assert.unreachable(error.message),
    );
  }
});

test("-o yaml prints YAML of valid objects, with the join files for inside and outside", async () => {
  const plan = planOf({ "coordination-address": "10.0.0.1:32379" });
  const text = await kubernetesActions.manifest!(plan, { group: "load", join: null, workers: 1 });
  const objects = parseAllDocuments(text!).map((each) => each.toJS() as StoredObject);
  assert.equal(
    objects.map(({ kind }) => kind),
    ["Secret", "Service", "NetworkPolicy", "StatefulSet", "NetworkPolicy", "Job"],
  );
  for (const object of objects) assert.is(faultOf(object), null);
  const { data } = objects[0] as unknown as { data: Record<string, string> };
  const read = (key: string) => JSON.parse(Buffer.from(data[key]!, "base64").toString());
  assert.equal(read("join.json").endpoints, ["bench-load-0a1b2c-etcd:2379"]);
  assert.equal(read("outside.json").endpoints, ["10.0.0.1:32379"]);
  assert.is(read("outside.json").tls.serverName, "bench-load-0a1b2c-etcd");
  assert.match(text!, /^# The Secret in it/);
});

test("flags of the etcd in the cluster have no meaning with another etcd", async () => {
  const manifest = (flags: Record<string, string>) =>
    kubernetesActions.manifest!(planOf(flags), { group: "load", join: JOIN, workers: 1 });
  for (const [name, value] of [
    ["expose", "node-port"],
    ["coordination-address", "10.0.0.1:2379"],
    ["etcd-image", "etcd:1"],
  ] as const) {
    await manifest({ [name]: value }).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, new RegExp(`^--${name} is of a coordination`)),
    );
  }
  assert.not.match((await manifest({}))!, /StatefulSet/);
});

test.run();
