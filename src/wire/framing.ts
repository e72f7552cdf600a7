/** The frames, header blocks and windows of wire/, for a server that is built from the same parts. */
export { CallTable } from "./call-table.ts";
export { type FrameHandler, FrameReader } from "./frame-reader.ts";
export * from "./frames.ts";
export { encodeHeaderBlock } from "./hpack/encoder.ts";
export { KnownBlocks } from "./known-blocks.ts";
export { Output } from "./output.ts";
export * from "./receive-window.ts";
