/** Tests which keys the locks of an availability run give back. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Operations } from "../../../../src/load/workload.ts";
import { decodeMessage } from "../../../../src/protos.ts";
import type { Transport } from "../../../../src/wire/transport.ts";
import { Locks } from "../../../../src/workloads/availability/locks.ts";
import type { RowValues } from "../../../../src/workloads/availability/request-kind.ts";

test("a request beyond the contenders takes no lock from its owner", () => {
  /** `Lock p/lock/0` and `Unlock KEY`, in the order sent, with the slot. */
  const sent: [string, number][] = [];
  const transport = {
    template(path: string, message: Uint8Array) {
      const method = path.split("/").at(-1)!;
      const { name, key } = decodeMessage<{ name?: Buffer; key?: Buffer }>(
        `v3lockpb.${method}Request`,
        message,
      );
      return `${method} ${name ?? key}`;
    },
    flush() {},
  } as unknown as Transport;
  const operations = {
    call: (_client: number, slot: number, template: unknown) => sent.push([String(template), slot]),
    dueNs: () => 0,
  } as unknown as Operations;
  const column = () => new Float64Array(2);
  const rows: RowValues = { number: column(), revision: column(), known: column() };
  const ended: [number, string][] = [];
  const locks = new Locks(
    { prefix: "p/", leases: ["7"], lockSlots: 100 },
    rows,
    operations,
    transport,
    (client, _status, message) => ended.push([client, message]),
  );
  locks.begin(0, 0, 0, 0);
  assert.equal(sent, [["Lock p/lock/0", 100]], "it waits on a connection of its own");
  locks.begin(1, 1, 0, 0);
  assert.equal(sent[1], ["Unlock p/lock/none", 1]);
  locks.onCallEnd(1, 0, "", 0);
  assert.equal(ended, [[1, "no contender is free"]]);
  locks.cancelled(0);
  locks.begin(0, 0, 0, 0);
  assert.equal(sent[2], ["Unlock p/lock/0/7", 0], "what it may still have is given back first");
});

test.run();
