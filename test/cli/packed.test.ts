/** What is published: built into a folder as npm would unpack it, and run from there. */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasDovecot, serverOrReason } from "../adapters/imap/world.ts";
import { fill } from "../lab/mails.ts";
import { Folder, records, root } from "./command.ts";

const run = promisify(execFile);
let project: string;
let folder: Folder;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "groupstream-packed-"));
  folder = await Folder.make();
  const modules = join(project, "node_modules");
  const installed = join(modules, "groupstream");
  await mkdir(installed, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root });
  const [packed] = JSON.parse(stdout) as readonly { files: readonly { path: string }[] }[];
  for (const { path } of packed?.files ?? []) {
    expect(path).toMatch(/^(bin|dist|examples\/adapter)\/|^(package\.json|README(\.de)?\.md|CHANGELOG\.md|LICENSE)$/);
    if (!path.startsWith("dist/")) await cp(join(root, path), join(installed, path));
  }
  await run(
    process.execPath,
    [join(root, "node_modules/tsup/dist/cli-default.js"), "--no-dts", "--out-dir", join(installed, "dist")],
    {
      cwd: root,
    },
  );
  for (const name of await readdir(join(root, "node_modules")))
    if (name !== "groupstream" && !name.startsWith(".")) await symlink(join(root, "node_modules", name), join(modules, name));
});

afterAll(async () => {
  await folder.remove();
  await rm(project, { recursive: true, force: true });
});

const packed = (args: readonly string[], cwd = folder.path) =>
  run(process.execPath, [join(project, "node_modules/groupstream/bin/groupstream.js"), ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: folder.path, TZ: "UTC", LANG: "C.UTF-8" },
  });

it("the packed command line reads a configuration anywhere and syncs", async () => {
  await folder.maildir('history: "all",');
  expect((await packed(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(records((await packed(["sync"])).stdout)).toContainEqual(expect.objectContaining({ kind: "entry", seq: 1 }));
  expect((await packed(["tail", "--text"])).stdout).toContain("New message from Ada in INBOX: “First”");
});

it("tells all mistakes at once, and has no lab", async () => {
  await folder.write(
    "bad.mjs",
    `import { imap } from "groupstream/adapters/imap"; export default { store: "", systems: [imap({ id: "X" })] };`,
  );
  await expect(packed(["sync", "--config", "bad.mjs"])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/imap "X": id[\s\S]*imap "X": host[\s\S]*store:/),
  });
  await expect(packed(["lab"])).rejects.toMatchObject({ code: 2 });
});

it("new-adapter writes an adapter that holds the contract as it is, under any name, and overwrites nothing", async () => {
  const cwd = join(project, "mine");
  await mkdir(cwd);
  await packed(["new-adapter", "--name", "team-wiki"], cwd);
  const { stdout } = await run(process.execPath, ["--test", "team-wiki.test.ts"], { cwd });
  expect(stdout).toMatch(/fail 0/);
  expect(Number(/pass (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(30);
  await expect(packed(["new-adapter", "--name", "team-wiki"], cwd)).rejects.toMatchObject({ code: 2 });
  await expect(packed(["new-adapter", "--name", "Team Wiki"], cwd)).rejects.toMatchObject({ code: 2 });
});

it("the packed library shares one core with its adapters", async () => {
  await folder.mail("First", { id: "first" });
  await writeFile(
    join(project, "app.mjs"),
    `import { isGroupstreamError, openHub } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";
import { sqliteStore } from "groupstream/stores/sqlite";
import { mailDate } from "groupstream/protocol";
await using store = await sqliteStore(":memory:");
await using hub = await openHub({ store, systems: [maildir({ id: "mail", path: ${JSON.stringify(join(folder.path, "Maildir"))} })] });
const [line] = await hub.sync();
let known = false;
try { maildir({ id: "X", path: "y" }); } catch (error) { known = isGroupstreamError(error); }
console.log(JSON.stringify({ seen: line.seen, known, date: mailDate("Mon, 2 Nov 2026 10:00:00 +0000") }));`,
  );
  const { stdout } = await run(process.execPath, [join(project, "app.mjs")], { cwd: project });
  expect(JSON.parse(stdout)).toEqual({ seen: 1, known: true, date: "2026-11-02T10:00:00Z" });
});

it.skipIf(!hasDovecot)("the packed adapter finds the file of its reading thread", async () => {
  const server = (await serverOrReason())!;
  try {
    const user = server.user("many");
    await fill(server, user, { count: 1_100, size: "small", mailboxes: ["INBOX"] });
    await writeFile(
      join(project, "large.mjs"),
      `import { openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
let logins = 0;
const pass = () => { logins++; return ${JSON.stringify(server.password)}; };
const mail = imap({ id: "mail", host: "${server.host}", port: ${server.port}, auth: { user: ${JSON.stringify(user)}, pass } });
await using hub = await openHub({ store: ":memory:", systems: [mail] });
const [line] = await hub.sync();
console.log(JSON.stringify({ seen: line.seen, logins }));`,
    );
    const { stdout } = await run(process.execPath, [join(project, "large.mjs")], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ seen: 1_100, logins: 2 });
  } finally {
    await server.stop();
  }
});
