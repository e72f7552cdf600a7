/**
 * Owns what opens the door to an etcd and never stands in a plan, a result, a log or an error: keys
 * and passwords. Plans name files and users; this is what was read from them, passed beside the
 * plan to whatever connects, and to worker threads in their messages.
 */

import type { TlsMaterial } from "../net/tls-connect.ts";

export interface Credentials {
  user: string;
  password: string;
}

export interface Access {
  /** Null: HTTP/2 without TLS. */
  tls: TlsMaterial | null;
  /** Null: no token is asked for; etcd may still know the client by its certificate. */
  credentials: Credentials | null;
}

export const OPEN_ACCESS: Access = { tls: null, credentials: null };
