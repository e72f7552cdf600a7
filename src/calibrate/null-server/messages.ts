/** Owns what bench and its null server, a process of its own, tell each other. */

/** Asks for everything since the last time it was asked. */
export interface TakeMessage {
  type: "take";
}

export type FromNullServer =
  | { type: "listening"; port: number }
  | {
      type: "taken";
      /** User and system time of the server's process. */
      cpuMicros: number;
      answered: number;
      /** HdrHistogram V2, nanoseconds; null where nothing is delayed. */
      delays: Uint8Array | null;
    };
