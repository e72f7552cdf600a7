/** Finds where the members of a cluster serve their metrics. */

import { PageReader } from "../etcd/fetch-page.ts";
import type { TargetMember } from "../etcd/inspect.ts";
import { labelOf } from "../etcd/metrics.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { ScrapedMember } from "./prometheus-config.ts";

const TIMEOUT_MS = 3_000;

/**
 * A member that does not answer now is scraped where its metrics may be.
 * @param named `http(s)://host:port` of --metrics-endpoints; null: the members' own
 */
export async function findScraped(
  members: readonly TargetMember[],
  named: readonly string[] | null,
  tls: TlsMaterial | null,
): Promise<ScrapedMember[]> {
  const pages = new PageReader(tls, false);
  const owner = async (url: string): Promise<string | null> => {
    const page = await pages.read(`${url}/metrics`, { timeoutMs: TIMEOUT_MS }).catch(() => "");
    return labelOf(page, "etcd_server_id", "server_id");
  };
  try {
    if (named !== null) {
      return await Promise.all(
        named.map(async (url) => {
          const id = await owner(url);
          const name = members.find((member) => member.id === id)?.name ?? new URL(url).host;
          return scraped(name, url);
        }),
      );
    }
    const found = await Promise.all(
      members.map(async ({ id, name, metricsUrls }) => {
        for (const url of metricsUrls) if ((await owner(url)) === id) return scraped(name, url);
        const [likeliest] = metricsUrls;
        return likeliest === undefined ? [] : scraped(name, likeliest);
      }),
    );
    return found.flat();
  } finally {
    pages.close();
  }
}

function scraped(name: string, url: string): ScrapedMember {
  const [scheme = "", address = ""] = url.split("://");
  return { name, address, scheme: scheme === "https" ? "https" : "http" };
}
