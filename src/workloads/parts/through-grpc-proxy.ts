/** What etcd's grpc-proxy answers by itself, so that it measures the proxy and no member. */
export type ProxyAnswer = "serializable-reads" | "keep-alives";

const NOTES: Record<ProxyAnswer, string> = {
  "serializable-reads":
    "etcd's grpc-proxy answers serializable reads from its cache, where it has an answer to the same " +
    "request: some reads were answered by no member, and may be older than the data of any; name a " +
    "member's own endpoint to measure etcd.",
  "keep-alives":
    "etcd's grpc-proxy keeps each lease alive by itself, once in a third of its time to live, and answers " +
    "a client's keep-alives together then: what lease-keepalive measures is the proxy's rhythm; name a " +
    "member's own endpoint to measure etcd.",
};

export function proxyNotes(answers: readonly ProxyAnswer[]): string[] {
  return answers.map((answer) => NOTES[answer]);
}
