/** A webhook receiver as anybody would write one: verifies the signature, drops repeats, answers at once. */

import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

/** A receiver on loopback. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Deliveries whose signature was right, each once. */
  readonly count: number;
  /** Resolves when the activity of this id has been received. */
  received(activity: string): Promise<void>;
}

/** Starts one on a free port. What is not signed with the secret is answered 401 and not counted. */
export const startReceiver = async (secret: string): Promise<Receiver> => {
  const verifier = new Webhook(secret);
  const seen = new Set<string>();
  const activities = new Set<string>();
  const waiting = new Map<string, () => void>();

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      try {
        const activity = verifier.verify(Buffer.concat(chunks).toString(), headers) as { id: string };
        seen.add(headers["webhook-id"] as string);
        activities.add(activity.id);
        response.writeHead(204).end();
        waiting.get(activity.id)?.();
      } catch {
        response.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/activities`,
    get count() {
      return seen.size;
    },
    received: (activity) =>
      activities.has(activity) ? Promise.resolve() : new Promise((resolve) => waiting.set(activity, resolve)),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
