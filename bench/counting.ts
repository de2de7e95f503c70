/** A line between a client and its server that counts: every command or request, its round trip and its bytes both ways. */

import { connect, createServer, type Socket } from "node:net";

/** One command and its answer, untagged lines included. */
export interface Exchange {
  /** Command and arguments, without the tag; method and path. */
  readonly command: string;
  /** Bytes both ways, from the command's first to the last before the next one. */
  readonly bytes: number;
}

/** A counting line; disposing it closes the port and what goes through it. */
export interface Counting extends AsyncDisposable {
  readonly port: number;
  /** Takes what has passed since the last call, in order. */
  take(): readonly Exchange[];
}

/** IMAP's `<tag> <command>`; a client's other lines go on with a command (a literal, DONE). */
export const imapCommand = /^[A-Za-z0-9]+ ([A-Za-z].*)$/;

/** An HTTP request's first line, as `<method> <path>`. */
export const httpRequest = /^([A-Z]+ \S+) HTTP\/1\.1$/;

/**
 * Listens on loopback and hands everything on to the port. Meant for clients that send one command after the other.
 * @param begins  the line that begins a command, which its first group names
 */
export const counting = async (port: number, begins: RegExp): Promise<Counting> => {
  let passed: { command: string; bytes: number }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let line = "";
    client.on("data", (chunk: Buffer) => {
      for (const byte of chunk.toString("latin1")) {
        line += byte;
        if (byte !== "\n") continue;
        const command = begins.exec(line.trimEnd())?.[1];
        if (command !== undefined) passed.push({ command, bytes: 0 });
        const last = passed.at(-1);
        if (last) last.bytes += line.length;
        line = "";
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      const last = passed.at(-1);
      if (last) last.bytes += chunk.length;
      client.write(chunk);
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    take: () => {
      const taken = passed;
      passed = [];
      return taken;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
