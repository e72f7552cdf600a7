/** The messages between bench and the process of the fake etcd. */

/** Kept keys and waiting clients are forgotten: connections that come from now on are another run's. */
export interface BeginMessage {
  type: "begin";
  /** What is written is kept, and answers and events follow from it. */
  keeps: boolean;
}

/** Asks for everything since the last time it was asked. */
export interface TakeMessage {
  type: "take";
}

export type ToFakeEtcd = BeginMessage | TakeMessage;

export type FromFakeEtcd =
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
