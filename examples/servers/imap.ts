/** The barest IMAP client: for loading mail, for asserting what a server holds, and as the raw peer of benchmarks. */

import { connect, type Socket } from "node:net";

/** One mail to store. `date` becomes its INTERNALDATE. */
export interface Letter {
  readonly raw: string | Uint8Array;
  readonly flags?: readonly string[];
  readonly date?: Date;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n: number): string => String(n).padStart(2, "0");

/** RFC 9051 section 9, date-time. */
const internalDate = (d: Date): string =>
  `"${two(d.getUTCDate())}-${months[d.getUTCMonth()]}-${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000"`;

/** A mailbox name in modified UTF-7 (RFC 3501 section 5.1.3), quoted. */
export const mailboxName = (name: string): string => {
  const encoded = name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === "&") return "&-";
    const base64 = Buffer.from(run, "utf16le").swap16().toString("base64").replace(/=+$/, "").replaceAll("/", ",");
    return `&${base64}-`;
  });
  return `"${encoded.replace(/["\\]/g, "\\$&")}"`;
};

/** Reads lines and waits for tagged answers; no literal parsing: answers with literals are returned as raw lines. */
export class RawImap {
  private buffer = "";
  private tag = 0;
  private readonly waiting: (() => void)[] = [];
  private failure: Error | undefined;
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.setNoDelay(true);
    socket.on("data", (text: string) => {
      this.buffer += text;
      for (const wake of this.waiting.splice(0)) wake();
    });
    const fail = (error?: Error): void => {
      this.failure ??= error ?? new Error("connection closed");
      for (const wake of this.waiting.splice(0)) wake();
    };
    socket.on("error", fail);
    socket.on("close", () => fail());
  }

  /** Connected, greeted and logged in. */
  static async open(at: { host: string; port: number }, user: string, password: string): Promise<RawImap> {
    const client = new RawImap(connect(at.port, at.host));
    await client.until(/^\* OK.*\r\n/);
    await client.command(`LOGIN "${user}" "${password}"`);
    return client;
  }

  /** Everything up to and including the first match; fails when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.buffer);
      if (match) {
        const end = match.index + match[0].length;
        const text = this.buffer.slice(0, end);
        this.buffer = this.buffer.slice(end);
        return text;
      }
      if (this.failure) throw this.failure;
      await new Promise<void>((wake) => this.waiting.push(wake));
    }
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (!this.socket.write(data)) await new Promise<void>((go) => this.socket.once("drain", go));
  }

  /** One command without literals; resolves with all its answer lines, fails on NO and BAD. */
  async command(line: string): Promise<string> {
    const tag = `r${++this.tag}`;
    await this.write(`${tag} ${line}\r\n`);
    return this.answer(tag, line.split(" ")[0] as string);
  }

  private async answer(tag: string, name: string): Promise<string> {
    const text = await this.until(new RegExp(`(^|\r\n)${tag} [^\r\n]*\r\n`));
    if (!new RegExp(`(^|\r\n)${tag} OK`).test(text)) throw new Error(`${name}: ${text.trim().split("\r\n").at(-1)}`);
    return text;
  }

  /** Stores all letters by MULTIAPPEND (RFC 3502) with non-synchronising literals; their UIDs, in order. */
  async append(mailbox: string, letters: readonly Letter[]): Promise<number[]> {
    const uids: number[] = [];
    for (let at = 0; at < letters.length; at += 500) {
      const tag = `r${++this.tag}`;
      await this.write(`${tag} APPEND ${mailboxName(mailbox)}`);
      for (const letter of letters.slice(at, at + 500)) {
        const bytes = typeof letter.raw === "string" ? Buffer.from(letter.raw) : letter.raw;
        const date = letter.date ? ` ${internalDate(letter.date)}` : "";
        await this.write(
          Buffer.concat([Buffer.from(` (${(letter.flags ?? []).join(" ")})${date} {${bytes.length}+}\r\n`), bytes]),
        );
      }
      await this.write("\r\n");
      const set = /\[APPENDUID \d+ ([\d:,]+)\]/.exec(await this.answer(tag, "APPEND"))?.[1] ?? "";
      for (const range of set.split(",")) {
        const [first, last] = range.split(":").map(Number) as [number, number | undefined];
        for (let uid = first; uid <= (last ?? first); uid++) uids.push(uid);
      }
    }
    return uids;
  }

  close(): void {
    this.socket.destroy();
  }
}
