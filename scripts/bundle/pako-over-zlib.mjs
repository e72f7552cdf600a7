/** What hdr-histogram-js calls of pako, done by Node's own zlib: a bundle is quicker to load without pako. */
import { deflateSync, inflateSync } from "node:zlib";

export const deflate = (bytes) => deflateSync(bytes);
export const inflate = (bytes) => inflateSync(bytes);
