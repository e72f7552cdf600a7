/**
 * Encodes metrics as a request of Prometheus' remote write 1.0: protobuf in Snappy's block format, with
 * native histograms, or with classic ones for a receiver that does not take these.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
import protobuf from "protobufjs/minimal.js";
import { type ExponentialBucket, SCALE } from "../stats/exponential-histogram.ts";
import { classicBuckets } from "./classic-buckets.ts";
import type { Distribution, HistogramFamily, Labels, MetricFamily } from "./metric-family.ts";
import { snappyBlock } from "./snappy.ts";

type Writer = protobuf.Writer;

export const REMOTE_WRITE_HEADERS = {
  "Content-Type": "application/x-protobuf",
  "Content-Encoding": "snappy",
  "X-Prometheus-Remote-Write-Version": "0.1.0",
};

/** Of `prometheus.MetricMetadata`. */
const METRIC_TYPES = { counter: 1, gauge: 2, histogram: 3 } as const;

/** Field numbers and wire types, as tags of protobuf. */
const TIMESERIES = tag(1, 2);
const METADATA = tag(3, 2);
const LABELS = tag(1, 2);
const SAMPLES = tag(2, 2);
const HISTOGRAMS = tag(4, 2);

export interface RemoteWriteOptions {
  unixMs: number;
  /** The receiver takes native histograms. */
  isNative: boolean;
  /** In addition to the labels of each sample. */
  labels: Labels;
}

export function remoteWriteBody(
  families: readonly MetricFamily[],
  { unixMs, isNative, labels }: RemoteWriteOptions,
): Buffer {
  const writer = protobuf.Writer.create();
  const number = (name: string, of: Labels, value: number) =>
    message(writer, TIMESERIES, () => {
      writeLabels(writer, { ...labels, ...of, __name__: name });
      message(writer, SAMPLES, () => {
        writer.uint32(tag(1, 1)).double(value);
        writer.uint32(tag(2, 0)).int64(unixMs);
      });
    });
  for (const family of families) {
    if (family.samples.length > 0) writeMetadata(writer, family);
    if (family.type !== "histogram") {
      for (const sample of family.samples) number(family.name, sample.labels, sample.value);
    } else if (!isNative) writeClassic(family, number);
    else {
      for (const sample of family.samples) {
        message(writer, TIMESERIES, () => {
          writeLabels(writer, { ...labels, ...sample.labels, __name__: family.name });
          message(writer, HISTOGRAMS, () => writeHistogram(writer, sample.value, unixMs));
        });
      }
    }
  }
  return snappyBlock(writer.finish());
}

function writeClassic(
  { name, samples }: HistogramFamily,
  number: (name: string, labels: Labels, value: number) => void,
): void {
  for (const { labels, value } of samples) {
    for (const { le, count } of classicBuckets(value)) {
      number(`${name}_bucket`, { ...labels, le }, count);
    }
    number(`${name}_count`, labels, value.count);
    number(`${name}_sum`, labels, value.sumSeconds);
  }
}

function writeMetadata(writer: Writer, { name, type, help, unit }: MetricFamily): void {
  message(writer, METADATA, () => {
    writer.uint32(tag(1, 0)).int32(METRIC_TYPES[type]);
    writer.uint32(tag(2, 2)).string(name);
    writer.uint32(tag(4, 2)).string(help);
    if (unit !== undefined) writer.uint32(tag(5, 2)).string(unit);
  });
}

/** Sorted by name, and without those that have no value, as the receiver asks. */
function writeLabels(writer: Writer, labels: Labels): void {
  const given = Object.entries(labels).filter(([, value]) => value !== "");
  for (const [name, value] of given.sort(([one], [other]) => (one < other ? -1 : 1))) {
    message(writer, LABELS, () => {
      writer.uint32(tag(1, 2)).string(name);
      writer.uint32(tag(2, 2)).string(value);
    });
  }
}

/** Buckets as spans of neighbours, with counts as differences from the one before. */
function writeHistogram(writer: Writer, value: Distribution, unixMs: number): void {
  const { count, sumSeconds, buckets } = value;
  writer.uint32(tag(1, 0)).uint64(count);
  writer.uint32(tag(3, 1)).double(sumSeconds);
  writer.uint32(tag(4, 0)).sint32(SCALE);
  // No duration is 0.
  writer.uint32(tag(6, 0)).uint64(0);
  for (const { offset, length } of spansOf(buckets)) {
    message(writer, tag(11, 2), () => {
      writer.uint32(tag(1, 0)).sint32(offset);
      writer.uint32(tag(2, 0)).uint32(length);
    });
  }
  if (buckets.length > 0) {
    message(writer, tag(12, 2), () => {
      let before = 0;
      for (const bucket of buckets) {
        writer.sint64(bucket.count - before);
        before = bucket.count;
      }
    });
  }
  writer.uint32(tag(15, 0)).int64(unixMs);
}

interface Span {
  /** From the end of the span before; of the first one, its index. */
  offset: number;
  length: number;
}

function spansOf(buckets: readonly ExponentialBucket[]): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const { index } of buckets) {
    const last = spans.at(-1);
    if (last !== undefined && index === end) last.length += 1;
    else spans.push({ offset: index - end, length: 1 });
    end = index + 1;
  }
  return spans;
}

function message(writer: Writer, tagOfIt: number, write: () => void): void {
  writer.uint32(tagOfIt).fork();
  write();
  writer.ldelim();
}

/** `wireType`: 0 a varint, 1 eight bytes, 2 bytes of a length. */
function tag(field: number, wireType: 0 | 1 | 2): number {
  return field * 8 + wireType;
}
