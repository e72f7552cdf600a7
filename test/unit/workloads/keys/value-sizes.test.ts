/** Values of different sizes: the distribution, and the octets of requests with such values. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KeySpace } from "../../../../src/plan/key-space.ts";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { expectedOf, type ValueSize } from "../../../../src/plan/value-size.ts";
import { decodeMessage } from "../../../../src/protos.ts";
import { seededRandom } from "../../../../src/random.ts";
import { GrpcJsTransport } from "../../../../src/reference/grpc-js-transport.ts";
import { Output } from "../../../../src/wire/output.ts";
import { type WireTemplate, writeRequest } from "../../../../src/wire/request.ts";
import type { CallListener, SizedTemplate, Transport } from "../../../../src/wire/transport.ts";
import { WireTransport } from "../../../../src/wire/wire-transport.ts";
import type { RequestSource } from "../../../../src/workloads/parts/calls/single-calls.ts";
import { ValueSizes } from "../../../../src/workloads/parts/keys/value-sizes.ts";
import { Put } from "../../../../src/workloads/put/load.ts";
import { TxnPut } from "../../../../src/workloads/txn-put/load.ts";
import { cases } from "../../../harness/whole-run.ts";

const OPTIONS = { connectionEndpoints: [], slotConnections: [], listener: {} as CallListener };
const TRANSPORTS: [name: string, make: () => Transport][] = [
  ["wire", () => new WireTransport(OPTIONS)],
  ["grpc-js", () => new GrpcJsTransport(OPTIONS)],
];
const [SHARE] = splitLoad({ connections: 1, clients: 4, workers: 1 }, ["a:1"]);

const uniform = fc
  .tuple(fc.nat(100_000), fc.integer({ min: 1, max: 100_000 }))
  .map(
    ([minBytes, width]): ValueSize => ({ kind: "uniform", minBytes, maxBytes: minBytes + width }),
  );
const lognormal = fc
  .tuple(fc.integer({ min: 8, max: 10_000 }), fc.double({ min: 0.1, max: 1.5, noNaN: true }))
  .map(([medianBytes, sigma]): ValueSize => {
    return { kind: "lognormal", medianBytes, sigma, minBytes: 8, maxBytes: 50_000 };
  });
const anySize = fc.oneof(uniform, lognormal);

test("drawn sizes are within the bounds and have the expected mean", () => {
  const draws = 20_000;
  fc.assert(
    fc.property(anySize, fc.nat(), fc.nat(2 ** 31), (size, seed, from) => {
      const sizes = new ValueSizes(size, seededRandom(seed, 1));
      let sum = 0;
      for (let n = from; n < from + draws; n++) {
        const bytes = sizes.at(n);
        assert.ok(Number.isInteger(bytes) && bytes >= size.minBytes && bytes <= size.maxBytes);
        sum += bytes;
      }
      const mean = expectedOf(size, (bytes) => bytes);
      const variance = expectedOf(size, (bytes) => (bytes - mean) ** 2);
      // Six standard errors, and half a byte for rounding.
      const bound = 6 * Math.sqrt(variance / draws) + 0.5;
      assert.ok(Math.abs(sum / draws - mean) < bound, `${sum / draws}, not ${mean}`);
    }),
    { numRuns: cases(40), seed: 11 },
  );
});

test("half of lognormal sizes are below the median, and a sixth above median times e^sigma", () => {
  const size = {
    kind: "lognormal",
    medianBytes: 4096,
    sigma: 1.5,
    minBytes: 0,
    maxBytes: 1e9,
  } as const;
  const sizes = new ValueSizes(size, seededRandom(3, 0));
  const drawn = Array.from({ length: 40_000 }, (_, n) => sizes.at(n));
  const share = (below: number) => drawn.filter((bytes) => bytes < below).length / drawn.length;
  assert.ok(Math.abs(share(4096) - 0.5) < 0.01, `${share(4096)}`);
  const deviation = share(4096 * Math.exp(1.5));
  assert.ok(Math.abs(deviation - 0.8413) < 0.01, `${deviation}`);
});

test("every size of a narrow range occurs, both ends included, and huge numbers give different sizes", () => {
  const sizes = new ValueSizes({ kind: "uniform", minBytes: 3, maxBytes: 7 }, seededRandom(1, 1));
  const drawn = new Set(Array.from({ length: 500 }, (_, n) => sizes.at(n)));
  assert.equal([...drawn].sort(), [3, 4, 5, 6, 7]);
  const wide = new ValueSizes({ kind: "uniform", minBytes: 0, maxBytes: 1e7 }, seededRandom(1, 1));
  const far = Array.from({ length: 100 }, (_, n) => wide.at(n * 2 ** 32));
  assert.ok(new Set(far).size > 95);
});

test("the same seed and stream give the same sizes, and others give different ones", () => {
  const size = { kind: "uniform", minBytes: 0, maxBytes: 1e6 } as const;
  const drawn = (seed: number, stream: number) => {
    const sizes = new ValueSizes(size, seededRandom(seed, stream));
    return Array.from({ length: 20 }, (_, n) => sizes.at(n)).join();
  };
  assert.is(drawn(5, 1), drawn(5, 1));
  assert.is.not(drawn(5, 1), drawn(6, 1));
  assert.is.not(drawn(5, 1), drawn(5, 2));
});

interface PutRead {
  key: Buffer;
  value: Buffer;
}

/** The puts of one request as it is sent now. */
function putsOf(source: RequestSource, ticket: number): PutRead[] {
  const { bytes, messageOffset, messageBytes, path } = source.request(ticket) as SizedTemplate;
  const message = bytes.subarray(messageOffset, messageOffset + messageBytes);
  if (path.endsWith("/Put")) return [decodeMessage<PutRead>("etcdserverpb.PutRequest", message)];
  const { success } = decodeMessage<{ success: { requestPut: PutRead }[] }>(
    "etcdserverpb.TxnRequest",
    message,
  );
  return success.map(({ requestPut }) => requestPut);
}

const KEYS: KeySpace = {
  keySizeBytes: 10,
  keySpaceSize: 5,
  sequential: false,
  popularity: "uniform",
  prefix: "p/",
  encoding: "fixed",
};

for (const [name, make] of TRANSPORTS) {
  for (const txnOps of [0, 1, 4]) {
    const what = txnOps === 0 ? "a put" : `a transaction of ${txnOps}`;
    const makeSource = (keys: KeySpace, valueSize: ValueSize): RequestSource => {
      const values = { valSizeBytes: 0, valueSize };
      return txnOps === 0
        ? new Put({ kind: "put", keys, ...values }, 7, SHARE!, make())
        : new TxnPut({ keys, ...values, txnOps }, 7, SHARE!, make());
    };

    test(`over ${name} ${what} has whole keys, and values of many sizes with one common content`, () => {
      for (const sequential of [true, false]) {
        for (const maxBytes of [1, 127, 128, 20_000]) {
          const keys = { ...KEYS, sequential };
          const source = makeSource(keys, { kind: "uniform", minBytes: 0, maxBytes });
          let longest = Buffer.alloc(0);
          const lengths: number[] = [];
          for (let request = 0; request < 100; request++) {
            for (const { key, value } of putsOf(source, source.next(0))) {
              assert.is(key.toString("latin1", 0, 9), "p/\0\0\0\0\0\0\0");
              assert.ok(key[9]! < 5);
              const [short, long] =
                value.length < longest.length ? [value, longest] : [longest, value];
              assert.ok(long.subarray(0, short.length).equals(short), "values differ in content");
              longest = Buffer.from(long);
              lengths.push(value.length);
            }
          }
          assert.ok(
            new Set(lengths).size > Math.min(maxBytes, 60),
            `${new Set(lengths).size} sizes`,
          );
        }
      }
    });

    test(`over ${name} ${what} of any size can be built again from its ticket, and a restart repeats all`, () => {
      for (const sequential of [true, false]) {
        const valueSize = { kind: "uniform", minBytes: 0, maxBytes: 5_000 } as const;
        const source = makeSource({ ...KEYS, sequential }, valueSize);
        const tickets = Array.from({ length: 20 }, () => source.next(0));
        const texts = tickets.map((ticket) => JSON.stringify(putsOf(source, ticket)));
        const again = tickets.toReversed().map((ticket) => JSON.stringify(putsOf(source, ticket)));
        assert.equal(again.reverse(), texts);
        assert.is(new Set(texts).size, 20);
        source.restart();
        assert.equal(
          tickets.map(() => JSON.stringify(putsOf(source, source.next(0)))),
          texts,
        );
      }
    });
  }
}

test("the wire sends a frame of the current size, and nothing after it", () => {
  const template = new WireTransport(OPTIONS).sizedTemplate(
    "/a.B/C",
    Buffer.alloc(1_000, 7),
  ) as WireTemplate;
  const headers = Buffer.alloc(20, 1);
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }), (sizes) => {
      const output = new Output();
      const sent: Buffer[] = [];
      for (const size of sizes) {
        template.resize(size);
        assert.is(template.messageBytes, size);
        writeRequest(output, headers, template.frameView, template.frameBytes, 5);
        const frame = Buffer.alloc(14 + size, 7);
        frame.writeUIntBE(5 + size, 0, 3);
        frame.set([0, 1, 0, 0, 0, 5, 0], 3);
        frame.writeUInt32BE(size, 10);
        assert.ok(template.copyFrame().subarray(9).equals(frame.subarray(9)));
        const head = Buffer.from(headers);
        head.writeUInt32BE(5, 5);
        sent.push(head, frame);
      }
      const written: Buffer[] = [];
      const socket = {
        write: (bytes: Buffer) => written.push(Buffer.from(bytes)),
        writableLength: 0,
      };
      output.flush(socket as unknown as Parameters<Output["flush"]>[0]);
      assert.ok(Buffer.concat(written).equals(Buffer.concat(sent)));
    }),
    { numRuns: cases(100), seed: 3 },
  );
});

test.run();
