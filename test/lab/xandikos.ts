/** A real Xandikos 0.2 for tests: calendars and address books in Git, one user, no login. */

import { type PythonServer, startPython } from "./python.ts";

/** A running server. Its principal is `/user/`, with `/user/calendars/calendar/` and `/user/contacts/addressbook/` made. */
export interface Xandikos extends PythonServer {
  readonly calendar: string;
  readonly addressbook: string;
}

/** Starts a server: about two seconds with its packages at hand. Fails as {@link startPython}. */
export const startXandikos = async ({ lab }: { readonly lab?: string } = {}): Promise<Xandikos> => {
  const server = await startPython({
    name: "xandikos",
    packages: ["xandikos"],
    distribution: "xandikos",
    ...(lab !== undefined && { lab }),
    prepare: async (dir, port) => [
      ...["-d", `${dir}/data`, "--defaults", "--current-user-principal", "/user/"],
      ...["-l", "127.0.0.1", "-p", String(port)],
    ],
  });
  return {
    ...server,
    calendar: `${server.url}user/calendars/calendar/`,
    addressbook: `${server.url}user/contacts/addressbook/`,
  };
};
