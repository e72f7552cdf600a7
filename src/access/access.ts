/**
 * Holds the secrets that open an etcd: keys and passwords. They are in no plan, result, log or error:
 * plans name files and users, and what was read from them is passed apart from the plan, to worker
 * threads in their messages.
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
