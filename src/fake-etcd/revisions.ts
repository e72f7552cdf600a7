/** Counts the revisions of locks and elections, which no client reads back. */
import { FIRST_REVISION } from "./response-header.ts";

export class Revisions {
  current = FIRST_REVISION;

  next(): number {
    this.current += 1;
    return this.current;
  }
}
