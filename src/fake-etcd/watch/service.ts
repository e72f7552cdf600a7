/** The Watch service: streams of watchers. */
import type { StreamMethod } from "../grpc/methods.ts";
import type { Service } from "../services.ts";
import type { Watchers } from "./watchers.ts";

export const WATCH_PATH = "/etcdserverpb.Watch/Watch";

/** `count` takes the number of events of the past that a new watcher has been sent. */
export function watchService(watchers: Watchers, count: (events: number) => void): Service {
  const watch: StreamMethod = {
    isStream: true,
    open: (stream) => ({
      message: (bytes, start, end) => count(watchers.request(stream, bytes.subarray(start, end))),
      end() {
        watchers.drop(stream);
        stream.end();
      },
      close: () => watchers.drop(stream),
    }),
  };
  return { methods: new Map([[WATCH_PATH, watch]]) };
}
