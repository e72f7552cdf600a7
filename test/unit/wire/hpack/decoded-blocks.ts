/** Builds header blocks octet by octet, and decodes them. */
import { HpackDecoder } from "../../../../src/wire/hpack/decoder.ts";
import { writeInteger } from "../../../../src/wire/hpack/integer.ts";
import { writeString } from "../../../../src/wire/hpack/string-literal.ts";

export function decoderOf(options: { table?: number; list?: number } = {}): HpackDecoder {
  return new HpackDecoder({
    maxTableSizeBytes: options.table ?? 4096,
    maxHeaderListBytes: options.list ?? 16_384,
  });
}

/** A literal field. `pattern`: 0x40 with incremental indexing, 0 without, 0x10 never indexed. */
export function literal(pattern: number, name: string | number, value: string): number[] {
  const out: number[] = [];
  writeInteger(out, pattern === 0x40 ? 6 : 4, pattern, typeof name === "number" ? name : 0);
  if (typeof name === "string") writeString(out, name);
  writeString(out, value);
  return out;
}

export function sizeUpdate(sizeBytes: number): number[] {
  const out: number[] = [];
  writeInteger(out, 5, 0x20, sizeBytes);
  return out;
}

export function decode(decoder: HpackDecoder, ...parts: readonly number[][]) {
  const block = Uint8Array.from(parts.flat());
  return decoder.decode(block, 0, block.length);
}
