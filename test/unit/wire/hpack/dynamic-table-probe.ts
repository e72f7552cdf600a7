/** Reads a decoder's dynamic table from outside, by decoding every index of it. */
import { type HpackDecoder, HpackError } from "../../../../src/wire/hpack/decoder.ts";
import { writeInteger } from "../../../../src/wire/hpack/integer.ts";

const FIRST_DYNAMIC_INDEX = 62;

/** The entries of the table, newest first, as [name, value]. */
export function tableOf(decoder: HpackDecoder): (readonly [name: string, value: string])[] {
  const entries: (readonly [name: string, value: string])[] = [];
  for (let index = FIRST_DYNAMIC_INDEX; ; index++) {
    const block: number[] = [];
    writeInteger(block, 7, 0x80, index);
    try {
      const { names, values } = decoder.decode(Uint8Array.from(block), 0, block.length);
      entries.push([names[0]!, values[0]!]);
    } catch (error) {
      if (error instanceof HpackError) return entries;
      throw error;
    }
  }
}
