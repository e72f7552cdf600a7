/** Finds out which member's metrics are at each URL of `--metrics-endpoints`. */
import type { PageReader } from "../etcd/fetch-page.ts";
import { labelOf } from "../etcd/metrics.ts";

const TIMEOUT_MS = 3_000;

export interface NamedPages {
  /** URLs by the id of the member, in hex, whose page each has. */
  byId: ReadonlyMap<string, readonly string[]>;
  /** Those without a page of a member: a reader of one again finds out why. */
  unread: readonly string[];
}

/** Reads all at once. Never rejects. @param urls `http(s)://host:port` */
export async function namedPages(
  urls: readonly string[],
  pages: Pick<PageReader, "read">,
  timeoutMs = TIMEOUT_MS,
): Promise<NamedPages> {
  const ids = await Promise.all(
    urls.map(async (url) => {
      const page = await pages.read(`${url}/metrics`, { timeoutMs }).catch(() => "");
      return labelOf(page, "etcd_server_id", "server_id");
    }),
  );
  const byId = new Map<string, string[]>();
  for (const [at, id] of ids.entries()) {
    if (id !== null) byId.set(id, [...(byId.get(id) ?? []), urls[at]!]);
  }
  return { byId, unread: urls.filter((_, at) => ids[at] === null) };
}
