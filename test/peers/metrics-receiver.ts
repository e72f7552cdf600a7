/**
 * Receives streamed metrics in tests: Prometheus remote write 1.0 and OTLP/HTTP JSON. It checks their
 * format and keeps the values of each request in one form.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import protobuf from "protobufjs/minimal.js";

export interface ReceivedHistogram {
  count: number;
  sum: number;
  scale: number;
  /** Counts by Prometheus bucket index. */
  buckets: Map<number, number>;
}

export interface ReceivedSample {
  name: string;
  labels: Record<string, string>;
  unixMs: number;
  value: number | ReceivedHistogram;
}

export interface ReceivedFrame {
  path: string;
  headers: IncomingMessage["headers"];
  samples: ReceivedSample[];
}

/** Answers a request after it was read; default: 204. */
export type Answer = (response: ServerResponse, frame: ReceivedFrame) => void;

export class MetricsReceiver {
  readonly frames: ReceivedFrame[] = [];
  /** Format errors of requests; a test expects none. */
  readonly faults: string[] = [];
  readonly #server: Server;

  private constructor(answer: Answer) {
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        (frame) => answer(response, frame),
        (error: Error) => {
          this.faults.push(error.message);
          response.writeHead(400).end(error.message);
        },
      );
    });
  }

  static async start(
    answer: Answer = (response) => response.writeHead(204).end(),
  ): Promise<MetricsReceiver> {
    const receiver = new MetricsReceiver(answer);
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Closes all connections and accepts no more. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage): Promise<ReceivedFrame> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { headers, url = "" } = request;
    const isProtobuf = headers["content-type"] === "application/x-protobuf";
    const samples = isProtobuf ? readRemoteWrite(body) : readOtlp(body);
    const frame = { path: url, headers, samples };
    this.frames.push(frame);
    return frame;
  }
}

/** Finds a sample by its name and some of its labels. */
export function sampleOf(
  frame: ReceivedFrame,
  name: string,
  labels: Record<string, string> = {},
): ReceivedSample["value"] | undefined {
  return frame.samples.find(
    (each) =>
      each.name === name &&
      Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  )?.value;
}

export function readRemoteWrite(body: Buffer): ReceivedSample[] {
  const reader = protobuf.Reader.create(unpackedLiterals(body));
  const samples: ReceivedSample[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) samples.push(...readSeries(nested(reader)));
    else reader.skipType(tag & 7);
  }
  return samples;
}

/** Decodes Snappy's block format if it contains only literals. */
function unpackedLiterals(body: Buffer): Uint8Array {
  const reader = protobuf.Reader.create(body);
  const length = reader.uint32();
  const parts: Buffer[] = [];
  while (reader.pos < reader.len) {
    const tag = body[reader.pos]!;
    if ((tag & 3) !== 0) throw new Error("no literal of Snappy");
    const inTag = tag >> 2;
    const lengthBytes = Math.max(0, inTag - 59);
    const size = 1 + (lengthBytes === 0 ? inTag : body.readUIntLE(reader.pos + 1, lengthBytes));
    const start = reader.pos + 1 + lengthBytes;
    parts.push(body.subarray(start, start + size));
    reader.pos = start + size;
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length !== length) throw new Error(`${bytes.length} octets in place of ${length}`);
  return bytes;
}

function nested(reader: protobuf.Reader): protobuf.Reader {
  return protobuf.Reader.create(reader.bytes());
}

function readSeries(reader: protobuf.Reader): ReceivedSample[] {
  const labels: [string, string][] = [];
  const values: Pick<ReceivedSample, "unixMs" | "value">[] = [];
  while (reader.pos < reader.len) {
    const field = reader.uint32() >>> 3;
    const inner = nested(reader);
    if (field === 1) labels.push(readLabel(inner));
    else if (field === 2) values.push(readNumber(inner));
    else if (field === 4) values.push(readHistogram(inner));
    else throw new Error(`TimeSeries has no field ${field}`);
  }
  const names = labels.map(([name]) => name);
  if (names.join() !== names.toSorted().join()) throw new Error(`labels out of order: ${names}`);
  if (new Set(names).size !== names.length) throw new Error(`a label twice: ${names}`);
  if (labels.some(([, value]) => value === "")) throw new Error("a label without a value");
  const { __name__: name = "", ...rest } = Object.fromEntries(labels);
  return values.map((value) => ({ name, labels: rest, ...value }));
}

function readLabel(reader: protobuf.Reader): [string, string] {
  const parts = ["", ""];
  while (reader.pos < reader.len) parts[(reader.uint32() >>> 3) - 1] = reader.string();
  return [parts[0]!, parts[1]!];
}

function readNumber(reader: protobuf.Reader): Pick<ReceivedSample, "unixMs" | "value"> {
  const read = { unixMs: 0, value: 0 };
  while (reader.pos < reader.len) {
    if (reader.uint32() >>> 3 === 1) read.value = reader.double();
    else read.unixMs = Number(reader.int64());
  }
  return read;
}

function readHistogram(reader: protobuf.Reader): Pick<ReceivedSample, "unixMs" | "value"> {
  const value: ReceivedHistogram = { count: 0, sum: 0, scale: 0, buckets: new Map() };
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let unixMs = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === 1) value.count = Number(reader.uint64());
    else if (field === 3) value.sum = reader.double();
    else if (field === 4) value.scale = reader.sint32();
    else if (field === 11) {
      const span = nested(reader);
      span.uint32();
      const offset = span.sint32();
      span.uint32();
      spans.push({ offset, length: span.uint32() });
    } else if (field === 12) {
      const packed = nested(reader);
      while (packed.pos < packed.len) deltas.push(Number(packed.sint64()));
    } else if (field === 15) unixMs = Number(reader.int64());
    else reader.skipType(tag & 7);
  }
  let index = 0;
  let count = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let at = 0; at < length; at++, index++) {
      count += deltas.shift() ?? Number.NaN;
      value.buckets.set(index, count);
    }
  }
  if (deltas.length > 0) throw new Error("more counts than buckets");
  return { unixMs, value };
}

interface OtlpPoint {
  attributes: { key: string; value: { stringValue: string } }[];
  timeUnixNano: string;
  startTimeUnixNano: string;
  asDouble?: number;
  count?: string;
  sum?: number;
  scale?: number;
  positive?: { offset: number; bucketCounts: string[] };
}

interface OtlpMetric {
  name: string;
  gauge?: { dataPoints: OtlpPoint[] };
  sum?: { aggregationTemporality: number; isMonotonic: boolean; dataPoints: OtlpPoint[] };
  exponentialHistogram?: { aggregationTemporality: number; dataPoints: OtlpPoint[] };
}

export function readOtlp(body: Buffer): ReceivedSample[] {
  const { resourceMetrics } = JSON.parse(body.toString()) as {
    resourceMetrics: { scopeMetrics: { metrics: OtlpMetric[] }[] }[];
  };
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics),
  );
  return metrics.flatMap(({ name, gauge, sum, exponentialHistogram }) => {
    for (const each of [sum, exponentialHistogram]) {
      if (each !== undefined && each.aggregationTemporality !== 2)
        throw new Error("not cumulative");
    }
    const points = (gauge ?? sum ?? exponentialHistogram)!.dataPoints;
    return points.map((point): ReceivedSample => {
      const labels = point.attributes.map(({ key, value }) => [key, value.stringValue] as const);
      const unixMs = Number(BigInt(point.timeUnixNano) / 1_000_000n);
      const common = { name, labels: Object.fromEntries(labels), unixMs };
      if (point.positive === undefined) return { ...common, value: point.asDouble! };
      const { offset, bucketCounts } = point.positive;
      const buckets = bucketCounts
        .map((count, at): [number, number] => [offset + at + 1, Number(count)])
        .filter(([, count]) => count > 0);
      const { count, sum: total = 0, scale = 0 } = point;
      return {
        ...common,
        value: { count: Number(count), sum: total, scale, buckets: new Map(buckets) },
      };
    });
  });
}
