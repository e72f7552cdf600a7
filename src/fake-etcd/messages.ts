/** Owns what bench and its null server, a process of its own, tell each other. */

/** What was kept and who waits is forgotten: connections that come from now on are another run's. */
export interface BeginMessage {
  type: "begin";
  /** What is written is kept, and answers and events follow from it. */
  keeps: boolean;
}

/** Asks for everything since the last time it was asked. */
export interface TakeMessage {
  type: "take";
}

export type ToNullServer = BeginMessage | TakeMessage;

export type FromNullServer =
  | { type: "listening"; port: number }
  | { type: "begun" }
  | {
      type: "taken";
      /** User and system time of the server's process. */
      cpuMicros: number;
      answered: number;
      /** HdrHistogram V2, nanoseconds; null where nothing is delayed. */
      delays: Uint8Array | null;
    };
