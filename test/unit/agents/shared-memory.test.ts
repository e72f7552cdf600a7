/** A load with shared memory goes to agents only where no two agents need the same part of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { agentOf } from "../../../src/agents/agent-shares.ts";
import { contentsOf, LentMemory, memoriesOf } from "../../../src/agents/shared-memory.ts";
import { packageRoot } from "../../../src/package-root.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import { againstAgents } from "../../../src/workloads/parts/contention/words.ts";

test("each shared memory is found once, in message order, and number arrays are not searched", () => {
  const [one, other] = [new SharedArrayBuffer(4), new SharedArrayBuffer(8)];
  const message = [{ a: { one }, numbers: new Float64Array(3) }, null, [other, one], "text"];
  assert.equal(memoriesOf(message), [one, other]);
});

test("changes of different numbers in two copies are both taken back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 40 }), fc.nat(), (octets, at) => {
      const memory = new SharedArrayBuffer(octets.length);
      new Uint8Array(memory).set(octets);
      const lent = new LentMemory({ memory });
      const [first, second] = [contentsOf([memory]), contentsOf([memory])];
      const [one, other] = [at % octets.length, (at + 1) % octets.length];
      first[0]![one]! ^= 1;
      second[0]![other]! ^= 2;
      assert.ok(lent.fits(first) && !lent.fits([]));
      lent.takeBack(second);
      lent.takeBack(first);
      const expected = octets.slice();
      expected[one]! ^= 1;
      expected[other]! ^= 2;
      assert.equal([...new Uint8Array(memory)], [...expected]);
    }),
  );
});

test("where contention is allowed, all clients of a name and its observer are on one agent", () => {
  const shapes = fc.record({
    agents: fc.integer({ min: 1, max: 6 }),
    workers: fc.integer({ min: 1, max: 3 }),
    names: fc.integer({ min: 1, max: 24 }),
    connections: fc.integer({ min: 1, max: 24 }),
    spare: fc.nat(30),
  });
  let dealt = 0;
  fc.assert(
    fc.property(shapes, ({ agents, workers, names, connections, spare }) => {
      if (againstAgents("lock", names, { agents, connections }) !== null) return;
      const all = agents * workers;
      if (all > connections) return;
      dealt += 1;
      const shares = splitLoad({ agents, workers, connections, clients: all + spare }, ["a:1"]);
      const agentOfName = new Map(
        Array.from({ length: names }, (_, name) => [name, agentOf(name % all, agents)]),
      );
      for (const { workerIndex, clientNumbers } of shares) {
        for (const client of clientNumbers) {
          assert.is(agentOf(workerIndex, agents), agentOfName.get(client % names));
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(dealt > 20, `${dealt} were dealt`);
});

test("the workloads whose workers share memory are those that say which agents can have it", () => {
  const folder = join(packageRoot(), "src/workloads");
  const users = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => readFileSync(join(folder, path), "utf8").includes("SharedArrayBuffer"))
    .map((path) => path.replace(/\/[^/]*$/, ""));
  assert.equal([...new Set(users)].sort(), ["parts/contention", "watch-get"]);
});

test.run();
