/** The process that is measured: a hub between one mailbox and one webhook. Ends with the process that forked it. */

import { type HubOptions, openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { webhook } from "groupstream/adapters/webhook";

/** What the parent says to start it. */
export interface HubSettings {
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly pass: string;
  readonly url: string;
  readonly secret: string;
}

/** Mailbox, receiver and the route between them, as every benchmark has them. */
export const bridged = ({ host, port, user, pass, url, secret }: HubSettings): Pick<HubOptions, "systems" | "routes"> => ({
  systems: [
    imap({ id: "mail", host, port, auth: { user, pass }, exclude: [] }),
    webhook({ id: "hook", url, secret, audience: ["mailto:receiver@example.org"], allow: "private" }),
  ],
  routes: [{ from: "mail", to: "hook", widen: "the receiver is the benchmark itself, on this machine" }],
});

const serve = async (settings: HubSettings): Promise<void> => {
  await using hub = await openHub({ store: settings.store, ...bridged(settings) });
  await hub.run({
    signal: new AbortController().signal,
    onLine: ({ system, failures }) => process.send?.({ looked: system, failures: failures.map(({ message }) => message) }),
  });
};

if (process.send && import.meta.main) {
  process.once("disconnect", () => process.exit(0));
  process.once("message", (settings: HubSettings) => void serve(settings));
}
