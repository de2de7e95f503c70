/** `groupstream init`: asks for a mailbox, tests it, and only then writes. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import type { Adapter, Manifest } from "../../contract/adapter.ts";
import { refuseMistakes } from "../../contract/errors.ts";
import { mailtoOf } from "../../protocol/index.ts";
import { type Ask, asking, Cancelled, canAsk } from "../ask.ts";
import { type Call, type Command, textOf } from "../call.ts";
import { configNames } from "../config.ts";
import { exit, report } from "../failure.ts";
import { detect, waysFor, waysTo } from "../init/detect.ts";
import { type ImapAnswers, type MaildirAnswers, readSecrets, write } from "../init/write.ts";

export const init: Command = async (call) => {
  refuseWrongOptions(call);
  const { words, out, given, signal } = call;
  const ask = canAsk() && out.human ? asking(words.init.title, words) : undefined;
  try {
    const { answers, secret } = await answersOf(call, ask);
    const { config, secrets } = await write(answers, secret, words);
    out.record("written", { config, ...(secrets && { secrets }) });
    out.say(words.init.wrote(config));
    if (secrets !== undefined) out.say(words.init.secrets(secrets));
    if (answers.kind === "imap" && answers.variable !== undefined) out.say(words.init.variable(answers.variable));
    if (ask) ask.done(words.init.next);
    else out.say(words.init.next);
    return exit.well;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Cancelled) return exit.interrupted;
    const status = report(error, out, words, given.debug === true);
    out.trouble(words.init.cancelled);
    return status;
  }
};

/** What can be refused before anybody is asked or connected, all at once. */
const refuseWrongOptions = ({ given, words }: Call): void => {
  const said = words.init;
  const kind = textOf(given, "kind");
  const port = textOf(given, "port");
  const variable = textOf(given, "password-env");
  const insecure = textOf(given, "insecure");
  const there = configNames.map((name) => resolve(name)).find((path) => existsSync(path));
  refuseMistakes("groupstream init", [
    ...(there !== undefined && !given.force ? [said.exists(there)] : []),
    ...(kind !== undefined && kind !== "imap" && kind !== "maildir" ? [said.badKind] : []),
    ...(/^[a-z0-9][a-z0-9-]{0,62}$/.test(idOf(given)) ? [] : [said.badId]),
    ...(port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536) ? [said.badPort] : []),
    ...(variable !== undefined && !/^[A-Za-z_]\w*$/.test(variable) ? [said.badVariable] : []),
    ...(variable !== undefined && /^[A-Za-z_]\w*$/.test(variable) && !process.env[variable]
      ? [said.emptyVariable(variable)]
      : []),
    ...(insecure !== undefined && insecure !== "plaintext" ? [said.badInsecure] : []),
  ]);
};

const idOf = (given: Call["given"]): string => textOf(given, "id") ?? "mail";

interface InitAnswers {
  readonly answers: ImapAnswers | MaildirAnswers;
  readonly secret?: string;
}

const answersOf = async (call: Call, ask: Ask | undefined): Promise<InitAnswers> => {
  const { given, words } = call;
  const said = words.init;
  const kind =
    textOf(given, "kind") ??
    (textOf(given, "path") !== undefined
      ? "maildir"
      : ask && textOf(given, "host") === undefined && textOf(given, "user") === undefined
        ? await ask.choice(said.kind, { imap: said.imap, maildir: said.maildir })
        : "imap");
  return kind === "maildir" ? folder(call, ask) : account(call, ask);
};

/** Fails with what is still needed and cannot be asked. */
const refuseMissing = (call: Call, flags: readonly string[]): void =>
  refuseMistakes("groupstream init", flags.length > 0 ? [call.words.init.missing(flags.join(", "))] : []);

const account = async (call: Call, ask: Ask | undefined): Promise<InitAnswers> => {
  const { given, words, signal, out } = call;
  const said = words.init;
  const variable = textOf(given, "password-env");
  const known = variable === undefined ? process.env.GROUPSTREAM_PASSWORD : process.env[variable];
  if (!ask)
    refuseMissing(call, [
      ...(textOf(given, "user") === undefined ? ["--user"] : []),
      ...(textOf(given, "host") === undefined && !textOf(given, "user")?.includes("@") ? ["--host"] : []),
      ...(known ? [] : ["GROUPSTREAM_PASSWORD"]),
    ]);
  if (variable === undefined) await readSecrets(words);
  const user = textOf(given, "user") ?? (await ask?.text(said.user)) ?? "";
  const byAddress = user.includes("@");
  const host =
    textOf(given, "host") ??
    (await ask?.text(said.host, { ...(byAddress && { hint: said.hostHint }), optional: byAddress })) ??
    "";
  const pass = known || ((await ask?.secret(said.password)) ?? "");
  const port = textOf(given, "port") === undefined ? undefined : Number(textOf(given, "port"));
  const owner = textOf(given, "owner");
  const same = {
    id: idOf(given),
    ...(given.insecure === "plaintext" && { insecure: "plaintext" as const }),
    ...(owner !== undefined && { owner: ownerOf(owner) }),
  };
  const found = await detect(
    host === "" ? await waysFor(user, port) : waysTo(host, port),
    ({ host, port, secure }, signal) => described(imap({ ...same, host, port, secure, auth: { user, pass } }), signal),
    { signal, words, onTry: (at) => out.say(said.trying(at)) },
  );
  out.say(said.connected(found.manifest.server, `${found.host}:${found.port}`));
  const { manifest: _manifest, ...way } = found;
  return {
    answers: { kind: "imap", ...same, ...way, user, ...(variable !== undefined && { variable }) },
    ...(variable === undefined && { secret: pass }),
  };
};

const folder = async (call: Call, ask: Ask | undefined): Promise<InitAnswers> => {
  const { given, words, signal, out } = call;
  const said = words.init;
  if (!ask)
    refuseMissing(
      call,
      ["path", "owner"].flatMap((name) => (textOf(given, name) === undefined ? [`--${name}`] : [])),
    );
  const path = resolve(textOf(given, "path") ?? (await ask?.text(said.path)) ?? "");
  const owner = ownerOf(textOf(given, "owner") ?? (await ask?.text(said.owner)) ?? "");
  const answers: MaildirAnswers = { kind: "maildir", id: idOf(given), path, owner };
  await described(maildir({ id: answers.id, path, owner }), signal);
  out.say(said.folder(path));
  return { answers };
};

/** An address as an actor; what is neither is left for the adapter to refuse. */
const ownerOf = (owner: string): string => (/^[a-z][a-z0-9+.-]*:/i.test(owner) ? owner : (mailtoOf(owner) ?? owner));

const described = async (adapter: Adapter, signal: AbortSignal): Promise<Manifest> => {
  await using system = adapter;
  return await system.describe(signal);
};
