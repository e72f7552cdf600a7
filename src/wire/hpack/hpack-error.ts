/** Defines the one error of a header block that cannot be decoded. */

/**
 * The peer's header block breaks RFC 7541, or is larger than we said that we take. The dynamic
 * tables of both ends no longer agree, so the connection ends with COMPRESSION_ERROR (RFC 9113,
 * 4.3) and the decoder is not used again.
 */
export class HpackError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HpackError";
  }
}
